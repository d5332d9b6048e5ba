"""Keywords are found without case and accents in any script; the index finds what the single patterns find."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.fold import fold
from engine.core.keyword import RANK, Hit, KeywordIndex, KeywordKind, KeywordPattern, pattern_problem


def found(kind: KeywordKind, words: list[str], text: str) -> Hit | None:
    hit = KeywordPattern.of(kind, words).match(fold(text), text)
    index = KeywordIndex.of([("owner", KeywordPattern.of(kind, words))])
    assert [each for _, each in index.matches(fold(text), text)] == ([hit] if hit else [])
    return hit


@pytest.mark.parametrize(
    ("kind", "word", "text", "hits"),
    [
        ("exact", "Hola", "¡HÓLA!", True),
        ("exact", "hi", "hi there", False),
        ("exact", "👍", "👍", True),
        ("exact", "c++", "c", False),
        ("exact", "c++", "C++", True),
        ("exact", "order status", "Order  status?", True),
        ("word", "help", "please HELP me", True),
        ("word", "help", "helpful", False),
        ("word", "order status", "my order-status please", True),
        ("word", "order status", "order my status", False),
        ("word", "c++", "I like c++", True),
        ("word", "帮助", "我需要帮助吗", True),
        ("word", "ช่วย", "โปรดช่วยด้วย", True),
        ("word", "मदद", "मुझे मदद चाहिए", True),
        ("word", "मद", "मुझे मदद चाहिए", False),
        ("word", "помощь", "Нужна ПОМОЩЬ", True),
        ("contains", "fund", "reFUNDs", True),
        ("contains", "fund", "fun", False),
        ("starts_with", "order", "Order 12", True),
        ("starts_with", "order", "my order", False),
        ("pattern", "^order #?[0-9]+$", "Order #12", True),
        ("pattern", "cafe", "CAFÉ", True),
        ("pattern", "café", "CAFÉ", True),
        ("pattern", "(", "(", False),
        ("exact", "", "", False),
        ("contains", " ", "a", False),
    ],
)
def test_a_keyword_is_found(kind: KeywordKind, word: str, text: str, hits: bool) -> None:
    assert found(kind, ["zzz", word], text) == (Hit(kind, word) if hits else None)


def test_many_patterns_are_searched_at_once_and_none_is_lost() -> None:
    patterns = [f"^item{number}( now)?$" for number in range(300)]
    index = KeywordIndex.of([(number, KeywordPattern.of("pattern", [each])) for number, each in enumerate(patterns)])
    for number in (0, 17, 299):
        text = f"ITEM{number} now"
        assert index.matches(fold(text), text) == [(number, Hit("pattern", patterns[number]))]
    assert index.matches("item300", "item300") == []


def test_the_best_hit_comes_first_and_counts_once_per_entry() -> None:
    kinds: list[KeywordKind] = ["pattern", "contains", "starts_with", "word", "exact"]
    index = KeywordIndex.of([(kind, KeywordPattern.of(kind, ["hi", "h"])) for kind in kinds])
    assert [owner for owner, _ in index.matches("hi", "hi")] == sorted(kinds, key=lambda kind: RANK[kind])


def test_a_bomb_is_harmless_and_a_bad_pattern_is_explained() -> None:
    assert found("pattern", ["(a+)+$"], "a" * 50_000 + "b") is None
    assert pattern_problem("(a+)+$") is None
    for bad in ("", "(", "a" * 1_001, "(?=x)", r"(a)\1", "(a{1000}){1000}", "[z-a]"):
        assert (pattern_problem(bad) or "").startswith("The pattern ")


@pytest.mark.parametrize("text", ["\ud800", "\x00", "", "a" * 100_000])
def test_any_text_may_arrive(text: str) -> None:
    for kind in RANK:
        found(kind, ["word"], text)


WORDS = st.sampled_from(["a", "b", "a b", "é", "c++", "你", "ab", "B", "b a"])


@given(
    st.lists(st.tuples(st.sampled_from(sorted(RANK)), st.lists(WORDS, max_size=3)), max_size=6),
    st.lists(st.sampled_from(["a", "b", "É", "c++", "你", "ab", " ", "!", "-"]), max_size=6).map("".join),
)
def test_the_index_finds_what_the_patterns_find(entries: list[tuple[KeywordKind, list[str]]], text: str) -> None:
    entries = [entry for entry in entries if entry[0] != "pattern"]
    patterns = [KeywordPattern.of(kind, words) for kind, words in entries]
    expected = {number for number, each in enumerate(patterns) if each.match(fold(text), text)}
    assert {owner for owner, _ in KeywordIndex.of(enumerate(patterns)).matches(fold(text), text)} == expected
