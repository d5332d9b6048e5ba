"""The paths that texts and rules may name, each resolved once into a getter on a `Visit`.

| path | gives |
|---|---|
| `contact.name`, `.first_name`, `.language`, `.timezone`, `.phone`, `.email`, `.id` | text |
| `contact.tags`, `contact.identities` | list of tags, of identity kinds |
| `contact.created_at` | instant |
| `contact.fields.KEY`, shorthand `contact.KEY` | the contact's own field |
| `var.NAME`, shorthand `NAME`; `1`, `2` … | the run's variable |
| `message.text`, `message.kind`, `message.button` | the last message of the contact that this run took |
| `channel.id`, `channel.kind`, `channel.name` | where the run speaks |
| `time.now`, `time.date`, `time.time`, `time.weekday`, `time.hour` | now, in the contact's time zone |
| `flow.name` | the flow's name |
| `global.KEY` | the workspace's own value of that name, as it is now |
| `hours.KEY` | true while the workspace's hours of that name are open; `hours.business` are its business hours |
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Literal

from engine.core.text import Getter, Resolve
from schemas.public_id import public_id

if TYPE_CHECKING:
    from engine.core.visit import Visit

NamedKind = Literal["field", "global", "hours"]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def resolver(variables: Collection[str]) -> Resolve:
    """The resolver for a flow with these variables."""
    known = frozenset(variables)

    def resolve(path: str) -> Getter | None:
        if path in known or path.isdigit():
            return _variable(path)
        fixed = FIXED.get(path)
        if fixed is not None:
            return fixed
        if path.startswith("var."):
            name = path[4:]
            return _variable(name) if name in known or name.isdigit() else None
        if path.startswith("contact."):
            key = path[8:].removeprefix("fields.")
            return _field(key) if key.isidentifier() else None
        kind, _, key = path.partition(".")
        make = NAMED.get(kind)
        return make(key) if make is not None and key.isidentifier() else None

    return resolve


def named(path: str) -> tuple[NamedKind, str] | None:
    """What of the workspace's own a path names: a contact field, a global variable, hours; None for other paths.

    >>> named("contact.plan"), named("global.shop_name"), named("contact.name")
    (('field', 'plan'), ('global', 'shop_name'), None)
    """
    if path in FIXED:
        return None
    match path.partition("."):
        case ("contact", ".", key):
            return "field", key.removeprefix("fields.")
        case (("global" | "hours") as kind, ".", key):
            return kind, key
        case _:
            return None


def _fact(path: str, read: Callable[[Visit], Any], shown: Callable[[Any], Any] | None = None) -> Getter:
    """A getter of something outside the run. The step keeps the fact as it met it, so that it can be replayed; what a node of
    the same step changed before is no fact. `shown` makes of the fact what the path gives.
    """

    def get(visit: Visit) -> Any:
        fact = read(visit)
        visit.reads.setdefault(path, fact)
        return fact if shown is None else shown(fact)

    return get


def _variable(name: str) -> Getter:
    def get(visit: Visit) -> Any:
        return visit.variables.get(name)

    return get


def _field(key: str) -> Getter:
    return _fact(f"contact.fields.{key}", lambda visit: visit.turn.contact.fields.get(key))


def _global(key: str) -> Getter:
    return _fact(f"global.{key}", lambda visit: visit.turn.world.globals.get(key))


def _hours(key: str) -> Getter:
    return lambda visit: visit.opening(key) == visit.now


NAMED: Mapping[str, Callable[[str], Getter]] = {"global": _global, "hours": _hours}


def _first_name(name: str | None) -> str | None:
    return name.split(" ", 1)[0] if name else None


def _identities(visit: Visit) -> list[list[str]]:
    return [[each.kind, each.value] for each in visit.turn.contact.identities]


def _phone(identities: list[list[str]]) -> str | None:
    phone, wa_id = _first(identities, "phone"), _first(identities, "whatsapp")
    return "+" + wa_id if phone is None and wa_id is not None else phone


def _first(identities: list[list[str]], kind: str) -> str | None:
    return next((value for each, value in identities if each == kind), None)


def _message(key: str) -> Getter:
    def get(visit: Visit) -> Any:
        message = visit.variables.get("$message")
        return message.get(key) if message else None

    return get


def _created_at(visit: Visit) -> str | None:
    created = visit.turn.contact.created_at
    return created.isoformat() if created else None


FIXED: dict[str, Getter] = {
    "contact.name": _fact("contact.name", lambda visit: visit.turn.contact.name),
    "contact.first_name": _fact("contact.name", lambda visit: visit.turn.contact.name, _first_name),
    "contact.language": _fact("contact.language", lambda visit: visit.turn.contact.language),
    "contact.timezone": _fact("contact.timezone", lambda visit: visit.turn.contact.timezone),
    "contact.phone": _fact("contact.identities", _identities, _phone),
    "contact.email": _fact("contact.identities", _identities, lambda identities: _first(identities, "email")),
    "contact.id": _fact("contact.id", lambda visit: visit.turn.contact.id, lambda id: public_id("ct", id)),
    "contact.tags": _fact("contact.tags", lambda visit: list(visit.turn.contact.tags)),
    "contact.identities": _fact("contact.identities", _identities, lambda identities: [kind for kind, _ in identities]),
    "contact.created_at": _fact("contact.created_at", _created_at),
    "message.text": _message("text"),
    "message.kind": _message("kind"),
    "message.button": _message("button"),
    "channel.id": _fact("channel.id", lambda visit: public_id("ch", visit.conversation.channel)),
    "channel.kind": _fact("channel.kind", lambda visit: visit.channel.kind if visit.channel else None),
    "channel.name": _fact("channel.name", lambda visit: visit.channel.name if visit.channel else None),
    "time.now": lambda visit: visit.local_now(),
    "time.date": lambda visit: visit.local_now().date(),
    "time.time": lambda visit: visit.local_now().strftime("%H:%M"),
    "time.weekday": lambda visit: WEEKDAYS[visit.local_now().weekday()],
    "time.hour": lambda visit: visit.local_now().hour,
    "flow.name": lambda visit: visit.program.name,
}
