"""Rules: every operator, readable reasons, total over any value; problems and examples of a rule."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from engine.core.example import examples
from engine.core.operator import OPERATORS
from engine.core.rule import compile_rule, each_test, problems_of_rule, reads
from engine.core.text import Getter
from engine.core.verdict import Verdict
from schemas.rule import MAX_DEPTH, MAX_TESTS, Operator, Rule, Test

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)


def resolve(path: str) -> Getter | None:
    if path == "time.now":
        return lambda scope: NOW
    return None if path == "nope" else lambda scope: scope.get(path)


def check(rule: Any, **scope: Any) -> Verdict:
    return compile_rule(RULE.validate_python(rule), resolve)(scope)


def one(found: Any, op: str, value: Any = None) -> Verdict:
    return check({"subject": "x", "op": op, "value": value}, x=found)


@pytest.mark.parametrize(
    ("found", "op", "value", "ok", "reason"),
    [
        ("Gold", "is", "gold", True, "'Gold' is 'gold'"),
        ("Zoë", "is", "ZOE", True, "'Zoë' is 'ZOE'"),
        (None, "is", "gold", False, "no value"),
        (None, "is_not", "gold", True, "no value"),
        ("gold", "is_not", "gold", False, "'gold' is 'gold'"),
        ("I want a REFUND", "contains", "refund", True, "'I want a REFUND' contains 'refund'"),
        ("hello", "not_contains", "refund", True, "'hello' does not contain 'refund'"),
        ("order 1", "starts_with", "Order", True, "'order 1' starts with 'Order'"),
        ("order 1", "ends_with", "2", False, "'order 1' does not end with '2'"),
        ("helpful", "contains_word", "help", False, "'helpful' does not contain the word 'help'"),
        ("get help now", "contains_word", "help now", True, "'get help now' contains the word 'help now'"),
        ("我需要帮助吗", "contains_word", "帮助", True, "'我需要帮助吗' contains the word '帮助'"),
        ("AB123456", "matches", "^[A-Z]{2}[0-9]{6}$", True, "'AB123456' matches '^[A-Z]{2}[0-9]{6}$'"),
        ("gold", "one_of", ["silver", "bronze"], False, "'gold' is not one of silver, bronze"),
        (34, "gte", 18, True, "34 >= 18"),
        (17, "gte", 18, False, "17 is not >= 18"),
        ("1,200.50", "gt", 1200, True, "1200.5 > 1200"),
        ("١٢", "eq", 12, True, "12 = 12"),
        ("abc", "eq", 12, False, "'abc' is not a number"),
        (True, "eq", 1, False, "yes is not a number"),
        ("abc", "ne", 12, True, "'abc' is not a number"),
        (None, "lt", 5, False, "no value"),
        (3, "lt", "5", True, "3 < 5"),
        (5.5, "lte", 5, False, "5.5 is not <= 5"),
        (18, "between", [18, 65], True, "18 is between 18 and 65"),
        ("08:59", "between", ["09:00", "17:00"], False, "08:59 is not between 09:00 and 17:00"),
        ("23:30", "between", ["22:00", "02:00"], True, "23:30 is between 22:00 and 02:00"),
        ("2026-02-01", "between", ["2026-01-01", "2026-02-01"], True, "2026-02-01 is between 2026-01-01 and 2026-02-01"),
        (date(2025, 5, 5), "before", "2026-01-01", True, "2025-05-05 is before 2026-01-01"),
        (NOW, "after", "2026-04-01T11:00:00Z", True, "2026-04-01 12:00 is after 2026-04-01 11:00"),
        (NOW, "after", "17:00", False, "2026-04-01 12:00 is not after 17:00"),
        (NOW, "on", "2026-04-01", True, "2026-04-01 12:00 is on 2026-04-01"),
        ("soon", "before", "2026-01-01", False, "'soon' does not compare with 2026-01-01"),
        (NOW - timedelta(days=6), "in_last", "P7D", True, "2026-03-26 12:00 is in the last P7D"),
        (NOW + timedelta(days=6), "in_last", "P7D", False, "2026-04-07 12:00 is not in the last P7D"),
        ("2026-04-03", "in_next", "P2D", True, "2026-04-03 is in the next P2D"),
        (True, "is_true", None, True, "is true"),
        ("no", "is_false", None, True, "is false"),
        ("perhaps", "is_true", None, False, "'perhaps' is neither true nor false"),
        (["VIP"], "has", "vip", True, "has vip"),
        ([], "has_not", "vip", True, "has not vip"),
        (["a"], "has_any", ["a", "b"], True, "has a"),
        (["c"], "has_any", ["a", "b"], False, "has not any a, b"),
        (["a"], "has_all", ["a", "b"], False, "has not b"),
        ("", "is_empty", None, True, "no value"),
        ([], "is_set", None, False, "no value"),
        (0, "is_set", None, True, "0 is set"),
    ],
)
def test_operators(found: Any, op: str, value: Any, ok: bool, reason: str) -> None:
    assert one(found, op, value) == Verdict(ok, reason)


def test_every_operator_is_built_and_tested() -> None:
    tested = {mark.args[1][row][1] for mark in test_operators.pytestmark for row in range(len(mark.args[1]))}
    assert tested == set(OPERATORS) == set(get_args(Operator))


AGE = {"subject": "age", "op": "gte", "value": 18}
VIP = {"subject": "tags", "op": "has", "value": "vip"}


@pytest.mark.parametrize(
    ("rule", "ok", "reason"),
    [
        ({"all": [AGE, VIP]}, False, "has not vip"),
        ({"any": [AGE, VIP]}, True, "34 >= 18"),
        ({"all": [AGE, {"not": VIP}]}, True, "34 >= 18 and has not vip"),
        ({"any": [{"not": AGE}, VIP]}, False, "34 >= 18 and has not vip"),
        ({"not": {"any": [VIP, {"not": AGE}]}}, True, "has not vip and 34 >= 18"),
        ({"subject": "nope", "op": "is", "value": "x"}, False, "nope is not known"),
    ],
)
def test_groups_say_what_decided(rule: Any, ok: bool, reason: str) -> None:
    assert check(rule, age=34, tags=[]) == Verdict(ok, reason)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | st.datetimes() | st.dates()
    | st.sampled_from(["2026-01-01", "09:00", "P7D", "12", "9" * 5000, 10**400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@given(st.sampled_from(sorted(OPERATORS)), VALUES, VALUES)
def test_checking_is_total(op: Any, found: Any, value: Any) -> None:
    test = OPERATORS[op](value)
    if test is not None:
        ok, reason = test(found, NOW)
        assert isinstance(ok, bool)
        assert 0 < len(reason) < 4_000


@pytest.mark.parametrize(
    ("rule", "pointer", "code"),
    [
        ({"subject": "nope", "op": "is_set"}, "/r/subject", "unknown_subject"),
        ({"all": [AGE, {"not": {"subject": "x", "op": "matches", "value": "("}}]}, "/r/all/1/not/value", "bad_pattern"),
        ({"any": [{"subject": "x", "op": "gt", "value": "many"}]}, "/r/any/0/value", "bad_value"),
        ({"subject": "x", "op": "in_last", "value": "P1M"}, "/r/value", "bad_value"),
        ({"subject": "x", "op": "between", "value": [1]}, "/r/value", "bad_value"),
        ({"subject": "x", "op": "is"}, "/r", "missing_value"),
        ({"subject": "x", "op": "is_set", "value": 1}, "/r/value", "unused_value"),
        ({"subject": "contact.tags", "op": "gt", "value": 1}, "/r/op", "operator_mismatch"),
        ({"subject": "time.hour", "op": "contains", "value": "1"}, "/r/op", "operator_mismatch"),
    ],
)
def test_problems(rule: Any, pointer: str, code: str) -> None:
    parsed = RULE.validate_python(rule)
    ((at, found, message, hint),) = problems_of_rule(parsed, resolve, "/r")
    assert (at, found) == (pointer, code)
    assert message.endswith((".", ")")) or code == "bad_pattern"
    assert hint.endswith(".")
    assert not compile_rule(parsed, resolve)({}).ok or code == "unused_value" or "not" in pointer
    assert list(problems_of_rule(RULE.validate_python({"all": [AGE, VIP]}), resolve, "")) == []


def test_reads() -> None:
    recent = {"subject": "contact.created_at", "op": "in_last", "value": "P7D"}
    rule = RULE.validate_python({"all": [AGE, {"not": {"any": [VIP, recent]}}]})
    assert reads(rule) == {"age", "tags", "contact.created_at", "time.now"}


@pytest.mark.parametrize(
    ("op", "value"),
    [
        ("gte", 18), ("gt", 18), ("lt", 1.5), ("lte", 0), ("eq", 3), ("ne", 3), ("between", [1, 5]), ("is", "gold"),
        ("is_not", "gold"), ("contains", "a"), ("not_contains", "gold"), ("starts_with", "a"), ("ends_with", "z"),
        ("contains_word", "help"), ("one_of", ["a", "b"]), ("has", "vip"), ("has_not", "vip"), ("has_any", ["a", "b"]),
        ("has_all", ["a", "b"]), ("before", "2026-01-01"), ("after", "2026-01-01T10:00:00Z"), ("on", "2026-01-01"),
        ("before", "17:00"), ("between", ["09:00", "17:00"]), ("between", ["2026-01-01", "2026-02-01"]),
        ("in_last", "P7D"), ("in_next", "PT1H"), ("is_true", None), ("is_false", None), ("is_set", None),
        ("is_empty", None), ("matches", "order|help"),
    ],
)  # fmt: skip
def test_examples_flip_the_rule(op: Any, value: Any) -> None:
    rule = RULE.validate_python({"subject": "x", "op": op, "value": value})
    verdicts = {compile_rule(rule, resolve)({"x": each}).ok for each in examples(rule, now=NOW)["x"]}
    assert verdicts == {True, False}


def test_rules_are_bounded() -> None:
    rule: Any = AGE
    for _ in range(MAX_DEPTH):
        rule = {"not": rule}
    assert len(list(each_test(RULE.validate_python(rule), ""))) == 1
    bad: Any
    for bad in ({"not": rule}, {"all": []}, {"all": [{"any": [AGE] * 50}] * (MAX_TESTS // 50 + 1)}, {"all": [AGE], "x": 1}):
        with pytest.raises(ValidationError):
            RULE.validate_python(bad)


def test_a_fault_in_a_group_is_reported_once() -> None:
    with pytest.raises(ValidationError) as caught:
        RULE.validate_python({"all": [{"subject": "x", "op": "nonsense"}]})
    assert [error["loc"] for error in caught.value.errors()] == [("AllOf", "all", 0, "Test", "op")]


def test_json_goes_in_and_out() -> None:
    rule = {"all": [AGE, {"not": {"any": [VIP]}}, {"subject": "x", "op": "one_of", "value": ["a", 1, True, 1.5]}]}
    assert RULE.dump_python(RULE.validate_python(rule), mode="json") == rule
    assert isinstance(RULE.validate_python(AGE), Test)
