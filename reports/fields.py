"""The columns of every table that leaves the program: one definition for all formats.

CSV, JSON lines, Parquet, XLSX, the data package and docs/data-dictionary.md are made from here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FieldType = Literal["string", "integer", "number", "decimal", "boolean", "datetime", "array"]


@dataclass(frozen=True, slots=True)
class Field:
    """One column. `type` is the Frictionless type, or `decimal`: exact, as text in JSON lines and Parquet."""

    name: str
    type: FieldType
    description: str


def _fields(*rows: tuple[str, FieldType, str]) -> tuple[Field, ...]:
    return tuple(Field(*row) for row in rows)


BUYER = Field("buyer", "string", "Pseudonym of the buyer: a keyed hash. Left out unless asked for.")

TASKS = _fields(
    ("platform", "string", "Platform slug."),
    ("id", "string", "The platform's own id of the task."),
    ("url", "string", "Absolute URL of the listing, or of the list it stood on with #id."),
    ("kind", "string", "task (a buyer asks) or offer (a seller sells). Offers never enter a share of tasks."),
    ("title", "string", "Title as shown, plain text."),
    ("description", "string", "Description as shown, plain text."),
    ("proof", "string", "The proof of work that the buyer demands."),
    ("category", "string", "The platform's own category, levels joined by ' > '."),
    ("reward", "decimal", "Pay as shown, in `currency`, for one `reward_unit`; the lower end of a range."),
    ("reward_max", "decimal", "Upper end of the pay, only where the page shows a range."),
    ("currency", "string", "ISO 4217."),
    ("reward_unit", "string", "What the reward pays for: task, hour or project."),
    ("positions_total", "integer", "Positions as shown."),
    ("positions_done", "integer", "Positions already done, as shown."),
    ("positions_open", "integer", "Positions still open, as shown."),
    ("minutes", "integer", "Working time as shown, in minutes."),
    ("success_rate", "integer", "Success rate as shown, in percent."),
    ("posted_at", "datetime", "When it was posted (UTC), if the page says so."),
    ("expires_at", "datetime", "When it ends (UTC), if the page says so."),
    ("buyer_country_text", "string", "What the page says about the buyer's country, verbatim."),
    ("worker_country_text", "string", "What the page says about the workers' countries, verbatim."),
    ("observed_at", "datetime", "When the task was last seen (UTC)."),
    ("source", "string", "live, wayback, commoncrawl, file or import."),
    ("label", "string", "fake_profile, fake_review, fake_link or legitimate; empty: not codable or undecided."),
    ("subtype", "string", "Sub-type of the coding manual, P1 to G10."),
    ("secondary", "array", "Other illicit sub-types asked for in the same task."),
    ("tier", "string", "core or contested, for illicit sub-types."),
    ("codable", "boolean", "Whether the text says enough to be judged; empty: not judged yet."),
    ("uncodable_reason", "string", "Why there is no label."),
    ("confidence", "number", "Calibrated probability of the label, 0 to 1."),
    ("evidence", "array", "The words that decided: field, start, end, text, rule."),
    ("classifier", "string", "name@version of the classifier."),
    ("language", "string", "ISO 639-1, or unknown."),
    ("language_confidence", "number", "0 to 1."),
    ("buyer_countries", "array", "Where the buyer sits: country (ISO 3166-1 alpha-2), relation, basis, field, text."),
    (
        "worker_countries",
        "array",
        "Which workers are wanted: country, relation (allowed, excluded), basis, field, text.",
    ),
    ("worker_scope", "string", "listed, international or unknown."),
    ("worker_regions", "array", "Regions without a defined membership, as named."),
    ("first_seen", "datetime", "When the task was first seen (UTC)."),
    ("sightings", "integer", "How many pages showed the task."),
    ("text_hash", "string", "SHA-256 of the words that were judged; equal texts have equal hashes."),
    ("version", "string", "Version of the judging stages (classifier and geography)."),
)

PLATFORMS = _fields(
    ("platform", "string", "Platform slug."),
    ("n_tasks", "integer", "Distinct tasks of buyers. Offers of sellers are not among them."),
    ("n_codable", "integer", "Tasks with a label: the denominator of the share."),
    ("n_illicit", "integer", "Tasks labelled fake_profile, fake_review or fake_link."),
    ("share", "number", "n_illicit / n_codable: the tool's count, 0 to 1. Below 30 tasks read the interval only."),
    ("share_low", "number", "Lower end of its 95 % Wilson interval (sampling only)."),
    ("share_high", "number", "Upper end of its 95 % Wilson interval (sampling only)."),
    ("share_corrected", "number", "Share corrected by human codes of the same platform; empty without them."),
    ("corrected_low", "number", "Lower end of its 95 % interval (sampling and classifier error)."),
    ("corrected_high", "number", "Upper end of its 95 % interval (sampling and classifier error)."),
    ("n_fake_profile", "integer", "Tasks whose primary label is fake_profile."),
    ("n_fake_review", "integer", "Tasks whose primary label is fake_review."),
    ("n_fake_link", "integer", "Tasks whose primary label is fake_link."),
    ("n_legitimate", "integer", "Tasks labelled legitimate."),
    ("n_uncodable", "integer", "Tasks without a label: not codable, undecided, or not judged yet."),
    ("first_seen", "datetime", "First sighting of a task (UTC)."),
    ("last_seen", "datetime", "Last sighting of a task (UTC)."),
)

FLOWS = _fields(
    ("buyer_country", "string", "ISO 3166-1 alpha-2, unknown, or other (small cells together)."),
    ("worker_country", "string", "ISO 3166-1 alpha-2, a region, international, unknown, or other (small cells)."),
    ("n", "integer", "Tasks with this buyer country that want workers there; a task counts once in each pair."),
)

TABLES: dict[str, tuple[Field, ...]] = {"platforms": PLATFORMS, "tasks": TASKS, "flows": FLOWS}


def task_fields(with_buyer: bool = False) -> tuple[Field, ...]:
    """The columns of the tasks table; the buyer's pseudonym stands before its country text."""
    if not with_buyer:
        return TASKS
    at = [field.name for field in TASKS].index("buyer_country_text")
    return (*TASKS[:at], BUYER, *TASKS[at:])
