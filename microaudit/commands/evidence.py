"""The command that leads from a task back to the page: why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer

from microaudit.errors import MicroauditError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from microaudit.tracing import Trace


# Goes before the page when it is shown: its encoding, and that it runs nothing and loads nothing.
STILL = (
    '<meta charset="{}"><meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n"
)


def why(
    context: typer.Context,
    identity: Annotated[str, typer.Argument(metavar="ID", help="A task, written platform:id, or the id of a figure.")],
    show: Annotated[bool, typer.Option("--open", help="Open the page as it was in a browser.")] = False,
) -> None:
    """Lead from a figure to its tasks, and from a task to its words, its page and the record that keeps it."""
    from microaudit.evidence import folder_of
    from microaudit.store.engine import open_store
    from microaudit.tracing import trace

    engine = open_store(context.obj.db, create=False)
    if ":" not in identity:
        _print_figure(context, engine, identity)
        return
    found = trace(engine, identity)
    folder = folder_of(engine)
    for page in found.pages:
        page["warc_file"] = str(folder / page["warc_file"]) if folder and page["warc_file"] else page["warc_file"]
    fields: dict[str, Any] = {"id": identity, "task": found.task, "text": found.text, "judgement": found.judgement}
    if show:
        fields["opened"] = str(_opened(engine, found))
    words = _words(identity, found) + (f"\nopened     {fields['opened']}" if show else "")
    context.obj.console.event("why", words, **fields, pages=found.pages)


def _print_figure(context: typer.Context, engine: Engine, identity: str) -> None:
    import json

    from reports import why as behind_figure

    found = behind_figure(engine, identity)
    context.obj.console.event("why", json.dumps(found, ensure_ascii=False, indent=1, default=str), **found)


def _words(identity: str, found: Trace) -> str:
    task, verdict = found.task, found.judgement
    lines = [f"task       {identity}  {task['url']}"]
    lines.append(f"seen       {task['first_seen']} to {task['last_seen']}, {task['sightings']} times")
    lines += [f"{name:<10} {value}" for name, value in found.text.items() if value]
    if verdict is None:
        lines.append("verdict    not judged yet")
    else:
        label = verdict["label"] or f"none ({verdict['uncodable_reason']})"
        subtype = f" {verdict['subtype']}" if verdict["subtype"] else ""
        lines.append(
            f"verdict    {label}{subtype}, confidence {verdict['confidence']:.2f}, by {verdict['classifier']}"
        )
        lines += [f"word       {it['text']!r} in {it['field']} (rule {it['rule']})" for it in verdict["evidence"]]
    for page in found.pages:
        lines.append(f"page       {page['observed_at']}  {page['url']}  sha256 {page['sha256']}")
        if page["warc_file"]:
            lines.append(f"record     {page['warc_file']} at {page['warc_offset']}  sha256 {page['evidence_sha256']}")
        else:
            lines.append("record     none kept")
    return "\n".join(lines)


def _opened(engine: Engine, found: Trace) -> Path:
    """The newest page that is kept, checked against its hash, in a temporary file; opened where there is a browser."""
    import contextlib
    import hashlib
    import mimetypes
    import tempfile
    import webbrowser

    from microaudit.evidence import read_evidence

    kept = [page for page in found.pages if page["warc_file"]]
    if not kept:
        raise MicroauditError("MA0202", f"no page of {found.task['platform']}:{found.task['task_id']} is kept")
    page = kept[-1]
    path = Path(page["warc_file"])
    capture = read_evidence(path.parent, path.name, page["warc_offset"])
    if hashlib.sha256(capture.body).hexdigest() != page["evidence_sha256"]:
        raise MicroauditError(
            "MA1101", f"the record in {path} at {page['warc_offset']} is not the one that was written"
        )
    kind = capture.headers.get("Content-Type", "text/html").partition(";")[0].strip()
    suffix = ".txt" if "html" not in kind and "/" not in kind else mimetypes.guess_extension(kind) or ".txt"
    charset = capture.headers.get("Content-Type", "").lower().partition("charset=")[2].strip("\"' ") or "utf-8"
    with tempfile.NamedTemporaryFile(prefix="microaudit-", suffix=suffix, delete=False) as file:
        file.write((STILL.format(quote(charset)).encode() if "html" in kind else b"") + capture.body)
    with contextlib.suppress(webbrowser.Error):  # without a browser, the path is what is printed
        webbrowser.get().open(Path(file.name).as_uri())
    return Path(file.name)


COMMANDS = {"why": why}
