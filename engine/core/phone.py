"""Phone numbers: E.164 in, E.164 out; the rule is `^\\+[1-9]\\d{6,14}$`, `phonenumbers` only normalises."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers
from phonenumbers import timezone

from engine.core.number import ascii_digits

MAX_RAW = 64  # characters of a typed number, with signs and spaces
UNKNOWN_ZONE = "Etc/Unknown"

_MOBILE = frozenset({phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE})
_SIGNS = frozenset("+-–—−()[]./ \t\u00a0\u202f\u2009\u200e\u202a\u202c")


def is_e164(text: str) -> bool:
    """Says whether this is `+` and 7 to 15 digits, the first not 0 (ACCEPTANCE 3.6).

    >>> is_e164("+4915112345678"), is_e164("4915112345678"), is_e164("+0123456789")
    (True, False, False)
    """
    number = text[1:]
    return text[:1] == "+" and number.isascii() and number.isdigit() and 7 <= len(number) <= 15 and number[0] != "0"


def digits(text: str) -> str:
    """Gives only the digits, as WhatsApp's `wa_id` and the compat profile write a number.

    >>> digits("+49 151 1234")
    '491511234'
    """
    return "".join(character for character in ascii_digits(text) if character.isascii() and character.isdigit())


def normalise_phone(raw: str, country: str | None) -> str | None:
    """Gives a typed number as E.164, or None when it cannot be one. Never refuses a number for not being assigned.

    >>> normalise_phone("0151 1234 5678", "DE"), normalise_phone("0049 151 12345678", None)
    ('+4915112345678', '+4915112345678')

    A number without + or 00 is national in `country` (ISO 3166, two letters); without a country it is international.
    """
    text = ascii_digits(raw[: MAX_RAW + 1].strip()).removeprefix("tel:")
    if len(text) > MAX_RAW or any(not character.isdigit() and character not in _SIGNS for character in text):
        return None
    number = digits(text)
    if number.startswith("00"):
        text, number = "+" + number[2:], number[2:]
    international = "+" in text
    if international or not country:
        return _formatted(_parsed(text if international else "+" + number, None)) or _kept(number)
    national, abroad = _parsed(text, country.upper()), _parsed("+" + number, None)
    if national is not None and _better(abroad, national):
        return _formatted(abroad)  # the country code stands there without its +
    if national is not None and phonenumbers.is_possible_number(national):
        return _formatted(national)
    return _kept(number)


def _better(abroad: phonenumbers.PhoneNumber | None, national: phonenumbers.PhoneNumber) -> bool:
    """Says whether digits are rather an international number: the only valid reading, or a mobile where the other isn't."""
    if abroad is None or not phonenumbers.is_valid_number(abroad):
        return False
    if not phonenumbers.is_valid_number(national):
        return True
    same = abroad.country_code == national.country_code
    return same and phonenumbers.number_type(national) not in _MOBILE and phonenumbers.number_type(abroad) in _MOBILE


def _formatted(parsed: phonenumbers.PhoneNumber | None) -> str | None:
    if parsed is None:
        return None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return number if is_e164(number) else None


def _kept(number: str) -> str | None:
    """A number that the metadata does not know but the rule allows."""
    return "+" + number if is_e164("+" + number) else None


def phone_variants(e164: str) -> tuple[str, ...]:
    """Gives the number and the other form under which the same phone is known; the given one first.

    >>> phone_variants("+5531988888888")
    ('+5531988888888', '+553188888888')

    Brazil's ninth digit, Mexico's 1 after 52 and Argentina's 9 after 54 come and go in `wa_id`s.
    """
    number = e164[1:]
    if number.startswith("55") and len(number) == 13 and number[4] == "9":
        return (e164, f"+{number[:4]}{number[5:]}")
    if number.startswith("55") and len(number) == 12 and number[4] in "6789":
        return (e164, f"+{number[:4]}9{number[4:]}")
    for country, digit in (("52", "1"), ("54", "9")):
        if number.startswith(country + digit) and len(number) == 13:
            return (e164, f"+{country}{number[3:]}")
        if number.startswith(country) and len(number) == 12:
            return (e164, f"+{country}{digit}{number[2:]}")
    return (e164,)


@lru_cache(maxsize=4096)
def guess_timezone(e164: str) -> str | None:
    """Gives the first time zone in which a number is at home, or None.

    >>> guess_timezone("+4915112345678")
    'Europe/Berlin'
    """
    parsed = _parsed(e164, None)
    zones = timezone.time_zones_for_geographical_number(parsed) if parsed is not None else ()
    return next((zone for zone in zones if zone != UNKNOWN_ZONE), None)


@lru_cache(maxsize=4096)
def guess_country(e164: str) -> str | None:
    """Gives the country of a number, two letters; for an unassigned one the main country of its calling code; or None.

    >>> guess_country("+4915112345678"), guess_country("+1234567890")
    ('DE', 'US')
    """
    parsed = _parsed(e164, None)
    if parsed is None:
        return None
    country = phonenumbers.region_code_for_number(parsed)
    country = country or phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return country if country and country.isalpha() and country != "ZZ" else None


def _parsed(text: str, region: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        return phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
