"""Folding makes equal what a person would call the same, in any script, and destroys no letter."""

from __future__ import annotations

import pytest

from engine.core.fold import fold, spaced, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("HOLA", "hola"),
        ("  two   words\n", "Two Words"),
        ("Crème brûlée", "creme brulee"),
        ("Straße", "STRASSE"),
        ("İPTAL", "iptal"),
        ("Ελλάδα", "ΕΛΛΑΔΑ"),
        ("Ёлка", "елка"),
        ("Łódź", "lodz"),
        ("ＦＵＬＬ　ｗｉｄｔｈ", "full width"),
        ("مَرْحَبًا", "مرحبا"),
        ("أهلا", "اهلا"),
        ("שָׁלוֹם", "שלום"),
        ("❤️", "❤"),
        ("don’t", "don't"),
        ("١٢", "12"),
        ("e\u0301te\u0301", "été"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_people_call_these_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("कि", "की"), ("कि", "क"), ("が", "か"), ("กา", "กี"), ("각", "가"), ("👍", "👎"), ("மி", "ம")],
)
def test_these_are_different(one: str, other: str) -> None:
    assert fold(one) != fold(other)


def test_words_of_any_script() -> None:
    assert words(fold("Où est-ce? नमस्ते दुनिया! 안녕 하세요 👍 don't")) == [
        "ou", "est", "ce", "नमस्ते", "दुनिया", "안녕", "하세요", "don", "t",
    ]  # fmt: skip


def test_scripts_with_and_without_spaces() -> None:
    assert [spaced(each) for each in ("hi", "नमस्ते", "안녕", "สวัสดี", "你好", "こんにちは", "မင်္ဂလာပါ", "ជំរាបសួរ")] == [
        True, True, True, False, False, False, False, False,
    ]  # fmt: skip
