"""docs/data-dictionary.md, written from the columns that the tables are made of.

`python -m reports.dictionary > docs/data-dictionary.md` renews it; a test keeps the two equal.
"""

from __future__ import annotations

import sys

from reports.fields import BUYER, FLOWS, PLATFORMS, TASKS, Field

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

# Every form that an id takes, and what the number is; P stands for a platform's slug.
ID_FORMS = {
    "P/tasks": "distinct tasks of buyers",
    "P/codable": "tasks with a label",
    "P/illicit": "tasks with one of the three illicit labels",
    "P/offers": "offers of sellers",
    "P/share": "illicit tasks over tasks with a label, Wilson interval",
    "P/share/strict": "the same with core sub-types only",
    "P/share/texts": "the same over distinct texts",
    "P/share/positions": "share of open positions",
    "P/share/money": "share of pay on offer: reward times open positions, or the reward of a project",
    "P/share/clustered": "the share, interval clustered by buyer",
    "P/share/jeffreys": "the share, Jeffreys interval",
    "P/share/bounds": "low and high: the share if all tasks without a label were legitimate, or illicit",
    "P/share/broad": "the same if every undecided task were illicit",
    "P/share/corrected": "the share corrected by human codes",
    "P/share/listed": "the corrected share of the tasks seen, without inference to others",
    "P/mark": "CALIBRATED, POOLED or UNCALIBRATED: whether the tool's errors are known on this platform",
    "P/label/LABEL": "tasks with this primary label, as a share",
    "P/any/LABEL": "tasks with this label, primary or secondary, as a share",
    "P/without-label/STATE": "tasks not codable, undecided (abstained) or not judged yet",
    "P/uncodable/REASON": "tasks not codable for this reason",
    "P/subtype/CODE": "tasks of this sub-type",
    "P/targets/SERVICE": "illicit tasks that name the service",
    "P/month/YYYY-MM": "the share in one month of posting",
    "P/pay/CURRENCY/UNIT/VERDICT/QUARTILE": "q1, median or q3 of the pay shown: the smallest value that covers it",
    "P/language/LANGUAGE/VERDICT": "judged tasks in a language",
    "reversals/P/P/DEFINITION/DEFINITION": "the first leads the second by one definition and trails it by the other",
    "buyers/COUNTRY": "tasks of all platforms whose buyer sits there; with /illicit the illicit ones",
    "workers/COUNTRY": "tasks of all platforms that want workers there; with /illicit the illicit ones",
    "flows/BUYER/WORKER": "tasks of all platforms with this pair; with /illicit the illicit ones",
    "scope/SCOPE": "tasks of all platforms that list countries, take workers from anywhere, or do not say",
    "basis/SIDE/BASIS": "tasks whose buyer or worker country rests on this basis",
    "targets/SERVICE": "illicit tasks of all platforms that name the service",
}


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
