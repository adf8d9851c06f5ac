"""What the data dictionary says is what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from report_market import market
from sqlalchemy import Engine

from reports.dictionary import ID_FORMS, markdown
from reports.figures import figures
from reports.report import Scope, date, read
from reports.rows import snapshot

DOCUMENT = Path(__file__).parents[2] / "docs" / "data-dictionary.md"


def test_the_document_is_the_one_that_the_code_writes() -> None:
    assert DOCUMENT.read_text(encoding="utf-8") == markdown()


def _ids(engine: Engine) -> list[str]:
    scope = Scope(None, None, 10, False, None)
    with snapshot(engine) as connection:
        report = read(connection, scope, date(connection, scope))
    return [figure.id for figure in figures(report.platforms, report.tally, report.min_cell)]


def test_every_id_of_a_report_has_a_described_form_and_every_form_occurs() -> None:
    ids = _ids(market(200))
    forms = {
        form: re.compile(re.sub(r"\b[A-Z][A-Z-]*\b(?:-MM)?", "[^/]+", form) + "(/illicit)?$") for form in ID_FORMS
    }
    plain = {
        form
        for form in forms
        if form.startswith(("buyers", "workers", "flows", "scope", "basis", "targets", "reversals"))
    }
    unseen = set(forms)
    for id in ids:
        shared = id.split("/")[0] in {"buyers", "workers", "flows", "scope", "basis", "targets", "reversals"}
        fitting = [form for form, pattern in forms.items() if pattern.match(id) and (form in plain) == shared]
        assert fitting, id
        unseen -= set(fitting)
    assert unseen <= {
        "P/share/corrected",
        "P/share/listed",
        "reversals/P/P/DEFINITION/DEFINITION",
    }  # no human codes here
