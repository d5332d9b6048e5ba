"""Rules as data: tests of one subject, and all, any and not of them.

| type | op | value | holds when, for example |
|---|---|---|---|
| any | `is_set`, `is_empty` | - | there is a value; there is none, or an empty text or list |
| text | `is`, `is_not` | text | `contact.language` is "de" |
| text | `contains`, `not_contains` | text | `message.text` contains "refund" |
| text | `starts_with`, `ends_with` | text | `message.text` starts with "order" |
| text | `contains_word` | word or phrase | `message.text` contains the word "help" (not "helpful") |
| text | `matches` | RE2 pattern | `message.text` matches "[A-Z]{2}[0-9]{6}" |
| text | `one_of` | list of texts | `contact.plan` is one of ["silver", "gold"] |
| number | `eq`, `ne`, `gt`, `gte`, `lt`, `lte` | number | `contact.age` gte 18 |
| number, date, time | `between` | [low, high] | `time.time` between ["09:00", "17:00"]; both ends count |
| date, time | `before`, `after` | date, instant or time of day | `contact.created_at` before "2026-01-01" |
| date | `on` | date | `var.visit` on "2026-12-24" |
| date | `in_last`, `in_next` | ISO 8601 duration | `contact.created_at` in_last "P7D" |
| boolean | `is_true`, `is_false` | - | `contact.newsletter` is_true |
| list | `has`, `has_not` | text | `contact.tags` has "vip" |
| list | `has_any`, `has_all` | list of texts | `contact.tags` has_any ["vip", "beta"] |

Texts are compared without case and accents. Numbers may be numeric texts ("1,200.50", digits of any script).
Where tests aren't enough, `{"expression": "…"}` is a rule too.
A missing or unfit value never holds, except for the negations (`is_not`, `ne`, `not_contains`, `has_not`, `is_empty`).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    Tag,
    model_validator,
)

MAX_DEPTH = 10  # groups within groups; a person loses track at four
MAX_GROUP = 50  # rules in one group
MAX_TESTS = 200  # tests in one rule: bounds what one decision costs
MAX_VALUE = 1_000  # characters of a text value
MAX_EXPRESSION = 1_000  # characters of an expression: bounds what it can cost, and nobody reads a longer one

Operator = Literal[
    "is_set", "is_empty",
    "is", "is_not", "contains", "not_contains", "starts_with", "ends_with", "contains_word", "matches", "one_of",
    "eq", "ne", "gt", "gte", "lt", "lte", "between",
    "before", "after", "on", "in_last", "in_next",
    "is_true", "is_false",
    "has", "has_not", "has_any", "has_all",
]  # fmt: skip

ShortText = Annotated[StrictStr, Field(max_length=MAX_VALUE)]
FiniteFloat = Annotated[float, Field(strict=True, allow_inf_nan=False)]
Scalar = StrictBool | StrictInt | FiniteFloat | ShortText
Value = Scalar | Annotated[tuple[Scalar, ...], Field(max_length=100)]


class _Rule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    @model_validator(mode="after")
    def _bounded(self) -> _Rule:
        depth, tests = _size(self)
        if depth > MAX_DEPTH:
            raise ValueError(f"Rules are nested more than {MAX_DEPTH} deep; split the rule into branches.")
        if tests > MAX_TESTS:
            raise ValueError(f"The rule holds more than {MAX_TESTS} tests; split it into branches.")
        return self


class Test(_Rule):
    """One test of one subject.

    >>> Test.model_validate({"subject": "contact.fields.age", "op": "gte", "value": 18}).op
    'gte'
    """

    __test__: ClassVar[bool] = False  # not a test class, whatever its name suggests to pytest

    subject: str = Field(
        min_length=1,
        max_length=200,
        description="What is tested: a path.",
        examples=["contact.tags", "message.text", "contact.fields.age", "time.hour"],
    )
    op: Operator = Field(description="How it is tested.", examples=["is", "contains", "gte", "has"])
    value: Value | None = Field(
        default=None,
        description="What it is tested against; nothing for is_set, is_empty, is_true and is_false.",
        examples=["gold", 18, ["silver", "gold"]],
    )


class Expression(_Rule):
    """A CEL expression that must be true, for what tests can't say (docs/rules.md).

    >>> Expression.model_validate({"expression": "contact.age >= 18 && 'vip' in contact.tags"}).expression[:11]
    'contact.age'
    """

    expression: str = Field(
        min_length=1,
        max_length=MAX_EXPRESSION,
        description="A CEL expression that gives true or false.",
        examples=["contact.age >= 18 && 'vip' in contact.tags"],
    )


class AllOf(_Rule):
    """Holds when all of its rules hold."""

    all: Rules = Field(description="All of these must hold.")


class AnyOf(_Rule):
    """Holds when one of its rules holds."""

    any: Rules = Field(description="One of these must hold.")


class NotOf(_Rule):
    """Holds when its rule does not."""

    rule: Rule = Field(alias="not", description="This must not hold.")


def _kind(value: Any) -> str:
    match value:
        case AllOf() | AnyOf() | NotOf() | Expression() | Test():
            return type(value).__name__
        case {"all": _}:
            return "AllOf"
        case {"any": _}:
            return "AnyOf"
        case {"not": _}:
            return "NotOf"
        case {"expression": _}:
            return "Expression"
        case _:
            return "Test"


Rule = Annotated[
    Annotated[AllOf, Tag("AllOf")]
    | Annotated[AnyOf, Tag("AnyOf")]
    | Annotated[NotOf, Tag("NotOf")]
    | Annotated[Expression, Tag("Expression")]
    | Annotated[Test, Tag("Test")],
    Discriminator(_kind),
]
"""A rule: {"all": [...]}, {"any": [...]}, {"not": {...}}, {"expression": ...} or {"subject": ..., "op": ..., "value": ...}."""


def _not_empty(rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
    # Not min_length: that also complains about a group whose only rule is at fault.
    if not rules:
        raise ValueError("A group holds at least one rule.")
    return rules


Rules = Annotated[
    tuple[Rule, ...],
    AfterValidator(_not_empty),
    Field(max_length=MAX_GROUP, json_schema_extra={"minItems": 1}),
]

AllOf.model_rebuild()
AnyOf.model_rebuild()
NotOf.model_rebuild()


def _size(rule: _Rule) -> tuple[int, int]:
    """How deep a rule is nested and how many tests it holds; deeper than allowed is counted as one too deep."""
    depth, tests = 0, 0
    waiting: list[tuple[Any, int]] = [(rule, 0)]
    while waiting and depth <= MAX_DEPTH and tests <= MAX_TESTS:
        each, level = waiting.pop()
        match each:
            case AllOf():
                waiting += [(inner, level + 1) for inner in each.all]
            case AnyOf():
                waiting += [(inner, level + 1) for inner in each.any]
            case NotOf():
                waiting.append((each.rule, level + 1))
            case _:
                tests += 1
        depth = max(depth, level)
    return depth, tests
