"""What a page without a task list is: a log-in form, a challenge, an error. Named, never worked round."""

from __future__ import annotations

import re

from scrapy.http import Response, TextResponse

from microaudit.items import Outcome

# Marks of a bot wall, in the first part of the body. Each is a literal that its vendor's page carries.
CHALLENGE_MARKS = (
    "cf-chl-", "challenge-platform", "<title>Just a moment...", "Attention Required! | Cloudflare",
    "_Incapsula_Resource", "Incapsula incident ID", "ddos-guard/js-challenge", "<title>DDoS-Guard",
    "__qrator", "qrator.net", "px-captcha", "perimeterx", "captcha-delivery.com", "/_sec/cp_challenge",
    "g-recaptcha-response", "h-captcha-response", "Enable JavaScript and cookies to continue",
)  # fmt: skip
PARKED = re.compile(
    r"this domain (?:name )?(?:is|may be) for sale|buy this domain|domain (?:is )?parked|sedoparking|parkingcrew"
    r"|related searches.{0,200}?privacy policy|hugedomains\.com",
    re.IGNORECASE | re.DOTALL,
)
NOT_FOUND = re.compile(
    r"<title>[^<]*(?:404|not found|introuvable|no encontrada|nicht gefunden|не найдена|找不到)[^<]*</title>",
    re.IGNORECASE,
)
ERROR_TEXT = re.compile(
    r"(?:error establishing a database connection|internal server error|bad gateway|service unavailable"
    r"|mysql_connect\(\)|fatal error: )",
    re.IGNORECASE,
)
HEAD = 100_000  # characters looked at: marks stand near the top


def kind_of(response: Response) -> Outcome | None:
    """Why a page is not a task list, or None if nothing says so."""
    if not response.body.strip():
        return "empty"
    head = response.text[:HEAD] if isinstance(response, TextResponse) else ""
    if any(mark in head for mark in CHALLENGE_MARKS) and not _is_long(response):
        return "challenge"
    if response.status in (401, 403, 407, 429):
        return "challenge"
    if response.status in (404, 410) or NOT_FOUND.search(head):
        return "not_found"
    if response.status >= 400 or (len(head) < 5_000 and ERROR_TEXT.search(head)):
        return "error_page"
    if isinstance(response, TextResponse) and _is_markup(response, head) and response.css("input[type=password]"):
        return "login_wall"
    return "parked" if PARKED.search(head) else None


def _is_long(response: Response) -> bool:
    # A bot wall is a short page; a full page may well load the same vendor's script.
    return response.status == 200 and len(response.body) > 60_000


def _is_markup(response: TextResponse, head: str) -> bool:
    return "<" in head[:1000] and response.selector.type != "json"  # JSON may well hold markup
