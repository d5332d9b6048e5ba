"""Reads a reply as what was asked for: a number out of "about 1,200 €", a date out of "tomorrow"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email

from engine.core.day import find_date
from engine.core.number import COMMA_COUNTRIES, find_number
from engine.core.pattern import compile_pattern
from engine.core.phone import is_e164, normalise_phone
from engine.core.phrase import Phrase
from engine.core.phrase_book import ENGLISH
from engine.core.plain import plain
from schemas.answer import Expect, MediaKind
from schemas.value import value

MEDIA = frozenset({"image", "video", "audio", "document", "sticker"})
ANY_MEDIA: tuple[MediaKind, ...] = ("image", "video", "audio", "document")
"""What is asked for where every kind of file will do."""
MAX_EMAIL = 254  # characters (RFC 5321, as amended by erratum 1690)
LARGEST = 2**63 - 1  # what JSON and both databases keep of a whole number
MAX_TOKENS = 50  # words of a reply in which an e-mail address is looked for

# Countries that write the month before the day in numbers (CLDR).
MONTH_FIRST = frozenset({"US"})

RefusedCode = Literal[
    "not_text", "not_number", "not_date", "not_email", "not_phone", "not_media", "not_location",
    "not_whole", "too_small", "too_large", "too_short", "too_long", "no_match", "too_early", "too_late", "wrong_media",
    "not_choice",
]  # fmt: skip


@value(frozen=True, slots=True)
class Accepted:
    """The reply is what was asked for: its value as str, int, float, date (as a date) or dict."""

    value: Any


@value(frozen=True, slots=True)
class Refused:
    """The reply is not what was asked for: why, as a stable code and as a sentence that can be sent back."""

    code: RefusedCode
    said: Phrase

    @property
    def message(self) -> str:
        """The sentence in English, for whoever looks at a history."""
        return self.said.in_language(ENGLISH)


def refused(code: RefusedCode, phrase: str = "", **values: str | tuple[str, ...]) -> Refused:
    """A refusal whose sentence is the phrase of this key, else of the code.

    >>> refused("too_small", least="3").message
    'Please answer with a number of at least 3.'
    """
    return Refused(code, Phrase(phrase or code, tuple(values.items())))


Answer = Accepted | Refused


def read_answer(
    expect: Expect,
    kind: str,
    text: str | None,
    payload: Mapping[str, Any] | None,
    *,
    now: datetime,
    timezone: ZoneInfo,
    country: str | None,
) -> Answer:
    """Reads a reply: `kind` is the message's kind (text, image, location...), `payload` what came with it.

    >>> from datetime import UTC
    >>> reply = Expect(kind="number", min=1)
    >>> read_answer(reply, "text", "about 1,200 €", None, now=datetime(2026, 4, 1, tzinfo=UTC), timezone=ZoneInfo("UTC"),
    ...             country=None)
    Accepted(value=1200)

    `country` (ISO 3166, two letters) decides how numbers, dates and national phone numbers are written; `timezone`
    which day "today" is. Never raises for what a contact sends.
    """
    said = plain(text).strip()
    match expect.kind:
        case "any":
            return Accepted(said if said else dict(payload or {}))
        case "text":
            return _text(expect, said)
        case "number":
            return _number(expect, said, country)
        case "date":
            return _date(expect, said, now.astimezone(timezone).date(), country)
        case "email":
            return _email(said)
        case "phone":
            return _phone(said, payload, country)
        case "media":
            return _media(expect, kind, payload)
        case "location":
            return _location(kind, payload)


def _text(expect: Expect, said: str) -> Answer:
    if not said:
        return refused("not_text")
    if expect.min_length is not None and len(said) < expect.min_length:
        return refused("too_short", least=plain(expect.min_length))
    if expect.max_length is not None and len(said) > expect.max_length:
        return refused("too_long", most=plain(expect.max_length))
    if expect.pattern:
        search = compile_pattern(expect.pattern)
        if search is not None and not search(said):
            return refused("no_match")
    return Accepted(said)


def _number(expect: Expect, said: str, country: str | None) -> Answer:
    number = find_number(said, comma_decimal=(country or "").upper() in COMMA_COUNTRIES)
    if number is None:
        return refused("not_number")
    if abs(number) > LARGEST:
        return refused("too_large", "too_many_digits")
    if expect.integer:
        if number != int(number):
            return refused("not_whole")
        number = int(number)
    if expect.min is not None and number < expect.min:
        return refused("too_small", least=plain(expect.min))
    if expect.max is not None and number > expect.max:
        return refused("too_large", most=plain(expect.max))
    return Accepted(number)


def _date(expect: Expect, said: str, today: date, country: str | None) -> Answer:
    found = find_date(said, today, month_first=(country or "").upper() in MONTH_FIRST)
    if found is None:
        return refused("not_date")
    earliest = today if expect.earliest == "today" else expect.earliest
    latest = today if expect.latest == "today" else expect.latest
    if earliest is not None and found < earliest:
        return refused("too_early", day=earliest.isoformat())
    if latest is not None and found > latest:
        return refused("too_late", day=latest.isoformat())
    return Accepted(found)


def _email(said: str) -> Answer:
    for token in said.split()[:MAX_TOKENS]:
        address = token.removeprefix("mailto:").strip("<>()[],;:\"'!?").rstrip(".")
        if "@" in address and len(address) <= MAX_EMAIL:
            try:
                return Accepted(validate_email(address, check_deliverability=False).normalized)
            except EmailNotValidError:
                continue
    return refused("not_email")


def _phone(said: str, payload: Mapping[str, Any] | None, country: str | None) -> Answer:
    shared = (payload or {}).get("phone")
    for candidate in (said, shared if isinstance(shared, str) else "", _longest_number(said)):
        number = normalise_phone(candidate, country) if candidate else None
        if number is not None and is_e164(number):
            return Accepted(number)
    return refused("not_phone")


def _longest_number(said: str) -> str:
    """The longest part of a sentence that could be a phone number: "call me at +49 151 123, thanks"."""
    cut = "".join(each if each.isdecimal() or each in "+-()/. " else "\n" for each in said[:1_000])
    return max((part.strip(" -./") for part in cut.split("\n")), key=len, default="")


def _media(expect: Expect, kind: str, payload: Mapping[str, Any] | None) -> Answer:
    if kind not in MEDIA or not payload:
        return refused("not_media", kinds=expect.media or ANY_MEDIA)
    if expect.media and kind not in expect.media:
        return refused("wrong_media", "not_media", kinds=expect.media)
    return Accepted({"kind": kind, **payload})


def _location(kind: str, payload: Mapping[str, Any] | None) -> Answer:
    if kind != "location" or not payload:
        return refused("not_location")
    latitude, longitude = payload.get("latitude"), payload.get("longitude")
    if not _within(latitude, 90) or not _within(longitude, 180):
        return refused("not_location")
    return Accepted(dict(payload))


def _within(value: Any, bound: int) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -bound <= value <= bound
