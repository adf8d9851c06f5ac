"""Sample -> sheets -> codes -> import -> report: nothing is lost or altered, one fault refuses the whole file.

All texts are invented.
"""

from __future__ import annotations

import csv
import json
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from sqlalchemy import Engine, func, insert, select

from microaudit.coding.codes import import_codes, write_sheets
from microaudit.coding.sample import adjudicate, draw_sample
from microaudit.coding.sheets import COLUMNS, write_csv
from microaudit.coding.texts import TEXTS
from microaudit.errors import MicroauditError
from microaudit.items import Task
from microaudit.store.engine import open_store
from microaudit.store.models import Assignment, Coding, JudgementRow, SampleRow, TaskRow, TextRow
from microaudit.taxonomy import label_of
from reports import build_report
from tests.conftest import Outcome
from tests.reports.report_market import START, market

Sheet = list[dict[str, str]]
VERDICT = {"P": "fake_profile", "R": "fake_review", "L": "fake_link", "G": "legitimate"}


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    url = f"sqlite:///{tmp_path / 'store.db'}"
    open_store(url)
    return market(300, url=url, shares={"sproutgigs": 0.6})


def url_of(engine: Engine) -> str:
    return engine.url.render_as_string()


def sheet(
    engine: Engine, to: Path, coders: list[str] | None = None, n: int = 60, overlap: int = 60
) -> tuple[str, Path]:
    sample = draw_sample(engine, "sproutgigs", n, 7, "verdict", coders or [""], overlap)
    return sample, write_sheets(engine, sample, to)[0]


def read(path: Path) -> Sheet:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [{name: cell.removeprefix("'") for name, cell in row.items()} for row in csv.DictReader(file)]


def fill(rows: Sheet, coder: str = "ann", seed: int = 1, errors: float = 0.0) -> Sheet:
    """Codes as a careful human gives them, drawn at random where only the round trip matters."""
    dice = random.Random(seed)
    for row in rows:
        row |= {**dict.fromkeys(COLUMNS[2:9], ""), "coder": coder}
        if dice.random() < 0.05:
            row |= {"codable": "false", "uncodable_reason": "truncated"}
            continue
        subtype = dice.choice(["P1", "R2", "L4", "G1", "G5"])
        row |= {"codable": "true", "label": label_of(subtype), "subtype": subtype, "confidence": dice.choice("123"),
                "concern": "none", "note": "=1+1 é 評" if dice.random() < 0.2 else ""}  # fmt: skip
    return rows


def stored(engine: Engine) -> dict[tuple[str, str], tuple[object, ...]]:
    columns = (Coding.codable, Coding.uncodable_reason, Coding.label, Coding.subtype, Coding.confidence,
               Coding.concern, Coding.note)  # fmt: skip
    query = select(Assignment.item, Coding.coder, *columns).join(
        Assignment, (Assignment.sample == Coding.sample) & (Assignment.task_id == Coding.task_id)
    )
    with engine.connect() as connection:
        return {(row[0], row[1]): tuple(row[2:]) for row in connection.execute(query)}


def expected(rows: Sheet) -> dict[tuple[str, str], tuple[object, ...]]:
    return {
        (row["id"], row["coder"]): (
            row["codable"] == "true", row["uncodable_reason"] or None, row["label"] or None, row["subtype"] or None,
            int(row["confidence"]) if row["confidence"] else None, row["concern"] or None, row["note"] or None,
        )
        for row in rows
    }  # fmt: skip


def as_csv(path: Path, rows: Sheet) -> Path:
    write_csv(path, rows)
    return path


def as_xlsx(path: Path, rows: Sheet) -> Path:
    """The codes typed into the workbook that was handed out, booleans and numbers as Excel makes them."""
    book = openpyxl.load_workbook(path)
    codes = book["codes"]
    for line, row in enumerate(rows, start=2):
        assert codes.cell(line, 1).value == row["id"]
        for at, name in enumerate(COLUMNS[1:9], start=2):
            value: object = row[name] or None
            if name == "codable":
                value = row[name] == "true"
            if name == "confidence" and row[name]:
                value = float(row[name])
            codes.cell(line, at).value = value  # type: ignore[assignment]
            if isinstance(value, str):
                codes.cell(line, at).data_type = "s"
    book.save(path)
    return path


def as_label_studio(path: Path, rows: Sheet) -> Path:
    """What Label Studio exports for the tasks that it was given."""
    tasks = json.loads(path.read_text(encoding="utf-8"))
    by_id = {row["id"]: row for row in rows}
    for number, task in enumerate(tasks, start=1):
        row = by_id[task["data"]["item"]]
        task["data"]["coder"] = row["coder"]
        names = {"subtype": f"subtype_{row['label']}"}
        result = [
            {
                "from_name": names.get(name, name),
                "to_name": "title",
                "type": "choices",
                "value": {"choices": [row[name]]},
            }
            for name in ("codable", "uncodable_reason", "label", "subtype", "confidence", "concern")
            if row[name]
        ]
        if row["note"]:
            result.append(
                {"from_name": "note", "to_name": "title", "type": "textarea", "value": {"text": [row["note"]]}}
            )
        task |= {"id": number, "annotations": [{"id": number, "completed_by": 1, "result": result}]}
    path.write_text(json.dumps(tasks, ensure_ascii=False), encoding="utf-8")
    return path


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json"])
def test_codes_come_back_as_they_were_given(engine: Engine, tmp_path: Path, suffix: str) -> None:
    _, plain = sheet(engine, tmp_path / "plain.csv")
    rows = fill(read(plain))
    _, path = sheet(engine, tmp_path / f"codes.{suffix}")
    {"csv": as_csv, "xlsx": as_xlsx, "json": as_label_studio}[suffix](path, rows)
    assert import_codes(engine, path) == (60, [])
    assert stored(engine) == expected(rows)


def test_the_sheet_shows_neither_platform_nor_verdict_nor_weight(engine: Engine, tmp_path: Path) -> None:
    for suffix in ("csv", "json"):
        _, path = sheet(engine, tmp_path / f"codes.{suffix}")
        text = path.read_text(encoding="utf-8").lower()
        assert "sproutgigs" not in text
        if suffix == "csv":
            assert not any(label in text for label in VERDICT.values())
    rows = read(tmp_path / "codes.csv")
    assert list(rows[0]) == list(COLUMNS)
    assert all(not row[name] for row in rows for name in COLUMNS[2:9])
    with engine.connect() as connection:
        strata = connection.execute(select(Assignment.item, Assignment.stratum).order_by(Assignment.item)).all()
    # Neither the id nor the order of the rows follows the verdict.
    runs = sum(one[1] != other[1] for one, other in pairwise(strata))
    assert runs > len(strata) / 4


def test_the_workbook_has_the_manuals_lists_and_no_formula(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        task = Task(platform="sproutgigs", id="x", title="=HYPERLINK(1)", description="@SUM(A1) +1 -1")
        texts = dict.fromkeys(("proof", "category", "buyer_country_text", "worker_country_text"), "")
        texts |= {"title": task.title, "description": task.description, "platform": "sproutgigs", "kind": "task"}
        connection.execute(insert(TextRow), [{"hash": task.text_hash, **texts}])
        table = TaskRow.__table__
        row = connection.execute(select(table).limit(1)).mappings().one()
        connection.execute(insert(TaskRow), [{**row, "id": 99999, "task_id": "x", "text_hash": task.text_hash}])
        judged = connection.execute(select(JudgementRow.__table__).limit(1)).mappings().one()
        connection.execute(insert(JudgementRow), [{**judged, "text_hash": task.text_hash}])
    sheet(engine, tmp_path / "all.xlsx", n=1000, overlap=1000)
    book = openpyxl.load_workbook(tmp_path / "all.xlsx")
    assert book.sheetnames == ["codes", "instructions", "lists"]
    assert all(cell.data_type != "f" for row in book["codes"].iter_rows() for cell in row)
    titles = [row[COLUMNS.index("title")].value for row in book["codes"].iter_rows()]
    assert "=HYPERLINK(1)" in titles
    assert len(book["codes"].data_validations.dataValidation) == 6
    assert any("R2" in str(row[0].value) for row in book["instructions"].iter_rows())
    _, path = sheet(engine, tmp_path / "all.csv", n=1000, overlap=1000)
    with path.open(encoding="utf-8-sig", newline="") as file:
        assert not any(cell[:1] in "=+-@" for row in csv.reader(file) for cell in row if cell)


def test_the_labelling_configuration_offers_what_the_manual_allows(engine: Engine, tmp_path: Path) -> None:
    sheet(engine, tmp_path / "codes.json")
    view = ElementTree.parse(tmp_path / "codes.xml").getroot()  # noqa: S314  our own file
    named = {control.get("name"): control for control in view.iter("Choices")}
    assert {choice.get("value") for choice in named["label"].iter("Choice")} == set(VERDICT.values())
    subtypes = {
        c.get("value") for name in named for c in named[name].iter("Choice") if str(name).startswith("subtype_")
    }
    assert len(subtypes) == 34
    shown = {text.get("name") for text in view.iter("Text")}
    assert shown.issuperset(TEXTS)
    assert {control.get("toName") for control in (*view.iter("Choices"), *view.iter("TextArea"))} <= shown


def break_label(rows: Sheet) -> Sheet:
    rows[4]["label"] = "fake_news"
    return rows


def break_subtype(rows: Sheet) -> Sheet:
    rows[4] |= {"codable": "true", "uncodable_reason": "", "label": "fake_link", "subtype": "G1"}
    return rows


def break_codable(rows: Sheet) -> Sheet:
    rows[4] |= {"codable": "false", "uncodable_reason": "", "label": "", "subtype": ""}
    return rows


def leave_blank(rows: Sheet) -> Sheet:
    rows[4] |= dict.fromkeys(COLUMNS[2:9], "")
    return rows


def swap_texts(rows: Sheet) -> Sheet:
    other = next(row for row in rows if row["title"] != rows[4]["title"])
    for name in ("title", "description"):
        rows[4][name], other[name] = other[name], rows[4][name]
    return rows


def rename(rows: Sheet) -> Sheet:
    rows[4]["id"] = rows[4]["id"][:-4] + "9999"
    return rows


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (break_label, "line 6: label is 'fake_news'"),
        (break_subtype, "line 6: subtype G1 belongs to legitimate"),
        (break_codable, "line 6: uncodable_reason is empty"),
        (leave_blank, "line 6: codable is empty"),
        (lambda rows: [*rows, rows[4]], "line 62: "),
        (lambda rows: rows[:-20], "20 of the 60 tasks of ann are missing"),
        (swap_texts, "line 6: title, description is not that of"),
        (rename, "line 6: id "),
        (lambda rows: [], "the sheet has no row"),
    ],
)
def test_one_fault_refuses_the_whole_sheet(
    engine: Engine, tmp_path: Path, spoil: Callable[[Sheet], Sheet], says: str
) -> None:
    _, path = sheet(engine, tmp_path / "codes.csv")
    write_csv(path, spoil(fill(read(path))))
    number, faults = import_codes(engine, path)
    assert number == 0
    assert any(fault.startswith(says) for fault in faults), faults
    assert stored(engine) == {}


def test_a_file_cut_anywhere_is_refused(engine: Engine, tmp_path: Path) -> None:
    _, path = sheet(engine, tmp_path / "codes.csv")
    write_csv(path, fill(read(path)))
    whole = path.read_bytes()
    for cut in (0, 10, len(whole) // 3, len(whole) // 2 + 7, len(whole) - 40):
        path.write_bytes(whole[:cut])
        try:
            number, faults = import_codes(engine, path)
            assert number == 0 and faults
        except (MicroauditError, UnicodeDecodeError) as error:
            assert isinstance(error, MicroauditError)
    sheet(engine, tmp_path / "codes.xlsx")
    (tmp_path / "half.xlsx").write_bytes((tmp_path / "codes.xlsx").read_bytes()[:4000])
    with pytest.raises(MicroauditError) as caught:
        import_codes(engine, tmp_path / "half.xlsx")
    assert caught.value.code == "MA0203"
    assert stored(engine) == {}


def test_no_answer_is_ever_overwritten(engine: Engine, tmp_path: Path) -> None:
    _, path = sheet(engine, tmp_path / "codes.csv")
    first = fill(read(path), "ann", seed=1)
    import_codes(engine, as_csv(path, first))
    second_thoughts = fill(read(path), "ann", seed=2)
    number, faults = import_codes(engine, as_csv(path, second_thoughts))
    assert number == 0 and "line 2: answered already" in faults[0]
    other = fill(read(path), "bob", seed=3)
    assert import_codes(engine, as_csv(path, other)) == (60, [])
    assert stored(engine) == expected(first) | expected(other)


def test_named_coders_get_their_own_sheets_and_only_theirs(engine: Engine, tmp_path: Path) -> None:
    sample = draw_sample(engine, "sproutgigs", 50, 1, "simple", ["ann", "bob"], 20)
    paths = write_sheets(engine, sample, tmp_path / "codes.csv")
    assert [path.name for path in paths] == ["codes.ann.csv", "codes.bob.csv"]
    ann, bob = map(read, paths)
    assert len(ann) == len(bob) == 35
    assert len({row["id"] for row in ann} & {row["id"] for row in bob}) == 20
    assert import_codes(engine, as_csv(paths[0], fill(ann, "carl")))[1][0].endswith("was not given to 'carl'")
    assert import_codes(engine, as_csv(paths[0], fill(ann, "ann"))) == (35, [])


def test_disagreements_go_to_a_third_coder_whose_answer_decides(engine: Engine, tmp_path: Path) -> None:
    sample = draw_sample(engine, "sproutgigs", 100, 1, "verdict", ["ann", "bob"], 100)
    one, two = write_sheets(engine, sample, tmp_path / "codes.csv")
    for path, coder in ((one, "ann"), (two, "bob")):
        rows = read(path)
        for number, row in enumerate(rows):
            wrong = coder == "bob" and number % 10 == 0
            row |= {"codable": "true", "label": "fake_link" if wrong or number % 2 else "legitimate"}
        assert import_codes(engine, as_csv(path, rows)) == (100, [])
    with pytest.raises(MicroauditError, match="somebody else"):
        adjudicate(engine, sample, "ann")
    assert adjudicate(engine, sample, "eve") == 10
    (third,) = write_sheets(engine, sample, tmp_path / "third.csv", round_=2)
    rows = read(third)
    assert len(rows) == 10 and {row["coder"] for row in rows} == {"eve"}
    for row in rows:
        row |= {"codable": "true", "label": "fake_link"}
    assert import_codes(engine, as_csv(third, rows)) == (10, [])
    with pytest.raises(MicroauditError, match="no open disagreement"):
        adjudicate(engine, sample, "zoe")
    build_report(engine, tmp_path / "audit", formats=("json", "csv", "jsonl", "datapackage"))
    report = json.loads((tmp_path / "audit" / "report.json").read_text())
    codes = report["given"]["codes"]["sproutgigs"]
    assert len(codes) == 100 and sum(human for _, human, *_ in codes) == 60


def test_the_report_corrects_by_the_codes_and_says_what_it_covers(engine: Engine, tmp_path: Path) -> None:
    sample = draw_sample(engine, "sproutgigs", 120, 3, "verdict", [""], 120)
    (path,) = write_sheets(engine, sample, tmp_path / "codes.xlsx")
    with engine.connect() as connection:
        query = select(Assignment.item, JudgementRow.label)
        judged = query.join(JudgementRow, JudgementRow.text_hash == Assignment.text_hash)
        tool = {item: label for item, label in connection.execute(judged)}  # noqa: C416  rows are not pairs to mypy
    rows = read(write_sheets(engine, sample, tmp_path / "plain.csv")[0])
    for number, row in enumerate(rows):
        label = tool[row["id"]] or "legitimate"
        wrong = "legitimate" if label != "legitimate" else "fake_review"
        row |= {"coder": "ann", "codable": "true", "label": wrong if number % 8 == 0 else label}
    assert import_codes(engine, as_xlsx(path, rows)) == (120, [])
    build_report(engine, tmp_path / "audit", formats=("json", "csv", "jsonl", "datapackage"))
    with (tmp_path / "audit" / "platforms.csv").open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert float(row["corrected_low"]) < float(row["share_corrected"]) < float(row["corrected_high"])
    figures = {
        figure["id"]: figure for figure in json.loads((tmp_path / "audit" / "report.json").read_text())["figures"]
    }
    assert "the classifier's errors on this platform" in figures["sproutgigs/share/corrected"]["method"]
    assert figures["sproutgigs/mark"]["value"] == "CALIBRATED"
    with engine.connect() as connection:
        population = connection.scalar(select(func.count()).select_from(TaskRow).where(TaskRow.kind == "task"))
        total = connection.scalar(select(func.sum(Coding.weight)))
        unjudged = population - sum((connection.scalar(select(SampleRow.frame)) or {}).values())  # type: ignore[operator]
    assert total == pytest.approx(population - unjudged)  # the weights add up to the frame


def test_the_commands_print_what_they_did(microaudit: Callable[..., Outcome], engine: Engine, tmp_path: Path) -> None:
    store = ("--db", url_of(engine))
    asked = ("code", "sample", "--platform", "sproutgigs", "--n", "80", "--seed", "5", "--coders", "ann,bob")
    drawn = microaudit(*store, "--json", *asked, "--to", tmp_path / "c.csv")
    assert drawn.status == 0, drawn.err
    spoilt = as_csv(tmp_path / "spoilt.csv", break_label(fill(read(tmp_path / "c.ann.csv"))))
    refused = microaudit(*store, "code", "import", spoilt)
    assert refused.status == 2
    assert "MA0204: spoilt.csv, line 6: label is 'fake_news'" in refused.err
    for coder, seed in (("ann", 1), ("bob", 2)):
        path = tmp_path / f"c.{coder}.csv"
        kept = microaudit(*store, "--json", "code", "import", as_csv(path, fill(read(path), coder, seed)))
        assert kept.events == [{"event": "codes", "path": str(path), "stored": 80}]
    shown = microaudit(*store, "--json", "code", "agreement")
    assert shown.status == 0, shown.err
    kinds = {event["event"] for event in shown.events}
    assert kinds == {"agreement", "class_agreement", "disputes", "share", "drift"}
    (share,) = [event for event in shown.events if event["event"] == "share"]
    assert share["platform"] == "sproutgigs" and share["n_codes"]
    assert microaudit(*store, *asked, "--to", tmp_path / "c.pdf").status == 2


@pytest.mark.parametrize("suffix", ["csv", "xlsx", "json"])
def test_the_same_sample_gives_the_same_bytes(engine: Engine, tmp_path: Path, suffix: str) -> None:
    one, two = (sheet(engine, tmp_path / f"{name}.{suffix}")[1].read_bytes() for name in ("one", "two"))
    assert one == two


def test_same_store_same_seed_same_sample(engine: Engine) -> None:
    drawn = [draw_sample(engine, "sproutgigs", 40, seed, "confidence", ["a"], 40) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1] != drawn[2]
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(Assignment)) == 80
        assert connection.scalar(select(SampleRow.drawn_at).limit(1)) > START  # type: ignore[operator]
