"""What a node type is: its config, ports, look and behaviour, in one file each under `nodes`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from engine.core.value import WaitKind
from schemas.capability import Capabilities
from schemas.event import Body
from schemas.flow import Settings
from schemas.problem import Problem
from schemas.value import value

if TYPE_CHECKING:
    from engine.core.build import Build
    from engine.core.scope import Scope
    from engine.core.trigger import Trigger
    from engine.core.visit import Visit

PortKind = Literal["next", "branch", "timeout", "error"]


class NodeConfig(BaseModel):
    """Base of every node's config: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


@dataclass(frozen=True, slots=True)
class Port:
    """A named way out. Ports that come from list items use the item's own id."""

    id: str
    label: str
    kind: PortKind = "next"
    unfit: bool = False
    """It is taken when an answer doesn't fit: where it is unwired, the flow's `on_no_match` says what happens."""


@dataclass(frozen=True, slots=True)
class Look:
    """How the builder shows a node type. `card` is the text on the card, with `{key}` for values of the config."""

    label: str
    group: Literal["start", "messages", "logic", "people", "actions"]
    icon: str
    colour: str
    description: str
    card: str = ""


# --- what a node answers -----------------------------------------------------------------------------------------------------
@value(frozen=True, slots=True)
class Go:
    """Leave by a port."""

    port: str = "next"
    reason: str = ""


@value(frozen=True, slots=True)
class Park:
    """Wait. A reply's `timeout` (seconds) starts when the last message it stands on settles; `due` is an instant."""

    kind: WaitKind
    timeout: int | None = None
    due: datetime | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""


@value(frozen=True, slots=True)
class Stop:
    """End the flow: `completed`, or `failed` with a code. Where it ran as a step, the flow that ran it goes on.

    `whole`: that one ends too, because a person was brought in.
    """

    status: Literal["completed", "failed"] = "completed"
    reason: str = ""
    whole: bool = False


@value(frozen=True, slots=True)
class Fail:
    """The contact's or a provider's trouble: the port, if it is wired, else the flow's `on_error`."""

    port: str
    code: str
    reason: str = ""


@value(frozen=True, slots=True)
class HandOver:
    """Bring in a person: the run is suspended in its wait, which opens again when the person gives back."""

    team: str | None = None
    reason: str = ""


@value(frozen=True, slots=True)
class Descend:
    """Run another flow as a step, by its public id or key: the run comes back by the behaviour's `returned`.

    `inputs` are for the variables that the other flow declares as inputs. With `beside` it may not wait for replies or agents.
    """

    flow: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    beside: bool = False


@value(frozen=True, slots=True)
class Replace:
    """Go on in another flow, without return: the run ends as completed, and the other flow starts in its conversation."""

    flow: str
    inputs: Mapping[str, Any] = field(default_factory=dict)


Outcome = Go | Park | Stop | Fail | HandOver | Descend | Replace


@value(frozen=True, slots=True)
class Returned:
    """How a flow that ran as a step ended: its own word for it (or a code), and the variables that it gives."""

    status: Literal["completed", "expired", "failed"]
    reason: str = ""
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """A node of a program: what it does when the run comes to it, and when something comes to its wait.

    `resume` gets the event's body and answers None for what isn't meant for it; then the run keeps waiting. `returned` is
    asked when a flow that the node ran as a step (see `Descend`) has ended.
    """

    enter: Callable[[Visit], Outcome]
    resume: Callable[[Visit, Body], Outcome | None] | None = None
    returned: Callable[[Visit, Returned], Outcome] | None = None


# --- what a node says of itself ----------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Reference:
    """Something outside the flow that a config names: a team, user, template, flow, channel, medium, contact field, global
    variable or hours."""

    kind: Literal["team", "user", "template", "flow", "channel", "media", "field", "global", "hours", "secret"]
    id: str
    pointer: str
    """Relative to the config."""


@dataclass(frozen=True, slots=True)
class Uses:
    """What a node reads and refers to, for checks, the variable picker and the simulator. Paths as in `scope`."""

    reads: tuple[tuple[str, str], ...] = ()
    """(path, pointer relative to the config)."""
    references: tuple[Reference, ...] = ()
    decides: tuple[str, ...] = ()
    """Paths whose value decides what is kept or done, where one that only fills a text doesn't."""
    tags: tuple[str, ...] = ()
    """Tags that the node puts on the contact or takes off."""
    drawn: bool = False
    """Its branches are taken by lot: whoever tries the flow takes each, as `World.splits` says."""
    pauses: bool = False
    """It always parks, so a cycle through it can't spin."""
    enters: Literal["", "step", "instead"] = ""
    """It goes on in the flow to which it refers: as a step, with return, or instead of this one."""
    takes: Mapping[str, str] = field(default_factory=dict)
    """Of the flow that it runs as a step: which of that one's variables goes into which of this one's."""
    interactive: bool = False
    """It waits for a reply or an agent."""
    free_text: bool = False
    """It sends what a closed 24-hour window refuses, without a template to fall back to."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Something for the simulator to try at this node: an input and what it is for.

    Of the kind `call`, `value` is what the node's call answers: data, and `code` where it failed. The first is the usual answer.
    """

    kind: Literal["text", "choice", "media", "location", "timeout", "failed", "window_closed", "event", "agent", "start", "call"]
    value: Any = None
    note: str = ""


C = TypeVar("C", bound=NodeConfig)


class NodeType(Generic[C]):
    """A kind of node. Subclass it in one file, list it in `nodes.NODE_TYPES`; nothing else knows it by name.

    `name` is what documents say (`send_message`), `Config` its settings; ports may depend on them. `example` is a config that
    docs show and tests run; `starter` is what a new node begins with, and may still lack what the author must say.
    """

    name: str
    Config: type[C]
    look: Look
    example: Mapping[str, Any]
    starter: Mapping[str, Any] | None = None

    def settled(self, config: C, settings: Settings) -> C:
        """The config with what the flow's settings say where it says nothing itself; all else is asked with this one."""
        return config

    def ports(self, config: C) -> tuple[Port, ...]:
        """Every way out, in the order in which a card shows them."""
        raise TypeError(f"{type(self).__name__} has no ports")

    def limits(self, config: C, capabilities: Capabilities) -> Mapping[str, int]:
        """How many characters of each text such a channel shows, by pointers into the config. `check` warns beyond them."""
        return {}

    def compile(self, config: C, build: Build) -> Behaviour:
        """The behaviour for one node; everything that can be done once per version is done here."""
        raise TypeError(f"{type(self).__name__} has no behaviour")

    def trigger(self, config: C, build: Build | None = None) -> Trigger | None:
        """What starts a run here; None for nodes that are no entry. Without a build, expressions in it aren't judged."""
        return None

    def writes(self, config: C) -> tuple[str, ...]:
        """The variables that the node sets."""
        return ()

    def leads(self, config: C) -> Mapping[str, str]:
        """Where it leads without an edge: a node for each such way out."""
        return {}

    def uses(self, config: C, build: Build) -> Uses:
        """What the node reads and refers to."""
        return Uses()

    def check(self, config: C, scope: Scope) -> Iterable[Problem]:
        """Problems that the models can't see, pointers relative to the config."""
        return ()

    def elapsed(self, config: C, port: str) -> timedelta | None:
        """How much time at most passes before the run leaves by the port; None: the contact has just written."""
        return timedelta(0)

    def probes(self, config: C) -> tuple[Probe, ...]:
        """What the simulator should try here."""
        return ()

    def answers(self, config: C, data: Mapping[str, Any]) -> str:
        """Which of its probes (by its note) answers a call with this data, where nothing is really called; "": the first."""
        return ""
