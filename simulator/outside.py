"""The calls that a flow makes, where nothing is really called: each stands open until somebody says what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.core.advance import KEPT
from engine.core.decision import Call
from engine.core.node import Probe
from engine.core.program import NodeTypes
from engine.core.value import Run
from engine.core.world import World
from engine.runtime.memory.state import State
from engine.runtime.protocol import CallAnswer, CallClaim
from schemas.event import CallAnswered

PARTS = ("ok", "code", "detail")
"""What an answer says beside its data."""
SHOWN = ("method", "url", "model")
"""What of a call's data names it in a line for people."""


@dataclass(frozen=True, slots=True)
class Open:
    """A call that waits for its answer, with what its node says that it may answer; the first is what it mostly does."""

    call: Call
    examples: tuple[Probe, ...]


async def leave_open(claim: CallClaim) -> CallAnswer | None:
    """The handler of every call in a simulation."""
    return None


def open_calls(state: State, world: World, node_types: NodeTypes) -> list[Open]:
    """The calls for which a run waits now, the oldest first."""
    waiting = [row.run for row in state.runs.values() if row.run.live and waits(row.run)]
    ids = sorted(run.wait.data["call"] for run in waiting if run.wait is not None)
    versions = {run.wait.data["call"]: run.frames[-1].version for run in waiting if run.wait is not None}
    calls = [state.calls[id].call for id in ids]
    return [Open(call, examples_of(world, versions[call.id], call, node_types)) for call in calls]


def waits(run: Run) -> bool:
    """True if the run waits for a call's answer, and none is kept for it."""
    return run.wait is not None and run.wait.kind == "call" and KEPT not in run.wait.data


def examples_of(world: World, version: int, call: Call, node_types: NodeTypes) -> tuple[Probe, ...]:
    """What the node says that this call may answer; first, what it answers if nobody says otherwise."""
    program = world.programs.get(version)
    document = program.document if program is not None else None
    found = next((each for each in document.nodes if each.id == call.node), None) if document is not None else None
    if found is None:
        return ()
    node_type = node_types[found.type]
    config = node_type.Config.model_validate(found.config)
    probes = [probe for probe in node_type.probes(config) if probe.kind == "call"]
    first = node_type.answers(config, call.data)
    return tuple(sorted(probes, key=lambda probe: bool(first) and probe.note != first))


def answered(call: Call, answer: Mapping[str, Any]) -> CallAnswered:
    """The event of an answer: `code` (and `detail`) of a failure, all else is data; `ok` where a failure brings data too."""
    data = {key: value for key, value in answer.items() if key not in PARTS}
    code = str(answer.get("code", ""))
    return CallAnswered(
        call.run, call.wait, call.id, bool(answer.get("ok", not code)), code, str(answer.get("detail", "")), data
    )


def call_words(call: Call) -> str:
    """What was called, in a line.

    >>> call_words(Call(1, "http", 0, {"method": "GET", "url": "https://example.com/slots"}))
    'GET https://example.com/slots'
    """
    return " ".join(str(call.data[key]) for key in SHOWN if key in call.data) or call.kind


def answer_words(answer: CallAnswered) -> str:
    """What came of a call, in a word or two."""
    status = answer.data.get("status")
    if not answer.ok and answer.code:
        return answer.code
    return f"status {status}" if status is not None else "an answer" if answer.ok else "failed"


def differs(wanted: Mapping[str, Any], asked: Any, at: str = "") -> str | None:
    """Where a call asked something else than what is wanted, by what is named; None: nowhere.

    >>> differs({"body": {"day": 5}}, {"url": "https://example.com", "body": {"day": 6, "time": "9:00"}})
    'body.day is 6, not 5'
    """
    for key, value in wanted.items():
        have = asked.get(key) if isinstance(asked, Mapping) else None
        if isinstance(value, Mapping) and isinstance(have, Mapping):
            if found := differs(value, have, f"{at}{key}."):
                return found
        elif have != value:
            return f"{at}{key} is {have!r}, not {value!r}"
    return None
