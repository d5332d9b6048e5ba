"""Everything that a text or a rule at a node may read, with words for people: what a picker offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlmodel import Session

from crm.fields import list_fields
from crm.globals import list_globals
from crm.hours import list_hours
from crm.secrets import list_secrets
from engine.core.known import Known, known_at
from engine.core.program import NodeTypes
from storage.table import FieldRow, GlobalRow, HoursRow, SecretRow

Group = Literal["contact", "field", "variable", "message", "channel", "time", "flow", "global", "hours", "secret"]

FIXED: Mapping[str, tuple[str, str]] = {
    "contact.name": ("Name", "text"),
    "contact.first_name": ("First name", "text"),
    "contact.phone": ("Phone number", "text"),
    "contact.email": ("Email address", "text"),
    "contact.language": ("Language", "text"),
    "contact.timezone": ("Time zone", "text"),
    "contact.tags": ("Tags", "list"),
    "contact.identities": ("Kinds of addresses", "list"),
    "contact.created_at": ("Known since", "date"),
    "contact.id": ("Contact's id", "text"),
    "message.text": ("What they wrote", "text"),
    "message.kind": ("Kind of message", "text"),
    "message.button": ("Button they tapped", "text"),
    "channel.name": ("Channel", "text"),
    "channel.kind": ("Kind of channel", "text"),
    "channel.id": ("Channel's id", "text"),
    "time.now": ("Now", "date"),
    "time.date": ("Today's date", "date"),
    "time.time": ("Time of day", "text"),
    "time.weekday": ("Weekday", "text"),
    "time.hour": ("Hour of the day", "number"),
    "flow.name": ("Flow's name", "text"),
}
"""Label and type of each path that is there in every flow (`engine.core.path`)."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A path to offer. `set` False: a variable that nothing sets on the way to the node. `by`: the nodes that set it."""

    path: str
    label: str
    group: Group
    type: str
    set: bool = True
    by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Named:
    """What the workspace has given names: its contact fields, global variables and hours."""

    fields: Sequence[FieldRow]
    globals: Sequence[GlobalRow]
    hours: Sequence[HoursRow]
    secrets: Sequence[SecretRow] = ()


def named(session: Session, tenant: int, *, secrets: bool = False) -> Named:
    """What this workspace has given names; its secrets only for whoever may know their names."""
    own = list_fields(session, tenant), list_globals(session, tenant), list_hours(session, tenant)
    return Named(*own, list_secrets(session, tenant) if secrets else ())


def paths_at(document: Any, node: str, named: Named, node_types: NodeTypes) -> tuple[Readable, ...]:
    """What may be read at a node: variables, the workspace's own, then what is there always."""
    variables = (_variable(known) for known in known_at(document, node, node_types))
    own = (Readable(f"contact.{field.key}", field.label or field.key, "field", field.type) for field in named.fields)
    values = (Readable(f"global.{each.key}", each.label, "global", each.type) for each in named.globals)
    hours = (Readable(f"hours.{each.key}", f"{each.label}: open now", "hours", "boolean") for each in named.hours)
    secrets = (Readable(f"secret.{each.name}", each.name, "secret", "text") for each in named.secrets)
    return (*variables, *own, *values, *hours, *secrets, *(_fixed(path, label, type) for path, (label, type) in FIXED.items()))


def _variable(known: Known) -> Readable:
    label = known.name.replace("_", " ").capitalize()
    return Readable(known.name, label, "variable", known.type, known.set, known.by)


def _fixed(path: str, label: str, type: str) -> Readable:
    group = path.partition(".")[0]
    match group:
        case "contact" | "message" | "channel" | "time" | "flow":
            return Readable(path, label, group, type)
        case _:
            raise ValueError(f"{path} begins with no group.")
