"""Finds the rules in a node's config, wherever its type keeps them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from engine.core.node import NodeConfig
from schemas.problem import pointer
from schemas.rule import AllOf, AnyOf, Expression, NotOf, Rule, Test


@dataclass(frozen=True, slots=True)
class Found:
    """A rule of a node: where it stands (relative to the config), what people call it, and the port of the same id."""

    pointer: str
    label: str
    id: str
    rule: Rule


def rules_of(config: NodeConfig) -> tuple[Found, ...]:
    """Every rule of a config, in its order.

    >>> from nodes.condition import Condition
    >>> [each.pointer for each in rules_of(Condition.Config.model_validate(Condition.example))]
    ['/branches/0/rule']
    """
    return tuple(_walk(config, "", config))


def _walk(value: Any, at: str, holder: Any) -> Iterator[Found]:
    match value:
        case AllOf() | AnyOf() | NotOf() | Expression() | Test():
            id = str(getattr(holder, "id", "") or "")
            yield Found(at, str(getattr(holder, "label", "") or id), id, value)
        case BaseModel():
            for name, field in type(value).model_fields.items():
                yield from _walk(getattr(value, name), at + pointer(field.alias or name), value)
        case tuple() | list():
            for index, each in enumerate(value):
                yield from _walk(each, at + pointer(index), holder)
        case dict():
            for key, each in value.items():
                yield from _walk(each, at + pointer(key), holder)
        case _:
            return
