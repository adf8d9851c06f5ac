"""The classifier's contract: one judgement a task, verbatim evidence, nothing but the words, never an exception."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microaudit.items import Judgement, Task
from microaudit.taxonomy import LABELS, UNCODABLE_REASONS, is_illicit, label_of, tier_of
from pipelines.classify import CLASSIFIER, classify

ROOT = Path(__file__).parents[1]
HELD_OUT = Path(__file__).parent / "classify" / "heldout.jsonl"


def judge(title: str, description: str = "", proof: str = "", **more: str) -> Judgement:
    return classify([Task(title=title, description=description, proof=proof, **more)])[0]  # type: ignore[arg-type]


def held_out() -> list[Task]:
    rows = [json.loads(line) for line in HELD_OUT.open(encoding="utf-8")]
    names = ("kind", "title", "description", "proof", "category")
    return [Task(**{name: row[name] for name in names}) for row in rows]


def check(task: Task, judgement: Judgement) -> None:
    """What holds of every judgement, whatever the text."""
    assert judgement.classifier == CLASSIFIER
    assert 0.0 <= judgement.confidence <= 1.0
    assert judgement.confidence == round(judgement.confidence, 4)
    for quote in judgement.evidence:
        assert quote.text == getattr(task, quote.field)[quote.start : quote.end]
        assert quote.text.strip()
    if judgement.label is None:
        assert judgement.subtype is None
        assert judgement.codable is (judgement.uncodable_reason is None)
        assert judgement.uncodable_reason in {*UNCODABLE_REASONS, None}
    else:
        assert judgement.label in LABELS
        assert judgement.codable
        assert judgement.subtype is not None
        assert label_of(judgement.subtype) == judgement.label
        assert judgement.tier == tier_of(judgement.subtype)
        assert judgement.subtype not in judgement.secondary
        assert all(is_illicit(label_of(code)) for code in judgement.secondary)
        assert bool(judgement.evidence) or not is_illicit(judgement.label)


@pytest.mark.parametrize(
    ("title", "description", "proof", "label"),
    [
        ("Subscribe to our channel", "Open the link, press subscribe and stay.", "Screenshot", "fake_profile"),
        ("Review needed", "Write five stars for our bakery on the map.", "Link of your review", "fake_review"),
        ("Dofollow link", "Put our link on your blog with the anchor text.", "URL", "fake_link"),
        ("Label fake reviews", "Mark which of 200 reviews are fake. Do not post.", "", "legitimate"),
        ("Logo for a bakery", "We need a logo as a vector file, two drafts.", "", "legitimate"),
        ("Cherche avis Google", "Laissez un avis 5 étoiles pour notre garage.", "Capture", "fake_review"),
        ("Подписчики в Telegram, 1000 шт", "", "", "fake_profile"),
        ("抖音点赞 100个", "", "", "fake_review"),
    ],
)
def test_plain_cases(title: str, description: str, proof: str, label: str) -> None:
    task = Task(title=title, description=description, proof=proof)
    judgement = classify([task])[0]
    check(task, judgement)
    assert judgement.label == label


@pytest.mark.parametrize(
    ("asked", "withdrawn"),
    [
        (
            "Test our app and write a five star review in the store.",
            "Test our app, report bugs. Do not write a review.",
        ),
        ("Visit the cafe and leave 5 stars on the map.", "Visit the cafe and fill in our form. Do not rate us."),
    ],
)
def test_the_label_flips_when_the_illicit_act_is_negated(asked: str, withdrawn: str) -> None:
    assert judge("Small task", asked).label == "fake_review"
    assert judge("Small task", withdrawn).label == "legitimate"


def test_platform_category_buyer_and_pay_never_decide() -> None:
    tasks = held_out()[::7]
    dressed = [
        replace(task, platform="shorttask", category="Fake reviews > Facebook likes", buyer="abc", currency="USD")
        for task in tasks
    ]
    assert classify(tasks) == classify(dressed)
    assert classify([replace(task, kind="offer") for task in tasks]) == classify(tasks)


def test_a_category_alone_is_not_codable() -> None:
    assert judge("", category="Facebook").uncodable_reason == "empty"
    assert judge("Facebook", category="Facebook").uncodable_reason == "truncated"
    assert judge("Instagram / TikTok").uncodable_reason == "truncated"


@pytest.mark.parametrize("text", ["", "   ", "🙂🙂🙂🎉", "12345 67", "\0\0", "\ud800\udfff", "!!!???", "★★★★★"])
def test_no_words_is_empty(text: str) -> None:
    assert judge(text) == Judgement(None, None, (), None, False, "empty", 1.0, (), CLASSIFIER)


@pytest.mark.parametrize("text", ["გთხოვთ გამოიწეროთ ჩვენი არხი", "እባክዎ ቻናላችንን ሰብስክራይብ ያድርጉ", "សូមចុចតាមដានទំព័ររបស់យើង"])
def test_a_language_that_it_does_not_read_is_said_so(text: str) -> None:
    assert judge(text).uncodable_reason == "language"


@pytest.mark.parametrize(
    "text",
    [
        "follow " * 15_000,
        "a" * 100_000,
        "l.i.k.e." * 12_500,
        "点赞" * 50_000,
        "<b>review</b>" * 8_000,
        "\ud800follow my page" * 6_000,
        "1l1k3 " * 16_000,
        "foo.bar-baz_" * 8_000,
        "é\u0301\u0302" * 30_000,
    ],
)
def test_100_kb_in_one_line_costs_less_than_50_ms(text: str) -> None:
    judge("warm up the rules and the model")
    task = Task(title="One line", description=text)
    start = time.perf_counter()
    judgement = classify([task])[0]
    assert time.perf_counter() - start < 0.05
    check(task, judgement)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=60), st.text(max_size=200), st.text(max_size=60))
def test_any_text_gets_an_answer(title: str, description: str, proof: str) -> None:
    task = Task(title=title, description=description, proof=proof)
    check(task, classify([task])[0])


PIECES = (
    "follow l1ke our page re\u200bview 5 ⭐ f.o.l.l.o.w http://a.b/url url don't "
    "fоllоw — 点赞 فيديو лайк ! , <b> फ़ॉलो ﬁve İ ß"
)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from([*PIECES.split(" "), "\n"]), max_size=30), st.sampled_from(["", " ", "  "]))
def test_evidence_is_verbatim_however_words_are_hidden(words: list[str], space: str) -> None:
    task = Task(title="like our page", description=space.join(words) + " subscribe to our channel")
    check(task, classify([task])[0])


def test_neither_batch_nor_order_nor_process_changes_an_answer() -> None:
    tasks = held_out()
    together = classify(tasks)
    assert classify(tasks[::-1])[::-1] == together
    assert [classify([task])[0] for task in tasks[:40]] == together[:40]
    for task, judgement in zip(tasks, together, strict=True):
        check(task, judgement)
    program = (
        "import json, sys; from microaudit.items import Task, to_json; from pipelines.classify import classify;"
        "print(json.dumps([to_json(j) for j in classify([Task(**t) for t in json.load(sys.stdin)])]))"
    )
    given = json.dumps([{"title": t.title, "description": t.description, "proof": t.proof} for t in tasks[::5]])
    runs = [
        subprocess.run(
            [sys.executable, "-c", program],
            input=given,
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "4711")
    ]
    assert runs[0] == runs[1]
    assert [row["confidence"] for row in json.loads(runs[0])] == [j.confidence for j in together[::5]]


def test_the_name_costs_no_heavy_import() -> None:
    program = (
        "import sys; import pipelines.classify;"
        "sys.exit(any(name in sys.modules for name in ('numpy', 'sklearn', 'scipy', 're2')))"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_classifying_needs_no_scikit_learn() -> None:
    program = (
        "import sys; from microaudit.items import Task; from pipelines.classify import classify;"
        "classify([Task(title='Like our page')]); sys.exit('sklearn' in sys.modules or 'scipy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)
