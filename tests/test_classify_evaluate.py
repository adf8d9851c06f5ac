"""Evaluation: the figures are right by hand, the bars are kept on the real and on the written set."""

from __future__ import annotations

from pathlib import Path

import pytest

from microaudit.errors import MicroauditError
from microaudit.items import Evidence, Judgement
from pipelines.classify.evaluate import Evaluation, evaluate, score

HELD_OUT = Path(__file__).parent / "classify" / "heldout.jsonl"
# Written without sight of the corpus or the classifier, half of it hard.
BLIND = Path(__file__).parent / "classify" / "heldout2.jsonl"
# Real listings of third parties lie beside the repository; they are evaluated on, never trained on.
GOLD = Path(__file__).parents[2] / "shared" / "gold" / "development.jsonl"


def said(label: str | None, subtype: str | None = None, confidence: float = 1.0, codable: bool = True) -> Judgement:
    reason = None if codable else "hidden"
    quote = (Evidence("title", 0, 4, "like", "r3-en-like"),) if label == "fake_review" else ()
    return Judgement(label, subtype, (), None, codable, reason, confidence, quote, "t@1")


def test_figures_by_hand() -> None:
    rows = [
        {"uid": "a", "label": "fake_review", "subtype": "R3", "language": "en", "platform": "x", "title": "one"},
        {"uid": "b", "label": "fake_review", "subtype": "R1", "language": "en", "platform": "x", "title": "two"},
        {"uid": "c", "label": "legitimate", "subtype": "G2", "lang": "fr", "platform": "y", "title": "three"},
        {"uid": "d", "label": "legitimate", "subtype": "G3", "lang": "fr", "platform": "y", "title": "four"},
        {"uid": "e", "codable": False, "label": None, "title": "five"},
    ]
    answers = [
        said("fake_review", "R3", 0.95),
        said(None, confidence=0.3),
        said("legitimate", "G2", 0.85),
        said("fake_review", "R3", 0.95),
        said(None, codable=False),
    ]
    result = score(rows, answers)
    assert result.overall.n == 4
    assert result.overall.abstained == 1
    assert result.overall.accuracy == 0.5  # the abstention and the false alarm are wrong
    assert result.overall.legitimate_recall == 0.5
    assert result.overall.subtype_accuracy == 0.5
    assert result.labels["fake_review"].f1 == 0.5
    assert result.labels["legitimate"].f1 == pytest.approx(2 / 3)
    assert result.overall.macro_f1 == pytest.approx((0.5 + 2 / 3) / 2)
    assert result.confusion["fake_review"]["abstained"] == 1
    assert result.confusion["legitimate"]["fake_review"] == 1
    assert result.uncodable == {"found": 1, "labelled": 0}
    assert result.ece == pytest.approx((2 * abs(0.95 - 0.5) + abs(0.85 - 1.0)) / 3)
    assert set(result.slices["language"]) == {"en", "fr"}
    assert [(wrong.id, wrong.predicted) for wrong in result.wrong] == [("b", "abstained"), ("d", "fake_review R3")]
    assert result.wrong[1].why == "r3-en-like: like"
    text = result.table()
    assert "language fr" in text
    assert "expected calibration error" in text
    assert "d             legitimate G3 -> fake_review R3 (0.95)" in text
    assert result.as_dict()["overall"]["n"] == 4


@pytest.mark.parametrize(
    ("content", "code"), [("", "MA0301"), ("{", "MA0203"), ('{"title": "no label"}', "MA0203"), ("[]", "MA0203")]
)
def test_a_file_without_coded_listings_is_an_error(tmp_path: Path, content: str, code: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(MicroauditError) as caught:
        evaluate(path)
    assert caught.value.code == code
    with pytest.raises(MicroauditError) as caught:
        evaluate(tmp_path / "missing.jsonl")
    assert caught.value.code == "MA0202"


def above(result: Evaluation, **bars: float) -> list[str]:
    """Which bars are missed, with the value reached."""
    values = {name: getattr(result.overall, name) for name in bars}
    return [f"{name} {values[name]:.4f} < {bar}" for name, bar in bars.items() if values[name] < bar]


@pytest.mark.skipif(not GOLD.is_file(), reason="the coded real listings are not beside the repository")
def test_the_bars_on_real_listings() -> None:
    result = evaluate(GOLD)
    assert not above(result, macro_f1=0.92, accuracy=0.96, mcc=0.90, legitimate_recall=0.965, subtype_accuracy=0.88)
    assert result.ece is not None
    assert result.ece <= 0.05


BARS = {"macro_f1": 0.83, "accuracy": 0.89, "mcc": 0.77, "legitimate_recall": 0.93, "subtype_accuracy": 0.66}


@pytest.mark.parametrize("path", [HELD_OUT, BLIND], ids=["held-out", "blind"])
def test_the_bars_on_written_sets(path: Path) -> None:
    result = evaluate(path)
    assert not above(result, **BARS)
    assert result.ece is not None
    assert result.ece <= 0.05
