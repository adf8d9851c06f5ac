"""Whatever a server sends is read without an error: pages cut off anywhere, JSON with values of any type."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from microaudit.archives.capture import Capture
from microaudit.archives.folder import read_folder
from microaudit.items import to_json
from microaudit.spiders import slugs
from tests.test_spiders_freelance import FREELANCER, HTML, JSON, capture, spider

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("slug", slugs())
def test_a_page_cut_anywhere_is_read_without_error(slug: str) -> None:
    reader = spider(slug)
    for whole in read_folder(ROOT / "tests/pages" / slug):
        for eighth in range(8):
            body = whole.body[: len(whole.body) * eighth // 8]
            page = reader.read(Capture(whole.url, whole.observed_at, whole.status, body, whole.headers).response())
            assert page.outcome


def variants(value: Any) -> Iterator[Any]:
    """The value with one of its parts replaced by a value of another type, for every part."""
    yield from (None, True, -1, 10**400, 1e30, "x", "1 - " * 50_000, [], {}, [[]], "http://[")
    if isinstance(value, dict):
        for key, part in value.items():
            yield {other: kept for other, kept in value.items() if other != key}
            yield from (value | {key: changed} for changed in variants(part))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from ([*value[:place], changed, *value[place + 1 :]] for changed in variants(part))


WANT = {
    "id": 1, "status": "active", "name": "A", "description": "B", "category_id": "38", "priceLimit": "1.00",
    "lang": "ru", "user": {"username": "u"}, "date_create": "2026-06-18 10:00:00",
}  # fmt: skip
PROJECT = {
    "id": 1, "title": "A", "description": "B", "seo_url": "a/b", "budget": {"minimum": 1.0, "maximum": 2.0},
    "currency": {"code": "USD"}, "jobs": [{"name": "C", "category": {"name": "D"}}], "time_submitted": 1,
    "owner_id": 1, "local": True, "location": {"country": {"name": "E"}},
}  # fmt: skip
ATTRIBUTES = {
    "title": "A", "url": "/a-1", "budget": 1, "currency": "GBP", "posted_dt": "2026-06-18 10:00:00",
    "client": {"public_name": "n", "country": "E"}, "category": {"cate_name": "D"},
}  # fmt: skip
STATES = [
    ("freelancer", FREELANCER, JSON, "%s", {"result": {"projects": [PROJECT], "total_count": 5}}),
    ("freelancer", FREELANCER, JSON, "%s", {"data": [{"id": 1, "title": "A", "budget": {"minimum": 1}, "time": 1}]}),
    ("kwork", "https://kwork.ru/projects", JSON, "%s", {"data": {"pagination": {"data": [WANT]}}}),
    (
        "kwork", "https://kwork.ru/projects", HTML, "<script>window.stateData=%s;</script>",
        {"categories": {"1": {"name": "G", "cats": [{"CATID": "38", "name": "H"}]}},
         "wantsListData": {"pagination": {"data": [WANT]}}},
    ),
    ("kwork", "https://kwork.ru/projects/1/view", HTML, "<script>window.stateData=%s;</script>", {"wantData": WANT}),
    (
        "peopleperhour", "https://www.peopleperhour.com/freelance-jobs", HTML,
        "<script>window.PPHReact.initialState=%s;</script>",
        {"freelanceJobs": {"main": {"data": [{"id": 1}]}},
         "entities": {"projects": {"1": {"attributes": ATTRIBUTES}}}},
    ),
    ("upwork", "https://www.upwork.com/", JSON, "%s", {"title": "A", "link": "_~01ab", "summary": "B"}),
    ("upwork", "https://www.upwork.com/", JSON, "%s", [{"title": "A", "job_type": "B", "rate": "C", "location": "D"}]),
    (
        "fl_ru", "https://www.fl.ru/projects/", HTML, '<script type="application/ld+json">%s</script>',
        {"@graph": [{"@type": "ItemList", "itemListElement": [{"url": "/projects/1/a", "name": "A"}]}]},
    ),
    (
        "guru", "https://www.guru.com/jobs/a/1", HTML,
        '<h1 class="jobHeading__title">A</h1><script type="application/ld+json">%s</script>',
        {"@type": "JobPosting", "applicantLocationRequirements": [{"name": ["A"]}]},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("slug", "url", "content_type", "around", "state"), STATES)
def test_json_of_any_type_is_read_without_error(
    slug: str, url: str, content_type: str, around: str, state: Any
) -> None:
    reader = spider(slug)
    assert reader.read(capture(url, (around % json.dumps(state)).encode(), content_type).response()).tasks
    for changed in variants(state):
        response = capture(url, (around % json.dumps(changed)).encode(), content_type).response()
        for task in reader.read(response).tasks:
            json.dumps(to_json(task))
        assert all(reader.may_request(link) for link in reader.links(response))


def test_long_runs_do_not_take_long() -> None:
    run = " " * 200_000
    pages = [
        ("fl_ru", "https://www.fl.ru/rss/all.xml", f"(Бюджет:{run}x{run}"),
        ("upwork", "https://www.upwork.com/ab/feed/jobs/rss", f"<b>Budget</b>:{run}<b>Skills</b>:{run}x"),
    ]
    started = time.process_time()
    for slug, url, text in pages:
        words = f"<title><![CDATA[{text}]]></title><description><![CDATA[{text}]]></description>"
        item = f"<item>{words}<link>/projects/1/_~01ab</link></item>"
        body = f"<?xml version='1.0'?><rss><channel>{item}</channel></rss>".encode()
        assert spider(slug).read(capture(url, body, "application/rss+xml").response()).tasks
    assert time.process_time() - started < 5
