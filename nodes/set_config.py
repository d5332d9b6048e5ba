"""The config of Set: a list of assignments, each with what it changes and the value for it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictBool, StrictInt

from engine.core.node import NodeConfig
from nodes.form import MAX_LINE, FieldKey, Number, VariableName
from schemas.rule import MAX_EXPRESSION

MAX_ASSIGNMENTS = 50
"""Assignments of one node: more can't be read as one step."""

Change = Literal["variable", "field", "add_tag", "remove_tag", "name", "language", "timezone", "opt_in", "opt_out"]
Operation = Literal["none", "add", "subtract", "multiply", "divide", "round", "lower", "upper", "trim", "append", "expression"]
Value = Annotated[str, Field(max_length=MAX_LINE)] | StrictInt | Number | StrictBool

VALUED = ("variable", "field", "name", "language", "timezone")
"""What takes a value."""
PLAIN: tuple[Operation, ...] = ("none", "add", "subtract", "multiply", "divide", "round", "lower", "upper", "trim", "append")
"""What is made of `value`; an expression stands alone."""
WITH_OPERAND = ("add", "subtract", "multiply", "divide", "round", "append")


class AssignmentConfig(NodeConfig):
    """One change: of what, and to which value."""

    change: Change = Field(
        description="What is changed.",
        json_schema_extra={
            "ui": "choice",
            "labels": {
                "variable": "A variable",
                "field": "A contact field",
                "add_tag": "Add a tag",
                "remove_tag": "Remove a tag",
                "name": "The contact's name",
                "language": "The contact's language",
                "timezone": "The contact's time zone",
                "opt_in": "May be written to",
                "opt_out": "Not written to any more",
            },
        },
    )
    variable: VariableName | None = Field(
        default=None, description="The variable.", json_schema_extra={"ui": "variable", "show_if": {"change": ["variable"]}}
    )
    field: FieldKey | None = Field(
        title="Contact field",
        default=None,
        description="The contact field.",
        json_schema_extra={"ui": "field", "show_if": {"change": ["field"]}},
    )
    tag: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="The tag.", json_schema_extra={"ui": "tag", "show_if": {"change": ["add_tag", "remove_tag"]}}
    )
    value: Value = Field(
        default="",
        description="A text with merge fields, a number, or true or false; empty clears it.",
        json_schema_extra={"ui": "line", "show_if": {"change": list(VALUED), "operation": list(PLAIN)}},
    )
    operation: Operation = Field(
        title="Worked out",
        default="none",
        description="What is made of the value.",
        json_schema_extra={
            "ui": "choice",
            "show_if": {"change": list(VALUED)},
            "labels": {
                "none": "As it is",
                "add": "Plus",
                "subtract": "Minus",
                "multiply": "Times",
                "divide": "Divided by",
                "round": "Rounded to decimals",
                "lower": "In small letters",
                "upper": "In capitals",
                "trim": "Without spaces around it",
                "append": "Followed by",
                "expression": "By an expression",
            },
        },
    )
    operand: Value = Field(
        title="And",
        default="",
        description="The other number or text, or how many decimals to round to.",
        json_schema_extra={"ui": "line", "show_if": {"change": list(VALUED), "operation": list(WITH_OPERAND)}},
    )
    expression: Annotated[str, Field(max_length=MAX_EXPRESSION)] = Field(
        default="",
        description="A CEL expression that gives the value.",
        examples=["score > 8 ? 'promoter' : 'other'"],
        json_schema_extra={"ui": "expression", "show_if": {"change": list(VALUED), "operation": ["expression"]}},
    )


class SetConfig(NodeConfig):
    """Assignments, done in order; each sees what the ones before it made."""

    changes: tuple[AssignmentConfig, ...] = Field(
        min_length=1,
        max_length=MAX_ASSIGNMENTS,
        description="In this order; each sees what the ones before it made.",
        json_schema_extra={"ui": "items"},
    )
