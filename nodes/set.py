"""Set: changes variables and the contact, by a list of assignments."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from engine.core.build import Build
from engine.core.node import Behaviour, Fail, Go, Look, NodeType, Outcome, Port, Uses
from engine.core.plain import plain
from engine.core.scope import Scope
from engine.core.typed import WANTED, in_type
from engine.core.visit import Visit
from nodes.compute import Impossible, by_expression, operand, work_out
from nodes.finding import (
    expression_problems,
    expression_reads,
    field_references,
    text_problems,
    text_reads,
    unknown_field,
)
from nodes.set_config import VALUED, WITH_OPERAND, AssignmentConfig, SetConfig
from schemas.contact import ChangeKind, ContactChange
from schemas.event import StopRun
from schemas.hours import is_zone
from schemas.problem import Problem, pointer

INVALID = "invalid"
MAX_SHOWN = 40  # characters of a value that the history repeats
MAX_REASONS = 10  # assignments that the history names
MAX_NAME = 200  # characters of a contact's name, as the API takes
MAX_LANGUAGE = 35  # characters of a language tag (RFC 5646, 4.4.1)
TARGETS = {"variable": "variable", "field": "field", "add_tag": "tag", "remove_tag": "tag"}
"""Which key names what is changed."""
OPERATIONS: Mapping[str, ChangeKind] = {"name": "set_name", "language": "set_language", "timezone": "set_timezone"}

Assign = Callable[[Visit], str | Impossible]
"""Does one assignment; says what it changed."""


class Set(NodeType[SetConfig]):
    """Changes variables, contact fields, tags, the contact's name, language, time zone and consent, in order.

    ```json
    {"changes": [{"change": "variable", "variable": "score", "value": "{{score}}", "operation": "add", "operand": 1},
                 {"change": "field", "field": "plan", "value": "gold"},
                 {"change": "add_tag", "tag": "customer"}]}
    ```

    A value of one merge field keeps its type; any other text is filled. It is then read as the type that the variable or the
    field declares. Opting out does what the word STOP does: all flows of the contact end, this one after what it can still do
    without waiting. Port `invalid` where that can't be, or a calculation has no result; what was done before stands.
    """

    name = "set"
    Config = SetConfig
    look = Look(
        label="Set",
        group="actions",
        icon="variable",
        colour="teal",
        description="Sets variables, contact fields, tags and more.",
        card="",
    )
    starter: Mapping[str, Any] = {"changes": [{"change": "variable"}]}
    example: Mapping[str, Any] = {
        "changes": [
            {"change": "variable", "variable": "score", "value": "{{score}}", "operation": "add", "operand": 1},
            {"change": "field", "field": "plan", "value": "gold"},
            {"change": "add_tag", "tag": "customer"},
        ]
    }

    def ports(self, config: SetConfig) -> tuple[Port, ...]:
        """On, or what can't be worked out."""
        return (Port("next", "Then"), Port(INVALID, "Can't be worked out", "error"))

    def compile(self, config: SetConfig, build: Build) -> Behaviour:
        """Each assignment becomes a closure here."""
        assignments = [_assign(each, build) for each in config.changes]

        def enter(visit: Visit) -> Outcome:
            done: list[str] = []
            for assign in assignments:
                found = assign(visit)
                if isinstance(found, Impossible):
                    return Fail(INVALID, found.code, found.message)
                done.append(found)
            return Go("next", "; ".join(done[:MAX_REASONS]) + ("; …" if done[MAX_REASONS:] else ""))

        return Behaviour(enter)

    def writes(self, config: SetConfig) -> tuple[str, ...]:
        """The variables that it sets."""
        names = [each.variable for each in config.changes if each.change == "variable" and each.variable]
        return tuple(dict.fromkeys(names))

    def uses(self, config: SetConfig, build: Build) -> Uses:
        """Its merge fields; each decides a value that later nodes may test."""
        reads = text_reads(_sources(config), build)
        for at, source in _expressions(config).items():
            reads += expression_reads(source, at, build.resolve)
        tags = [each.tag for each in config.changes if each.change in ("add_tag", "remove_tag") and each.tag]
        return Uses(
            reads=reads,
            references=field_references(reads),
            decides=tuple(dict.fromkeys(path for path, _ in reads)),
            tags=tuple(dict.fromkeys(tags)),
        )

    def check(self, config: SetConfig, scope: Scope) -> Iterable[Problem]:
        """What isn't named, fields that nobody made, and values of another type than what they are for."""
        yield from text_problems(_sources(config), scope)
        for where, source in _expressions(config).items():
            yield from expression_problems(source, where, scope, boolean=False)
        for at, each in enumerate(config.changes):
            yield from _problems(each, pointer("changes", at), scope)


def _sources(config: SetConfig) -> dict[str, str]:
    """The texts by their pointer: only of values that are used."""
    found: dict[str, str] = {}
    for at, each in enumerate(config.changes):
        if each.change in VALUED and each.operation != "expression":
            used = (("value", each.value), ("operand", each.operand if each.operation in WITH_OPERAND else ""))
            found |= {pointer("changes", at, key): text for key, text in used if isinstance(text, str) and text}
    return found


def _expressions(config: SetConfig) -> dict[str, str]:
    """The expressions by their pointer, those that are used."""
    asked = [(at, each) for at, each in enumerate(config.changes) if each.change in VALUED and each.operation == "expression"]
    return {pointer("changes", at, "expression"): each.expression for at, each in asked}


def _problems(each: AssignmentConfig, at: str, scope: Scope) -> Iterator[Problem]:
    key = TARGETS.get(each.change)
    target: str | None = getattr(each, key) if key else ""
    if target is None:
        named = "contact field" if key == "field" else key
        yield Problem("missing_target", "error", at, f"It isn't said which {named} is changed.", f"Choose a {named}.")
        return
    declared: str | None = scope.build.types.get(target) if key == "variable" else None
    if key == "field":
        declared = scope.fields.get(target) if scope.fields is not None else None
        yield from unknown_field(target, f"{at}/field", scope)
    fixed = each.operation == "none" and each.value != "" and not (isinstance(each.value, str) and "{" in each.value)
    if declared in WANTED and fixed and in_type(declared, each.value) is None:
        message = f"“{target}” takes {WANTED[declared]}."
        yield Problem("wrong_type", "error", f"{at}/value", message, "Correct the value, or choose another.")
    if each.change == "timezone" and fixed and not is_zone(plain(each.value)):
        message = f"“{plain(each.value)[:64]}” is not a time zone."
        yield Problem("unknown_timezone", "error", f"{at}/value", message, "Use a name such as Europe/Berlin.")


def _assign(config: AssignmentConfig, build: Build) -> Assign:
    value = by_expression(config.expression, build) if config.operation == "expression" else _calculated(config, build)

    match config.change:
        case "variable":
            return _variable(config.variable or "", build, value)
        case "field":
            return _field(config.field or "", value)
        case "add_tag":
            return _constant(ContactChange("add_tag", config.tag or ""), f"tag {config.tag} added")
        case "remove_tag":
            return _constant(ContactChange("remove_tag", config.tag or ""), f"tag {config.tag} removed")
        case "opt_in":
            return _constant(ContactChange("set_consent", value=True), "opted in")
        case "opt_out":
            return _opt_out
        case _:
            return _property(config.change, value)


def _calculated(config: AssignmentConfig, build: Build) -> Callable[[Visit], Any]:
    left, right = operand(config.value, build), operand(config.operand, build)
    operation = config.operation
    return lambda visit: work_out(operation, left(visit), right(visit))


def _variable(name: str, build: Build, value: Callable[[Visit], Any]) -> Assign:
    declared = build.types.get(name)

    def assign(visit: Visit) -> str | Impossible:
        found = _as(declared, value(visit), name)
        if not isinstance(found, Impossible):
            visit.set(name, found)
            return f"{name} = {_shown(found)}"
        return found

    return assign


def _field(key: str, value: Callable[[Visit], Any]) -> Assign:
    def assign(visit: Visit) -> str | Impossible:
        found = _as(visit.turn.world.field_types.get(key), value(visit), key)
        if not isinstance(found, Impossible):
            visit.change(ContactChange("set_field", key, None if found == "" else found))
            return f"{key} = {_shown(found)}"
        return found

    return assign


def _property(what: str, value: Callable[[Visit], Any]) -> Assign:
    operation = OPERATIONS[what]
    longest = {"set_name": MAX_NAME, "set_language": MAX_LANGUAGE}.get(operation, MAX_NAME)

    def assign(visit: Visit) -> str | Impossible:
        found = value(visit)
        if isinstance(found, Impossible):
            return found
        text = plain(found).strip()[:longest]
        if text and what == "timezone" and not is_zone(text):
            return Impossible("unknown_timezone", f"“{text[:MAX_SHOWN]}” is not a time zone")
        visit.change(ContactChange(operation, value=text or None))
        return f"{what} = {_shown(text)}"

    return assign


def _constant(change: ContactChange, said: str) -> Assign:
    def assign(visit: Visit) -> str:
        visit.change(change)
        return said

    return assign


def _opt_out(visit: Visit) -> str:
    """As the word STOP does, all of the contact's flows end; this one first does what it can without waiting."""
    visit.change(ContactChange("set_consent", value=False))
    visit.turn.emit(StopRun(0, "opted_out"), contact=visit.turn.contact.id, deeper=False)  # consent stops every chain
    return "opted out"


def _as(declared: str | None, found: Any, name: str) -> Any:
    """The value in the declared type, `Impossible` where it can't be; an empty text clears what is no text."""
    if isinstance(found, Impossible) or declared is None or declared not in WANTED or found is None:
        return found
    if found == "" and declared != "text":
        return None
    read = in_type(declared, found)
    return Impossible("wrong_type", f"{name} takes {WANTED[declared]}, not “{_shown(found)}”") if read is None else read


def _shown(found: Any) -> str:
    text = plain(found)
    return "nothing" if not text else text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
