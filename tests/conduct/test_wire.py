"""What goes over the wire, and what may come: certificates, ports, headers, bombs, pages that take for ever."""

from __future__ import annotations

import gzip
import os
import ssl
import subprocess
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.conftest import Outcome, Site
from tests.faults.figures import measured
from tests.forking import fork_microaudit
from tests.market import fill, job_list

Crawl = Callable[..., Outcome]
MIB = 1024 * 1024


@pytest.fixture
def tls_site(tmp_path: Path):  # type: ignore[no-untyped-def]
    """A site with a certificate of its own making for `localhost`; the requests it got, its port, its certificate."""
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    requests: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            body = job_list(range(1001, 1003)).encode() if self.path == "/d/jobs/" else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A handshake that the other side broke off."""

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield requests, server.server_port, certificate
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("trusted", [False, True])
def test_a_certificate_must_be_trusted(crawl: Crawl, tls_site, trusted: bool) -> None:  # type: ignore[no-untyped-def]
    requests, port, certificate = tls_site
    environment = {"SSL_CERT_FILE": str(certificate)} if trusted else {}
    crawl("guru", "--base-url", f"https://localhost:{port}", allow="localhost", **environment)
    assert ("/d/jobs/" in requests) is trusted
    assert bool(requests) is trusted


def test_a_certificate_for_another_name_is_refused(crawl: Crawl, tls_site) -> None:  # type: ignore[no-untyped-def]
    requests, port, certificate = tls_site
    done = crawl("guru", "--base-url", f"https://127.0.0.1:{port}", SSL_CERT_FILE=str(certificate))
    assert (done.status, requests) == (7, [])


def test_nothing_listens_during_a_crawl(site: Site, tmp_path: Path) -> None:
    fill(site)
    listening: list[set[str]] = []
    site.watch = lambda stage, _: listening.append(sockets_listening(child)) if stage == "half" else None
    child = fork_microaudit(
        "--db", f"sqlite:///{tmp_path / 's.db'}", "crawl", "guru", "--base-url", site.url, "--allow-host", "127.0.0.1",
        log=tmp_path / "log", first=close_inherited,
    )  # fmt: skip
    os.waitpid(child, 0)
    assert len(listening) > 5
    assert not set().union(*listening)


def close_inherited() -> None:
    """A fork has its parent's open sockets: the test site's own is not the crawl's."""
    os.closerange(3, 4096)


def sockets_listening(process: int) -> set[str]:
    """The inodes of TCP sockets in LISTEN, and of all UDP ones, that the process has open."""
    listening = set()
    for table in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/{process}/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if table.startswith("udp") or columns[3] == "0A":
                listening.add(f"socket:[{columns[9]}]")
    links = set()
    for link in Path(f"/proc/{process}/fd").iterdir():
        try:
            links.add(str(link.readlink()))
        except FileNotFoundError:  # closed meanwhile
            continue
    return links & listening


def test_no_cookie_and_no_credential_is_sent(crawl: Crawl, site: Site) -> None:
    fill(site)
    site.add("/rss/jobs/", "", status=302, Location="/d/jobs/", Set_Cookie="session=secret; Path=/")
    site.add("/d/jobs/", job_list(range(1001, 1003)), Set_Cookie="visitor=1; Path=/")
    assert crawl("guru").status == 0
    for path, headers in site.requests:
        names = {name.lower() for name in headers}
        assert not names & {"cookie", "authorization", "proxy-authorization", "referer"}, (path, headers)
        assert "test@example.org" in headers["User-Agent"]


def bomb(size: int) -> bytes:
    """`size` bytes of blanks in a page, gzipped."""
    return gzip.compress(b"<html>" + b" " * size, 9, mtime=0)


def peak(site: Site, tmp_path: Path, name: str) -> tuple[int, int]:
    """Exit status and peak memory (bytes) of a crawl of the site, in a process of its own."""
    log = tmp_path / name
    child = fork_microaudit(
        "--db", f"sqlite:///{tmp_path / name}.db", "crawl", "guru", "--base-url", site.url,
        "--allow-host", "127.0.0.1", log=log,
    )  # fmt: skip
    _, status, usage = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024


def test_a_gzip_bomb_is_refused_and_costs_little(site: Site, tmp_path: Path) -> None:
    site.add("/rss/jobs/", "", status=302, Location="/d/jobs/")
    site.add("/d/jobs/", job_list(range(1001, 1003)))
    _, base = peak(site, tmp_path, "base")
    packed = bomb(600 * MIB)
    site.add("/d/jobs/", packed, Content_Encoding="gzip")
    status, with_bomb = peak(site, tmp_path, "bomb")
    cost = (with_bomb - base) / MIB
    measured("gzip bomb", f"{len(packed) // 1000} kB to 600 MiB: refused, {max(cost, 0):.0f} MiB over a plain crawl")
    assert status == 6
    assert cost < 150


@pytest.mark.parametrize(("size", "status"), [(7 * MIB, 0), (9 * MIB, 6)])
@pytest.mark.parametrize("packed", [False, True])
def test_bodies_are_capped_at_8_mib(crawl: Crawl, site: Site, size: int, status: int, packed: bool) -> None:
    page = job_list(range(1001, 1003)).encode() + b" " * size
    site.add("/rss/jobs/", "", status=302, Location="/d/jobs/")
    if packed:
        site.add("/d/jobs/", gzip.compress(page, mtime=0), Content_Encoding="gzip")
    else:
        site.add("/d/jobs/", page)
    site.add("/jobs/job-1001/1001", "", status=302, Location="/d/jobs/")
    site.add("/jobs/job-1002/1002", "", status=302, Location="/d/jobs/")
    assert crawl("guru").status == status
