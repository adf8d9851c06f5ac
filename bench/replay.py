"""How fast captures come through a web archive of one's own, and whether memory stays flat.

    python bench/replay.py [CAPTURES]

Writes a WARC of so many captures of a ShortTask list (10,000 unless told), serves it with pywb on loopback, crawls
it in a process of its own, and prints pages a second and the crawl's memory after a quarter and at the end.
"""

from __future__ import annotations

import io
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

ROOT = Path(__file__).resolve().parents[1]
LIST = ROOT / "microaudit" / "sample" / "shorttask" / "2012-02-14-tasks-1.html"
BEGIN = datetime(2010, 1, 1, tzinfo=UTC)


def write_captures(path: Path, captures: int) -> None:
    """Captures four hours apart; every ten of them show tasks of their own."""
    page = LIST.read_bytes()
    headers = [("Content-Type", "text/html; charset=utf-8")]
    with path.open("wb") as stream:
        writer = WARCWriter(stream, gzip=True)
        for number in range(captures):
            body = re.sub(rb"\b(48\d{3})\b", lambda found, tens=number // 10: b"%d%s" % (tens + 1, found[1]), page)
            http = StatusAndHeaders("200 OK", headers, protocol="HTTP/1.1")
            at = (BEGIN + timedelta(hours=4 * number)).strftime("%Y-%m-%dT%H:%M:%SZ")
            url, about = "http://www.shorttask.com/tasks.php", {"WARC-Date": at}
            payload = io.BytesIO(body + b"<!-- %d -->" % number)
            writer.write_record(
                writer.create_warc_record(url, "response", payload, http_headers=http, warc_headers_dict=about)
            )


def serve(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """pywb on a free port over the WARC in the folder."""
    programs = Path(sys.executable).parent
    for arguments in (("init", "coll"), ("add", "coll", "captures.warc.gz")):
        subprocess.run([programs / "wb-manager", *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S603
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(  # noqa: S603 - our own arguments
        [programs / "wayback", "-b", "127.0.0.1", "-p", str(port)],
        cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}/coll"
    while True:
        try:
            urlopen(f"{url}/cdx?url=example.org", timeout=10).close()  # noqa: S310 - loopback
            return server, url
        except OSError:
            time.sleep(0.2)


def resident(pid: int) -> int:
    """Megabytes of memory that a process holds; 0 when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return 0
    found = re.search(r"VmRSS:\s+(\d+)", status)
    return int(found[1]) // 1024 if found else 0


def main(captures: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_captures(folder / "captures.warc.gz", captures)
        server, url = serve(folder)
        environment = os.environ | {
            "MICROAUDIT_WAYBACK_CDX_URL": f"{url}/cdx", "MICROAUDIT_WAYBACK_REPLAY_URL": url,
            "MICROAUDIT_DOWNLOAD_DELAY": "0", "MICROAUDIT_KEY_FILE": str(folder / "key"), "PYTHONPATH": str(ROOT),
        }  # fmt: skip
        command = [
            sys.executable, "-m", "microaudit", "--db", f"sqlite:///{folder / 'bench.db'}", "crawl", "shorttask",
            "--from", "wayback", "--allow-host", "127.0.0.1",
        ]  # fmt: skip
        begin = time.monotonic()
        crawl = subprocess.Popen(command, env=environment)  # noqa: S603 - our own arguments
        memory: list[int] = []
        while crawl.poll() is None:
            memory.append(resident(crawl.pid))
            time.sleep(0.5)
        seconds = time.monotonic() - begin
        used = os.times()
        server.terminate()
    memory = [megabytes for megabytes in memory if megabytes]
    quarter, last = memory[len(memory) // 4], memory[-1]
    sys.stdout.write(
        f"{captures} captures in {seconds:.1f} s: {captures / seconds:.1f} pages/s with start-up; "
        f"CPU of the crawl and set-up {used.children_user + used.children_system:.1f} s; "
        f"memory {quarter} MB after a quarter, {last} MB at the end\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
