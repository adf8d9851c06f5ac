"""The encoding that a page is in, where the server's word and the bytes disagree."""

from __future__ import annotations

import codecs

from scrapy.http import TextResponse


def rightly_decoded(response: TextResponse, legacy: str) -> TextResponse:
    """The response, decoded as its bytes prove.

    Bytes that are valid UTF-8 beyond ASCII are UTF-8, whatever was declared: other text practically never is.
    A page that was declared to be UTF-8 and is not for the most part is in `legacy`, the encoding that sites of
    its language used before. Everything else stays as declared.
    """
    declared = codecs.lookup(response.encoding).name
    if declared != "utf-8":
        wide = declared.startswith(("utf-16", "utf-32"))
        return response if wide or response.body.isascii() or not _is_utf8(response.body) else _as(response, "utf-8")
    broken = response.text.count("\ufffd")
    mostly = broken and broken * 2 > sum(character > "\x7f" for character in response.text)
    return _as(response, legacy) if mostly else response


def _is_utf8(body: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(body)  # not final: a page may be cut off within a character
    except UnicodeDecodeError:
        return False
    return True


def _as(response: TextResponse, encoding: str) -> TextResponse:
    return response.replace(encoding=encoding)
