"""By what two places are the same: frames, live facts as far as tests tell them apart, relative due times, who owns.

Left out, because no way onward can show it: ids, texts, what is said already, variables that only texts read. Two instants count
as alike where every test of the clock answers alike now and at the end of the wait; how many messages went out since the contact
wrote counts only near the limit at which the engine pauses. A run that a person has suspended is the same whatever its facts:
given back, it stands again where it stood before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from engine.core.calendar import zone
from engine.core.evolve import evolve
from engine.core.limit import MAX_AUTOMATIC
from engine.core.path import FIXED
from engine.core.rule import RELATIVE, Check
from engine.core.value import Run, Wait
from simulator.explore.fact import GIVEN, GLOBAL, HOURS, PHONE, SPLIT, TAG, tags_of_test
from simulator.explore.inner import Household, Inner
from simulator.explore.place import Place
from simulator.explore.study import Study, Tried

Key = tuple[Any, ...]
NOTHING = timedelta(0)
SILENT = 10
"""Messages without an answer from which on their number counts."""


class Moment:
    """An instant as the paths `time.*` see it."""

    def __init__(self, local: datetime) -> None:
        self._local = local

    def local_now(self) -> datetime:
        """The instant in the contact's time zone."""
        return self._local


@dataclass(frozen=True, slots=True)
class Standing:
    """A frame of a run: its flow, the nodes at which it stands, the run as if it were the only one, and its own end of time."""

    inner: Inner
    nodes: tuple[str, ...]
    run: Run
    left: datetime | None


class Keys:
    """Makes the keys of places of one flow."""

    def __init__(self, house: Household, window: bool, timezone: str) -> None:
        study = house.own.study
        self._house = house
        self._window = window
        self._timezone = timezone
        self._clocks = tuple(clock for each in (study, *house.others) for clock in _clocks(each))
        self._defaults = study.program.defaults
        several = (study, *house.others)
        self._counts_invalid = any(each.document.settings.handoff_after_invalid is not None for each in several)

    def of(self, place: Place) -> Key:
        """The key of a place."""
        conversation = place.conversation()
        owner = conversation.owner if conversation is not None else "NONE"
        window: Any = None
        if self._window and conversation is not None:
            until = conversation.window_until
            window = until - place.now if until is not None and until > place.now else timedelta(0)
        automatic = conversation.automatic if conversation is not None else 0
        return (
            owner,
            window,
            automatic if automatic > MAX_AUTOMATIC - SILENT else 0,
            place.contact.opted_out,
            place.closed and owner == "QUEUE",
            tuple(self._run(place, run) for run in place.person.runs),
        )

    def _run(self, place: Place, run: Run) -> Key:
        wait = run.wait
        due = place.due.get(run.id)
        left = run.expires_at - place.now
        frames = self._frames(run)
        return (
            run.status,
            run.reason,
            tuple((frame.version, frame.node) for frame in run.frames),
            (wait.kind, wait.node, _waited(wait) if run.status == "waiting" else ()) if wait is not None else None,
            due - place.now if due is not None and due < run.expires_at else None,
            left if left < max(_longest(each) for each in frames) else None,
            tuple(None if each.left is None else each.left - place.now for each in frames[1:]),
            run.invalid if self._counts_invalid and run.status == "waiting" else 0,
            tuple(self._facts(place, run, each) for each in frames) if run.status == "waiting" else (),
            tuple(self._clock(place, each, due) for each in frames),
        )

    def _frames(self, run: Run) -> tuple[Standing, ...]:
        """Where the run stands, in each of its flows."""
        last = len(run.frames) - 1
        waits = (run.wait.node,) if run.wait is not None else ()
        return tuple(
            Standing(
                self._house.all.get(frame.version, self._house.own),
                tuple(dict.fromkeys((frame.node, *(waits if depth == last else ())))),
                evolve(run, frames=(frame,)),
                frame.expires_at,
            )
            for depth, frame in enumerate(run.frames)
        )

    def _facts(self, place: Place, run: Run, at: Standing) -> Key:
        """What live tests say of the facts, and live values themselves; a fact that is not decided yet may still be anything."""
        found: list[Any] = []
        live, defaults = at.inner.live, None if at.left is not None else self._defaults
        for node in at.nodes:
            for test in live.tests_at(node):
                if not test.subject.startswith("time."):
                    found.append(self._answer(test, place, _reads(test.subject, run, at), defaults))
            for subject in live.subjects_at(node):
                found.append(_plain(value_of(subject, place, _reads(subject, run, at), defaults)))
        if at.left is not None:  # what it gives back, the flow below may test
            variables = at.run.frames[0].variables
            found.extend(_plain(variables.get(name)) for name in at.inner.study.program.outputs)
        return tuple(found)

    def _answer(self, test: Tried, place: Place, run: Run, defaults: Mapping[str, Any] | None) -> Any:
        """What the test says of the value, at all times at which it may be asked: now, in the end, and when the wait is over."""
        value = value_of(test.subject, place, run, defaults)
        free = test.subject == "contact.tags" and any(TAG + tag not in place.facts for tag in tags_of_test(test))
        if free or value == UNDECIDED:
            return UNDECIDED
        if test.subject.startswith(HOURS):
            return value  # open, closed, or when they open: no value that a test judges
        if test.judge is None:
            return None
        if test.test.op not in RELATIVE:
            return test.judge(value, None).ok
        return tuple(test.judge(value, at).ok for at in (place.now, place.due.get(run.id) or place.now, run.expires_at))

    def _clock(self, place: Place, at: Standing, due: datetime | None) -> Any:
        live, nodes = at.inner.live, at.nodes
        if not any(live.clocked.get(node) for node in nodes):
            return None
        local = place.now.astimezone(zone(place.contact.timezone, self._timezone))
        ahead = [clock for node in nodes for clock in live.clock_next.get(node, ())]
        if any(not at.inner.study.parts[clock].tests for clock in ahead):
            return local.weekday(), local.hour, local.minute
        end = due.astimezone(local.tzinfo) if due is not None else local + timedelta(days=7)
        return self.verdicts(local), self.verdicts(end) if end - local < timedelta(days=7) else None

    def verdicts(self, local: datetime) -> tuple[bool, ...]:
        """What every rule about the clock says at a local instant; of rules about other things too, their tests of the clock."""
        moment = Moment(local)
        return tuple(ask(moment) for ask in self._clocks)


def _waited(wait: Wait) -> Any:
    """What a wait stands for; a call's id says nothing."""
    return _plain({key: value for key, value in wait.data.items() if key != "call" or wait.kind != "call"})


def _clocks(study: Study) -> tuple[Callable[[Moment], bool], ...]:
    asks: list[Callable[[Moment], bool]] = []
    for part in study.parts.values():
        for branch in part.branches:
            clock = [test for test in branch.tests if test.subject.startswith("time.")]
            if clock and len(clock) == len(branch.tests):
                asks.append(_whole(branch.check))
            else:
                asks.extend(_single(test) for test in clock)
    return tuple(asks)


def _whole(check: Check) -> Callable[[Moment], bool]:
    return lambda moment: check(moment).ok


def _single(test: Tried) -> Callable[[Moment], bool]:
    judge, read = test.judge, FIXED[test.subject]
    return lambda moment: judge is not None and judge(read(moment), None).ok


def _longest(at: Standing) -> timedelta:
    return max(at.inner.live.longest.get(node, NOTHING) for node in at.nodes)


def _reads(subject: str, run: Run, at: Standing) -> Run:
    """The run as the frame sees it: variables are its own, what the contact said last is everybody's."""
    return at.run if subject.startswith("var.") else run


def value_of(subject: str, place: Place, run: Run | None, defaults: Mapping[str, Any] | None) -> Any:
    """What a subject is at a place; `UNDECIDED` where nothing has read it yet. Without `defaults` nobody gave a variable."""
    if subject.startswith("var."):
        name = subject.removeprefix("var.")
        value = run.frames[-1].variables.get(name) if run is not None else None
        given = defaults is not None and GIVEN in place.facts and subject not in place.facts
        free = given and defaults is not None and value == defaults.get(name)
        return UNDECIDED if free else value
    if subject.startswith("message."):
        message = run.frames[-1].variables.get("$message") if run is not None else None
        return (message or {}).get(subject.removeprefix("message."))
    if subject.startswith("contact.fields."):
        nothing = None if subject in place.facts else UNDECIDED
        return place.contact.fields.get(subject.removeprefix("contact.fields."), nothing)
    match subject:
        case "contact.tags":
            return list(place.contact.tags)
        case "contact.name" | "contact.first_name":
            return place.contact.name if place.contact.name or "contact.name" in place.facts else UNDECIDED
        case "contact.language":
            return place.contact.language or place.facts.get(subject, UNDECIDED)
        case "contact.timezone":
            return place.contact.timezone or place.facts.get(subject, UNDECIDED)
        case "contact.identities" if PHONE in place.facts:
            return [each.kind for each in place.contact.identities]
        case "contact.phone" if PHONE in place.facts:
            return place.contact.identity("phone", "whatsapp")
        case "contact.identities" | "contact.phone":
            return UNDECIDED
        case "contact.created_at":
            created = place.contact.created_at
            return place.now - created if created is not None else None
        case _ if subject.startswith((HOURS, GLOBAL, SPLIT)):
            return place.facts.get(subject, UNDECIDED)
        case _:
            return None


UNDECIDED = "\x00undecided"


def _plain(value: Any) -> Any:
    """Something that can be hashed."""
    match value:
        case dict():
            return tuple(sorted((str(key), _plain(each)) for key, each in value.items()))
        case list() | tuple():
            return tuple(_plain(each) for each in value)
        case bool() | int() | float() | str() | None:
            return (type(value).__name__, value)
        case _:
            return str(value)
