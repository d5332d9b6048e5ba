"""What a path takes for granted of the world before it: facts of the contact, start variables, hours. Decided when first read.

A fact is named by its subject: `contact.fields.plan`, `contact.language`, `tag.vip`, `var.budget` (given at the start),
`phone` (known or not), `hours.KEY` (when they are open), `global.KEY`, `split.NODE` (the arm that it takes). A place in which a
fact was never read may still take any value of it, so nothing is multiplied before it matters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from engine.core.decision import Step
from engine.core.evolve import evolve
from engine.core.example import OTHER
from engine.core.rule import RELATIVE
from engine.core.value import Contact, Run
from schemas.contact import ContactChange, Identity
from schemas.hours import WEEKDAYS, Hours, Interval
from simulator.explore.inner import Household
from simulator.explore.live import Live
from simulator.explore.place import Facts, Happened, Place
from simulator.explore.study import Part, Tried
from simulator.explore.value import values_for

PHONE = "phone"
GIVEN = "given"
"""The run was started by somebody who may give variables."""
OPEN, CLOSED = "open", "closed"
LATER = timedelta(hours=3)
"""How long after the present a business opens that is closed now."""
SETTABLE = frozenset({"contact.name", "contact.language", "contact.timezone"})
FROM_NAME = "contact.first_name"
FROM_PHONE = frozenset({"contact.phone", "contact.identities"})
FIELD, TAG, VARIABLE, SPLIT = "contact.fields.", "tag.", "var.", "split."
HOURS, GLOBAL = "hours.", "global."


class Candidates:
    """What each fact may be, worked out from the tests of the whole flow; the first value is what holds where nobody says."""

    def __init__(self, house: Household, now: datetime) -> None:
        study, live = house.own.study, house.own.live
        self._house = house
        self._study = study
        self._values: dict[str, tuple[Any, ...]] = {}
        tests: dict[str, list[Tried]] = {}
        inside = [tried for each in house.others for tried in each.tests() if not tried.subject.startswith(VARIABLE)]
        for tried in (*study.tests(), *inside):
            tests.setdefault(tried.subject, []).append(tried)
        for subject, several in tests.items():
            if subject in SETTABLE or subject.startswith((FIELD, VARIABLE, GLOBAL)):
                self._values[subject] = _distinct(values_for([each.test for each in several], now=now), several, now)
            elif subject == FROM_NAME:
                self._values["contact.name"] = (None, "Ann Example")
            elif subject in FROM_PHONE:
                self._values[PHONE] = (True, False)
            elif subject == "contact.tags":
                for tag in dict.fromkeys(tag for each in several for tag in tags_of_test(each)):
                    self._values[TAG + tag] = (False, True)
        moments = {subject for part in study.parts.values() for subject in part.reads}
        read = (subject for each in house.others for part in each.parts.values() for subject in part.reads)
        moments |= {subject for subject in read if not subject.startswith(VARIABLE)}
        for subject in moments:
            if subject in SETTABLE or subject.startswith((FIELD, VARIABLE, GLOBAL)):
                moment = (None, _in_days(now, 3), OTHER, _in_days(now, -1))
                self._values[subject] = tuple(dict.fromkeys((*self._values.get(subject, ()), *moment)))
        parts = [part for each in (study, *house.others) for part in each.parts.values()]
        self._values |= {SPLIT + part.id: part.arms for part in parts if part.arms}
        self._waited = {subject for subject in moments if subject.startswith(HOURS)}
        """Hours for which some node waits: then it counts when they open."""
        self._given = {
            VARIABLE + name
            for name in study.names
            if any(
                VARIABLE + name in _live_subjects(live, to)
                for entry in study.program.triggers
                for to in study.parts[entry].wired.values()
            )
        }

    def of(self, fact: str, now: datetime) -> tuple[Any, ...]:
        """The values of a fact, the first of which needs no mention; empty where it never decides anything."""
        if fact.startswith(HOURS):
            return (OPEN, CLOSED, f"{now + LATER:%H:00}") if fact in self._waited else (OPEN, CLOSED)
        return self._values.get(fact, ())

    def read(self, happened: Happened) -> list[str]:
        """The facts on which what happened stood, in the order of reading, as far as the place hasn't decided them."""
        decided = happened.place.facts
        found: dict[str, None] = {}
        for step in happened.steps:
            for visited in step.visited:
                part = self._house.part(visited)
                given = GIVEN in decided and visited.version == self._house.version
                of_part = self._of_part(part, step) if part is not None else ()
                found.update(dict.fromkeys(fact for fact in of_part if given or not fact.startswith(VARIABLE)))
            found.update(dict.fromkeys(self._of_contact(step)))
        now = happened.place.now
        return [fact for fact in found if fact not in decided and len(self.of(fact, now)) > 1]

    def of_trigger(self, node: str, now: datetime) -> list[str]:
        """The facts on which a trigger's own rule stands: nobody hears of it where the rule keeps the run from starting."""
        tests = self._study.parts[node].tests
        facts = [test.subject for test in tests if test.subject != "contact.tags"]
        facts += [TAG + tag for test in tests for tag in tags_of_test(test)]
        return [fact for fact in facts if len(self.of(fact, now)) > 1]

    def _of_contact(self, step: Step) -> Iterable[str]:
        for path in step.reads:
            if path == FROM_NAME:
                yield "contact.name"
            elif path in FROM_PHONE:
                yield PHONE
            elif path.startswith(("contact.", HOURS, GLOBAL)):
                yield path

    def _of_part(self, part: Part, step: Step) -> Iterable[str]:
        if part.arms:
            yield SPLIT + part.id
        if "contact.tags" in step.reads:
            yield from (TAG + tag for test in part.tests for tag in tags_of_test(test))
        for subject in (*(test.subject for test in part.tests), *part.reads):
            if self._may_be_given(subject, step):
                yield subject

    def _may_be_given(self, subject: str, step: Step) -> bool:
        """The variable still is what it was when the run began, and whoever starts the flow could have given another value."""
        name, variables = subject.removeprefix(VARIABLE), step.run.frames[0].variables
        return subject in self._given and variables.get(name) == self._study.program.defaults.get(name)


def _live_subjects(live: Live, node: str) -> set[str]:
    return {test.subject for test in live.tests_at(node)} | set(live.subjects_at(node))


def _distinct(values: Sequence[Any], tests: Sequence[Tried], now: datetime) -> tuple[Any, ...]:
    """The values that some test answers differently, nothing first: of those that all tests answer alike one is enough."""
    found: dict[tuple[bool, ...], Any] = {}
    for value in (None, *values):
        answers = tuple(test.judge(value, now).ok for test in tests if test.judge is not None)
        found.setdefault(answers, value)
    soon = [value for value in values if value is not None and any(test.test.op in RELATIVE for test in tests)]
    return tuple(dict.fromkeys((*found.values(), *soon)))


def tags_of_test(tried: Tried) -> tuple[str, ...]:
    """The tags that a test looks for."""
    if tried.subject != "contact.tags":
        return ()
    wanted = tried.test.value if isinstance(tried.test.value, tuple) else (tried.test.value,)
    return tuple(dict.fromkeys(str(tag) for tag in wanted if tag is not None))


def _in_days(now: datetime, days: int) -> str:
    return now.fromordinal(now.toordinal() + days).replace(hour=12, tzinfo=now.tzinfo).isoformat()


def take(place: Place, facts: Mapping[str, Any]) -> Place:
    """The place in which these facts hold, and held all the time: nothing read them before."""
    contact, runs = place.contact, place.person.runs
    for fact, value in facts.items():
        if fact.startswith(VARIABLE):
            runs = tuple(_with_variable(run, fact.removeprefix(VARIABLE), value) for run in runs)
        else:
            contact = _with(contact, fact, value)
    person = evolve(place.person, contact=contact, runs=runs)
    return evolve(place, person=person, facts={**place.facts, **facts})


def _with_variable(run: Run, name: str, value: Any) -> Run:
    if value is None:
        return run
    first = evolve(run.frames[0], variables={**run.frames[0].variables, name: value})
    return evolve(run, frames=(first, *run.frames[1:]))


def _with(contact: Contact, fact: str, value: Any) -> Contact:
    if value is None or (value is False and fact != PHONE) or contact.version == 0:
        return contact
    if fact.startswith(FIELD):
        return evolve(contact, fields={**contact.fields, fact.removeprefix(FIELD): value})
    if fact.startswith(TAG):
        return evolve(contact, tags=(*contact.tags, fact.removeprefix(TAG)))
    if fact == PHONE:
        others = tuple(each for each in contact.identities if each.kind != "phone")
        return contact if value else evolve(contact, identities=others)
    match fact:
        case "contact.name":
            return evolve(contact, name=value)
        case "contact.language":
            return evolve(contact, language=value)
        case "contact.timezone":
            return evolve(contact, timezone=value)
        case _:
            return contact


def changes_of(facts: Facts) -> tuple[ContactChange, ...]:
    """What must be known of a contact before anything happens, as operations in the order in which a simulation makes them."""
    changes = [
        ContactChange("set_name", value=facts.get("contact.name")),
        ContactChange("set_language", value=facts.get("contact.language")),
        ContactChange("set_timezone", value=facts.get("contact.timezone")),
        *(ContactChange("add_tag", tag) for tag in tags_of(facts)),
        *(ContactChange("set_field", key, value) for key, value in fields_of(facts).items()),
    ]
    return tuple(change for change in changes if change.value is not None or change.op == "add_tag")


def tags_of(facts: Facts) -> tuple[str, ...]:
    """The tags that the contact has."""
    return tuple(fact.removeprefix(TAG) for fact, value in facts.items() if fact.startswith(TAG) and value)


def fields_of(facts: Facts) -> dict[str, Any]:
    """The contact's own fields."""
    return {fact.removeprefix(FIELD): value for fact, value in facts.items() if fact.startswith(FIELD) and value is not None}


def variables_of(facts: Facts) -> dict[str, Any]:
    """The variables that are given at the start."""
    given = {fact: value for fact, value in facts.items() if fact.startswith(VARIABLE) and value is not None}
    return {fact.removeprefix(VARIABLE): value for fact, value in given.items()}


def splits_of(facts: Facts) -> dict[str, str]:
    """The arms that splits take, by their nodes."""
    return {fact.removeprefix(SPLIT): arm for fact, arm in facts.items() if fact.startswith(SPLIT)}


def globals_of(facts: Facts) -> dict[str, Any]:
    """The global variables; one without a value is as the workspace has it."""
    given = {fact: value for fact, value in facts.items() if fact.startswith(GLOBAL) and value is not None}
    return {fact.removeprefix(GLOBAL): value for fact, value in given.items()}


def hours_of(facts: Facts) -> dict[str, Hours]:
    """The hours by name; what isn't there is always open."""
    found = {fact.removeprefix(HOURS): value for fact, value in facts.items() if fact.startswith(HOURS) and value != OPEN}
    return {key: _hours(opens) for key, opens in found.items()}


def _hours(opens: str) -> Hours:
    """A time of day is when they open, for an hour, each day."""
    if opens == CLOSED:
        return Hours(weekly=())  # said, so that it is written where a path is saved
    hour = int(opens[:2])
    return Hours(weekly=(Interval(days=WEEKDAYS, from_=opens, to=f"{hour + 1:02}:00"),))


def identities_of(channel: str, facts: Facts, phone: str) -> tuple[Identity, ...]:
    """The addresses by which the contact comes, as a simulation's contact does."""
    shown = phone if facts.get(PHONE, True) else ""
    known = (Identity("phone", shown),) if shown else ()
    if channel == "webchat":
        return (Identity("webchat", "visitor"), *known)
    return (Identity("whatsapp", shown.removeprefix("+") or "visitor"), *known)
