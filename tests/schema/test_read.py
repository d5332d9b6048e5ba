"""Reading a document's bytes, and JSON that no flow should hold: always a Problem, never an exception."""

import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.core.check import MAX_PROBLEMS, check
from engine.core.check_json import MAX_NESTING, read_document
from nodes import node_types
from schemas.flow import MAX_DOCUMENT_BYTES
from schemas.problem import Problem
from tests.schema.sound import CONFIGS, DOCUMENTS
from tests.schema.tiny import edge, flow, node

TYPES = node_types()


@pytest.mark.parametrize(
    ("raw", "code", "says"),
    [
        (b"", "invalid_json", "line 1, column 1"),
        (b'{"a": 1,\n "b": }', "invalid_json", "line 2, column 7"),
        (b'{"a": 1} x', "invalid_json", "extra data, at line 1, column 10"),
        (b'{"a": "\xff"}', "invalid_json", "byte at position 7 is not UTF-8"),
        (b'{"a": "\0"}', "invalid_json", "NUL byte at position 7"),
        (b'{"a": NaN}', "invalid_json", "NaN is not a JSON number"),
        (b'{"a": -Infinity}', "invalid_json", "-Infinity is not a JSON number"),
        (b'{"x": 1, "y": 2, "x": 3}', "duplicate_key", "the key 'x' twice"),
        (b'{"a": ' + b"9" * 100_000 + b"}", "bad_number", "100,000 digits"),
        (b"[" * 200_000, "too_deep", "nested more than"),
        (b'{"a":' * 200_000, "too_deep", "nested more than"),
        (b" " * (MAX_DOCUMENT_BYTES + 1), "document_too_large", "2,000,001 bytes; at most 2,000,000"),
    ],
    ids=lambda value: str(value[:20]) if isinstance(value, bytes) else None,
)
def test_what_cannot_be_read(raw, code, says):
    problem = read_document(raw)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.level, problem.pointer) == (code, "error", "")
    assert says in problem.message


def test_what_can():
    assert read_document(b'\xef\xbb\xbf{"a": [1, 2.5, "\xc3\xa4", null]}') == {"a": [1, 2.5, "ä", None]}


@given(st.binary(max_size=50))
def test_any_bytes_are_read_or_told(raw):
    result = read_document(raw)
    try:
        expected = json.loads(raw)
    except ValueError:
        expected = None
    assert isinstance(result, Problem) or result == expected or raw.startswith(b"\xef\xbb\xbf")


def codes(document: Any) -> dict[str, str]:
    return {problem.pointer: problem.code for problem in check(document, TYPES).problems if problem.level == "error"}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), 10**400, 2**63, b"x", {1, 2}, object()])
def test_values_that_are_no_json(value):
    assert "/variables/0/default" in codes(flow([], [], variables=[{"name": "x", "default": value}]))


def test_a_text_of_a_hundred_thousand_characters():
    document = flow([node("a", "send_message", text="x" * 100_000)], [])
    assert codes(document)["/nodes/0/config/text"] == "too_long"


def test_what_was_replaced_is_told_once_and_never_given_back():
    document = flow([node("start", "trigger", on={"kind": "api"}), node("a", "send_message", text="Hi\0")], [edge("start", "a")])
    result = check(document, TYPES)
    assert [problem.code for problem in result.problems if problem.level == "error"] == ["bad_character"]
    assert result.document is None
    assert result.program is None
    number = check(flow([node("a", "send_message", location=object())], []), TYPES)
    assert [problem.code for problem in number.problems if problem.pointer == "/nodes/0/config/location"] == ["not_json"]


def test_what_is_nested_too_deep():
    deep: Any = 1
    for _ in range(5_000):
        deep = [deep]
    assert "too_deep" in codes(flow([], [], variables=[{"name": "x", "default": deep}])).values()
    rule: Any = {"subject": "message.text", "op": "is_set"}
    for _ in range(2_000):
        rule = {"not": rule}
    assert "too_deep" in codes(flow([node("c", "condition", branches=[{"id": "a", "rule": rule}])], [])).values()
    shallow: Any = 1
    for _ in range(MAX_NESTING - 5):
        shallow = [shallow]
    assert codes(flow([], [], variables=[{"name": "x", "type": "list", "default": shallow}])) == {"/nodes": "no_trigger"}


def test_a_flow_of_two_thousand_nodes():
    nodes = [node(f"n{index}", "send_message", text="Hi") for index in range(2_000)]
    result = check(flow(nodes, [edge("n0", "n1999")]), TYPES)
    assert [(problem.code, problem.pointer) for problem in result.problems if problem.level == "error"] == [
        ("too_many", "/nodes")
    ]


def test_problems_are_bounded():
    nodes = [node(f"n {index}", "send_message", text=index, bogus=1, buttons=5) for index in range(1_000)]
    result = check(flow(nodes, [{} for _ in range(10_000)]), TYPES)
    assert 500 < len(result.problems) <= MAX_PROBLEMS


KEYS = st.sampled_from(
    ["schema", "name", "nodes", "edges", "id", "type", "config", "from", "to", "port", "settings", "on", "kind"]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=string.printable + "\0\ud800ä") | KEYS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS | st.text(max_size=3), inner, max_size=5),
    max_leaves=20,
)


@given(JSON)
def test_the_checker_is_total_on_any_json(document):
    result = check(document, TYPES)
    assert result.program is None
    assert result.problems


@given(
    st.sampled_from(DOCUMENTS),
    st.dictionaries(st.sampled_from(["name", "nodes", "edges", "variables", "settings", "layout"]), JSON),
)
def test_the_checker_is_total_on_flows_with_any_part(document, parts):
    check({**document, **parts}, TYPES)


@given(st.sampled_from([type for type, _ in CONFIGS]), JSON)
def test_the_checker_is_total_on_any_config(type, config):
    check(flow([{"id": "n", "type": type, "config": config}], []), TYPES)
