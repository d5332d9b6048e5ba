"""Phone numbers become E.164 by the rule `^\\+[1-9]\\d{6,14}$`; unassigned numbers are kept."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.phone import guess_country, guess_timezone, is_e164, normalise_phone, phone_variants


@pytest.mark.parametrize(
    ("raw", "country", "expected"),
    [
        ("+1234567890", None, "+1234567890"),
        ("+49 (0)151 1234-5678", None, "+4915112345678"),
        ("0049 151 12345678", "US", "+4915112345678"),
        ("0151/12345678", "DE", "+4915112345678"),
        ("4915112345678", None, "+4915112345678"),
        ("4915112345678", "DE", "+4915112345678"),
        ("(212) 555-1234", "US", "+12125551234"),
        ("+٤٩١٥١١٢٣٤٥٦٧٨", None, "+4915112345678"),
        ("tel:+4915112345678", None, "+4915112345678"),
        ("98765 43210", "IN", "+919876543210"),
        ("+0123456789", None, None),
        ("0151 12345678", None, None),
        ("12", "DE", None),
        ("+1234567890123456", None, None),
        ("call me", "DE", None),
        ("", None, None),
    ],
)
def test_normalises(raw: str, country: str | None, expected: str | None) -> None:
    assert normalise_phone(raw, country) == expected


@given(st.text(alphabet="+0123456789 -()x٣", max_size=80), st.sampled_from([None, "DE", "US", "XX", ""]))
def test_what_comes_out_follows_the_rule_and_is_stable(raw: str, country: str | None) -> None:
    number = normalise_phone(raw, country)
    if number is not None:
        assert re.fullmatch(r"\+[1-9][0-9]{6,14}", number)
        assert is_e164(number)
        assert normalise_phone(number, country) is not None


@given(st.from_regex(r"\A\+[0-9٣]{0,17}\Z"))
def test_the_rule_is_the_documents_rule(number: str) -> None:
    assert is_e164(number) == bool(re.fullmatch(r"\+[1-9][0-9]{6,14}", number))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("+5531988888888", "+553188888888"),
        ("+5215512345678", "+525512345678"),
        ("+5491123456789", "+541123456789"),
    ],
)
def test_the_two_forms_of_one_phone_name_each_other(one: str, other: str) -> None:
    assert phone_variants(one) == (one, other)
    assert phone_variants(other) == (other, one)


def test_other_numbers_have_one_form() -> None:
    for number in ("+4915112345678", "+553133334444"):
        assert phone_variants(number) == (number,)


def test_guesses() -> None:
    assert guess_timezone("+4915112345678") == "Europe/Berlin"
    assert guess_timezone("+12125551234") == "America/New_York"
    assert guess_country("+4915112345678") == "DE"
    assert guess_country("+1234567890") == "US"
    assert guess_country("+8881234567") is None
    assert (guess_country("nonsense"), guess_timezone("nonsense")) == (None, None)
