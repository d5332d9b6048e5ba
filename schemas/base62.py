"""Numbers as short texts of digits and letters."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGITS = {character: value for value, character in enumerate(ALPHABET)}


def encode(number: int, width: int = 1) -> str:
    """A number of 0 or more in base 62, filled with zeros to `width`.

    >>> encode(125), encode(7, width=4)
    ('21', '0007')
    """
    if number < 0:
        raise ValueError("Only numbers of 0 or more can be written in base 62.")
    digits: list[str] = []
    while number:
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits)).rjust(width, "0")


def decode(text: str) -> int:
    """The number that `encode` wrote. Raises ValueError for anything but digits and ASCII letters.

    >>> decode("21")
    125
    """
    if not text:
        raise ValueError("An empty text is no number.")
    number = 0
    for character in text:
        if character not in DIGITS:
            raise ValueError(f"{character!r} is neither a digit nor an ASCII letter.")
        number = number * 62 + DIGITS[character]
    return number
