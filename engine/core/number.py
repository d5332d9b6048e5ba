"""Reads numbers as people write them: "1,200.50", "1.200,50", "١٢٣", "about 12 €"."""

from __future__ import annotations

import re
import unicodedata

MAX_DIGITS = 30  # more than any amount that a person writes; keeps int and float within bounds
MAX_SEARCHED = 1_000  # characters of a reply in which a number is looked for

_NUMBER = re.compile(r"\d(?:[\d.,' ]*\d)?|[.,]\d+", re.ASCII)
_SIGNS = str.maketrans({"٫": ".", "٬": ",", "−": "-", "–": "-", "’": "'", "\u00a0": " ", "\u202f": " ", "\u2009": " "})

# Where the comma is the decimal sign and the dot groups thousands (CLDR, the countries our users name most).
COMMA_COUNTRIES = frozenset(
    {
        "AR", "AT", "BE", "BG", "BR", "CL", "CO", "CZ", "DE", "DK", "EC", "EE", "ES", "FI", "FR", "GR", "HR", "HU",
        "ID", "IS", "IT", "LT", "LU", "LV", "NL", "NO", "PL", "PT", "PY", "RO", "RS", "RU", "SE", "SI", "SK", "TR",
        "UA", "UY", "VE", "VN",
    }
)  # fmt: skip


def ascii_digits(text: str) -> str:
    """Writes the digits of every script as ASCII digits.

    >>> ascii_digits("٢٠٢٦ / १२")
    '2026 / 12'
    """
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def read_number(text: str, *, comma_decimal: bool = False) -> int | float | None:
    """Gives the number that the whole text is, else None; at most 30 digits.

    >>> read_number("1,200.50"), read_number("1.200,50"), read_number("abc")
    (1200.5, 1200.5, None)
    """
    if len(text) > 2 * MAX_DIGITS:
        return None
    plain = ascii_digits(text.translate(_SIGNS)).strip()
    sign = -1 if plain.startswith("-") else 1
    body = plain[1:].lstrip() if plain[:1] in ("-", "+") else plain
    if not _NUMBER.fullmatch(body):
        return None
    value = _unsigned(body, comma_decimal)
    return None if value is None else sign * value


def find_number(text: str, *, comma_decimal: bool = False) -> int | float | None:
    """Gives the first number within the first 1,000 characters of a text, else None.

    >>> find_number("about 1,200 €"), find_number("-5 degrees"), find_number("none")
    (1200, -5, None)

    A single separator before exactly three digits follows `comma_decimal`: "1.200" is 1.2, or 1200 where the comma is
    the decimal sign. A minus counts at the start of a word only, so that "5-7" begins with 5.
    """
    if len(text) <= MAX_DIGITS and text.isascii() and text.isdigit():
        return int(text)
    plain = ascii_digits(text[:MAX_SEARCHED].translate(_SIGNS))
    for found in _NUMBER.finditer(plain):
        value = _unsigned(found.group(), comma_decimal)
        if value is None:
            first = found.group().split(" ")[0].rstrip(".,'")
            value = _unsigned(first, comma_decimal)
        if value is not None:
            start = found.start()
            negative = plain[start - 1 : start] == "-" and not plain[max(0, start - 2) : start - 1].strip()
            return -value if negative else value
    return None


def _unsigned(body: str, comma_decimal: bool) -> int | float | None:
    if sum(map(str.isdigit, body)) > MAX_DIGITS:
        return None
    if body.isdigit():
        return int(body)
    for separator in (" ", "'"):
        if separator in body:
            groups = re.split(r"[.,]", body, maxsplit=1)[0].split(separator)
            if not _thousands(groups):
                return None
            body = body.replace(separator, "")
            if body.isdigit():
                return int(body)
    comma, dot = body.rfind(","), body.rfind(".")
    if comma >= 0 and dot >= 0:
        decimal, grouping = (",", ".") if comma > dot else (".", ",")
        if body.count(decimal) > 1:
            return None
        whole, fraction = body.split(decimal)
        return _joined(whole.split(grouping), fraction)
    separator = "," if comma >= 0 else "."
    parts = body.split(separator)
    if len(parts) > 2:
        return int("".join(parts)) if _thousands(parts) else None
    groups_thousands = _thousands(parts) and (separator == ".") == comma_decimal
    return int("".join(parts)) if groups_thousands else _joined([parts[0]], parts[1])


def _thousands(groups: list[str]) -> bool:
    first, rest = groups[0], groups[1:]
    return first.isdigit() and first[0] != "0" and len(first) <= 3 and all(len(g) == 3 and g.isdigit() for g in rest)


def _joined(groups: list[str], fraction: str) -> float | None:
    if (len(groups) > 1 and not _thousands(groups)) or not fraction.isdigit():
        return None
    return float(f"{''.join(groups) or '0'}.{fraction}")
