"""Simulations that clients talk to: each remembers how it came here, so that a step can be taken back, and who looks on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime

from schemas.error import Conflict
from schemas.problem import Problem
from simulator.act import act
from simulator.frame import NOTHING, Frame, Seen, frame, seen_now
from simulator.scenario import Act
from simulator.simulation import CannotHappen, Simulation, Snapshot, TooMuch
from simulator.world import Open

MOST_STEPS = 500
"""Things that may happen in one simulation: more than anybody types, and what its memory holds is bounded."""
MOST_UNDOS = 50
"""Steps that can be taken back: a copy of the state is kept for each."""


class Refused(Conflict):
    """This can't happen in the simulation now."""

    code = "cannot_happen"


class LiveSimulation:
    """A simulation of a tenant. One thing happens at a time in it; whoever looks on gets every frame."""

    def __init__(
        self,
        id: int,
        tenant: int,
        simulation: Simulation,
        now: datetime,
        *,
        flow: int = 0,
        version: int = 0,
        hours: Mapping[str, Open] | None = None,
    ) -> None:
        """`hours` are those that were said to be open or closed; the simulation's world has them so."""
        self.id = id
        self.tenant = tenant
        self.flow = flow
        self.version = version
        self.hours = hours or {}
        self.simulation = simulation
        self.used_at = now
        self.steps: list[Act] = []
        self._before: list[Snapshot] = []
        self._watchers: list[Callable[[Frame | None], None]] = []
        self._turn = asyncio.Lock()

    @property
    def undos(self) -> int:
        """How many steps can be taken back."""
        return len(self._before)

    async def act(self, what: Act) -> Frame:
        """Let something happen; what is new then. Raises Refused with what could happen instead; then nothing changed."""
        async with self._turn:
            if len(self.steps) >= MOST_STEPS:
                raise Refused(f"{MOST_STEPS} things have happened in this simulation. Start another one.")
            before, seen = self.simulation.snapshot(), seen_now(self.simulation)
            try:
                problems = await self._happen(what)
            except BaseException:  # it can't happen, or the client's time was up in its midst
                self.simulation.restore(before)
                raise
            self.steps.append(what)
            self._before = [*self._before, before][-MOST_UNDOS:]
            return await self._shown(seen, problems)

    async def undo(self, steps: int = 1) -> Frame:
        """Take steps back; the whole of what is left. Raises Refused where there are not so many."""
        async with self._turn:
            if steps > len(self._before):
                raise Refused(f"{len(self._before)} steps can be taken back here.")
            self.simulation.restore(self._before[-steps])
            del self._before[-steps:], self.steps[-steps:]
            return await self._shown(NOTHING)

    async def begin(self, what: Act | None) -> Frame:
        """The beginning: what happens at once is no step, and can't be taken back. Raises Refused."""
        problems = await self._happen(what) if what is not None else ()
        return await frame(self.simulation, 0, None, NOTHING, problems)

    async def _happen(self, what: Act) -> tuple[Problem, ...]:
        try:
            refused = await act(self.simulation, what)
        except TooMuch as stopped:
            return (Problem("stopped_early", "warning", "", _sentence(str(stopped)), "Move the clock again to go on."),)
        except CannotHappen as impossible:
            raise Refused(_sentence(str(impossible))) from impossible
        return () if refused is None else (refused,)

    async def whole(self) -> Frame:
        """All of it."""
        async with self._turn:
            return await frame(self.simulation, len(self.steps), self.steps[-1] if self.steps else None, NOTHING, ())

    def watch(self, told: Callable[[Frame | None], None]) -> Callable[[], None]:
        """Call `told` with every frame from now on, and with None when the simulation is gone; gives what ends that."""
        self._watchers.append(told)
        return lambda: self._watchers.remove(told) if told in self._watchers else None

    def close(self) -> None:
        """It is gone."""
        for told in tuple(self._watchers):
            told(None)
        self._watchers.clear()

    async def _shown(self, seen: Seen, problems: tuple[Problem, ...] = ()) -> Frame:
        shown = await frame(self.simulation, len(self.steps), self.steps[-1] if self.steps else None, seen, problems)
        for told in tuple(self._watchers):
            told(shown)
        return shown


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:] + "."
