"""The microtask sites: real captures read completely, and one task reads alike from six layouts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scrapy.http import HtmlResponse

from microaudit.archives.capture import Capture
from microaudit.items import Page
from microaudit.spiders import phrases, platform

SHARED = Path(__file__).parents[1] / ".." / "shared" / "pages"
SLUGS = ["microworkers", "shorttask", "minuteworkers", "myeasytask", "rapidworkers", "sproutgigs", "mturk"]
KEY = b"a key for tests, 32 bytes long.."
real_pages = pytest.mark.skipif(not SHARED.is_dir(), reason="third parties' pages lie beside the repository only")


def read(slug: str, body: bytes | str, url: str, content_type: str = "text/html; charset=utf-8") -> Page:
    capture = Capture(
        url=url,
        observed_at=datetime(2014, 4, 14, 12, tzinfo=UTC),
        status=200,
        body=body.encode() if isinstance(body, str) else body,
        headers={"Content-Type": content_type},
    )
    return platform(slug)(key=KEY).read(capture.response())


@real_pages
def test_ten_of_ten_hits_with_all_fields() -> None:
    body = (SHARED / "mturk/viewhits_2014-04.htm").read_bytes()
    page = read("mturk", body, "https://www.mturk.com/mturk/viewhits")
    assert len(page.tasks) == 10
    assert not page.problems
    assert not page.refused
    for task in page.tasks:
        assert task.title, task.id
        assert task.description, task.id
        assert task.buyer, task.id
        assert (task.currency, task.reward_unit) == ("USD", "task")
        assert task.reward and task.positions_open and task.minutes
        assert task.expires_at and task.expires_at > page.observed_at
        assert task.url == f"https://www.mturk.com/mturk/preview?groupId={task.id}"
        assert task.worker_country_text == ""  # no HIT of this page asks for a location
    broken = page.tasks[3]  # a closing tag lost its first characters before this value
    assert (broken.positions_open, broken.minutes, broken.reward) == (6384, 10, Decimal("0.02"))


@real_pages
def test_every_row_of_a_saved_sproutgigs_list() -> None:
    body = (SHARED / "sproutgigs/jobs_list_2025-03.json").read_bytes()
    page = read("sproutgigs", body, "https://sproutgigs.com/jobs.php", "application/json")
    # 25 rows: one was saved without its id and address, and is counted instead of given an invented one.
    assert (len(page.tasks), dict(page.refused), dict(page.problems)) == (24, {"no id": 1}, {})
    for task in page.tasks:
        assert len(task.id) == 24
        assert task.title and task.buyer and task.worker_country_text and " > " in task.category
        assert task.positions_total and task.positions_open is not None
        assert task.success_rate is None
    unpaid = [task for task in page.tasks if task.reward is None]
    assert all(task.category.startswith("Qualification") for task in unpaid)
    assert 0 < len(unpaid) < len(page.tasks)


@real_pages
def test_instructions_without_a_task_are_counted() -> None:
    body = (SHARED / "sproutgigs/job_instructions_2023-06_derived.json").read_bytes()
    page = read("sproutgigs", body, "https://sproutgigs.com/", "application/json")
    assert (page.outcome, dict(page.refused), page.tasks) == ("unparsed", {"no id": 88}, [])


LAYOUTS = {
    "cells": """<h2>Name a bird</h2><table>
        <tr><td>Job ID:</td><td>b7</td><td>Work done:</td><td>12/30</td></tr>
        <tr><td>You will earn:</td><td>$0.20</td><td>Employer:</td><td>anna</td></tr>
        <tr><td colspan=4>This task takes less than 5 minutes to finish</td></tr>
        <tr><th colspan=4>You can accept this job if you are from:</th></tr><tr><td colspan=4>Kenya<br>Nepal</td></tr>
        <tr><th colspan=4>What is expected from workers?</th></tr><tr><td>Look at it.<br>Write its name.</td></tr>
        <tr><th colspan=4>Required proof that task was finished?</th></tr><tr><td>The name</td></tr></table>""",
    "nested tables": """<h1>Name a bird</h1><table><tr><td><table><tr><td>Work done : 12/<sup>30</sup></td>
        <td>You will earn <b>$0.20</b></td></tr><tr><td>This task takes less than <b>5</b> minutes to finish</td></tr>
        </table></td></tr><tr><td>job ID : b7</td></tr><tr><td>Posted by: anna</td></tr><tr><td><table><tr><td>
        <b>You can accept this job if you are from:</b></td></tr><tr><td><ul><li>Kenya<li>Nepal</ul></td></tr></table>
        </td></tr><tr><td><b>What is expected from workers?</b><p>Look at it.<p>Write its name.</td></tr>
        <tr><td><b>Required proof that task was finished?</b><p>The name</td></tr></table><p>Copyright 2012</p>""",
    "divisions": """<div><h1>Name a bird</h1></div><div><div>Campaign ID: b7</div><div>Work done: 12/30</div>
        <div>You will earn: 0.20 USD</div><div>This job takes less than 5 minutes</div><div>Employer: <a>anna</a></div>
        </div><div><h3>You can accept this job if you are from:</h3><span>Kenya</span><br><span>Nepal</span></div>
        <div><h3>What is expected from workers</h3><ol><li>Look at it.</li><li>Write its name.</li></ol></div>
        <div><h3>Required proof that task was finished</h3><div>The name</div></div>
        <form><textarea>Your proof</textarea><button>Send</button></form>""",
    "definition list": """<dl><dt>Task title</dt><dd>Name a bird</dd><dt>Task ID</dt><dd>b7</dd><dt>Work done</dt>
        <dd>12/30</dd><dt>You will earn</dt><dd>$0.20</dd><dt>This task takes less than</dt><dd>5 minutes</dd>
        <dt>Employer</dt><dd>anna</dd><dt>You can accept this job if you are from</dt><dd>Kenya</dd><dd>Nepal</dd>
        <dt>What is expected</dt><dd>Look at it.</dd><dd>Write its name.</dd><dt>Required proof</dt><dd>The name</dd>
        </dl>
        <footer>All rights reserved</footer>""",
    "lines": """<h2>Name a bird</h2>Job ID: b7 &nbsp; Work done: 12/30 &nbsp; You will earn: $0.20<br>
        This task takes less than 5 minutes to finish<br>Employer: anna<br>
        You can accept this job if you are from:<br>Kenya<br>Nepal<br><br>What is expected from workers?<br>
        Look at it.<br>Write its name.<br>Required proof that task was finished?<br>The name<br>
        Copyright 2012<br><a href="/">Home</a>""",
    "label and text in one": """<h1>Site</h1><h2>Name a bird</h2><ul><li>Job ID: b7<li>Work done: 12/30
        <li>You will earn: $0.20
        <li>This task takes less than 5 minutes to finish<li>Employer: anna</ul>
        <p>You can accept this job if you are from: Kenya<br>Nepal</p>
        <p>What is expected from workers? Look at it.</p><p>Write its name.</p>
        <p>Required proof that task was finished? The name</p><h3>Similar jobs</h3><p>Name a fish</p>""",
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("slug", ["minuteworkers", "myeasytask", "microworkers"])
def test_one_task_reads_alike_from_every_layout(slug: str, layout: str) -> None:
    host = platform(slug).hosts[0]
    page = read(slug, f"<html><body>{LAYOUTS[layout]}</body></html>", f"http://{host}/job.php?id=7")
    assert (page.outcome, dict(page.problems), dict(page.refused)) == ("tasks", {}, {})
    task = page.tasks[0]
    assert (task.id, task.title) == ("b7", "Name a bird")
    assert (task.description, task.proof) == ("Look at it.\nWrite its name.", "The name")
    assert (task.reward, task.currency, task.minutes) == (Decimal("0.20"), "USD", 5)
    assert (task.positions_done, task.positions_total, task.positions_open) == (12, 30, None)
    assert task.worker_country_text == "Kenya, Nepal"
    assert task.buyer == platform(slug)(key=KEY).pseudonym("anna")


@pytest.mark.parametrize("slug", ["minuteworkers", "myeasytask", "microworkers", "rapidworkers"])
@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (
            "<h3>What is expected from workers?</h3><p>Care.</p><h3>Required proof</h3><p>A picture.</p>",
            "unparsed",
        ),
        ("<p>You will earn $0.20 for a click. Work done by you is paid.</p><p>Required proof: a link</p>", "unparsed"),
        (
            "<table><tr><th>Plan</th><th>Payment</th><th>Time</th></tr><tr><td>A</td><td>$5</td></tr></table>",
            "unparsed",
        ),
        ("<form><input name=usr_email><input type=password name=pwd></form><p>Work done: 3/5</p>", "login_wall"),
        ("<h1>Blog</h1><p>Job ID: what it is, and why work done: 100/100 matters.</p>", "unparsed"),
        ('{"jobs": [{"title": "What is expected"}]}', "unparsed"),
    ],
)
def test_other_pages_give_no_task(slug: str, body: str, outcome: str) -> None:
    for content_type in ("text/html; charset=utf-8", "application/json", "text/plain"):
        page = read(slug, body, f"http://{platform(slug).hosts[0]}/faq.php", content_type)
        assert not page.tasks
        if content_type.startswith("text/html"):
            assert page.outcome == outcome


def test_what_follows_a_task_stays_out() -> None:
    page = read("minuteworkers", f"{LAYOUTS['label and text in one']}", "http://minuteworkers.com/x")
    assert "fish" not in page.tasks[0].description + page.tasks[0].proof


def test_a_repeated_phrase_is_prose() -> None:
    body = LAYOUTS["lines"].replace("Look at it.", "Look at it.<br>You will earn: a bonus<br>Category: birds")
    task = read("myeasytask", body, "http://myeasytask.com/x").tasks[0]
    assert task.description == "Look at it.\nYou will earn: a bonus\nCategory: birds\nWrite its name."
    assert (task.reward, task.category) == (Decimal("0.20"), "")


@pytest.mark.parametrize("pay", ["see the 3 bonus rules", "20 to agree", "as agreed"])
def test_pay_in_other_words_is_counted(pay: str) -> None:
    page = read("myeasytask", LAYOUTS["lines"].replace("$0.20", pay), "http://myeasytask.com/x")
    assert page.tasks[0].reward is None
    assert dict(page.problems) == {"reward": 1}


@pytest.mark.parametrize(("pay", "sum_"), [("20 cents", "0.20"), ("12¢", "0.12"), ("0,15 €", "0.15")])
def test_pay_in_cents_and_with_a_comma(pay: str, sum_: str) -> None:
    page = read("myeasytask", LAYOUTS["lines"].replace("$0.20", pay), "http://myeasytask.com/x")
    assert str(page.tasks[0].reward) == sum_


def test_an_id_is_one_word_or_comes_from_the_address() -> None:
    body = LAYOUTS["definition list"].replace("<dd>b7</dd>", "<dd>Please read on</dd>")
    assert read("myeasytask", body, "http://myeasytask.com/x?id=9").tasks[0].id == "9"
    assert dict(read("myeasytask", body, "http://myeasytask.com/x").refused) == {"no id": 1}


def test_clickchores_phrases() -> None:
    row = phrases.listing(
        HtmlResponse(
            "http://x.test/job?id=5",
            body=b"<div>Job ID: 5</div><div>Available Positions: 14</div><div>Success: 88%</div>"
            b"<div>3 minutes to complete</div><div>You must be from any of these countries: India</div>"
            b"<div>What is expected: Click.</div>",
            encoding="utf-8",
        )
    )
    assert row["positions_open"] == "14"
    assert row["success_rate"] == "88%"
    assert row["minutes"] == "3 minutes to complete"
    assert row["worker_country_text"] == ["India"]


def test_a_page_may_be_nested_as_deep_as_it_likes() -> None:
    body = "<div>" * 20_000 + LAYOUTS["lines"]
    assert read("minuteworkers", body, "http://minuteworkers.com/x").outcome in ("tasks", "unparsed")


TAGS = ["<td>", "</td>", "<tr>", "<table>", "</table>", "<br>", "<!--", "-->", "<?x?>", "<p", "<script>", "</b>"]
WORDS = ["Job ID: 5", "You will earn", "$1", "Work done: 1/2", "What is expected?", "&#0;"]


@given(st.lists(st.sampled_from([*TAGS, *WORDS])))
@settings(max_examples=150, deadline=None)
def test_no_markup_makes_the_phrases_fail(parts: list[str]) -> None:
    read("minuteworkers", "<html>" + " ".join(parts), "http://minuteworkers.com/x")


@pytest.mark.parametrize("slug", SLUGS)
def test_forms_are_never_requested(slug: str) -> None:
    spider = platform(slug)(key=KEY)
    assert not spider.live
    assert spider.live_note
    for path in ("/login.php", "/login", "/register.php", "/logout", "/userinfo.php?Id=9f", "/Members/login"):
        if slug in ("minuteworkers", "myeasytask") and "userinfo" in path:
            continue  # no address of these sites is known
        assert not spider.may_request(f"http://{spider.hosts[0]}{path}")


@pytest.mark.parametrize("shown", ["12/<sup>30</sup>", "12<sup>/30</sup>", "<b>12</b>/<sup>30</sup>"])
def test_the_raised_number_is_the_total(shown: str) -> None:
    body = (
        f"<div class=jobarealeft><h1>Name a bird</h1><div class=jobdetailsnoteleft><p>Work done : {shown}</p>"
        "<p>You will earn $0.20</p><p>Job ID: b7</p></div></div>"
    )
    task = read("microworkers", body, "https://www.microworkers.com/jobs_details.php?Id=x").tasks[0]
    assert (task.id, task.positions_done, task.positions_total) == ("b7", 12, 30)
