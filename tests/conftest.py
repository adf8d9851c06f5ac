"""What several test modules share: the command line, a site on loopback, a store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session", autouse=True)
def _own_key(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A pseudonym key of the test run's own: no test touches the user's."""
    os.environ["MICROAUDIT_KEY_FILE"] = str(tmp_path_factory.mktemp("key") / "key")
    for name in ("MICROAUDIT_DB", "MICROAUDIT_CONTACT", "MICROAUDIT_DOWNLOAD_DELAY"):
        os.environ.pop(name, None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests that look at one audit of the sample pages share a worker, so that it is made once."""
    for item in items:
        if "sample" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group("sample"))


@dataclass(frozen=True)
class Outcome:
    """What a command did: its exit status and what it printed."""

    status: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, object]]:
        """The lines of `--json` output."""
        return [json.loads(line) for line in self.out.splitlines()]


def run_microaudit(
    *arguments: str | Path, cwd: Path | None = None, stdin: str | bytes = "", **environment: str
) -> Outcome:
    """Run the command line in a process of its own, as a user would."""
    done = subprocess.run(
        [sys.executable, "-m", "microaudit", *map(str, arguments)],
        cwd=cwd,
        input=stdin.encode() if isinstance(stdin, str) else stdin,
        capture_output=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        timeout=200,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="session")
def microaudit() -> Callable[..., Outcome]:
    return run_microaudit


@dataclass
class Site:
    """A web site on loopback: answers by path, and the requests it got, in order."""

    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    url: str = ""
    watch: Callable[[str, str], None] | None = None  # told of each request as it is `asked`, `half` and `answered`

    def add(self, path: str, body: str | bytes, status: int = 200, **headers: str) -> None:
        """Answer a path (with its query) with a body; header names are written with _ for -."""
        named = {"Content-Type": "text/html; charset=utf-8"} | {k.replace("_", "-"): v for k, v in headers.items()}
        self.answers[path] = status, named, body.encode() if isinstance(body, str) else body


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append((self.path, dict(self.headers)))
            self.tell("asked")
            status, headers, body = site.answers.get(self.path, (404, {"Content-Type": "text/html"}, b"nothing here"))
            self.send_response(status)
            for name, value in (headers | {"Content-Length": str(len(body))}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body[: len(body) // 2])
            self.tell("half")
            self.wfile.write(body[len(body) // 2 :])
            self.tell("answered")

        def tell(self, stage: str) -> None:
            if site.watch:
                site.watch(stage, self.path)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
