"""The chat's own words are whole in every language, and in each in which PostDog speaks to contacts."""

import re
from pathlib import Path
from typing import Any

import pytest

import channels.webchat
from engine.core.phrase_book import ENGLISH, PHRASES

SOURCE = (Path(channels.webchat.__file__).parent / "static" / "words.js").read_text("utf-8")
WORD = re.compile(r'(\w+): "([^"]*)"')
FIELD = re.compile(r"{\w+}")


def books() -> dict[str, dict[str, str]]:
    english = SOURCE.partition("const ENGLISH = {")[2].partition("\n};")[0]
    others = SOURCE.partition("const OTHERS = {")[2].partition("\n};")[0]
    found = re.findall(r"\n  (\w+): {\n(.*?)\n  },", others, re.DOTALL)
    return {ENGLISH: dict(WORD.findall(english)), **{language: dict(WORD.findall(words)) for language, words in found}}


def test_the_chat_speaks_every_language_of_the_phrase_book():
    assert books().keys() == PHRASES.keys()


@pytest.mark.parametrize("language", sorted(PHRASES))
def test_every_language_has_every_word_with_the_same_fields(language: Any):
    english, own = books()[ENGLISH], books()[language]
    assert len(english) > 40
    assert own.keys() == english.keys()
    assert {key: FIELD.findall(text) for key, text in own.items()} == {key: FIELD.findall(text) for key, text in english.items()}
    assert all(own.values())
