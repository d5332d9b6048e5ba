"""Emit event: tells the author's own systems that something happened, with data, by webhook."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from pydantic import Field

from engine.core.build import Build
from engine.core.node import Behaviour, Fail, Go, Look, NodeConfig, NodeType, Outcome, Port, Uses
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.compute import operand
from nodes.finding import field_references, text_problems, text_reads
from nodes.form import VariableName
from nodes.set_config import Value
from schemas.notification import EVENT_NAME, OWN_GROUPS, wanted
from schemas.problem import Problem, pointer

FAILED = "failed"
MAX_DATA = 50
"""Values of one event: more can't be read as one step."""
MAX_BYTES = 20_000
"""JSON bytes of an event's data: what Standard Webhooks advises receivers to expect."""
TAKEN = frozenset({"contact", "run_id", "flow_id", "flow_name", "node"})
"""Names that stand beside the author's own in what is sent."""


class DatumConfig(NodeConfig):
    """One value of the event."""

    name: VariableName = Field(description="Its name in what is sent.", json_schema_extra={"ui": "plain"})
    value: Value = Field(
        default="",
        description="A text with merge fields, a number, or true or false.",
        json_schema_extra={"ui": "line"},
    )


class EmitEventConfig(NodeConfig):
    """What happened, and the values that go with it."""

    event: str = Field(
        default="",
        pattern=rf"^({EVENT_NAME[1:-1]})?$",
        description="What happened, in small letters with dots; webhooks ask for it by this name.",
        examples=["lead.qualified"],
        json_schema_extra={"ui": "plain", "placeholder": "lead.qualified"},
    )
    data: tuple[DatumConfig, ...] = Field(
        default=(),
        max_length=MAX_DATA,
        description="The values that are sent with it; the contact, the flow and the run go along anyway.",
        json_schema_extra={"ui": "items"},
    )


class EmitEvent(NodeType[EmitEventConfig]):
    """Tells your own systems that something happened: every webhook that asked for it gets the name and the values.

    ```json
    {"event": "lead.qualified", "data": [{"name": "budget", "value": 5000}, {"name": "city", "value": "{{contact.city}}"}]}
    ```

    A value of one merge field keeps its type. The flow goes on at once: delivery is tried for 24 hours, whatever the address
    does meanwhile. Port `failed` where the data is larger than 20 kB.
    """

    name = "emit_event"
    Config = EmitEventConfig
    look = Look(
        label="Emit event",
        group="actions",
        icon="webhook",
        colour="orange",
        description="Tells your own systems, by webhook.",
        card="{event}",
    )
    starter: Mapping[str, Any] = {}
    example: Mapping[str, Any] = {
        "event": "lead.qualified",
        "data": [{"name": "budget", "value": 5000}, {"name": "name", "value": "{{contact.name}}"}],
    }

    def ports(self, config: EmitEventConfig) -> tuple[Port, ...]:
        """On, or there is too much to tell."""
        return (Port("next", "Then"), Port(FAILED, "Too large", "error"))

    def compile(self, config: EmitEventConfig, build: Build) -> Behaviour:
        """Values become getters here."""
        values = [(each.name, operand(each.value, build)) for each in config.data]

        def enter(visit: Visit) -> Outcome:
            data = {name: get(visit) for name, get in values}
            if len(orjson.dumps(data)) > MAX_BYTES:
                return Fail(FAILED, "too_large", f"the data is larger than {MAX_BYTES:,} bytes")
            visit.tell(config.event, data)
            return Go("next", f"told: {config.event}")

        return Behaviour(enter)

    def uses(self, config: EmitEventConfig, build: Build) -> Uses:
        """The merge fields of what is sent."""
        reads = text_reads(_sources(config), build)
        return Uses(reads=reads, references=field_references(reads))

    def check(self, config: EmitEventConfig, scope: Scope) -> Iterable[Problem]:
        """No name, a name of ours, names that are taken or doubled, and that nobody listens."""
        if not config.event:
            yield Problem("missing_event", "error", "/event", "The event has no name.", "Name what happened: lead.qualified.")
        elif config.event.partition(".")[0] in OWN_GROUPS:
            message = f"Names that begin with “{config.event.partition('.')[0]}” are PostDog's own events."
            yield Problem("reserved_event", "error", "/event", message, "Begin with a word of yours, such as lead or order.")
        elif scope.webhooks is not None and not any(wanted(asked, config.event) for asked in scope.webhooks):
            message = f"No webhook asks for “{config.event}”, so nobody is told."
            yield Problem("nobody_listens", "info", "/event", message, "Add a webhook in Settings, Webhooks.")
        yield from text_problems(_sources(config), scope)
        seen: set[str] = set()
        for at, each in enumerate(config.data):
            where = pointer("data", at, "name")
            if each.name in TAKEN:
                hint = "Choose another name; the contact, the flow and the run are sent anyway."
                yield Problem("reserved_name", "error", where, f"“{each.name}” is sent by PostDog itself.", hint)
            elif each.name in seen:
                message = f"“{each.name}” stands there twice; the last one counts."
                yield Problem("given_twice", "warning", where, message, "Remove one of them.")
            seen.add(each.name)


def _sources(config: EmitEventConfig) -> dict[str, str]:
    texts = ((pointer("data", at, "value"), each.value) for at, each in enumerate(config.data))
    return {at: text for at, text in texts if isinstance(text, str) and text}
