"""Names, e-mail addresses and phone numbers out of the bytes of a page, before they reach a disk."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Collection, Iterable, Mapping
from urllib.parse import quote, quote_plus

EMAIL = re.compile(rb"[A-Za-z0-9._%+-]{1,64}(?:@|%40|&#0*64;|&commat;)[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
# A number with a country's prefix, after `tel:`, or grouped as numbers are: bare digits may be a task's id.
PHONE = re.compile(
    rb"(?<=tel:)[+0-9()./ -]{6,30}"
    rb"|(?<![\w/=.-])(?:\+|00)[1-9][0-9]{0,3}(?:[ .()/-]{0,2}[0-9]{2,4}){2,6}(?![\w=])"
    rb"|(?<![\w/=.-])\(?[0-9]{3}\)?[ .-][0-9]{3}[ .-][0-9]{4}(?![\w=.-])"
)
MASK = b"[removed]"


def redact(body: bytes, names: Mapping[str, str], encoding: str = "utf-8") -> bytes:
    """The page with every clear name replaced by its pseudonym, and e-mail addresses and phone numbers masked.

    `names` maps clear names to pseudonyms. A name is found in the page's encoding and as HTML, JSON and addresses
    escape it, in any case of its letters, where it stands as a word of its own; names of elements and attributes
    are left alone.
    """
    spellings = {
        spelling.lower(): shown.encode() for name, shown in names.items() for spelling in _spellings(name, encoding)
    }
    if spellings:
        body = _any_of(spellings).sub(lambda found: spellings[found[0].lower()], body)
    return PHONE.sub(MASK, EMAIL.sub(MASK, body))


def naming(names: Iterable[str], encoding: str = "utf-8") -> re.Pattern[bytes]:
    """Finds the names in a page as `redact` does."""
    return _any_of({spelling for name in names for spelling in _spellings(name, encoding)})


def _any_of(spellings: Collection[bytes]) -> re.Pattern[bytes]:
    longest_first = b"|".join(re.escape(spelling) for spelling in sorted(spellings, key=lambda it: (-len(it), it)))
    return re.compile(rb"(?<![A-Za-z0-9_<])(?<!</)(?:" + longest_first + rb")(?![A-Za-z0-9_]|=[\"'])", re.I)


def _spellings(name: str, encoding: str) -> set[bytes]:
    texts = {name, html.escape(name), html.escape(name, quote=False), html.escape(name).replace("&#x27;", "&#39;")}
    texts |= {json.dumps(name)[1:-1], json.dumps(name, ensure_ascii=False)[1:-1], quote(name), quote_plus(name)}
    texts.add("".join(character if character.isascii() else f"&#{ord(character)};" for character in name))
    found = set()
    for text in texts:
        for coding in (encoding, "utf-8"):
            try:
                found.add(text.encode(coding))
            except (UnicodeEncodeError, LookupError):
                continue
    return found - {b""}
