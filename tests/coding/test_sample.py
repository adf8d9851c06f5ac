"""Drawing: inclusion probabilities, order, allocation, and who codes what."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microaudit.coding.sample import DESIGNS, Drawn, Listing, allocate, draw, share_out
from microaudit.coding.texts import same, shown
from microaudit.errors import MicroauditError

MARKET = [
    Listing(f"{number:04}", "0" * 64, verdict, confidence)
    for number, (verdict, confidence) in enumerate(
        [("illicit", 0.99)] * 700 + [("illicit", 0.6)] * 200 + [("legitimate", 0.95)] * 80 + [("none", 0.4)] * 20
    )
]


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("n", [1, 5, 200, 999, 5000])
def test_weights_give_back_the_market(design: str, n: int) -> None:
    drawn = draw(MARKET, n, 1, design)
    assert len(drawn) == min(n, 1000)
    assert len({each.listing.task_id for each in drawn}) == len(drawn)
    assert all(each.weight >= 1 for each in drawn)
    reached = {each.stratum for each in drawn}
    sizes = Counter(_stratum(listing, design) for listing in MARKET)
    assert sum(each.weight for each in drawn) == pytest.approx(sum(sizes[name] for name in reached))
    if n >= 1000:
        assert all(each.weight == 1 for each in drawn)


def _stratum(listing: Listing, design: str) -> str:
    return {"simple": "all", "verdict": listing.verdict, "confidence": listing.band}[design]


def test_every_listing_has_the_chance_that_its_weight_says() -> None:
    hits = Counter(each.listing.task_id for seed in range(400) for each in draw(MARKET, 100, seed, "verdict"))
    taken = Counter(each.stratum for each in draw(MARKET, 100, 0, "verdict"))
    for verdict, size in (("illicit", 900), ("legitimate", 80), ("none", 20)):
        members = [listing.task_id for listing in MARKET if listing.verdict == verdict]
        mean = sum(hits[task] for task in members) / len(members) / 400
        assert mean == pytest.approx(taken[verdict] / size)
        spread = sum((hits[task] / 400 - mean) ** 2 for task in members) / len(members)
        assert spread == pytest.approx(mean * (1 - mean) / 400, rel=0.5)


def test_by_verdict_both_classes_are_coded_often_and_by_confidence_the_doubtful() -> None:
    verdicts = Counter(each.listing.verdict for each in draw(MARKET, 100, 3, "verdict"))
    assert verdicts["illicit"] == pytest.approx(49, abs=2) and verdicts["legitimate"] == pytest.approx(49, abs=2)
    doubtful = [each for each in draw(MARKET, 100, 3, "confidence") if each.listing.confidence == 0.6]
    assert len(doubtful) > 40


def test_the_order_of_the_listings_changes_nothing() -> None:
    assert draw(MARKET, 50, 9, "verdict") == draw(MARKET[::-1], 50, 9, "verdict")


def test_an_unknown_design_is_refused() -> None:
    with pytest.raises(MicroauditError, match="drawn by simple, verdict, confidence"):
        draw(MARKET, 5, 1, "keyword")


@given(
    st.dictionaries(
        st.text("abc", min_size=1, max_size=3), st.tuples(st.integers(1, 60), st.floats(0.1, 9)), min_size=1
    ),
    st.integers(0, 200),
)
def test_allocation_is_whole_and_within_sizes(strata: dict[str, tuple[int, float]], n: int) -> None:
    sizes = {name: size for name, (size, _) in strata.items()}
    takes = allocate(sizes, {name: want for name, (_, want) in strata.items()}, n)
    assert sum(takes.values()) == min(n, sum(sizes.values()))
    assert all(0 <= takes[name] <= sizes[name] for name in sizes)


def test_overlap_goes_to_every_coder_and_the_rest_to_each_in_turn() -> None:
    drawn = [Drawn(listing, "all", 1.0) for listing in MARKET[:10]]
    given_out = share_out(drawn, ["ann", "bob"], 4)
    places = Counter(place for place, _ in given_out)
    assert [places[place] for place in range(10)] == [2] * 4 + [1] * 6
    assert Counter(coder for _, coder in given_out) == {"ann": 7, "bob": 7}
    assert len(share_out(drawn, ["ann"], 99)) == 10


def test_coders_see_the_service_but_neither_the_platform_nor_a_person() -> None:
    texts = {
        "title": "Rate us, as on Micro Workers", "proof": "Send it to jo.doe@mail.example or +44 20 7946 0018",
        "description": "Open https://www.reviews.example/biz/our-clinic?x=1 for @clinic here; MicroWorkers.com pays.",
        "category": "fl.ru > Promotion",
    }  # fmt: skip
    seen = shown(texts, "microworkers")
    assert seen["description"] == "Open [link to reviews.example] for [handle] here; [this site] pays."
    assert seen["proof"] == "Send it to [e-mail] or [number]"
    assert shown(texts, "fl_ru")["category"] == "[this site] > Promotion"
    assert same("  open [link to Reviews.example]  FOR [handle] here [this site] pays", seen["description"])
    assert not same("Something else", seen["description"])
    long = shown({**texts, "title": "x" * 50_000}, "microworkers")["title"]
    assert len(long) < 32_767 and long.endswith("[cut here]")
