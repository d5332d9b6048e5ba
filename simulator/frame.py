"""What a client sees of a simulation after each thing that happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from engine.core.value import Contact, Conversation, Run
from schemas.problem import Problem
from simulator.outside import Open
from simulator.scenario import Act
from simulator.simulation import Simulation
from simulator.transcript import Called, Passed, Said, Told, called, choices, passed, traces


@dataclass(frozen=True, slots=True)
class Seen:
    """How much of a simulation a client has seen."""

    said: frozenset[tuple[int, str]] = frozenset()
    """(id, status): a message whose status changes is shown again."""
    called: frozenset[tuple[int, bool]] = frozenset()
    """(id, answered)."""
    told: int = 0
    passed: int = 0
    event: int = 0


NOTHING = Seen()


@dataclass(frozen=True, slots=True)
class Frame:
    """How a simulation stands, and what is new in it; `whole`: all of it is told anew, from the beginning."""

    step: int
    """How many things have happened; 0 at the beginning."""
    act: Act | None
    whole: bool
    now: datetime
    next_due: datetime | None
    said: tuple[Said, ...]
    called: tuple[Called, ...]
    open: tuple[Open, ...]
    """The calls that wait for an answer."""
    told: tuple[Told, ...]
    passed: tuple[Passed, ...]
    trace: tuple[str, ...]
    problems: tuple[Problem, ...]
    choices: tuple[tuple[str, str], ...]
    """(id, title) of what can be tapped now."""
    run: Run | None
    contact: Contact | None
    conversation: Conversation | None


async def frame(simulation: Simulation, step: int, act: Act | None, seen: Seen, problems: tuple[Problem, ...]) -> Frame:
    """What is new since `seen`."""
    state, said = simulation.store.state, simulation.transcript()
    return Frame(
        step=step,
        act=act,
        whole=seen == NOTHING,
        now=simulation.clock.now(),
        next_due=await simulation.next_due(),
        said=tuple(each for each in said if (each.id, each.status) not in seen.said),
        called=tuple(each for each in called(state) if (each.call.id, each.answer is not None) not in seen.called),
        open=tuple(simulation.open_calls()),
        told=tuple(simulation.told()[seen.told :]),
        passed=tuple(passed(state)[seen.passed :]),
        trace=tuple(traces(state, seen.event)),
        problems=(*problems, *_trouble(simulation)),
        choices=tuple(_offered(said)),
        run=simulation.run(),
        contact=simulation.contact(),
        conversation=simulation.conversation(),
    )


def seen_now(simulation: Simulation) -> Seen:
    """All that there is to see now."""
    state = simulation.store.state
    said = frozenset((each.id, each.status) for each in simulation.transcript())
    calls = frozenset((each.call.id, each.answer is not None) for each in called(state))
    return Seen(said, calls, len(simulation.told()), len(passed(state)), state.last_event)


def _offered(said: list[Said]) -> list[tuple[str, str]]:
    """The choices of the last message that has any, if the contact has not written since."""
    for each in reversed(said):
        if each.voice == "contact":
            break
        if offered := choices(each.content):
            return offered
    return []


def _trouble(simulation: Simulation) -> tuple[Problem, ...]:
    words = "The engine could not decide an event. This is a fault of PostDog or of an installed node type."
    return tuple(Problem("event_failed", "error", "", words, error.strip().splitlines()[-1]) for error in simulation.trouble())
