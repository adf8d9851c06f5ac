"""Shown words -> values of a row, by their shape. What says nothing, or two things, is None."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache
from typing import Any

from microaudit.mining.vocabulary import fold

Values = dict[str, Any]
NO_VALUE = "not a value"  # no reader takes it, so that it is counted

_NUMBER = r"\d+(?:[.,\u00a0\u202f' ]\d{3})*(?:[.,]\d+)?"
_CENTS = r"cents?|¢|ct|cts|centimes?|centimos?|centavos?|centesim[oi]|центов|цента?"
_SIGNS = {
    "us$": "USD", "r$": "BRL", "c$": "CAD", "ca$": "CAD", "a$": "AUD", "au$": "AUD", "€": "EUR", "£": "GBP",
    "₹": "INR",
    "₽": "RUB", "₱": "PHP", "usd": "USD", "eur": "EUR", "gbp": "GBP", "cad": "CAD", "aud": "AUD", "inr": "INR",
    "rub": "RUB", "brl": "BRL", "php": "PHP", "euros": "EUR", "euro": "EUR", "руб": "RUB", "dollars": "", "dollar": "",
    "dolares": "", "us dollars": "USD", "dollari": "", "$": "",
}  # fmt: skip
_SIGN = "|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True))
_SPAN_END = r"(?![\w%/])"
_MONEY = re.compile(
    rf"(?<![\w$€£.])(?P<before>{_SIGN})\s?(?P<first>{_NUMBER})(?!\s*%)(?:\s?(?P<also>{_SIGN}){_SPAN_END})?"
    rf"|(?<![\w.,/$])(?P<second>{_NUMBER})\s?(?P<after>{_SIGN}|{_CENTS}){_SPAN_END}"
)
_BARE = re.compile(rf"\W*({_NUMBER})\W*")
_PAIR = re.compile(
    r"(?<![\d/.,$€£-])(\d{1,7})\s*(?:/|\bof(?: the)?\b|\bout of\b|\bde(?: las?| los)?\b|\bvon\b|\bsur\b|\bsu\b"
    r"|\bdi\b|\bиз\b|\bda\b)\s*"
    r"(\d{1,7})(?![\d/%]|[.,]\d)"
)
_UNITS = {
    "s": r"sec(?:ond)?s?|segundos?|secondes?|sekunden?|second[oi]|сек\w*",
    "m": r"min(?:ute)?s?|min\.|minutos?|minuten|minut[oi]|мин(?:ут\w?)?|m",
    "h": r"h(?:ou)?rs?|hours?|h|horas?|heures?|stunden?|std|or[ae]|час\w{0,2}",
    "d": r"days?|dias?|jours?|tage?n?|giorn[oi]|дн\w*|день",
}
_MINUTES = {"s": 1 / Decimal(60), "m": Decimal(1), "h": Decimal(60), "d": Decimal(1440)}
_DURATION = re.compile(
    r"(?<![\w.,/$€£-])(\d{1,5}(?:[.,]\d{1,2})?)\s*(?:"
    + "|".join(f"(?P<{k}>{v})" for k, v in _UNITS.items())
    + r")(?!\w)"
)
_AGO = re.compile(
    r"\bago\b|\bhace\b|\bil y a\b|\bvor \d|\bvor (?:ein|weni)|\bfa\b|\bha \d|\batras\b|назад|\bjust now\b"
    r"|\byesterday\b|\btoday\b"
)
_LEFT = (
    r"left|remaining|available|open|free|to go|disponibles?|restantes?|libres?|restants?|disponiveis|livres|frei"
    r"|offen|verfugbar|ubrig"
    r"|verbleibend|disponibili|rimanenti|liberi|rimasti|осталось|свободно|доступно"
)
_NOT_PLACES = r"(?!days?|hours?|min|dias?|jours?|tage?|stunden|giorni|ore|heures|horas|%|of\b|more\b)"
_OPEN = re.compile(
    rf"(?<![\d/.,$€£-])(\d{{1,7}})\s+(?:{_NOT_PLACES}[^\W\d]+\s+){{0,2}}(?:{_LEFT})\b(?!\s+(?:in stock|for))"
    r"|\b(?:left|quedan|noch|restam|restano|rimangono|reste|restent|осталось|only)\s+(\d{1,7})(?!\s*(?:days?|h"
    r"|min|dias|tage|jours|giorni|%))\b"
)
_DONE = re.compile(
    r"(?<![\d/.,$€£-])(\d{1,7})\s+(?:[^\W\d]+\s+)?(?:done|completed|filled|taken|hechas?|hechos|completad[ao]s"
    r"|faites|faits"
    r"|effectuees?|feitas|feitos|erledigt|vergeben|fatti|completati|выполнено)\b"
)
_TOTAL = re.compile(
    r"(?<![\d/.,$€£-])(\d{1,7})\s+(?:slots?|positions?|spots|places|workers needed|plazas|puestos|postes|vagas"
    r"|platze|stellen"
    r"|posti|posizioni|мест)\b"
)
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,3}(?:[.,]\d+)?)\s*%")
_SUCCESS = re.compile(
    r"success|approv|satisf|accept|exito|aprob|reussite|succes|sucesso|erfolg|successo|riuscita|успе|одобр"
)
_WHOLE = re.compile(r"\D{0,12}(\d{1,3}(?:[,.\u00a0 ]\d{3})+|\d{1,7})(?:\s+\D{0,30})?\D?")
_DATE = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?!\d)")
_EVERYWHERE = re.compile(
    r"(?:international|worldwide|world wide|all(?: the)? countries|all countries accepted|any(?: country)?|global"
    r"|everywhere|world|int|all"
    r"|todos los paises|todos|internacional|tous(?: les)? pays|tous|todos os paises|alle lander|alle|weltweit"
    r"|tutti i paesi"
    r"|tutto il mondo|tutti|mondiale|monde|monde entier|internazionale|все страны|международн\w*|весь мир)"
)
_PARTS = re.compile(r"\s*[,;/|+•·&\n]\s*|\s+(?:and|y|et|und|e|и|or)\s+")


def number(shown: str, comma: bool) -> Decimal:
    """`0.15`, `1,234.50`, `0,15`. Three digits after one sign are thousands, unless the page's decimal sign stands."""
    digits = re.sub(r"[\u00a0\u202f' ]", "", shown)
    decimal = "," if comma else "."
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return Decimal(digits)
    sign, tail = digits[last], digits[last + 1 :]
    if len(tail) == 3 and sign != decimal and digits[:last].lstrip("0") and digits.count(sign) >= 1:
        return Decimal(re.sub(r"[.,]", "", digits))
    return Decimal(re.sub(r"[.,]", "", digits[:last]) + "." + tail)


def money(text: str, comma: bool = False, bare: bool = False) -> Values | None:
    """Pay as `reward`, `reward_max` and `currency`; a number without any sign counts only where `bare`."""
    folded = fold(text)
    found = list(_MONEY.finditer(folded))
    if not found:
        alone = _BARE.fullmatch(folded) if bare and len(text) < 40 else None
        return {"reward": number(alone[1], comma)} if alone else None
    if len(found) > 2 or (
        len(found) == 2 and not re.fullmatch(r"\s*(?:-|–|—|to|a|bis|до)\s*", _between(folded, found))
    ):
        return None
    sums = [_sum(match, comma) for match in found]
    values: Values = {"reward": sums[0]}
    if len(sums) == 2 and sums[1] != sums[0]:
        values["reward_max"] = sums[1]
    signs = {_SIGNS.get(match[name] or "", "") for match in found for name in ("before", "also", "after")} - {""}
    if len(signs) > 1:
        return None
    return values | ({"currency": signs.pop()} if signs else {"currency": "$"} if "$" in folded else {})


def _between(text: str, found: list[re.Match[str]]) -> str:
    return text[found[0].end() : found[1].start()]


def _sum(match: re.Match[str], comma: bool) -> Decimal:
    value = number(match["first"] or match["second"], comma)
    cents = match["after"] and re.fullmatch(_CENTS, match["after"])
    return value.scaleb(-2) if cents else value


def places(text: str, label: str = "") -> Values | None:
    """`12/30`, `12 of 30`, `18 left`, `noch 18 frei`, under a label also `40`."""
    folded = fold(text)
    left = _OPEN.search(folded)
    if pair := _PAIR.search(folded):
        first, second = int(pair[1]), int(pair[2])
        if first > second or not second:
            return None
        if left or label == "positions_open" or re.search(rf"\b(?:{_LEFT})\b", folded):
            return {"positions_open": first, "positions_total": second}
        return {"positions": f"{first}/{second}"}
    if left:
        return {"positions_open": int(left[1] or left[2])}
    if done := _DONE.search(folded):
        return {"positions_done": int(done[1])}
    if total := _TOTAL.search(folded):
        return {"positions_total": int(total[1])}
    if label and (whole := _WHOLE.fullmatch(folded)):
        return {"positions_open" if label == "positions_open" else "positions_total": int(re.sub(r"\D", "", whole[1]))}
    return None


def minutes(text: str, bare: bool = False) -> int | None:
    """`5 min`, `menos de 3 minutos`, `1 h 30 min`, under a label also `5`; None for spans and parts of minutes."""
    folded = fold(text)
    if re.search(r"\d\s*(?:-|–|to|a|bis|до)\s*\d", folded):
        return None
    total = Decimal()
    found = list(_DURATION.finditer(folded))
    for match in found:
        total += Decimal(match[1].replace(",", ".")) * _MINUTES[str(match.lastgroup)]
    if not found:
        alone = re.fullmatch(r"\D{0,30}(\d{1,4})\W{0,5}", folded) if bare else None
        return int(alone[1]) if alone else None
    whole = round(total)
    return whole if abs(total - whole) < Decimal("0.001") and whole else None


def is_past(text: str) -> bool:
    """Whether the words say how long ago something was."""
    folded = fold(text)
    return bool(_AGO.search(folded)) and (any(c.isdigit() for c in folded) or len(folded) < 20)


def percent(text: str, bare: bool = False) -> str | None:
    """`92%`, under a label also `92`; None over 100."""
    found = _PERCENT.search(text) or (re.fullmatch(r"\D{0,3}(\d{1,3})\D{0,3}", text) if bare else None)
    return found[1] if found and float(found[1].replace(",", ".")) <= 100 else None


def speaks_of_success(text: str) -> bool:
    """Whether the words around a percentage say that it is a rate of success."""
    return bool(_SUCCESS.search(fold(text)))


def date(text: str, day_first: bool | None) -> str:
    """The words of a date; digits in the order year, month, day. `NO_VALUE` where the order is not known."""
    found = _DATE.search(text)
    if not found:
        return text
    first, second = int(found[1]), int(found[3])
    if found[2] == "." or first > 12:
        day_first = True
    elif second > 12:
        day_first = False
    if day_first is None and first != second:
        return NO_VALUE
    day, month = (first, second) if day_first else (second, first)
    return f"{found[4]}-{month:02}-{day:02}"


def day_first(text: str) -> bool | None:
    """Whether the dates in digits of a page name the day first; None where none of them tells."""
    orders = {int(m[1]) > 12 for m in _DATE.finditer(text) if m[2] != "." and (int(m[1]) > 12) != (int(m[3]) > 12)}
    return orders.pop() if len(orders) == 1 else None


def comma_is_decimal(text: str) -> bool:
    """Whether sums on the page have a comma before their last two digits, and none has a point there."""
    return bool(re.search(r"\d,\d\d(?!\d)", text)) and not re.search(r"(?<![\d.])\d+\.\d\d(?![\d.])", text)


def countries(text: str) -> list[str] | None:
    """The parts of a line that names countries and nothing else."""
    if not 1 < len(text) <= 400 or text.isdecimal():
        return None
    bare = re.sub(
        r"^(?:only|solo|seulement|nur|apenas|somente)\s+|\s+only$", "", text.strip(" .:()[]"), flags=re.IGNORECASE
    )
    if is_country(bare):
        return [text]
    parts = [part for part in _PARTS.split(bare) if part]
    if len(parts) == 1 and re.fullmatch(r"[A-Z]{2}(?: [A-Z]{2})+", bare):
        parts = bare.split()
    if len(parts) > 1 and all(is_country(part) for part in parts):
        return [text]
    return None


@lru_cache(maxsize=4096)
def is_country(text: str) -> bool:
    """Whether the words are a country's name in one of many languages, its code, or say "all countries"."""
    if not 1 < len(text) <= 40 or any(c.isdigit() for c in text):
        return False
    folded = fold(text).strip(" .-")
    if _EVERYWHERE.fullmatch(folded):
        return True
    if len(text) < 4 and not text.isupper():
        return False
    if len(text.split()) > 4:
        return False
    import countrynames  # takes a second to read its names: only where a page asks for it

    return bool(countrynames.to_code(text))
