"""Which inputs to try at a place: what its node proposes, and what the rules behind it tell apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from engine.core.node import Probe
from engine.core.trigger import OnContact, OnKeyword, OnMessage, OnWebhook
from engine.core.value import Run
from schemas.rule import Test
from simulator.explore.fact import CLOSED, HOURS, OPEN, VARIABLE, Candidates
from simulator.explore.inner import Household, Inner
from simulator.explore.input import (
    Agent,
    Answers,
    Appears,
    Input,
    Move,
    Named,
    Presence,
    Presses,
    Says,
    Sends,
    Shares,
    Silence,
    Starts,
    Tagged,
)
from simulator.explore.place import Place
from simulator.explore.stage import Stage
from simulator.explore.study import Part
from simulator.explore.value import joined, values_for
from simulator.outside import waits

MAX_SAID = 40
"""Texts tried at one question: with more, an author tests the texts themselves, not their kinds."""
MAX_DATA = 40  # bodies tried for one event
MEDIA: Mapping[str, Sends] = {
    "image": Sends("image"), "video": Sends("video"), "audio": Sends("audio"), "document": Sends("document")
}  # fmt: skip
_PART = re.compile(r"[^.\[\]]+|\[[0-9]{1,2}\]")
SAMPLES: Mapping[str, Any] = {
    "text": "something", "number": 42, "boolean": True, "date": "2026-03-05", "list": ["one", "two"], "object": {}
}  # fmt: skip


class Proposals:
    """Proposes inputs for the places of one flow."""

    def __init__(self, house: Household, candidates: Candidates) -> None:
        self._house = house
        self._study = house.own.study
        self._live = house.own.live
        self._candidates = candidates
        self._types = {variable.name: variable.type for variable in house.own.study.document.variables}

    # --- at the start ----------------------------------------------------------------------------------------------------
    def first(self, stage: Stage) -> Iterator[Move]:
        """How the flow may begin."""
        hears = any(isinstance(trigger.on, OnMessage) for trigger in self._study.program.triggers.values())
        for node, trigger in self._study.program.triggers.items():
            part = self._study.parts[node]
            match trigger.on:
                case OnMessage() | OnKeyword():
                    texts = [str(probe.value) for probe in part.probes if probe.kind == "text"]
                    facts = {HOURS + trigger.hours: CLOSED if trigger.closed else OPEN} if trigger.hours else {}
                    for text in [*texts, *self._mixed(part, texts)] or [""]:
                        yield Move(Says(text) if text else Starts(node), facts=facts)
                case OnContact(what="created"):
                    yield Move(Appears())
                case OnContact(tag=tag):
                    yield from self._both(stage, Tagged(tag), hears)
                case OnWebhook(variables=variables):
                    yield from self._both(stage, Starts(node, self._samples(variables)), hears)
                case _:
                    yield from self._both(stage, Starts(node), hears)

    def _both(self, stage: Stage, main: Input, hears: bool) -> Iterator[Move]:
        """Out of nothing; and, where that makes a difference, while the contact has just written."""
        yield Move(main)
        if stage.capabilities.window is not None and not hears:
            yield Move(main, greeted=True)

    def _mixed(self, part: Part, texts: list[str]) -> list[str]:
        """A start word with what the rules behind it look for."""
        later = [test.test for test in self._live.tests_at(part.id) if test.subject == "message.text"]
        values = [value for value in values_for(later, now=datetime.min.replace(year=2026)) if isinstance(value, str)]
        return [f"{texts[0]} {value}" for value in values] if texts and later else []

    def _samples(self, variables: Mapping[str, str]) -> dict[str, Any]:
        """Something for what a webhook brings, where no rule asks for more."""
        return {
            name: SAMPLES[self._types.get(name, "text")]
            for name in variables
            if len(self._candidates.of(VARIABLE + name, datetime.min)) < 2
        }

    # --- on the way ------------------------------------------------------------------------------------------------------
    def at(self, place: Place) -> Iterator[Input]:
        """What may happen next; nothing where the conversation is over."""
        conversation = place.conversation()
        owner = conversation.owner if conversation is not None else "NONE"
        run = place.run()
        if run is None:
            return
        if owner == "AGENT":
            yield Agent("resolves")
            yield Agent("returns")
            return
        if owner == "QUEUE":
            yield Presence("online")
        elif run.status == "suspended":
            yield Says("Hello?")
            return
        yield from self._of_waits(place)
        if place.next_due() is not None:
            yield Silence()

    def _of_waits(self, place: Place) -> Iterator[Input]:
        for run in place.person.runs:
            wait = run.wait
            inner = self._house.where(run)
            part = inner.study.parts.get(wait.node) if wait is not None else None
            if part is None or wait is None or run.status != "waiting":
                continue
            if wait.kind == "reply":
                yield from self._replies(place, run, part, inner)
            elif wait.kind == "event":
                yield from self._events(place, part, inner)
            elif waits(run):
                yield from (
                    Answers(part.id, probe.value, probe.note) for probe in part.probes if probe.kind == "call"
                )

    def _replies(self, place: Place, run: Run, part: Part, inner: Inner) -> Iterator[Input]:
        titles = {str(option[0]): str(option[1]) for option in (run.wait.data.get("options", ()) if run.wait else ())}
        said: dict[str, None] = {}
        for probe in part.probes:
            match probe:
                case Probe(kind="choice", value=id) if id in place.offers:
                    yield Presses(str(id), place.offers[id][1])
                case Probe(kind="choice", value=id):
                    said[titles.get(str(id), str(id))] = None
                case Probe(kind="text", value=text):
                    said[str(text)] = None
                case Probe(kind="media", value=kind):
                    yield MEDIA.get(kind, MEDIA["image"])
                case Probe(kind="location"):
                    yield Shares()
                case _:
                    pass
        for kind in self._kinds(part, inner):
            yield MEDIA[kind] if kind in MEDIA else Shares()
        said.update(dict.fromkeys(self._derived(part, place.now, inner, run)))
        for each in (inner, self._house.own):
            said.update(dict.fromkeys(list(each.study.document.settings.handoff_words)[:1]))
        for text in list(said)[:MAX_SAID]:
            yield Says(text)

    def _derived(self, part: Part, now: datetime, inner: Inner, run: Run) -> Iterator[str]:
        """Texts that the rules behind this node tell apart, in the variable that takes the answer or in the message itself."""
        subjects = {VARIABLE + name for name in part.writes} | {"message.text"}
        for subject in sorted(subjects):
            tests = [test.test for to in part.wired.values() for test in inner.live.tests_at(to) if test.subject == subject]
            tests += self._tests_below(subject.removeprefix(VARIABLE), run)
            for value in values_for(list(dict.fromkeys(tests)), now=now):
                match value:
                    case bool() | None | list() | tuple():
                        continue
                    case str() if _is_instant(value):
                        yield value[:10]
                    case _:
                        yield str(value)
            for branch in (branch for other in inner.study.parts.values() for branch in other.branches):
                if any(tried.test in tests for tried in branch.tests) and " " in (text := joined(branch.rule, subject)):
                    yield text

    def _tests_below(self, name: str, run: Run) -> list[Test]:
        """The tests of what a variable becomes in the flows that run this one."""
        found: list[Test] = []
        for frame in reversed(run.frames[:-1]):
            inner = self._house.all.get(frame.version)
            part = inner.study.parts.get(frame.node) if inner is not None else None
            if inner is None or part is None or name not in part.uses.takes:
                break
            name = part.uses.takes[name]
            subject = VARIABLE + name
            found += [each.test for to in part.wired.values() for each in inner.live.tests_at(to) if each.subject == subject]
        return found

    def _kinds(self, part: Part, inner: Inner) -> list[str]:
        """The kinds of messages that the rules behind this node tell apart, but for text."""
        wanted: dict[str, None] = {}
        for to in part.wired.values():
            for tried in inner.live.tests_at(to):
                if tried.subject == "message.kind":
                    values = tried.test.value if isinstance(tried.test.value, tuple) else (tried.test.value,)
                    wanted.update(dict.fromkeys(str(value) for value in values))
        return [kind for kind in wanted if kind in MEDIA or kind == "location"]

    def _events(self, place: Place, part: Part, inner: Inner) -> Iterator[Input]:
        for probe in part.probes:
            if probe.kind == "event":
                for data in self._bodies(part, place.now, inner):
                    yield Named(str(probe.value), data)

    def _bodies(self, part: Part, now: datetime, inner: Inner) -> list[dict[str, Any]]:
        """What the event may carry: each value of each variable that a rule tests, one at a time."""
        base: dict[str, Any] = {}
        bodies: list[dict[str, Any]] = []
        for name in part.writes:
            tests = [
                test.test
                for to in part.wired.values()
                for test in inner.live.tests_at(to)
                if test.subject == VARIABLE + name
            ]
            values = values_for(list(dict.fromkeys(tests)), now=now) if tests else []
            base[name] = values[0] if values else SAMPLES[self._types.get(name, "text")]
            bodies.extend({name: value} for value in values)
        whole = [{**base, **body} for body in bodies] or [base]
        return [_body(body, part.mapped) for body in whole[:MAX_DATA]]


def _body(values: Mapping[str, Any], mapped: Mapping[str, str]) -> dict[str, Any]:
    """The JSON body that brings these values.

    >>> _body({"amount": 5}, {"amount": "payment.items[0].price"})
    {'payment': {'items': [{'price': 5}]}}
    """
    body: dict[str, Any] = {}
    for name, value in values.items():
        if value is None:
            continue
        parts = _PART.findall(mapped.get(name, name))
        at: Any = body
        for part, following in zip(parts, [*parts[1:], None], strict=True):
            nothing: Any = value if following is None else [] if following.startswith("[") else {}
            if part.startswith("["):
                index = int(part[1:-1])
                at.extend([{}] * (index + 1 - len(at)))
                at[index] = nothing if following is None or not at[index] else at[index]
                at = at[index]
            else:
                at = at.setdefault(part, nothing)
    return body


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return len(text) > len("2026-12-24")
