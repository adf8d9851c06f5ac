"""The identity that an address carries, and the shape that the addresses of one list share."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, urlsplit

ID_NAMES = (
    "id", "jobid", "job_id", "taskid", "task_id", "campaignid", "campaign_id", "campaign", "cid", "jid", "tid", "job",
    "task", "hit", "hid", "mid", "aid", "idjob", "id_job", "id_task", "idtask", "id_campaign", "job_no", "jobno",
    "tarea", "mission", "tache", "tarefa", "aufgabe", "auftrag", "compito", "lavoro", "num", "no", "nr", "n", "ref",
    "code", "key", "uid", "uuid", "hash", "j", "t", "k", "c", "x", "v", "view", "show", "details", "detail", "open",
    "do",
)  # fmt: skip
_NEVER = {
    "page",
    "p",
    "sort",
    "cat",
    "category",
    "lang",
    "order",
    "start",
    "offset",
    "sid",
    "phpsessid",
    "session",
    "action",
    "filter",
}
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_WHOLE = re.compile(rf"(?:[a-z]{{1,12}}[_-]?)??({_UUID}|\d+|(?=[0-9a-f]*\d)[0-9a-f]{{5,40}})", re.IGNORECASE)
_ENDING = re.compile(rf".*[-_.,]({_UUID}|\d+|(?=[0-9a-f]*\d)[0-9a-f]{{6,40}})", re.IGNORECASE | re.DOTALL)
_OPENING = re.compile(r"(\d+)[-_.,].*", re.DOTALL)
_BASE64 = re.compile(r"(?=[^=]*[A-Z])(?=[^=]*[a-z0-9])[A-Za-z0-9_-]{3,60}={0,2}")
_EXTENSION = re.compile(r"\.(?:php\d?|html?|aspx?|jsp|cgi|do)$", re.IGNORECASE)


class Identity(NamedTuple):
    """`id` as the address carries it; `shape` is the address with a star in its place."""

    id: str
    shape: str


def identity(address: str) -> Identity | None:
    """What tells the address from others of its list; None where nothing does.

    Judged by the address alone, so that a list and the page of the task find the same.
    """
    if (
        len(address) > 500
        or address.lstrip()[:1] in ("#", "")
        or address.lower().lstrip().startswith(("javascript:", "mailto:"))
    ):
        return None
    try:
        parts = urlsplit(address.strip())
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:  # no address at all, as in href="http://["
        return None
    path = parts.path
    for wanted in ID_NAMES:
        for name, value in query:
            if (
                name.lower() == wanted
                and value
                and not (wanted in ("do", "action", "view", "show", "open") and value.isalpha())
            ):
                return Identity(value, _shape(path, query, name))
    for name, value in query:
        if name.lower() not in _NEVER and value and _looks_like_id(value):
            return Identity(value, _shape(path, query, name))
    return _in_path(path, query)


def _looks_like_id(value: str) -> bool:
    return bool(_WHOLE.fullmatch(value) or _ENDING.fullmatch(value))


def _in_path(path: str, query: list[tuple[str, str]]) -> Identity | None:
    segments = [segment for segment in path.split("/") if segment]
    for at in (-1, -2):
        if len(segments) < -at:
            break
        segment = _EXTENSION.sub("", segments[at])
        found = _WHOLE.fullmatch(segment) or _ENDING.fullmatch(segment) or _OPENING.fullmatch(segment)
        if found:
            words = (
                re.match(r"[a-z]{1,12}", segment, re.IGNORECASE) if at == -1 and _WHOLE.fullmatch(segment) else None
            )
            stars = [
                *segments[:at],
                f"{words[0] if words and words[0] != found[1] else ''}*",
                *(["*"] if at == -2 else []),
            ]
            return Identity(found[1], _shape("/".join(stars), query, ""))
    if len(segments) > 1:
        last = _EXTENSION.sub("", segments[-1])
        if _BASE64.fullmatch(segments[-1]) or (last.count("-") + last.count("_") >= 1 and not query):
            return Identity(
                segments[-1] if last == segments[-1] else last, _shape("/".join([*segments[:-1], "*"]), query, "")
            )
    return None


def _shape(path: str, query: list[tuple[str, str]], star: str) -> str:
    fixed = sorted(
        f"{name}={value if len(value) < 20 and value.isalpha() and name != star else '*'}" for name, value in query
    )
    return path.lstrip("./") + "?" + "&".join(fixed)
