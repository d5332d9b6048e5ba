"""Folds text for comparison: without case, accents, invisible characters and doubled space, in any script."""

from __future__ import annotations

import unicodedata

# Invisible characters that come along with pasted text: soft hyphen, zero-width space, direction marks, variation
# selectors, byte-order mark. The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = dict.fromkeys(
    [0x00AD, 0x200B, 0x200E, 0x200F, 0xFE0E, 0xFE0F, 0xFEFF, 0x0640, *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)

# Letters that people use for one another and that Unicode does not decompose.
_ALIKE = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe"} | {"ی": "ي", "ک": "ك", "’": "'", "‘": "'", "ʼ": "'"}
)

# The scripts whose marks are accents: Latin, Greek and Cyrillic with their extensions, (first, last).
_ACCENTED = ((0x0000, 0x052F), (0x1C80, 0x1C8F), (0x1D00, 0x1DBF), (0x1E00, 0x1FFF), (0x2C60, 0x2C7F), (0xA640, 0xA7FF))

# Vowel points that the reader may leave out: Hebrew, Arabic (harakat, hamza on a letter, superscript alef).
_POINTS = frozenset([*range(0x0591, 0x05BE), 0x05BF, 0x05C1, 0x05C2, *range(0x064B, 0x0660), 0x0670])


def fold(text: str) -> str:
    """Gives the form of a text in which two texts that a person would call the same are equal.

    >>> fold("  Crème   BRÛLÉE ")
    'creme brulee'
    >>> fold("Straße") == fold("STRASSE")
    True

    Digits of every script become ASCII digits; vowel signs of Indic and other scripts are letters and stay.
    """
    if text.isascii():
        return " ".join(text.lower().split())
    if max(text) < "\u0300":  # Latin without loose accents: each letter folds by itself
        return " ".join(text.translate(_LATIN).split())
    return fold_any(text)


def fold_any(text: str) -> str:
    """Folds a text of any script, slower: what `fold` gives, without its short ways."""
    folded = _once(text)
    for _ in range(2):  # a folded letter may itself decompose; two more rounds reach the fixed point
        again = _once(folded)
        if again == folded:
            break
        folded = again
    return folded


class _LatinTable(dict[int, str]):
    """Maps a Latin letter to its folded form; remembers each one it has been asked for."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = character if character.isspace() else _once(f"x{character}x")[1:-1]  # between letters, a space survives
        self[code] = folded
        return folded


_LATIN = _LatinTable()


def _once(text: str) -> str:
    small = unicodedata.normalize("NFKD", text.translate(_INVISIBLE).casefold())
    bare = _without_accents(small).translate(_ALIKE).casefold()
    return " ".join(unicodedata.normalize("NFKC", bare).translate(_INVISIBLE).split())


def _without_accents(text: str) -> str:
    kept: list[str] = []
    accented = False
    for character in text:
        if character.isascii():
            accented = True
        else:
            kind = unicodedata.category(character)
            if kind == "Mn":
                if accented or ord(character) in _POINTS:
                    continue
            elif kind == "Nd":
                character = str(unicodedata.decimal(character))
                accented = True
            else:
                code = ord(character)
                accented = any(first <= code <= last for first, last in _ACCENTED)
        kept.append(character)
    return "".join(kept)


class _WordTable(dict[int, int]):
    """Maps what is not a letter, a mark or a digit to a space; remembers each character it has been asked for."""

    def __missing__(self, code: int) -> int:
        kept = code if unicodedata.category(chr(code))[0] in "LMN" else 0x20
        self[code] = kept
        return kept


_WORDS = _WordTable()


def words(folded: str) -> list[str]:
    """Splits a folded text into its words; signs and emoji separate words and are none.

    >>> words("i'd like 2 pizzas, please!")
    ['i', 'd', 'like', '2', 'pizzas', 'please']
    """
    if folded.isalnum():
        return [folded]
    return folded.translate(_WORDS).split()


# Scripts written without spaces between words, (first, last): Thai to Tibetan, Myanmar, Khmer, kana and ideographs.
_UNSPACED = ((0x0E00, 0x0FFF), (0x1000, 0x109F), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3040, 0x30FF))
_IDEOGRAPHS = ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))


def spaced(text: str) -> bool:
    """Says whether a text is in a script that puts spaces between words.

    >>> spaced("hello"), spaced("สวัสดี"), spaced("你好")
    (True, False, False)
    """
    if text.isascii():
        return True
    return not any(first <= ord(character) <= last for character in text for first, last in _UNSPACED + _IDEOGRAPHS)
