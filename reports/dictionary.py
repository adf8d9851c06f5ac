"""docs/data-dictionary.md, written from the columns that the tables are made of.

`python -m reports.dictionary > docs/data-dictionary.md` renews it; a test keeps the two equal.
"""

from __future__ import annotations

import sys

from reports.fields import BUYER, FLOWS, PLATFORMS, TASKS, Field
from reports.figures import ID_FORMS

HEAD = """# Data dictionary

Made from the code by `python -m reports.dictionary > docs/data-dictionary.md`. Do not edit by hand.

Types are those of the Frictionless Table Schema. `decimal` is an exact number, written as text in JSON
lines and Parquet. Times are ISO 8601 in UTC. An empty cell (null in JSON) means unknown. Lists are JSON
arrays, in CSV and XLSX as text.
"""
TABLES = (
    ("platforms.csv", "One row a platform. `n_tasks` = `n_codable` + `n_uncodable`.", PLATFORMS),
    ("flows.csv", "One row a pair of buyer country and worker country, most tasks first.", FLOWS),
    ("tasks.csv, tasks.jsonl", "One row a task, with its judgement, by platform and id.", TASKS),
)
COLUMNS = "| column | type | meaning |\n|---|---|---|\n"
FIGURES = """
## report.json

`id` (names the report: SHA-256 over its date and figures), `title`, `as_of`, `sample` (true: the pages that the
package ships, no data), `notices`, `settings`, `platforms` (the rows of platforms.csv), `given` (what does not come
from the published rows: sums over buyers, human codes, the run ledger) and `figures`. Each figure has `id`, `text`,
`value`, `unit`, `n` (denominator), `numerator`, `low` and `high` (95 % interval), `method`, and `where`: the rows of
the tasks table that it counts. In `where` a list means any of its values.

| id | number |
|---|---|
"""


def markdown() -> str:
    """The whole document."""
    parts = [HEAD]
    for name, about, fields in TABLES:
        parts.append(f"\n## {name}\n\n{about}\n\n{COLUMNS}")
        parts += [_row(field) for field in fields]
    parts.append(f"\nOnly if asked for, before `buyer_country_text`:\n\n{COLUMNS}{_row(BUYER)}")
    parts.append(FIGURES)
    parts += [f"| `{form}` | {text} |\n" for form, text in ID_FORMS.items()]
    return "".join(parts)


def _row(field: Field) -> str:
    return f"| `{field.name}` | {field.type} | {field.description} |\n"


if __name__ == "__main__":
    sys.stdout.write(markdown())
