"""Rendering is total, bounded and repeatable, whatever an author writes and a contact is called."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.core.fold import fold, fold_any, words
from engine.core.limit import MAX_RENDERED
from engine.core.number import find_number, read_number
from engine.core.plain import plain
from engine.core.text import Getter, compile_text

SOURCES = st.lists(
    st.sampled_from(["{", "}", "{{", "}}", "|", "name", "contact.name", "upper", 'default:"', '"', ":", "1", " ", "x", "é"])
    | st.text(max_size=5),
    max_size=40,
).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.datetimes() | st.dates(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
MARK = "\u2603{{x}}{a|b}{name}|}\u2603"  # a value that would be grammar if it were read again


def resolve(path: str) -> Getter | None:
    return None if path == "x" else lambda scope: scope


@given(SOURCES, VALUES, st.text(st.characters()))
def test_rendering_is_total_bounded_and_repeatable(source: str, value: Any, seed: str) -> None:
    text = compile_text(source, resolve)
    rendered = text.render(value, seed)
    assert len(rendered) <= MAX_RENDERED
    assert rendered == compile_text(source, resolve).render(value, seed)
    assert not any(ord(each) < 32 and each not in "\n\t" for each in rendered)
    if text.static is not None:
        assert text.static == rendered
    rendered.encode()


@given(SOURCES, st.text(max_size=3))
def test_values_are_whole_or_absent(source: str, seed: str) -> None:
    text = compile_text(source.replace("\u2603", "").replace("upper", "").replace("default", ""), resolve)
    rendered = text.render(MARK, seed)
    assert rendered.count("\u2603") == 2 * rendered.count(MARK)


@given(st.text(alphabet=st.characters(exclude_characters="{|}", exclude_categories=["Cc", "Cs"])))
def test_a_text_without_braces_is_itself(source: str) -> None:
    assert compile_text(source, resolve).static == source


@given(st.text())
def test_folding_is_idempotent(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(st.characters(max_codepoint=0x2FF)))
def test_the_short_ways_of_folding_change_nothing(text: str) -> None:
    assert fold(text) == fold_any(text)


@given(st.text())
def test_words_are_found_again(text: str) -> None:
    found = words(fold(text))
    assert words(" ".join(found)) == found


@given(st.text(alphabet="0123456789.,' -+٣٫x€"))
def test_reading_numbers_is_total(text: str) -> None:
    for comma in (False, True):
        assert read_number(text, comma_decimal=comma) is None or find_number(text, comma_decimal=comma) is not None


@given(st.integers(-(10**12), 10**12) | st.floats(-1e9, 1e9).map(lambda value: round(value, 4)))
def test_numbers_are_read_as_they_are_written(number: float) -> None:
    assert read_number(plain(number)) == number
    assert read_number(f"{number:,.4f}") == round(number, 4)
    assert find_number(f"about {number:,.4f} euro") == round(number, 4)
