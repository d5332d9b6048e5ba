"""Replies are read as people write them, or refused with a code and a sentence that helps."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.answer import Accepted, Answer, Refused, read_answer, refused
from schemas.answer import AnswerKind, Expect

NOW = datetime(2026, 4, 1, 23, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def read(expect: dict[str, Any], text: str | None, kind: str = "text", payload: Any = None, country: str | None = None) -> Answer:
    return read_answer(Expect.model_validate(expect), kind, text, payload, now=NOW, timezone=BERLIN, country=country)


@pytest.mark.parametrize(
    ("text", "country", "value"),
    [
        ("42", None, 42),
        ("about 1,200 €", None, 1200),
        ("1.200,50 EUR", None, 1200.5),
        ("1,200.50", None, 1200.5),
        ("1.200", "DE", 1200),
        ("1.200", None, 1.2),
        ("12,5", None, 12.5),
        ("1 200 000", None, 1_200_000),
        ("1’200.50 CHF", "CH", 1200.5),
        ("12,34,567", None, None),
        ("١٬٢٠٠٫٥", None, 1200.5),
        ("१२", None, 12),
        ("-5 °C", None, -5),
        ("−5", None, -5),
        ("5-7", None, 5),
        ("I'm 34.", None, 34),
        (".5", None, 0.5),
        ("3 4", None, 3),
        ("none", None, None),
        ("9" * 500, None, None),
    ],
)
def test_numbers(text: str, country: str | None, value: float | None) -> None:
    answer = read({"kind": "number"}, text, country=country)
    assert answer == Accepted(value) if value is not None else isinstance(answer, Refused)


@pytest.mark.parametrize(
    ("text", "country", "value"),
    [
        ("2026-12-24", None, date(2026, 12, 24)),
        ("24.12.2026", None, date(2026, 12, 24)),
        ("24/12/26", None, date(2026, 12, 24)),
        ("3/4/2026", None, date(2026, 4, 3)),
        ("3/4/2026", "US", date(2026, 3, 4)),
        ("3.4.2026", "US", date(2026, 4, 3)),
        ("12/24/2026", None, date(2026, 12, 24)),
        ("on 24.12. please", None, date(2026, 12, 24)),
        ("1.3.", None, date(2027, 3, 1)),
        ("today", None, date(2026, 4, 2)),
        ("Tomorrow!", None, date(2026, 4, 3)),
        ("24th of December 2026", None, date(2026, 12, 24)),
        ("Dec 24, 2027", None, date(2027, 12, 24)),
        ("sept 3", None, date(2026, 9, 3)),
        ("29 Feb", None, date(2028, 2, 29)),
        ("٢٤/١٢/٢٠٢٦", None, date(2026, 12, 24)),
        ("31.02.2026", None, None),
        ("2026-02-30", None, None),
        ("soon", None, None),
        ("12.5", None, None),
        ("may I?", None, None),
    ],
)
def test_dates(text: str, country: str | None, value: date | None) -> None:
    answer = read({"kind": "date"}, text, country=country)
    assert answer == (
        Accepted(value) if value else refused("not_date")
    )


LOCATION = {"latitude": 52.5, "longitude": 13.4}


@pytest.mark.parametrize(
    ("expect", "text", "kind", "payload", "outcome"),
    [
        ({"kind": "any"}, "hi", "text", None, "hi"),
        ({"kind": "any"}, None, "image", {"url": "u"}, {"url": "u"}),
        ({"kind": "text", "min_length": 3}, "  ab ", "text", None, Refused),
        ({"kind": "text", "max_length": 3}, "abcd", "text", None, Refused),
        ({"kind": "text", "pattern": "^[A-Z]{2}$"}, "de", "text", None, "de"),
        ({"kind": "text", "pattern": "^[A-Z]{2}$"}, "deu", "text", None, Refused),
        ({"kind": "text"}, None, "image", {"url": "u"}, Refused),
        ({"kind": "number", "integer": True}, "2.5", "text", None, Refused),
        ({"kind": "number", "integer": True}, "2.0", "text", None, 2),
        ({"kind": "number", "min": 1}, "0", "text", None, Refused),
        ({"kind": "number", "max": 1}, "2", "text", None, Refused),
        ({"kind": "date", "earliest": "today"}, "1 april 2026", "text", None, Refused),
        ({"kind": "date", "latest": "2026-12-31"}, "2027-01-01", "text", None, Refused),
        ({"kind": "email"}, "It's <Anna@Example.COM>, thanks", "text", None, "Anna@example.com"),
        ({"kind": "email"}, "anna@", "text", None, Refused),
        ({"kind": "email"}, "a" * 300 + "@example.com", "text", None, Refused),
        ({"kind": "phone"}, "call me at +49 (151) 1234-5678, thanks", "text", None, "+4915112345678"),
        ({"kind": "phone"}, None, "contacts", {"phone": "+4915112345678"}, "+4915112345678"),
        ({"kind": "phone"}, "no", "text", None, Refused),
        ({"kind": "media"}, None, "image", {"url": "u"}, {"kind": "image", "url": "u"}),
        ({"kind": "media", "media": ["document"]}, None, "image", {"url": "u"}, Refused),
        ({"kind": "media"}, "hi", "text", None, Refused),
        ({"kind": "location"}, None, "location", LOCATION, LOCATION),
        ({"kind": "location"}, None, "location", {"latitude": 95, "longitude": 0}, Refused),
        ({"kind": "location"}, "Berlin", "text", None, Refused),
    ],
)
def test_kinds(expect: dict[str, Any], text: str | None, kind: str, payload: Any, outcome: Any) -> None:
    answer = read(expect, text, kind, payload)
    if outcome is Refused:
        assert isinstance(answer, Refused)
        assert answer.message.startswith("Please ")
    else:
        assert answer == Accepted(outcome)


def test_national_numbers_follow_the_country() -> None:
    assert read({"kind": "phone"}, "0151 12345678", country="DE") == Accepted("+4915112345678")


KINDS: list[AnswerKind] = ["any", "text", "number", "date", "email", "phone", "media", "location"]


@given(
    st.sampled_from(KINDS),
    st.none() | st.text() | st.text(alphabet="0123456789./- @abm,+'").map(lambda text: text * 3),
    st.sampled_from(["text", "image", "location", "button"]),
    st.none() | st.dictionaries(st.sampled_from(["latitude", "longitude", "phone"]), st.floats() | st.text() | st.none()),
    st.sampled_from([None, "US", "DE", "XX"]),
)
def test_reading_is_total(kind: AnswerKind, text: str | None, message: str, payload: Any, country: str | None) -> None:
    assert isinstance(read({"kind": kind, "pattern": "("}, text, message, payload, country), Accepted | Refused)
