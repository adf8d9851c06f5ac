"""The spiders of the freelance markets against real captures (../shared/pages, third parties' data, read only)."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from microaudit.archives.capture import Capture
from microaudit.fields import UnreadableError, amount
from microaudit.items import Page, Task, to_json
from microaudit.spiders import platform
from microaudit.spiders.base import Platform

ROOT = Path(__file__).parents[1]
REAL = ROOT / ".." / "shared" / "pages"
JSON, HTML, CSV = "application/json; charset=utf-8", "text/html; charset=utf-8", "text/csv; charset=utf-8"
RSS = "application/rss+xml; charset=utf-8"
FREELANCER = "https://www.freelancer.com/api/projects/0.1/projects/active/?limit=100&offset=0"
UPWORK = "upwork/jobpages_2025-03_"
CAPTURED = datetime(2026, 6, 18, 15, tzinfo=UTC)

needs_captures = pytest.mark.skipif(not REAL.is_dir(), reason="the real captures are not part of the repository")


def spider(slug: str) -> Platform:
    return platform(slug)(key=b"a key for tests, 32 bytes long..")


def capture(url: str, body: bytes, content_type: str, captured: datetime = CAPTURED) -> Capture:
    return Capture(url, captured, 200, body, {"Content-Type": content_type})


def read(slug: str, file: str, url: str, content_type: str, captured: datetime = CAPTURED) -> Page:
    return spider(slug).read(capture(url, (REAL / file).read_bytes(), content_type, captured).response())


def by_id(page: Page, identity: str) -> Task:
    return next(task for task in page.tasks if task.id == identity)


# slug, file, address, content type, tasks, refused
CAPTURES = [
    ("kwork", "kwork/list_page_2026-06.html", "https://kwork.ru/projects", HTML, 12, {}),
    ("kwork", "kwork/card_active_2026-06.html", "https://kwork.ru/projects/3200355/view", HTML, 1, {}),
    ("kwork", "kwork/list_xhr_all_2026-06.json", "https://kwork.ru/projects", JSON, 12, {}),
    ("kwork", "kwork/list_xhr_c11_2026-06.json", "https://kwork.ru/projects", JSON, 12, {}),
    ("kwork", "kwork/list_xhr_c79_2026-06.json", "https://kwork.ru/projects", JSON, 3, {}),
    ("fl_ru", "fl_ru/rss_all_2026-06.xml", "https://www.fl.ru/rss/all.xml", RSS, 60, {}),
    ("fl_ru", "fl_ru/rss_category41_2026-06.xml", "https://www.fl.ru/rss/all.xml?category=41", RSS, 21, {}),
    ("fl_ru", "fl_ru/projects_listing_truncated_2026-06.html", "https://www.fl.ru/projects/", HTML, 30, {}),
    ("freelancer", "freelancer/projects_active_2022-03_a.json", FREELANCER, JSON, 100, {}),
    ("freelancer", "freelancer/projects_active_2022-03_b.json", FREELANCER, JSON, 10, {}),
    ("freelancer", "freelancer/reduced_projects_2020-06.json", "https://www.freelancer.com/", JSON, 98, {}),
    ("peopleperhour", "peopleperhour/projects_2023-02_first600.csv", "https://www.peopleperhour.com/", CSV, 600, {}),
    # 256 and 272 rows have a title; two jobs and one stand there twice.
    ("upwork", UPWORK + "android_developer_first300.csv", "https://www.upwork.com/", CSV, 254, {"no title": 44}),
    ("upwork", UPWORK + "javascript_developer_first300.csv", "https://www.upwork.com/", CSV, 271, {"no title": 28}),
    ("upwork", UPWORK + "artificial_intelligence_first300.csv", "https://www.upwork.com/", CSV, 265, {"no title": 35}),
    ("upwork", UPWORK + "data_analyst_first300.csv", "https://www.upwork.com/", CSV, 300, {}),
    ("upwork", "upwork/search_page_jobs_2025-09.json", "https://www.upwork.com/nx/search/jobs/", JSON, 50, {}),
    ("upwork", "upwork/rss_entry_2021-10.json", "https://www.upwork.com/ab/feed/jobs/rss", JSON, 1, {}),
    ("upwork", "upwork/search_tile_2024-03.html", "https://www.upwork.com/nx/search/jobs/", HTML, 1, {}),
    ("zhubajie", "zbj/list_demand_2019-09.html", "https://task.zbj.com/t-wzkf/p1.html", HTML, 1, {}),
    ("zhubajie", "zbj/detail_demand-content_2019-09.html", "https://task.zbj.com/16059303/", HTML, 1, {}),
]  # fmt: skip


@needs_captures
@pytest.mark.parametrize(("slug", "file", "url", "content_type", "tasks", "refused"), CAPTURES)
def test_real_capture_reads_completely(
    slug: str, file: str, url: str, content_type: str, tasks: int, refused: dict[str, int]
) -> None:
    page = read(slug, file, url, content_type)
    assert (page.outcome, len(page.tasks), dict(page.refused)) == ("tasks", tasks, refused)
    assert not page.problems, "every value that is shown was read"
    assert len({task.id for task in page.tasks}) == tasks


@needs_captures
def test_capture_that_is_no_list_is_named() -> None:
    gone = read("kwork", "kwork/card_not_found_2026-06.html", "https://kwork.ru/projects/3016173/view", HTML)
    wall = read("fl_ru", "fl_ru/paywall_page_2026-06.html", "https://www.fl.ru/projects/5509193/x.html", HTML)
    assert (gone.outcome, wall.outcome) == ("not_found", "login_wall")


@needs_captures
def test_kwork_fields() -> None:
    page = read("kwork", "kwork/list_page_2026-06.html", "https://kwork.ru/projects", HTML)
    links = by_id(page, "3200387")
    assert links.title == "Ссылочная масса для магазина смартфонов"
    assert links.category == "SEO и трафик > Ссылки"
    assert (links.reward, links.reward_max, links.currency, links.reward_unit) == (
        Decimal(15000),
        None,
        "RUB",
        "project",
    )
    assert links.url == "https://kwork.ru/projects/3200387/view"
    first = by_id(page, "3200484")
    assert first.posted_at == datetime(2026, 6, 18, 14, 15, 26, tzinfo=UTC), "17:15:26 in Moscow"
    assert first.minutes is None and first.positions_total is None
    assert not (first.buyer_country_text or first.worker_country_text)
    assert all("user_" not in json.dumps(to_json(task)) for task in page.tasks), "no clear name of a buyer"
    assert first.buyer and len({task.buyer for task in page.tasks}) > 6


@needs_captures
def test_fl_ru_budget_leaves_the_title() -> None:
    page = read("fl_ru", "fl_ru/rss_all_2026-06.xml", "https://www.fl.ru/rss/all.xml", RSS)
    assert not [task.title for task in page.tasks if "Бюджет:" in task.title or "для всех" in task.title]
    task = by_id(page, "5509193")
    assert (task.title, task.reward, task.currency) == ("SEO-продвижение", Decimal(250000), "RUB")
    assert task.category == "Продвижение сайтов (SEO, GEO) > Продвижение сайтов SEO"
    assert task.posted_at == datetime(2026, 6, 11, 18, 51, 2, tzinfo=UTC)
    titles = read("fl_ru", "fl_ru/projects_listing_truncated_2026-06.html", "https://www.fl.ru/projects/", HTML)
    assert by_id(titles, "5509193").title == task.title and not by_id(titles, "5509193").description


@needs_captures
def test_freelancer_never_takes_the_currency_for_a_country() -> None:
    file = "freelancer/projects_active_2022-03_a.json"
    page = read("freelancer", file, FREELANCER, JSON)
    assert not any(task.buyer_country_text or task.worker_country_text for task in page.tasks)
    task = by_id(page, "33255305")
    assert (task.reward, task.reward_max, task.currency, task.reward_unit) == (10, 30, "USD", "project")
    assert task.url == "https://www.freelancer.com/projects/internet-security/python-api-get-list-stars"
    assert task.category.startswith("Websites, IT & Software > Python, Internet Security")
    assert len({task.buyer for task in page.tasks}) == 88 and all(task.buyer for task in page.tasks)

    anonymous = json.loads((REAL / file).read_text(encoding="utf-8"))
    for project in anonymous["result"]["projects"]:
        project["owner_id"] = None
    nulled = spider("freelancer").read(capture(FREELANCER, json.dumps(anonymous).encode(), JSON).response())
    assert len(nulled.tasks) == 100 and {task.buyer for task in nulled.tasks} == {None}


@needs_captures
def test_peopleperhour_states_both_geographies() -> None:
    page = read("peopleperhour", CAPTURES[11][1], "https://www.peopleperhour.com/", CSV)
    workers = [task.worker_country_text for task in page.tasks]
    assert (workers.count("ALL"), workers.count("GB"), workers.count("US")) == (551, 31, 8)
    assert [task.buyer_country_text for task in page.tasks].count("United Kingdom") == 363
    assert {task.currency for task in page.tasks} == {"GBP", "USD", "EUR"}
    assert {task.reward_unit for task in page.tasks} == {"hour", "project"}
    assert all(task.id.startswith("sha256:") and task.posted_at for task in page.tasks)
    again = read("peopleperhour", CAPTURES[11][1], "https://elsewhere.example/", CSV)
    assert [task.id for task in again.tasks] == [task.id for task in page.tasks]


@needs_captures
def test_upwork_fields() -> None:
    data = read("upwork", UPWORK + "artificial_intelligence_first300.csv", "https://www.upwork.com/", CSV)
    scope = [task.worker_country_text for task in data.tasks]
    assert scope.count("Worldwide") == 236
    assert scope.count("Only freelancers located in the U.S. may apply.") == 29
    task = by_id(data, "1898253984735636458")
    assert (task.reward, task.currency, task.reward_unit) == (Decimal(1000), "USD", "project")
    assert task.buyer_country_text == "United States"

    entry = read("upwork", "upwork/rss_entry_2021-10.json", "https://www.upwork.com/", JSON).tasks[0]
    assert (entry.id, entry.category, entry.buyer_country_text) == ("ca9b14306d23deeb", "Deep Learning", "Hong Kong")
    assert (entry.title, entry.reward) == ("Unsupervised Deep Learning for Anomaly Detection", 60)
    assert entry.posted_at == datetime(2021, 10, 27, 6, 35, 39, tzinfo=UTC)
    assert "Budget" not in entry.description and "click to apply" not in entry.description

    tile = read("upwork", "upwork/search_tile_2024-03.html", "https://www.upwork.com/", HTML).tasks[0]
    assert tile.id == "1767851574598934528" and tile.posted_at == datetime(2026, 6, 17, 15, tzinfo=UTC)

    saved = read("upwork", "upwork/search_page_jobs_2025-09.json", "https://www.upwork.com/", JSON)
    hourly = next(task for task in saved.tasks if task.title.startswith("Web Scraping Specialist with ChatGPT"))
    assert (hourly.reward, hourly.reward_max, hourly.reward_unit) == (5, 8, "hour")
    assert hourly.buyer_country_text == "Jordan" and not hourly.worker_country_text


@needs_captures
@pytest.mark.parametrize("wrapped", [False, True])
def test_zhubajie_fields(wrapped: bool) -> None:
    def fragment(file: str, wrapper: str, url: str) -> Task:
        body = (REAL / "zbj" / file).read_text(encoding="utf-8")
        body = f'<div class="{wrapper}">{body}</div>' if wrapped else body
        return spider("zhubajie").read(capture(url, body.encode(), HTML).response()).tasks[0]

    row = fragment("list_demand_2019-09.html", "demand-list", "https://task.zbj.com/t-wzkf/p1.html")
    task = fragment("detail_demand-content_2019-09.html", "demand-main", "https://task.zbj.com/16059303/")
    assert row.id == task.id == "16059303" and row.url == task.url
    assert (row.reward, task.reward, task.currency) == (1, 3000, "CNY")
    assert (row.worker_country_text, row.category, row.positions_open) == ("全国", "网站定制开发", 1)
    assert task.posted_at == datetime(2019, 9, 6, 10, 2, tzinfo=UTC), "18:02 in China"
    assert task.description.startswith("网站无障碍功能开发\n")
    assert task.buyer is None, "the site masks the name: several customers share one mask"


def test_freelancer_pages_on_to_the_end() -> None:
    reader = spider("freelancer")

    def following(offset: int, projects: int, total: int) -> list[str]:
        body = json.dumps({"result": {"projects": [{"id": 1}] * projects, "total_count": total}}).encode()
        url = reader.start_urls[0].replace("offset=0", f"offset={offset}")
        return list(reader.links(capture(url, body, JSON).response()))

    assert following(0, 100, 250) == [reader.start_urls[0].replace("offset=0", "offset=100")]
    assert following(100, 100, 250) == [reader.start_urls[0].replace("offset=0", "offset=200")]
    assert following(200, 50, 250) == following(300, 0, 250) == []


def test_guru_goes_from_the_list_to_the_jobs_and_on() -> None:
    body = b"""<div class="jobRecord"><h2 class="jobRecord__title">
        <a href="/jobs/a-job/2200001&amp;SearchUrl=search.aspx">A</a></h2></div>
        <div class="jobRecord"><h2 class="jobRecord__title"><a href="/jobs/b-job/2200002">B</a></h2></div>
        <ul id="ctl00_guB_ulpaginate"><li><a href="/d/jobs/">1</a></li><li><a href="/d/jobs/pg/2/">2</a></li></ul>"""
    links = list(spider("guru").links(capture("https://www.guru.com/d/jobs/", body, HTML).response()))
    base = "https://www.guru.com"
    assert links == [
        f"{base}/jobs/a-job/2200001",
        f"{base}/jobs/b-job/2200002",
        f"{base}/d/jobs/",
        f"{base}/d/jobs/pg/2/",
    ]


@pytest.mark.parametrize(
    ("slug", "url", "allowed"),
    [
        ("kwork", "https://kwork.ru/projects", True),
        ("kwork", "https://kwork.ru/projects?page=2", False),
        ("kwork", "https://kwork.ru/inbox", False),
        ("guru", "https://www.guru.com/jobs/a-job/2200001", True),
        ("guru", "https://www.guru.com/d/jobs/pg/2/", True),
        ("guru", "https://www.guru.com/login.aspx", False),
        ("peopleperhour", "https://www.peopleperhour.com/freelance-jobs?page=2&sort=latest", True),
        ("peopleperhour", "https://www.peopleperhour.com/site/login", False),
        ("freelancer", "https://freelancer.com.example.org/jobs/", False),
        ("zhubajie", "https://task.zbj.com/16059303/", True),
    ],
)
def test_only_declared_addresses_are_requested(slug: str, url: str, allowed: bool) -> None:
    assert spider(slug).may_request(url) is allowed


@pytest.mark.parametrize("slug", ["fl_ru", "upwork", "zhubajie"])
def test_what_robots_forbid_or_nobody_has_read_is_not_live(slug: str) -> None:
    assert not spider(slug).live and not spider(slug).start_urls


@pytest.mark.parametrize(
    ("shown", "lowest", "highest"),
    [("$1k-$2.5k", 1000, 2500), ("$500-$1k", 500, 1000), ("10 km", 10, None), ("£5.00 GBP - £10.00 GBP", 5, 10)],
)
def test_thousands_are_read_as_thousands(shown: str, lowest: int, highest: int | None) -> None:
    assert amount(shown)[:2] == (lowest, highest)


def test_a_limit_alone_is_no_amount() -> None:
    with pytest.raises(UnreadableError):
        amount("Under $250")
