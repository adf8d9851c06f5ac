"""The same sample for Label Studio: its import file, its labelling configuration, and its export read back.

The export that is read is the one named JSON: a list of tasks with their annotations.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from microaudit.coding.sheets import CODES, Row, choices, instructions
from microaudit.coding.texts import TEXTS
from microaudit.errors import MicroauditError
from microaudit.taxonomy import LABELS, subtypes

ID = "item"  # Label Studio numbers its tasks in a field of its own named id


def write(path: Path, rows: Sequence[Mapping[str, str]]) -> Path:
    """Write the import file, and beside it the configuration (.xml); the path of the latter."""
    tasks = [{"data": {ID: row["id"], "coder": row["coder"], **{name: row[name] for name in TEXTS}}} for row in rows]
    path.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    beside = path.with_suffix(".xml")
    beside.write_text(configuration(), encoding="utf-8")
    return beside


def configuration() -> str:
    """The labelling configuration: the texts, and one control for each column of codes."""
    view = ElementTree.Element("View")
    ElementTree.SubElement(view, "Header", value="Code each listing on its words alone. Visit nothing it names.")
    for name in TEXTS:
        ElementTree.SubElement(view, "Header", value=name.capitalize(), size="4")
        ElementTree.SubElement(view, "Text", name=name, value=f"${name}")
    allowed = choices()
    _control(view, "codable", allowed["codable"], required="true")
    _control(view, "uncodable_reason", allowed["uncodable_reason"], shown_for=("codable", "false"))
    _control(view, "label", allowed["label"], shown_for=("codable", "true"))
    for label in LABELS:
        codes = [kind.code for kind in subtypes().values() if kind.label == label]
        _control(view, f"subtype_{label}", codes, shown_for=("label", label))
    _control(view, "confidence", allowed["confidence"])
    _control(view, "concern", allowed["concern"])
    ElementTree.SubElement(view, "TextArea", name="note", toName="title", placeholder="note", maxSubmissions="1")
    manual = ElementTree.SubElement(ElementTree.SubElement(view, "Collapse"), "Panel", value="Coding manual")
    for line in filter(None, instructions()):
        ElementTree.SubElement(manual, "Header", value=line.strip().replace("$", "USD "), size="5")
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _control(
    view: ElementTree.Element, name: str, allowed: Sequence[str], *, required: str = "false",
    shown_for: tuple[str, str] | None = None,
) -> None:  # fmt: skip
    box = ElementTree.SubElement(view, "View")
    if shown_for:
        box.attrib |= {"visibleWhen": "choice-selected", "whenTagName": shown_for[0], "whenChoiceValue": shown_for[1]}
    ElementTree.SubElement(box, "Header", value=name.replace("_", " "), size="5")
    control = ElementTree.SubElement(
        box, "Choices", name=name, toName="title", choice="single", required=required, showInline="true"
    )
    names = subtypes()
    for choice in allowed:
        hint = {"hint": f"{names[choice].name}: {names[choice].definition}"} if choice in names else {}
        ElementTree.SubElement(control, "Choice", {"value": choice, **hint})


def read(path: Path) -> list[tuple[int, Row]]:
    """(number of the task in the file, cells) of an export; one row an annotation."""
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise MicroauditError("MA0203", f"{path}: not JSON: {error}") from error
    if not isinstance(tasks, list):
        raise MicroauditError("MA0203", f"{path}: not a list of tasks, as Label Studio exports them")
    rows = []
    for number, task in enumerate(tasks, start=1):
        try:
            data = task["data"]
            given = [each for each in task.get("annotations") or [] if not each.get("was_cancelled")]
            rows += [(number, _row(data, each)) for each in given or [{}]]
        except (KeyError, TypeError, AttributeError) as error:
            raise MicroauditError(
                "MA0203", f"{path}, task {number}: not a task of Label Studio ({error!r})"
            ) from error
    return rows


def _row(data: Mapping[str, Any], annotation: Mapping[str, Any]) -> Row:
    row = dict.fromkeys(CODES, "") | {"id": str(data[ID]), **{name: str(data[name]) for name in TEXTS}}
    by = annotation.get("completed_by")
    row["coder"] = str(data.get("coder") or (by.get("email") if isinstance(by, Mapping) else by) or "")
    for result in annotation.get("result") or []:
        value = result["value"]
        name = "subtype" if result["from_name"].startswith("subtype_") else result["from_name"]
        if name in CODES:
            row[name] = ", ".join(map(str, value.get("choices") or value.get("text") or []))
    return row
