"""Freelancer.com: the public REST list of active projects; lists and project pages as HTML by replay."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

from scrapy.http import Response, TextResponse

from microaudit.reading import Row
from microaudit.spiders.base import ArchiveQuery, Layout, Platform
from microaudit.structured import Record, at, json_of, records
from microaudit.text import Html, words

LIST = "https://www.freelancer.com/api/projects/0.1/projects/active/"
PAGE_SIZE = 100  # the most that the API gives
TITLE = "h1.PageProjectViewLogout-header-title, .PageProjectViewLogout-projectInfo-title"
UNITS = {"hourly": "hour", "fixed": "project"}


def _is_api(response: TextResponse) -> bool:
    return isinstance(at(json_of(response), "result", "projects"), list)


def _api(response: TextResponse) -> Iterator[Row]:
    for project in records(at(json_of(response), "result", "projects")):
        owner = project.get("owner_id")  # null for anonymous callers since January 2026
        yield {
            "id": project.get("id"),
            "url": f"https://www.freelancer.com/projects/{seo}" if (seo := project.get("seo_url")) else None,
            "title": project.get("title"),
            "description": project.get("description") or project.get("preview_description"),
            "category": _category(records(project.get("jobs"))),
            "reward": at(project, "budget", "minimum"),
            "reward_max": at(project, "budget", "maximum"),
            # currency.country is where the money is from, not the buyer: it is never read.
            "currency": at(project, "currency", "code"),
            "reward_unit": UNITS.get(str(project.get("type"))),
            "posted_at": project.get("time_submitted") or project.get("submitdate"),
            "buyer": None if owner is None else str(owner),
            "worker_country_text": at(project, "location", "country", "name") if project.get("local") else None,
            # Frozen and awarded projects are listed among the active ones, and so count as asked for.
            "closed": project.get("deleted") is True,
        }


def _category(skills: list[Record]) -> str:
    """`Engineering & Science > DevOps; Websites, IT & Software > Python, Terraform`, in the order of the page."""
    groups: dict[str, list[str]] = {}
    for skill in skills:
        if name := skill.get("name"):
            groups.setdefault(str(at(skill, "category", "name") or ""), []).append(str(name))
    return "; ".join(" > ".join(filter(None, (group, ", ".join(names)))) for group, names in groups.items())


def _is_reduced(response: TextResponse) -> bool:
    rows = at(json_of(response), "data")
    return isinstance(rows, list) and all({"id", "title", "budget"} <= row.keys() for row in records(rows))


def _reduced(response: TextResponse) -> Iterator[Row]:
    for project in records(at(json_of(response), "data")):
        yield {
            "id": project.get("id"),
            "title": project.get("title"),
            "description": project.get("description"),
            "reward": at(project, "budget", "minimum"),
            "reward_max": at(project, "budget", "maximum"),
            "currency": project.get("currency"),
            "posted_at": project.get("time"),
        }


def _cards(response: TextResponse) -> Iterator[Row]:
    for card in response.css(".JobSearchCard-item"):
        url = card.css("a.JobSearchCard-primary-heading-link::attr(href)").get(default="")
        price = words(card.css(".JobSearchCard-secondary-price"))
        if "avg bid" in price.lower():  # what freelancers ask, not what the buyer pays
            price = ""
        left = re.search(r"\d+ (?:day|hour|minute)s?(?= left)", words(card.css(".JobSearchCard-primary-heading-days")))
        yield {
            "id": _id_in(url),
            "url": url,
            "title": words(card.css("a.JobSearchCard-primary-heading-link")),
            "description": words(card.css(".JobSearchCard-primary-description")),
            "category": ", ".join(map(str.strip, card.css("a.JobSearchCard-primary-tagsLink::text").getall())),
            "reward": price,
            "reward_unit": _unit(price),
            "expires_at": f"in {left[0]}" if left else None,
        }


def _project(response: TextResponse) -> Iterator[Row]:
    stated = re.search(r"Project ID:\s*(?:<[^>]*>\s*)*#?(\d+)", response.text)
    price = words(response.css(".PageProjectViewLogout-projectInfo-byLine"))
    buyer = '[class*="PageProjectViewLogout-detail-reputation"] span[itemprop=location] span[aria-label]'
    yield {
        "id": stated[1] if stated else _id_in(response.url),
        "url": response.url,
        "title": words(response.css(TITLE)),
        "description": Html("".join(response.css(".PageProjectViewLogout-detail p:not([class*=tags])").getall())),
        "category": ", ".join(map(str.strip, response.css(".PageProjectViewLogout-detail-tags a::text").getall())),
        "reward": price,
        "reward_unit": _unit(price),
        "posted_at": words(response.css(".PageProjectViewLogout-projectInfo-label-deliveryInfo-relativeTime")),
        "buyer_country_text": words(response.css(buyer)) or response.css(f"{buyer}::attr(aria-label)").get(),
    }


def _unit(price: str) -> str | None:
    """A bare "$" may be US, Australian, Canadian ...: the currency of these pages stays unknown unless named."""
    return ("hour" if re.search(r"/\s*h", price) else "project") if price else None


def _id_in(url: str) -> str:
    """The number that ends the address, else its `category/slug`: these pages carry no other id."""
    path = urlsplit(url).path.strip("/").removeprefix("projects/").removesuffix("/details")
    number = re.search(r"(?:^|[-/])(\d{5,})$", path)
    return number[1] if number else path


class Freelancer(Platform):
    name = "freelancer"
    title = "Freelancer"
    hosts = ("freelancer.com",)
    live = True
    live_note = (
        "The public REST API answers without log-in and robots.txt allows it. Its terms allow a cache of 24 hours: "
        "raw texts are to be dropped after that. It states no buyer and no buyer country."
    )
    retain_hours = 24  # API terms
    start_urls = [f"{LIST}?full_description=true&job_details=true&limit={PAGE_SIZE}&offset=0"]
    url_shapes = (
        r"/api/projects/0\.1/projects/active/\?.*",
        r"/projects/[^?]+",
        r"/jobs/[^?]*",
    )
    archive_queries = (ArchiveQuery("freelancer.com/projects/", "prefix", 2010),)
    layouts = (
        Layout("REST list", _is_api, _api, "real pages"),
        Layout("data set with a `data` array", _is_reduced, _reduced, "real pages"),
        Layout("project page", TITLE, _project, "written pages"),
        Layout(
            "list page",
            "#project-list, .JobSearchCard-list, .JobSearchCard-item",
            _cards,
            "written pages",
            task_links='#project-list a[href^="/projects/"]',
        ),
    )

    def links(self, response: Response) -> Iterator[str]:
        """The next page of the REST list, until `total_count` or an empty page; nothing from HTML pages."""
        if not isinstance(response, TextResponse):
            return
        result = at(json_of(response), "result")
        projects, total = records(at(result, "projects")), at(result, "total_count")
        query = dict(parse_qsl(urlsplit(response.url).query))
        if not projects or not query.get("offset", "").isdecimal():
            return
        offset = int(query["offset"]) + len(projects)
        if not isinstance(total, int) or offset < total:
            yield response.url.split("?")[0] + "?" + urlencode(query | {"offset": offset})
