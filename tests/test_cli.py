"""The commands as a user types them: outputs, errors, exit statuses."""

from __future__ import annotations

import csv
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from microaudit.errors import CATALOGUE, exit_status
from microaudit.spiders import slugs
from tests.conftest import ROOT, Outcome, run_microaudit

Command = Callable[..., Outcome]
OUTPUTS = {
    "report.html", "report.json", "platforms.csv", "tasks.csv", "tasks.jsonl", "flows.csv", "datapackage.json",
    "manifest.json",
}  # fmt: skip
PLATFORM_COLUMNS = (
    "platform,n_tasks,n_codable,n_illicit,share,share_low,share_high,share_corrected,corrected_low,corrected_high,"
    "n_fake_profile,n_fake_review,n_fake_link,n_legitimate,n_uncodable,first_seen,last_seen"
)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """One audit of all sample pages, from a folder outside the checkout."""
    folder = tmp_path_factory.mktemp("audit")
    return run_microaudit("audit", "--sample", "--to", folder / "out", cwd=folder), folder / "out"


def test_the_sample_audit_is_healthy_and_writes_everything(sample: tuple[Outcome, Path]) -> None:
    done, out = sample
    assert done.status == 0, done.out + done.err
    assert {path.name for path in out.iterdir()} >= OUTPUTS
    assert list(out.parent.iterdir()) == [out], "an audit writes nowhere else"


def test_every_platform_has_a_row(sample: tuple[Outcome, Path]) -> None:
    lines = (sample[1] / "platforms.csv").read_text(encoding="utf-8-sig").splitlines()
    assert lines[0] == PLATFORM_COLUMNS
    rows = {row["platform"]: row for row in csv.DictReader(lines)}
    assert set(rows) == set(slugs())
    for row in rows.values():
        parts = sum(int(row[f"n_{label}"]) for label in ("fake_profile", "fake_review", "fake_link"))
        assert parts == int(row["n_illicit"])
        assert int(row["n_codable"]) + int(row["n_uncodable"]) == int(row["n_tasks"]) > 0
        assert 0 <= float(row["share_low"]) <= float(row["share"]) <= float(row["share_high"]) <= 1


def test_the_sample_report_says_that_it_is_one(sample: tuple[Outcome, Path]) -> None:
    html = (sample[1] / "report.html").read_text(encoding="utf-8")
    assert "written for the project" in html
    assert json.loads((sample[1] / "report.json").read_text(encoding="utf-8"))["sample"]


def test_tasks_carry_their_judgement(sample: tuple[Outcome, Path]) -> None:
    rows = [json.loads(line) for line in (sample[1] / "tasks.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) > 400
    for row in rows:
        assert {"platform", "id", "label", "evidence", "worker_scope", "classifier"} <= row.keys()
        for piece in row["evidence"]:
            assert piece["text"] == row[piece["field"]][piece["start"] : piece["end"]]


def test_a_report_verifies_until_a_number_is_changed(
    microaudit: Command, sample: tuple[Outcome, Path], tmp_path: Path
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(sample[1], copy, ignore=shutil.ignore_patterns("sample-store"))
    assert microaudit("verify", copy).status == 0
    table = (copy / "platforms.csv").read_text(encoding="utf-8")
    (copy / "platforms.csv").write_text(table.replace("kwork,32", "kwork,33"), encoding="utf-8")
    done = microaudit("verify", copy)
    assert done.status == 11
    assert "MA1101" in done.err
    assert "kwork" in done.out


def test_why_leads_from_a_figure_to_tasks_and_from_a_task_to_its_page(
    microaudit: Command, sample: tuple[Outcome, Path]
) -> None:
    store = f"sqlite:///{sample[1] / 'sample-store' / 'store.db'}"
    figure = microaudit("--db", store, "--json", "why", "kwork/share").events[0]
    assert figure["figure"]["numerator"] > 0
    rows = [json.loads(line) for line in (sample[1] / "tasks.jsonl").read_text(encoding="utf-8").splitlines()]
    task = next(row for row in rows if row["platform"] == "kwork" and row["evidence"])
    done = microaudit("--db", store, "why", f"kwork:{task['id']}")
    assert task["evidence"][0]["text"] in done.out
    assert "sha256" in done.out


def test_sample_pages_and_real_crawls_do_not_mix(microaudit: Command, tmp_path: Path) -> None:
    db = f"sqlite:///{tmp_path / 'real.db'}"
    pages = ROOT / "microaudit/sample/kwork"
    assert microaudit("--db", db, "crawl", "kwork", "--from", pages, cwd=tmp_path).status == 0
    done = microaudit("--db", db, "audit", "kwork", "--sample", "--to", tmp_path / "out", cwd=tmp_path)
    assert (done.status, done.err[:6]) == (2, "MA0204")


@pytest.mark.parametrize("command", ["--help", "audit --help", "crawl --help", "classify --help", "report --help"])
def test_help_is_plain_and_complete(microaudit: Command, command: str) -> None:
    done = microaudit(*command.split())
    assert done.status == 0
    assert done.out.startswith("Usage:")


def test_help_loads_nothing_heavy() -> None:
    script = (
        "import sys\nsys.argv = ['microaudit', '--help']\nfrom microaudit.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'scrapy', 'twisted', 'sqlalchemy', 'numpy', 'sklearn', 'rich', 'lxml', 'jinja2', 're2'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=ROOT)
    assert "LOADED []" in done.stderr


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_is_explained(code: str) -> None:
    kind = CATALOGUE[code]
    assert exit_status(code) in {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}
    assert all(text.endswith(".") for text in (kind.cause, kind.cure))


def test_explain_prints_cause_and_cure(microaudit: Command) -> None:
    done = microaudit("explain", "ma0401")
    assert (done.status, "Cause:" in done.out, "Cure:" in done.out) == (0, True, True)
    assert microaudit("explain", "MA9999").status == 2


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("crawl", "--nonsense"), ("import",), ("report", "--to"), ("export", "--format", "docx")],
)
def test_bad_usage_is_one_line(microaudit: Command, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done = microaudit(*arguments, cwd=tmp_path)
    assert (done.status, done.out, done.err.count("\n")) == (2, "", 1)
    assert done.err.startswith("MA02")


def test_errors_are_json_for_machines(microaudit: Command, tmp_path: Path) -> None:
    done = microaudit("--json", "report", cwd=tmp_path)
    assert json.loads(done.err) == {
        "event": "error",
        "code": "MA0208",
        "message": "there is no store at microaudit.db: crawl or import first",
        "exit": 2,
    }
    assert list(tmp_path.iterdir()) == []


def test_classify_keeps_order_and_other_keys_and_reports_bad_lines(microaudit: Command) -> None:
    lines = [
        '{"id": "1", "title": "Write a 5 star review of our hotel", "mine": [1, {"a": null}]}',
        "this is not JSON",
        '{"title": "Translate a letter", "description": 7}',
        "",
        '{"id": "2", "title": "Design a logo for a bakery", "platform": "x"}',
    ]
    done = microaudit("classify", "-", stdin="\n".join(lines))
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [row["id"] for row in rows] == ["1", "2"]
    assert rows[0]["mine"] == [1, {"a": None}]
    assert [row["label"] for row in rows] == ["fake_review", "legitimate"]
    assert done.status == 8
    assert [line.split()[2] for line in done.err.splitlines()] == ["2", "3"]


@pytest.mark.parametrize(
    "text", ["", "🙂🙂🙂", "12345 67", "\x00\x01", "\ud800 lone", "a" * 100_000, "<b>x</b>", "مرحبا hello 你好"]
)
def test_classify_answers_odd_texts(microaudit: Command, text: str) -> None:
    done = microaudit("classify", stdin=json.dumps({"title": text}) + "\n")
    assert done.status == 0, done.err
    (row,) = (json.loads(line) for line in done.out.splitlines())
    assert row["title"] == text
    assert row["label"] is not None or row["uncodable_reason"] or row["codable"]


def test_why_names_the_words(microaudit: Command) -> None:
    done = microaudit("classify", "--text", "Subscribe to our channel. Only workers from Nepal.", "--why")
    assert "fake_profile" in done.out
    assert "Subscribe" in done.out
    assert "NP allowed" in done.out


def test_reclassify_adds_judgements_beside_older_ones(microaudit: Command, tmp_path: Path) -> None:
    import sqlite3

    assert microaudit("crawl", "kwork", "--from", ROOT / "microaudit/sample/kwork", cwd=tmp_path).status == 0
    with sqlite3.connect(tmp_path / "microaudit.db") as store:
        texts = store.execute("SELECT count(*) FROM text").fetchone()[0]
        store.execute("UPDATE judgement SET version = 'older@0', label = 'fake_link'")
        store.execute("UPDATE place SET version = 'older@0'")
    for workers in ("2", "1"):
        done = microaudit("--json", "reclassify", "--workers", workers, cwd=tmp_path)
        assert done.status == 0, done.err
        assert done.events[0]["judged"] == (texts if workers == "2" else 0)
    with sqlite3.connect(tmp_path / "microaudit.db") as store:
        assert store.execute("SELECT count(*) FROM judgement").fetchone()[0] == 2 * texts


def test_status_shows_each_platform_and_where_countries_came_from(microaudit: Command, tmp_path: Path) -> None:
    assert microaudit("status", cwd=tmp_path).status == 2
    pages = ROOT / "microaudit/sample/sproutgigs"
    microaudit("crawl", "sproutgigs", "--from", pages, cwd=tmp_path)
    done = microaudit("--json", "status", cwd=tmp_path)
    assert done.status == 0
    assert done.events[0]["places"]["declared"] > 0
    assert microaudit("status", cwd=tmp_path).out.startswith("sproutgigs")


def test_platforms_says_how_well_each_is_known(microaudit: Command) -> None:
    events = {event["platform"]: event for event in microaudit("--json", "platforms").events}
    assert set(events) == set(slugs())
    assert not events["upwork"]["live"]
    assert {layout["support"] for layout in events["myeasytask"]["layouts"]} == {"written pages"}
