"""A sentence as a string of roles: one letter a phrase, with the span and the places behind each letter.

"Only workers from Kenya or Ghana, please." becomes `OWFCcC,a`: the rules of reading are then
regular expressions over roles, the same for every language.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipelines.geography.lexicon import (
    CITY,
    CODE,
    COUNTRY,
    PLACES,
    THREE_LETTERS,
    Entry,
    city_names,
    country_codes,
    country_names,
    lexicon,
)
from pipelines.geography.words import fold, tokens as cut

_SENTENCE_END = re.compile(r"[\n!;•…。！；।·●▪✅❌►*]+|\.(?=\s|$)(?<!\b[A-Z]\.)(?<!\bEE\.)(?<!\bUU\.)")
_BRACKETS = "|()[]{}【】（）「」"
_SUFFIXES_TR = {"den", "dan", "ten", "tan", "de", "da", "te", "ta", "nden", "ndan", "nde", "nda", "deki", "daki", "teki"}
_SUFFIXES_TR |= {"taki", "nin", "nın", "ın", "in", "nun", "un", "ün", "e", "a", "ye", "ya", "li", "lı"}
_ATTACHED_F = re.compile("(.{4,}?)(?:nden|ndan|den|dan|ten|tan|deki|daki|teki|taki|de|da|te|ta|nin|nın)")
_ATTACHED_BN = re.compile("(.{3,}?)(?:ের|য়ের|ে|র|তে|য়|কে|েই|েরই|এর)")
_ATTACHED_AR = re.compile("(?:و|ف)?(?:ل|ب|ك)?(.{3,})")
_AMERICAN_STATE_CODES = set(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR "
    "PA RI SC SD TN TX UT VT VA WA WV WI WY DC".split()
)
_ASKS_US = set(
    "CONTACT CALL EMAIL MESSAGE TELL GIVE SEND LET JOIN FOLLOW HELP REACH TEXT ADD WRITE PAY SHOW TRUST ASK LIKE VISIT "
    "INVITE TO WITH".split()
)
# Capitals that mean something else far more often than a country.
NO_CODES = set("AI ML TV PM HR CV PR PS CC MS MR IO GM QA VA SM AC BI CD TO BE IN MY ME NO SO AM IS BY DO IT AT".split())
NEVER_ALONE = _AMERICAN_STATE_CODES | set(
    "AI TV PM HR CV PR PS CC MS MR IO GM IT IN ME NO SO TO AT BE MY AM AS IS BY DO LA ES AD PE ET VC SE ST TT AC MC SM "
    "NA ER LI LY MM MU MV NU PW RE SS SX TC TF TG TH TK VI WF CI CF CD AF AG CX NF PN".split()
) - {"TH", "ES", "SE"}


@dataclass(slots=True)
class Tagged:
    """A sentence cut into phrases: `roles[i]` is the role of the phrase at `spans[i]`, `entries[i]` its place if any."""

    text: str
    roles: str = ""
    spans: list[tuple[int, int]] = field(default_factory=list)
    entries: list[Entry | None] = field(default_factory=list)

    def words(self, start: int, end: int) -> str:
        """The verbatim words of phrases start..end (end excluded)."""
        return self.text[self.spans[start][0] : self.spans[end - 1][1]]


def sentences(text: str) -> list[str]:
    """The sentences of a text, without the marks between them; "U.S." ends none."""
    return _SENTENCE_END.split(text)


def tag(text: str, codes_in_any_case: bool = False) -> Tagged:
    """Give every phrase of a sentence its role.

    Two capital letters are a code candidate (`K`); with `codes_in_any_case` (declared lists) so are small ones.
    """
    tokens = [(m.lastgroup or "", m.group(), *m.span()) for m in cut(text)]
    folded = [
        fold(word.replace(".", "").replace(" ", "")) if kind == "abbreviation" else fold(word) for kind, word, _, _ in tokens
    ]
    tagged, phrases = Tagged(text), lexicon()
    roles: list[str] = []
    i = 0

    def put(role: str, start: int, end: int, entry: Entry | None = None) -> None:
        roles.append(role)
        tagged.spans.append((start, end))
        tagged.entries.append(entry)

    while i < len(tokens):
        kind, word, start, end = tokens[i]
        if kind == "word" or kind == "abbreviation":
            code = _code(word, folded[i], codes_in_any_case) if kind == "word" else None
            entry, length = _longest(tokens, folded, i) if folded[i] in phrases else (None, 1)
            if code and (entry is None or (length == 1 and (codes_in_any_case or _in_code_list(tokens, i)))):
                put(CODE if word != "UK" and word != "US" and len(word) == 2 else COUNTRY, start, end, code)
            elif entry:
                last = tokens[i + length - 1]
                role = entry.role
                if word == "US" and i and tokens[i - 1][1] in _ASKS_US:
                    role = "a"
                if word == "i":
                    role = "a"  # Italian article; the English pronoun is a capital, or part of a phrase
                if word == "no" and roles and roles[-1] in "WLUQOup":
                    role = "F"  # Portuguese "em o": "moram no Brasil"
                put(role, start, last[3], entry)
                i += length - 1
            elif i and tokens[i - 1][1] in "'’" and folded[i] in _SUFFIXES_TR:
                put("F", start, end)
            else:
                bent = _attached(folded[i])
                put(bent.role if bent else "w", start, end, bent)
        elif kind == "han":
            _tag_han(word, start, put)
        elif kind == "flag":
            code = country_codes().get("".join(chr(ord(c) - 0x1F1E6 + 65) for c in word))
            put(COUNTRY if code else "w", start, end, Entry((), COUNTRY, (code,)) if code else None)
        elif kind in ("opaque", "number"):
            put("d", start, end)
        elif word in ",，、،":
            put(",", start, end)
        elif word in "&/+":
            put("c", start, end)
        elif word in ":：=?？؟":
            put(":", start, end)
        elif word in _BRACKETS:
            put("|", start, end)
        elif word in "-–—_>~" and (word != "-" or _is_spaced(text, start, end)):
            put("-", start, end)
        i += 1
    tagged.roles = "".join(roles)
    return tagged


def _in_code_list(tokens: list[tuple[str, str, int, int]], i: int) -> bool:
    """Whether the capitals at i stand in a list of capitals: "IN, PK, BD", not "NO INDIA"."""
    around = ((tokens[i - 1][1], tokens[i - 2][1]) if i > 1 else ("", ""), tuple(t[1] for t in tokens[i + 1 : i + 3]))
    return any(len(pair) == 2 and pair[0] in ",/&+|-" and len(pair[1]) <= 3 and pair[1].isupper() for pair in around)


def _is_bengali_form(word: str, name: str) -> bool:
    return "\u0980" <= word[0] <= "\u09ff" and len(name) >= 3 and word.startswith(name) and len(word) - len(name) <= 2


def _is_spaced(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start].isspace() or text[end : end + 1].isspace() or start == 0


def _code(word: str, folded: str, any_case: bool) -> Entry | None:
    if len(word) == 2 or (any_case and len(word) == 3):
        code = country_codes().get(word.upper() if any_case else word)
        if code:
            return Entry((), CODE, (code,))
    elif word in THREE_LETTERS and folded not in lexicon():
        code = country_codes().get(word)
        return Entry((), CODE, (code,)) if code else None
    return None


def _longest(tokens: list[tuple[str, str, int, int]], folded: list[str], i: int) -> tuple[Entry | None, int]:
    for entry in lexicon().get(folded[i], ()):
        length, j = 1, i + 1
        for rest in entry.rest:
            while j < len(tokens) and tokens[j][1] in ("'", "’", "-", "‘") and rest != tokens[j][1]:
                j += 1
            if j >= len(tokens) or not (folded[j] == rest or _is_bengali_form(folded[j], rest)):
                break
            j += 1
        else:
            if entry.capitals and not tokens[i][1].isupper():
                continue
            if entry.role == CITY and not (tokens[i][1][0].isupper() or not tokens[i][1][0].islower()):
                continue
            length = j - i
            return entry, length
    return None, 1


def _attached(word: str) -> Entry | None:
    """A place inside a word that carries a Turkish or Bengali case ending or an Arabic preposition."""
    if "a" <= word[0] <= "z" or word[0] in "çğıöşü":
        if len(word) < 6:
            return None
        match = _ATTACHED_F.fullmatch(word)
    elif "\u0980" <= word[0] <= "\u09ff":
        match = _ATTACHED_BN.fullmatch(word)
    elif "\u0600" <= word[0] <= "\u06ff":
        return _arabic(word)
    else:
        return None
    for stem in (match[1] if match else "", word[:-1] if word.endswith("s") and len(word) > 6 else ""):
        if code := country_names().get(stem):
            return Entry((), COUNTRY, (code,))
        if not stem.isascii() and (code := city_names().get(stem)):
            return Entry((), CITY, (code,))
    return None


def _arabic(word: str) -> Entry | None:
    forms = [word]
    if word.startswith("لل"):
        forms.append("ال" + word[2:])
    if word[0] in "وف":
        forms.append(word[1:])
    forms += [form[1:] for form in list(forms) if form[0] in "لبك"]
    forms += [form[2:] for form in list(forms) if form.startswith("ال")]
    for form in forms[1:]:
        for entry in lexicon().get(form, ()):
            if not entry.rest and entry.role in PLACES + "WpuLV":
                return entry
    return None


def _tag_han(run: str, start: int, put: object) -> None:
    at, unknown = 0, None
    while at < len(run):
        for entry in lexicon().get(run[at], ()):
            phrase = "".join(entry.rest)
            if run.startswith(phrase, at + 1):
                if unknown is not None:
                    put("w", start + unknown, start + at)  # type: ignore[operator]
                    unknown = None
                put(entry.role, start + at, start + at + 1 + len(phrase), entry)  # type: ignore[operator]
                at += 1 + len(phrase)
                break
        else:
            unknown = at if unknown is None else unknown
            at += 1
    if unknown is not None:
        put("w", start + unknown, start + len(run))  # type: ignore[operator]
