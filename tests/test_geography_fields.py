"""Raw country fields of platforms, worker fields and zones, and the groupings for reports."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from microaudit.items import Task
from pipelines.geography import locate, normalise_country
from pipelines.geography.groupings import income_group, north_south, op_ed_lists, region_of, source_of

DATA = Path(__file__).parents[1] / "pipelines" / "geography" / "data"
RAW = {
    "USA": "US", "usa": "US", "U.S.A.": "US", "UniTed StaTes": "US", "GBR": "GB", "uk": "GB", "Scotland": "GB",
    "CHN": "CN", "Deutschland": "DE", "Россия": "RU", "РФ": "RU", "Korea, Republic of": "KR", "Korea, Rep.": "KR",
    "Korea, Democratic People's Republic of": "KP", "Taiwan, Province of China": "TW", "Viet Nam": "VN",
    "Iran, Islamic Republic of": "IR", "Tanzania, United Republic of": "TZ", "Moldova, Republic of": "MD",
    "Venezuela, RB": "VE", "Congo": "CG", "Congo, The Democratic Republic of the": "CD", "Côte d'Ivoire": "CI",
    "Cote D'Ivoire": "CI", "Virgin Islands, British": "VG", "Virgin Islands, U.S.": "VI", "Türkiye": "TR",
    "TURKEY": "TR", "Holland": "NL", "Burma": "MM", "Swaziland": "SZ", "Hong Kong": "HK", "🇺🇸": "US", "🇬🇧 UK": "GB",
    "مصر": "EG", "भारत": "IN", "বাংলাদেশ": "BD", "日本": "JP", "대한민국": "KR", "Česká republika": "CZ", "Kosovo": "XK",
    "Phillipines": "PH", "Pakisthan": "PK", "Banglades": "BD", "London, United Kingdom": "GB", "Lagos, Nigeria": "NG",
    "Country: Germany": "DE", "Georgia": "GE", "Jordan": "JO", "Myanmar (Burma)": "MM", "Bahamas, The": "BS",
}  # fmt: skip
NO_COUNTRY = [
    "",
    " ",
    "Unknown",
    "N/A",
    "International",
    "Worldwide",
    "Europe",
    "European Union",
    "-",
    "none",
    "Other",
]


@pytest.mark.parametrize(("raw", "code"), RAW.items())
def test_raw_country_fields(raw: str, code: str) -> None:
    assert normalise_country(raw) == code


@pytest.mark.parametrize("raw", NO_COUNTRY)
def test_no_country_is_none(raw: str) -> None:
    assert normalise_country(raw) is None


def test_names_in_all_languages_and_codes_in_any_case() -> None:
    with (DATA / "names.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    wrong = []
    for row in rows:
        code, alpha3, *names = row.values()
        # "Nga" is Russia in Vietnamese and Nigeria's code.
        wrong += [
            (n, code) for n in (*names, code.lower(), alpha3.title()) if n != "Nga" and normalise_country(n) != code
        ]
    assert len(rows) == 250
    assert wrong == []


FIELDS = {
    "International - All Countries accepted": ("international", "", "", ""),
    "Only USA - CANADA - UK - AU - Countries accepted": ("listed", "AU CA GB US", "", ""),
    "INT  International": ("international", "", "", ""),
    "A  BD BT ID LK MY NP": ("listed", "BD BT ID LK MY NP", "", ""),
    "A BD BT ID LK MY NP": ("listed", "BD BT ID LK MY NP", "", ""),
    "Worldwide": ("international", "", "", ""),
    "ALL": ("international", "", "", ""),
    "GB": ("listed", "GB", "", ""),
    "uk": ("listed", "GB", "", ""),
    "us, uk, ca": ("listed", "CA GB US", "", ""),
    "Location is US": ("listed", "US", "", ""),
    "Location is one of: US, CA, GB": ("listed", "CA GB US", "", ""),
    "Location is not IN, PK": ("international", "", "IN PK", ""),
    "US-CA, US-NY": ("listed", "US", "", ""),
    "Only freelancers located in the U.S. may apply.": ("listed", "US", "", ""),
    "int excluded: bd, pk": ("international", "", "BD PK", ""),
    "International (excluded: bd, pk, eg)": ("international", "", "BD EG PK", ""),
    "International except US, UK": ("international", "", "GB US", ""),
    "International -bd -pk": ("international", "", "BD PK", ""),
    "USA, Korea, Republic of, Viet Nam": ("listed", "KR US VN", "", ""),
    "Philippines + India": ("listed", "IN PH", "", ""),
    "europe1": ("listed", "", "", "europe1"),
    "asia1, caribbean1": ("listed", "", "", "asia1 caribbean1"),
    "europe1 excluded: fr, de": ("listed", "", "DE FR", "europe1"),
    "Latin America": ("listed", "", "", "Latin America"),
    "DACH": ("listed", "AT CH DE", "", ""),
    "北京": ("listed", "CN", "", ""),
    "全国": ("unknown", "", "", "全国"),
    "🇮🇳 🇵🇰": ("listed", "IN PK", "", ""),
    "": ("unknown", "", "", ""),
    "any of these countries: Kenya, Ghana": ("listed", "GH KE", "", ""),
    "You can accept this job if you are from: Nepal, India": ("listed", "IN NP", "", ""),
}


@pytest.mark.parametrize(("field", "expected"), FIELDS.items())
def test_worker_fields(field: str, expected: tuple[str, str, str, str]) -> None:
    [geography] = locate([Task(worker_country_text=field)])
    places = geography.worker_countries
    allowed = sorted(place.country for place in places if place.relation == "allowed")
    excluded = sorted(place.country for place in places if place.relation == "excluded")
    regions = "|".join(geography.worker_regions)
    assert (geography.worker_scope, " ".join(allowed), " ".join(excluded), regions.replace("|", " ")) == expected
    assert all((p.basis, p.field, p.text) == ("declared", "worker_country_text", field) for p in places)


def test_every_country_has_a_region_and_a_side() -> None:
    with (DATA / "names.csv").open(encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert all(region_of(code) and north_south(code) for code in codes)
    assert region_of("KE") == ("Africa", "Eastern Africa")
    assert region_of("ZZ") is None and north_south("ZZ") is None
    assert (north_south("JP"), north_south("BR")) == ("North", "South")


def test_income_groups_are_disjoint_and_name_their_edition() -> None:
    assert (income_group("MG"), income_group("BD")) == ("Low income", "Lower middle income")
    assert (income_group("ID"), income_group("US")) == ("Upper middle income", "High income")
    assert income_group("VE") is None
    assert source_of("income")["date"] == "2025-07-01"


def test_the_op_ed_lists_are_a_named_comparison() -> None:
    lists = op_ed_lists()
    assert lists["buyers"] == ("US", "CA", "GB", "FR", "ES")
    assert lists["producers"] == ("BD", "PK", "NP", "ID", "LK", "IN", "KE", "MG")
    assert "hypothesis" in source_of("op_ed")["source"]
