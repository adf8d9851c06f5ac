"""Canaries stand on the tool as it is, and fall when it changes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from microaudit.canaries import PAGES, judged_otherwise, listings, read_otherwise
from microaudit.spiders import slugs
from microaudit.taxonomy import LABELS


def test_known_listings_are_judged_as_their_labels_say() -> None:
    assert judged_otherwise() == []
    assert {row["label"] for row in listings()} == set(LABELS)


def test_known_pages_are_read_as_they_were() -> None:
    assert read_otherwise(slugs()) == []


def test_a_listing_judged_otherwise_is_named() -> None:
    row = listings()[0]
    assert judged_otherwise([{**row, "label": "legitimate"}]) == [
        f"the known listing {row['title']!r} is judged fake_profile, not legitimate"
    ]


def test_a_page_read_otherwise_is_named(tmp_path: Path) -> None:
    shutil.copytree(PAGES / "kwork", tmp_path / "kwork")
    expected = tmp_path / "kwork" / "expected" / "00.json"
    content = json.loads(expected.read_text(encoding="utf-8"))
    content["tasks"][0]["title"] += " and more"
    expected.write_text(json.dumps(content), encoding="utf-8")
    (line,) = read_otherwise(["kwork", "not-shipped"], tmp_path)
    assert "of kwork is no longer read as it was" in line
