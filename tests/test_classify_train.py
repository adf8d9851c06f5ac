"""Training: the same corpus gives the same bytes, the file holds no code, bad corpora are named."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from microaudit.errors import MicroauditError
from microaudit.items import Task
from pipelines.classify.combine import judge
from pipelines.classify.model import load, shipped
from pipelines.classify.normalise import read
from pipelines.classify.rules import matcher
from pipelines.classify.train import train

CORPUS = Path(__file__).parents[1] / "pipelines" / "classify" / "corpus"


def small_corpus(folder: Path) -> Path:
    rows = [line for line in (CORPUS / "pt.jsonl").read_text(encoding="utf-8").splitlines() if line]
    path = folder / "corpus.jsonl"
    path.write_text("\n".join(rows[:80]) + "\n", encoding="utf-8")
    return path


@pytest.mark.filterwarnings("ignore:The number of unique classes:UserWarning")
def test_the_same_corpus_gives_the_same_file_to_the_byte(tmp_path: Path) -> None:
    corpus = small_corpus(tmp_path)
    for name in ("a.npz", "b.npz"):
        train([corpus], tmp_path / name, folds=2)
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    model = load(tmp_path / "a.npz")
    reading = read("Seguidores reais no Instagram")
    assert judge(Task(title="Seguidores reais no Instagram"), reading, matcher()(reading), model, "t@1").label


def test_a_model_file_holds_arrays_and_no_code() -> None:
    path = CORPUS.parent / "model.npz"
    with zipfile.ZipFile(path) as archive:
        heads = [archive.read(name)[:128] for name in archive.namelist()]
    assert all(head.startswith(b"\x93NUMPY") and b"'descr': '|O'" not in head for head in heads)
    assert {"P1", "R1", "L1", "G1", "hidden"} <= set(shipped().classes)
    assert path.stat().st_size < 6_000_000


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 2"),
        ("[1]", "line 2"),
        ('{"title": "x", "codable": true, "subtype": "X9"}', "sub-type"),
        ('{"title": "x", "codable": false, "uncodable_reason": "boring"}', "reason"),
    ],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    good = json.dumps({"title": "Like our page", "codable": True, "subtype": "P3"})
    path = tmp_path / "bad.jsonl"
    path.write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(MicroauditError, match=says) as caught:
        train([path], tmp_path / "model.npz")
    assert caught.value.code == "MA0203"


def test_no_corpus_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MicroauditError) as caught:
        train([tmp_path / "missing.jsonl"], tmp_path / "model.npz")
    assert caught.value.code == "MA0202"
    (tmp_path / "empty.jsonl").write_text("\n", encoding="utf-8")
    with pytest.raises(MicroauditError) as caught:
        train([tmp_path / "empty.jsonl"], tmp_path / "model.npz")
    assert caught.value.code == "MA0301"
