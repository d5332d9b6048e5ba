"""The message grammar: merge fields first, then spintax, then known words; contact data is never grammar."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.core.limit import MAX_RENDERED
from engine.core.text import Getter, compile_text

SCOPE: dict[str, Any] = {
    "contact.name": "Anna Berg",
    "contact.phone": "+4915112345678",
    "contact.email": None,
    "contact.fields.custom": "VIP",
    "contact.fields.balance": 1234.5,
    "contact.tags": ["vip", "beta"],
    "contact.created_at": datetime(2026, 12, 24, 18, 30, tzinfo=UTC),
    "1": "first",
    "city": "Köln",
}


def resolve(path: str) -> Getter | None:
    return (lambda scope: scope.get(path)) if path in SCOPE or path.startswith("var.") else None


def render(source: str, seed: str = "run:1:0", **changed: Any) -> str:
    return compile_text(source, resolve).render({**SCOPE, **changed}, seed)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hi {{contact.name|there}}!", "Hi Anna Berg!"),
        ("Hi {{ contact.email | there }}!", "Hi there!"),
        ('Hi {{contact.email | default:"there" | upper}}', "Hi THERE"),
        ('{{contact.email|default:"a|b"}}', "a|b"),
        ("{{contact.email|a|b}}", "a"),
        ("{{1}} {{city}}", "first Köln"),
        ("{{contact.name|upper}} {{contact.name | lower}}", "ANNA BERG anna berg"),
        ("{{contact.fields.balance|number:2}}", "1,234.50"),
        ("{{contact.fields.balance|number:0}}", "1,234"),
        ("{{contact.fields.balance}}", "1234.5"),
        ("{{contact.name|truncate:5}}", "Anna…"),
        ('{{contact.created_at|date:"%d %b %Y, %H:%M"}}', "24 Dec 2026, 18:30"),
        ("{{contact.created_at}}", "2026-12-24 18:30"),
        ("{{contact.tags}}", "vip, beta"),
        ("{name} {phone} {custom} {email}.", "Anna Berg +4915112345678 VIP ."),
        ("{x} {name", "{x} {name"),
        ("{{{contact.name}}}", "{Anna Berg}"),
        ("{{}} {} } {", "{{}} {} } {"),
        ("a|b", "a|b"),
        ("{nope} {{nope}} {{nope|fallback}}", "{nope}  fallback"),
        ('{"json": [1, {"a": 2}]}', '{"json": [1, {"a": 2}]}'),
        ("{{city|title}}{{city|there|trim}}", "KölnKöln"),
    ],
)
def test_renders(source: str, expected: str) -> None:
    assert render(source) == expected


def test_contact_data_is_never_read_as_grammar() -> None:
    name = "{{x}}{a|b}{name}"
    for source in ("{name}", "{{contact.name}}", "{{{contact.name}|{name}}", "{{{contact.name}}|{{contact.name}}}"):
        assert name in render(source, **{"contact.name": name})


def test_spintax_is_chosen_by_the_seed_and_covers_all() -> None:
    text = compile_text("{a|b|c}{a|b|c}", resolve)
    rendered = {seed: text.render(SCOPE, str(seed)) for seed in range(200)}
    assert set(rendered.values()) == {x + y for x in "abc" for y in "abc"}
    assert rendered == {seed: text.render(SCOPE, str(seed)) for seed in range(200)}


def test_spintax_nests_and_holds_merge_fields() -> None:
    source = "{Hi {{contact.name}}|Hello {my|dear} {name}|}"
    seen = {render(source, str(seed)) for seed in range(100)}
    assert seen == {"Hi Anna Berg", "Hello my Anna Berg", "Hello dear Anna Berg", ""}


def test_the_choice_is_pinned_for_retries_across_releases() -> None:
    assert [render("{a|b|c|d}", f"7:{step}:0") for step in range(8)] == ["a", "a", "d", "b", "a", "c", "c", "d"]


def test_what_it_reads_and_what_nobody_knows() -> None:
    text = compile_text("{name} {{contact.name}} {{nope|x}} {a|{{city}}} {y}", resolve)
    assert text.reads == ("contact.name", "city")
    assert text.unknown == ("nope",)
    assert text.static is None
    assert compile_text("Hello {x} {{nope|you}}", resolve).static == "Hello {x} you"


def test_output_is_bounded_and_has_no_control_characters() -> None:
    assert render("a\x00b\r\n\tc\x1b") == "ab\n\tc"
    assert render("{name}", **{"contact.name": "a\x00b\ud800\nc"}) == "ab\nc"
    assert len(render("{name}" * 50, **{"contact.name": "x" * 9_000})) == MAX_RENDERED


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (None, ""),
        (3.0, "3"),
        (0.1 + 0.2, "0.3"),
        (float("nan"), ""),
        (True, "yes"),
        ([10**5000], ""),
        (date(2026, 1, 2), "2026-01-02"),
        ({"a": 1, "b": [2, None]}, "a: 1, b: 2, "),
        (object(), ""),
    ],
)
def test_every_value_is_written_for_people(value: Any, written: str) -> None:
    assert render("{name}", **{"contact.name": value}) == written


@pytest.mark.parametrize("filter_", ["number:2", 'date:"%Y"', "upper", "title", "trim", "truncate:3", 'default:"x"'])
@pytest.mark.parametrize("value", [None, "", "text", [1], {"a": 1}, float("inf"), True, 10**400])
def test_filters_take_any_value(filter_: str, value: Any) -> None:
    render(f"{{{{contact.name|{filter_}}}}}", **{"contact.name": value})


def test_braces_nested_too_deep_are_text() -> None:
    deep = "{a|" * 12 + "b" + "}" * 12
    assert any("{" in render(deep, str(seed)) for seed in range(5_000))
    assert all("{" not in render("{a|" * 10 + "b" + "}" * 10, str(seed)) for seed in range(500))
