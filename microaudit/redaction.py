"""Names, e-mail addresses, phone numbers and messenger handles: out of pages and texts before they reach a disk.

The one place that knows what such things look like. In a stored text they keep what judging reads of them, the
domain of an address and the calling code of a number, so that judging it again gives the same answer.
"""

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

# As they stand in plain text: what is shown to readers and coders takes them out whole.
MAIL_TEXT = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}")
HANDLE_TEXT = re.compile(r"(?<![\w.])@\w[\w.]*")
NUMBER_TEXT = re.compile(r"\+?\d[\d\s().-]{6,}\d")

_GONE = "removed"
_LOCAL_PART = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}(?=@[\w-]{1,63}\.[\w-])")
_INTERNATIONAL = re.compile(r"(?<![\w+.=/-])(?:\+|00)\d[\d\s().-]{6,20}\d(?!\w)")
_NATIONAL = re.compile(
    r"(?<![\w/=.,-])\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w=.,-])"
    r"|(?i:(?<=tel:)|(?<=phone:)|(?<=phone: )|(?<=whatsapp:)|(?<=whatsapp: )|(?<=whatsapp )|(?<=viber:)|(?<=viber: ))"
    r"\d[\d ().-]{5,18}\d(?!\w)"
)
_MESSENGER = re.compile(
    r"((?i:\b(?:t|telegram)\.me/(?:joinchat/)?\+?|\bwa\.me/\+?|\b(?:skype|telegram|wechat|viber|kik|discord|icq)"
    r"(?: ?id)? ?: ?@?(?:live:)?))[\w.-]{3,64}"
)
_SHORT, _LONG = 10, 6  # digits: of a number this short four stay, of a longer one six, the longest calling code


def redacted_text(text: str, names: Collection[str] = ()) -> str:
    """A listing's text as it may be stored; of a text that was redacted before, the same.

    `jo@shop.fr` becomes `removed@shop.fr`, `+44 20 7946 0018` `+44 20 7900 0000`, `t.me/jo` `t.me/removed`; `names`
    are replaced where they stand as words. Handles on the services that a listing is about (`@shop`) are its
    matter, and stay.
    """
    for name in sorted(names, key=lambda name: (-len(name), name)):
        text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "[name]", text, flags=re.IGNORECASE)
    while (stored := _once(text)) != text:  # what is taken out may uncover a number beside it
        text = stored
    return text


def _once(text: str) -> str:
    if "@" in text:
        text = _LOCAL_PART.sub(_GONE, text)
    text = _MESSENGER.sub(lambda found: found[1] + _GONE, text)
    text = _INTERNATIONAL.sub(_zeroed, text)
    return _NATIONAL.sub(lambda found: re.sub(r"\d", "0", found[0]), text)


def _zeroed(found: re.Match[str]) -> str:
    written = found[0]
    start = 0 if written[0] == "+" else 2
    digits = [place for place, letter in enumerate(written) if letter.isdigit() and place >= start]
    hidden = set(digits[_LONG if len(digits) > _SHORT else 4 :])
    return "".join("0" if place in hidden else letter for place, letter in enumerate(written))


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
