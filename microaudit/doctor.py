"""The self-check: each check says what it found and, where that is not well, the command that mends it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine, func, select, text
from sqlalchemy.engine import make_url

from microaudit.errors import MicroauditError
from microaudit.pseudonyms import key_path, load_key

ENOUGH_DISK = 1024**3  # bytes free: some days of crawls of all platforms
BUILT = datetime(2026, 1, 1, tzinfo=UTC)  # no clock is right that is earlier
SKEW = timedelta(minutes=2)  # between our clock and a server's
EVEN = "sudo timedatectl set-ntp true"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: what was found, the error code and the mending command where it is not well."""

    name: str
    detail: str
    code: str = ""
    mend: str = ""

    @property
    def well(self) -> bool:
        return not self.code


def offline_checks(db: str) -> Iterator[Check]:
    """All checks that need no network; the store is opened, not made."""
    engine, checks = _database(db)
    yield _clock(engine)
    yield _disk(db)
    yield from checks
    yield _key()
    yield _contact()
    yield _samples()


def _clock(engine: Engine | None) -> Check:
    now, newest = datetime.now(UTC), _newest(engine) if engine else None
    if now < BUILT:
        return Check("clock", f"it is {now:%Y-%m-%d} here, before this program was made", "MA0204", EVEN)
    if newest and newest > now + SKEW:
        return Check("clock", f"the store holds a crawl of {newest:%Y-%m-%d %H:%M}, which is to come", "MA0204", EVEN)
    return Check("clock", f"{now:%Y-%m-%d %H:%M} UTC")


def _newest(engine: Engine) -> datetime | None:
    from microaudit.store.models import Crawl

    with engine.connect() as connection:
        newest: datetime | None = connection.scalar(select(func.max(Crawl.started_at)))
        return newest


def clock_by(server: datetime) -> Check:
    """Our clock against that of a server that has just answered."""
    skew = datetime.now(UTC) - server.astimezone(UTC)
    if abs(skew) > SKEW:
        return Check("clock", f"{abs(skew.total_seconds()):.0f} s away from a server's clock", "MA0204", EVEN)
    return Check("clock", f"within {SKEW.seconds} s of a server's clock")


def _disk(db: str) -> Check:
    url = make_url(db)
    in_file = url.get_backend_name() == "sqlite" and url.database
    folder = Path(str(url.database)).resolve().parent if in_file else Path.cwd()
    if not folder.is_dir():
        return Check("disk", f"there is no folder {folder}", "MA0202", f"mkdir -p {folder}")
    free = shutil.disk_usage(folder).free
    if free < ENOUGH_DISK:
        return Check("disk", f"{free / 1024**2:.0f} MiB free in {folder}", "MA1001", f"du -sh {folder}/* | sort -h")
    if not os.access(folder, os.W_OK):
        return Check("disk", f"{folder} may not be written", "MA1001", f"chmod u+w {folder}")
    return Check("disk", f"{free / 1024**3:.1f} GiB free in {folder}")


def _database(db: str) -> tuple[Engine | None, list[Check]]:
    from microaudit.store.engine import head, is_there, open_store

    try:
        engine = open_store(db, create=False)
        with engine.connect() as connection:
            revision = connection.scalar(text("SELECT version_num FROM alembic_version"))
            if engine.dialect.name == "sqlite" and (found := connection.scalar(text("PRAGMA quick_check(1)"))) != "ok":
                mend = f"sqlite3 {engine.url.database} .recover | sqlite3 recovered.db"
                return engine, [Check("database", f"damaged: {found}", "MA0208", mend)]
    except MicroauditError as error:
        missing = error.code == "MA0208" and not is_there(db)
        mend = (
            f"microaudit --db {db} crawl PLATFORM --from SOURCE"
            if missing
            else "microaudit --db sqlite:///new.db doctor"
        )
        return None, [Check("database", error.message, error.code, mend)]
    migrations = Check("migrations", f"at revision {revision}")
    if revision != head():
        detail = f"the store is at revision {revision}, the program at {head()}"
        migrations = Check("migrations", detail, "MA0208", "pip install --upgrade microaudit")
    return engine, [Check("database", engine.url.render_as_string()), migrations]


def _key() -> Check:
    """The key is read, and made where there is none yet, as a crawl would."""
    path = key_path()
    try:
        load_key()
    except MicroauditError as error:
        return Check("pseudonym key", error.message, error.code, f"mv {path} {path}.broken  # or restore your copy")
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & 0o077:
        return Check("pseudonym key", f"{path} can be read by others ({mode:o})", "MA0204", f"chmod 600 {path}")
    return Check("pseudonym key", f"{path}, readable by its owner only")


def _contact() -> Check:
    contact = os.environ.get("MICROAUDIT_CONTACT", "")
    if "@" in contact or contact.startswith(("http://", "https://")):
        return Check("contact address", contact)
    detail = f"{contact!r} is neither an e-mail nor a web address" if contact else "not set; live crawls are refused"
    return Check("contact address", detail, "MA0207", "export MICROAUDIT_CONTACT=you@example.org")


def _samples() -> Check:
    from microaudit.canaries import PAGES, read_otherwise
    from microaudit.spiders import slugs

    fallen = read_otherwise(slugs())
    if fallen:
        detail = f"{len(fallen)} shipped pages are read otherwise, the first: {fallen[0]}"
        return Check("sample pages", detail, "MA0401", "pip install --force-reinstall microaudit")
    return Check("sample pages", f"all of {len(list(PAGES.glob('*/index.csv')))} platforms are read as they should be")


def online_checks() -> Iterator[Check]:
    """Whether the robots.txt of each platform that is crawled live can be read, and what time it is elsewhere."""
    from microaudit.asking import ask_robots
    from microaudit.plan import origins
    from microaudit.spiders import platforms

    sites = {slug: origins(spider()) for slug, spider in platforms().items() if spider.live}
    answers = ask_robots(site for found in sites.values() for site in found)
    clocks = [answer.server_clock for answer in answers.values() if answer.server_clock]
    if clocks:
        yield clock_by(max(clocks))
    for slug, found in sites.items():
        for verdict in (answers[site].verdict for site in found):
            words = f"{verdict.origin}: {verdict.state}, {verdict.detail}"
            if verdict.state == "unreadable":
                yield Check(f"robots of {slug}", words, "MA0601", f"microaudit plan {slug}")
            else:
                yield Check(f"robots of {slug}", words)
