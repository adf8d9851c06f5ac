"""The tables of the store. Times live on crawl, page and sighting, never inside a hash.

    crawl (run ledger) -> page (evidence) -> sighting (a task as one page showed it) -> task
    crawl -> frontier (what it has found and has not asked yet)
    text <- task, sighting;  judgement and place hang on a text and a version of the judging

Judgements are inserted beside older ones and never overwritten.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as ISO 8601 text in UTC: sorts as text, reads the same everywhere."""

    impl = String(20)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class Money(TypeDecorator[Decimal]):
    """A Decimal kept as text: SQLite has no exact decimal type, and a price must not be rounded."""

    impl = String(40)
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        return None if value is None else f"{value:f}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value)


class Base(DeclarativeBase):
    """Names of constraints are fixed, so that migrations can refer to them on every database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment,
        Decimal: Money,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


# SQLite numbers rows by itself only for a column declared INTEGER.
RowId = BigInteger().with_variant(Integer, "sqlite")


class Crawl(Base):
    """One run on one platform: what it asked, got, read and refused, and how it ended."""

    __tablename__ = "crawl"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    platform: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(16))
    options: Mapped[dict[str, Any]]  # the arguments of the run; {"sample": true} marks the shipped pages
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]  # None: still running, or killed
    state: Mapped[str | None] = mapped_column(String(16))  # healthy, empty, drift, blocked, ...
    reason: Mapped[str | None] = mapped_column(Text)
    requests: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    tasks: Mapped[int] = mapped_column(default=0)  # sightings of tasks, repeats included
    outcomes: Mapped[dict[str, Any]]  # pages by outcome
    problems: Mapped[dict[str, Any]]  # values that did not parse, by field
    refused: Mapped[dict[str, Any]]  # listings that did not become tasks, by reason
    conduct: Mapped[dict[str, Any]]  # robots verdicts, delays, refusals met, user agent
    software: Mapped[str] = mapped_column(String(64))  # microaudit's version
    classifier: Mapped[str] = mapped_column(String(64))
    __table_args__ = (Index("ix_crawl_platform_started", "platform", "started_at"),)


class PageRow(Base):
    """One page as received: the evidence behind its sightings."""

    __tablename__ = "page"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    crawl_id: Mapped[int] = mapped_column(ForeignKey("crawl.id"))
    url: Mapped[str] = mapped_column(Text)
    observed_at: Mapped[datetime]  # when it was fetched, or captured by the archive
    status: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(64))  # of the body as received
    n_bytes: Mapped[int]
    warc_file: Mapped[str | None] = mapped_column(Text)
    warc_offset: Mapped[int | None] = mapped_column(BigInteger)
    evidence_sha256: Mapped[str | None] = mapped_column(String(64))  # of the body as kept: redacted
    # The same capture read again, by a later crawl, is the same page.
    __table_args__ = (UniqueConstraint("url", "observed_at", "sha256"), Index("ix_page_crawl", "crawl_id"))


class FrontierRow(Base):
    """An address that a crawl has found (`waiting`) or stored (`done`): what `--resume` goes on from.

    A live page is known by the address asked for, a capture by its time, hash and address. The rows go when
    the crawl is complete.
    """

    __tablename__ = "frontier"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)  # the order in which addresses are asked
    crawl_id: Mapped[int] = mapped_column(ForeignKey("crawl.id"))
    url: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(8))
    found_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("crawl_id", "url"), Index("ix_frontier_next", "crawl_id", "state", "id"))


class TextRow(Base):
    """What is judged: the words of a listing, once per content hash."""

    __tablename__ = "text"
    hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    platform: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    proof: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(Text)
    buyer_country_text: Mapped[str] = mapped_column(Text)
    worker_country_text: Mapped[str] = mapped_column(Text)


class Shown:
    """The values a page shows beside the words: they change from sighting to sighting."""

    reward: Mapped[Decimal | None]
    reward_max: Mapped[Decimal | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    reward_unit: Mapped[str | None] = mapped_column(String(8))
    positions_total: Mapped[int | None] = mapped_column(BigInteger)
    positions_done: Mapped[int | None] = mapped_column(BigInteger)
    positions_open: Mapped[int | None] = mapped_column(BigInteger)
    minutes: Mapped[int | None] = mapped_column(BigInteger)
    success_rate: Mapped[int | None]
    posted_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]


class TaskRow(Shown, Base):
    """One task of a platform: the fullest text seen and the latest values, first and last seen."""

    __tablename__ = "task"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    platform: Mapped[str] = mapped_column(String(64))
    task_id: Mapped[str] = mapped_column(String(255))  # the platform's own id
    kind: Mapped[str] = mapped_column(String(8))
    url: Mapped[str] = mapped_column(Text)
    text_hash: Mapped[str] = mapped_column(ForeignKey("text.hash"))
    buyer: Mapped[str | None] = mapped_column(String(64))  # keyed hash
    source: Mapped[str] = mapped_column(String(16))
    first_seen: Mapped[datetime]
    last_seen: Mapped[datetime]
    sightings: Mapped[int] = mapped_column(default=1)
    __table_args__ = (
        UniqueConstraint("platform", "task_id"),
        Index("ix_task_text_hash", "text_hash"),
    )


class Sighting(Shown, Base):
    """A task as one page showed it."""

    __tablename__ = "sighting"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    page_id: Mapped[int] = mapped_column(ForeignKey("page.id"))
    task_id: Mapped[int] = mapped_column(ForeignKey("task.id"))
    text_hash: Mapped[str] = mapped_column(ForeignKey("text.hash"))
    observed_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("page_id", "task_id"),
        Index("ix_sighting_task", "task_id", "observed_at"),
    )


class JudgementRow(Base):
    """One judgement of one text by one version of the judging stages."""

    __tablename__ = "judgement"
    text_hash: Mapped[str] = mapped_column(ForeignKey("text.hash"), primary_key=True)
    version: Mapped[str] = mapped_column(String(96), primary_key=True)  # classifier and geography
    classifier: Mapped[str] = mapped_column(String(64))  # name@version
    label: Mapped[str | None] = mapped_column(String(16))
    subtype: Mapped[str | None] = mapped_column(String(4))
    secondary: Mapped[list[Any]]
    tier: Mapped[str | None] = mapped_column(String(10))
    codable: Mapped[bool] = mapped_column(Boolean)
    uncodable_reason: Mapped[str | None] = mapped_column(String(16))
    confidence: Mapped[float] = mapped_column(Float)
    evidence: Mapped[list[Any]]
    language: Mapped[str] = mapped_column(String(16))
    language_confidence: Mapped[float] = mapped_column(Float)
    worker_scope: Mapped[str] = mapped_column(String(16))
    worker_regions: Mapped[list[Any]]
    judged_at: Mapped[datetime]


class PlaceRow(Base):
    """One country of a buyer or of workers, with the words that prove it."""

    __tablename__ = "place"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    text_hash: Mapped[str] = mapped_column(ForeignKey("text.hash"))
    version: Mapped[str] = mapped_column(String(96))
    country: Mapped[str] = mapped_column(String(2))
    relation: Mapped[str] = mapped_column(String(8))  # located (buyer), allowed or excluded (workers)
    basis: Mapped[str] = mapped_column(String(8))
    field: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text)
    __table_args__ = (Index("ix_place_text_version", "text_hash", "version"),)


class Coding(Base):
    """One human coder's answer on one task; another coder's is another row."""

    __tablename__ = "coding"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    platform: Mapped[str] = mapped_column(String(64))
    task_id: Mapped[str] = mapped_column(String(255))
    text_hash: Mapped[str] = mapped_column(String(64))
    sample: Mapped[str] = mapped_column(String(64))  # the sample it was drawn in
    weight: Mapped[float] = mapped_column(Float)  # 1 / inclusion probability
    coder: Mapped[str] = mapped_column(String(64))
    codable: Mapped[bool] = mapped_column(Boolean)
    uncodable_reason: Mapped[str | None] = mapped_column(String(16))
    label: Mapped[str | None] = mapped_column(String(16))
    subtype: Mapped[str | None] = mapped_column(String(4))
    confidence: Mapped[int | None]
    concern: Mapped[str | None] = mapped_column(String(32))
    note: Mapped[str | None] = mapped_column(Text)
    imported_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("sample", "platform", "task_id", "coder"),)


class SampleRow(Base):
    """One sample of a platform's tasks drawn for human coding, and what the platform looked like then."""

    __tablename__ = "sample"
    id: Mapped[str] = mapped_column(String(16), primary_key=True)  # tells coders nothing
    platform: Mapped[str] = mapped_column(String(64))
    design: Mapped[str] = mapped_column(String(16))  # simple, verdict or confidence
    seed: Mapped[int]
    n: Mapped[int]  # tasks drawn
    version: Mapped[str] = mapped_column(String(96))  # of the judging
    frame: Mapped[dict[str, Any]]  # tasks by verdict and confidence band
    drawn_at: Mapped[datetime]


class Assignment(Base):
    """One task of a sample given to one coder; `coder` is empty where anybody may take it."""

    __tablename__ = "assignment"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    sample: Mapped[str] = mapped_column(ForeignKey("sample.id"))
    item: Mapped[str] = mapped_column(String(32))  # what coders see in the place of the task's id
    task_id: Mapped[str] = mapped_column(String(255))
    text_hash: Mapped[str] = mapped_column(String(64))
    stratum: Mapped[str] = mapped_column(String(32))
    weight: Mapped[float] = mapped_column(Float)  # 1 / inclusion probability
    coder: Mapped[str] = mapped_column(String(64))
    round: Mapped[int]  # 1: independent coding, 2: adjudication
    __table_args__ = (UniqueConstraint("sample", "item", "coder"),)


class Schedule(Base):
    """One crawl by calendar."""

    __tablename__ = "schedule"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    platform: Mapped[str] = mapped_column(String(64))
    cron: Mapped[str] = mapped_column(String(64))
    timezone: Mapped[str] = mapped_column(String(64))
    options: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    paused_at: Mapped[datetime | None]
    pause_reason: Mapped[str | None] = mapped_column(Text)
    resumed_at: Mapped[datetime | None]  # runs missed before, while it was paused, are not made up
    taken_due: Mapped[datetime | None]  # the due time last taken up, so that no other runner takes it again


class Incident(Base):
    """A platform in trouble: from the check that found it to the one that found it well again."""

    __tablename__ = "incident"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    platform: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    opened_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    closure_told_at: Mapped[datetime | None]
    __table_args__ = (Index("ix_incident_platform", "platform", "id"),)


class Tombstone(Base):
    """One erasure on request. It names nobody: by `marks`, keyed hashes, a later crawl knows what to leave."""

    __tablename__ = "tombstone"
    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))  # what was asked: buyer or url
    erased_at: Mapped[datetime]
    tasks: Mapped[dict[str, Any]]  # how many, by platform
    marks: Mapped[list[Any]]
