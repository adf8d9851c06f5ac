"""Private addresses leave texts before they are stored; what judging reads of them stays."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microaudit.items import Page, Task
from microaudit.redaction import redacted_text
from pipelines.geography.contact import domain_countries, phone_countries
from pipelines.redact import Redact


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("Mail jo.doe@shop.fr now", "Mail removed@shop.fr now"),
        ("Call +44 20 7946 0018.", "Call +44 20 7900 0000."),
        ("Call 0033 1 23 45 67 89", "Call 0033 1 23 40 00 00"),
        ("Call (555) 123-4567", "Call (000) 000-0000"),
        ("WhatsApp: 01712345678", "WhatsApp: 00000000000"),
        ("Join t.me/jo_doe or Skype: live:jo.doe", "Join t.me/removed or Skype: live:removed"),
        (
            "Follow @ourshop, 10 000 000 times, task 123456789012",
            "Follow @ourshop, 10 000 000 times, task 123456789012",
        ),
    ],
)
def test_what_is_private_goes_and_what_is_judged_stays(text: str, stored: str) -> None:
    assert redacted_text(text) == stored
    assert list(phone_countries(stored)) == list(phone_countries(text))
    assert list(domain_countries(stored)) == list(domain_countries(text))


PIECES = st.sampled_from(["jo@shop.de ", "+1 242 555 0100 ", "00441481", " ", "t.me/", "a", "@.", "+7", "skype: "])


@given(st.lists(PIECES, max_size=12).map("".join))
def test_a_redacted_text_stays_as_it_is(text: str) -> None:
    assert redacted_text(redacted_text(text)) == redacted_text(text)


def test_a_buyers_own_name_leaves_his_texts_and_no_word_of_others() -> None:
    now = datetime(2026, 3, 1, tzinfo=UTC)
    mine = Task("kwork", "1", title="Write as Jo Doe", buyer="h1")
    other = Task("kwork", "2", title="Design for Jo Doe", buyer="h2")
    page = Page("kwork", "", now, "file", 200, b"", tasks=[mine, other], names={"Jo Doe": "h1", "design": "h2"})
    assert [task.title for task in Redact().process_item(page).tasks] == ["Write as [name]", "Design for Jo Doe"]
