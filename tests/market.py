"""A market on loopback for crawls: Guru's lists and job pages, written for these tests."""

from __future__ import annotations

from tests.conftest import Site

KINDS = (
    ("Write thirty reviews for a restaurant", "Thirty reviews on Yelp with five stars, from different people."),
    ("Translate a menu into German", "Two pages, delivered as a document, by Friday."),
    ("Create a hundred Instagram accounts", "Fresh accounts with pictures and verified by phone."),
    ("Draw a logo for a bakery", "A plain logo in two colours, with the source file."),
)


def job_path(number: int) -> str:
    return f"/jobs/job-{number}/{number}"


def job_list(numbers: range, further: str | None = None) -> str:
    rows = "".join(
        f'<div class="record jobRecord" data-gid="{number}"><h2 class="jobRecord__title">'
        f'<a href="{job_path(number)}&amp;SearchUrl=search.aspx">{KINDS[number % 4][0]} {number}</a></h2>'
        f'<div class="jobRecord__budget"><strong>Fixed Price</strong> <strong>${number}</strong></div></div>'
        for number in numbers
    )
    link = f'<a href="{further}">Next</a>' if further else ""
    return f'<html><body>{rows}<ul id="ctl00_guB_ulpaginate"><li>{link}</li></ul></body></html>'


def job(number: int) -> str:
    title, text = KINDS[number % 4]
    return (
        f'<html><body><h1 class="jobHeading__title">{title} {number}</h1>'
        f'<div class="jobHeading__budget"><strong>Fixed Price</strong> <strong>${number}</strong></div>'
        f'<pre class="jobDetails__description">{text} This is number {number}.</pre>'
        '<p class="freelancerAvatar__subText"><strong>United States</strong></p></body></html>'
    )


def fill(site: Site, lists: int = 2, per_list: int = 4) -> int:
    """Put lists with their job pages on the site; the number of jobs."""
    site.add("/robots.txt", "User-agent: *\nDisallow: /private\n", Content_Type="text/plain")
    first = 1001
    for page in range(1, lists + 1):
        numbers = range(first, first + per_list)
        further = f"/d/jobs/pg/{page + 1}/" if page < lists else None
        site.add("/d/jobs/" if page == 1 else f"/d/jobs/pg/{page}/", job_list(numbers, further))
        for number in numbers:
            site.add(job_path(number), job(number))
        first += per_list
    return lists * per_list
