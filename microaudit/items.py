"""The records that travel through the program, in the order in which they come to be.

A spider reads a `Page` into `Task`s; the judging stages add a `Judgement` and a `Geography`
to each. Every value is what the page shows or what a stage can prove; None means unknown.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Literal

Kind = Literal["task", "offer"]
Source = Literal["live", "wayback", "commoncrawl", "file", "import"]
RewardUnit = Literal["task", "hour", "project"]

# The fields on which a judgement may depend: they, and nothing else, make a text what it is.
# Times, pay and places in a list are left out, so that a repeated listing stays one text.
JUDGED_FIELDS = (
    "platform",
    "kind",
    "title",
    "description",
    "proof",
    "category",
    "buyer_country_text",
    "worker_country_text",
)


@dataclass(slots=True)
class Task:
    """One public listing as the page shows it, before any judgement (units: see DESIGN, section 3).

    Texts are plain, NFC. Money is a Decimal in `currency` (ISO 4217). Times are UTC.
    `positions_*` and `minutes` are counts as shown, `success_rate` is in percent.
    `buyer` is a keyed hash; a clear name never gets this far.
    """

    platform: str = ""
    id: str = ""
    url: str = ""
    kind: Kind = "task"
    title: str = ""
    description: str = ""
    proof: str = ""
    category: str = ""
    reward: Decimal | None = None
    reward_max: Decimal | None = None
    currency: str | None = None
    reward_unit: RewardUnit | None = None
    positions_total: int | None = None
    positions_done: int | None = None
    positions_open: int | None = None
    minutes: int | None = None
    success_rate: int | None = None
    posted_at: datetime | None = None
    expires_at: datetime | None = None
    buyer: str | None = None
    buyer_country_text: str = ""
    worker_country_text: str = ""
    observed_at: datetime | None = None
    source: Source = "live"

    @property
    def text_hash(self) -> str:
        """SHA-256 (64 hex digits) over JUDGED_FIELDS: equal hashes are judged once."""
        values = [getattr(self, name) for name in JUDGED_FIELDS]
        return hashlib.sha256(json.dumps(values, ensure_ascii=False).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class Evidence:
    """The words that decided: `text == getattr(task, field)[start:end]`, found by `rule`."""

    field: str
    start: int
    end: int
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a listing asks for, under the coding manual.

    `label` is None where the listing is not codable or the classifier abstains; the reason is in
    `uncodable_reason`. `confidence` is a calibrated probability in 0..1.
    `classifier` is name@version.
    """

    label: str | None
    subtype: str | None
    secondary: tuple[str, ...]
    tier: str | None
    codable: bool
    uncodable_reason: str | None
    confidence: float
    evidence: tuple[Evidence, ...]
    classifier: str
    language: str = "unknown"
    language_confidence: float = 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """One country (ISO 3166-1 alpha-2) of a buyer (`located`) or of workers (`allowed`, `excluded`).

    `basis` is declared, profile, text, phone or domain, most trusted first; `field` and `text`
    are where it was read and the words read there.
    """

    country: str
    relation: Literal["located", "allowed", "excluded"]
    basis: Literal["declared", "profile", "text", "phone", "domain"]
    field: str
    text: str


@dataclass(frozen=True, slots=True)
class Geography:
    """Where the buyer sits and which workers are wanted. Unknown is an answer."""

    buyer_countries: tuple[Place, ...] = ()
    worker_countries: tuple[Place, ...] = ()
    worker_scope: Literal["listed", "international", "unknown"] = "unknown"
    worker_regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A task with all that the judging stages say of it."""

    task: Task
    judgement: Judgement
    geography: Geography


# What a page turned out to be. Only `tasks` and `no_tasks` are readings of a known layout;
# `closed` is one listing that says it is over. The rest name why nothing was read.
Outcome = Literal[
    "tasks",
    "no_tasks",
    "closed",
    "login_wall",
    "challenge",
    "not_found",
    "error_page",
    "parked",
    "empty",
    "unparsed",
]


@dataclass(slots=True, repr=False)
class Page:
    """One fetched or archived page and what was read from it: the item that a spider yields.

    A page is the unit of work: its evidence, its tasks and its done mark are stored in one
    transaction or not at all. `problems` counts values that did not parse, by field; `refused`
    counts listings that did not become tasks, by reason. The stages fill the rest in their order:
    `names` are the clear names behind the pseudonyms, in memory only, so that they can be taken out of the
    evidence. `known` are the tasks with what earlier pages showed of them, `fresh` those of them whose text
    has not been judged yet; `languages`, `judgements` and `geographies` stand beside `fresh`.
    `asked` is the address that a live crawl asked for, before redirects; `found` the addresses to ask next.
    """

    platform: str
    url: str
    observed_at: datetime
    source: Source
    status: int
    body: bytes
    outcome: Outcome = "unparsed"
    tasks: list[Task] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    content_type: str = ""
    encoding: str = "utf-8"
    names: dict[str, str] = field(default_factory=dict)
    warc_file: str | None = None
    warc_offset: int | None = None
    evidence_sha256: str | None = None
    known: list[Task] = field(default_factory=list)
    fresh: list[Task] = field(default_factory=list)
    languages: list[tuple[str, float]] = field(default_factory=list)
    judgements: list[Judgement] = field(default_factory=list)
    geographies: list[Geography] = field(default_factory=list)
    asked: str = ""
    found: list[str] = field(default_factory=list)

    def __repr__(self) -> str:
        # Scrapy logs items: texts and bodies must not get into a log.
        return f"<Page {self.platform} {self.url} {self.outcome}, {len(self.tasks)} tasks>"

    @property
    def sha256(self) -> str:
        """SHA-256 (64 hex digits) of the body as received."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def mark(self) -> str:
        """What the crawl's frontier knows the page by: the address asked for, or a capture's own mark."""
        return self.asked or capture_mark(self.url, self.observed_at, self.body)


def capture_mark(url: str, observed_at: datetime, body: bytes) -> str:
    """What tells one capture from another."""
    return f"{iso(observed_at)} {hashlib.sha256(body).hexdigest()} {url}"


def iso(moment: datetime) -> str:
    """An aware datetime as ISO 8601 in UTC, to the second, with a Z."""
    return moment.astimezone(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


def to_json(record: Task | Judgement | Geography | Judged) -> dict[str, Any]:
    """A record under the key names of the contract: dates ISO 8601, decimals as strings."""
    if isinstance(record, Judged):
        return to_json(record.task) | to_json(record.judgement) | to_json(record.geography)
    return {key: _plain(value) for key, value in dataclasses.asdict(record).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
