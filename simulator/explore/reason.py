"""Why no input reaches a port or an outcome of a rule: a code where a machine can prove it, and words for people.

| code | meaning |
|---|---|
| `unreachable` | no way leads from a trigger to the node |
| `not_reached` | ways lead to the node, but none of them is ever taken: look at the ports before it |
| `contradiction` | nothing can fulfil the rule |
| `shadowed` | whatever fulfils the rule fulfils an earlier branch |
| `exhausted` | the branches before leave nothing over |
| `always` | the rule always holds where it is asked |
| `timeout_never` | no timeout is set |
| `no_window` | no channel of the flow has a 24-hour window |
| `not_simulated` | it depends on something that the simulator can't set, such as the contact's e-mail address |
| `budget` | the exploration was stopped before everything was tried |
| `not_found` | nothing that was tried leads there, and no proof was found that nothing does |
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product
from typing import Any

from engine.core.rule import compile_rule, expressions_of
from engine.core.text import Getter
from schemas.rule import AllOf, AnyOf, Expression, NotOf, Rule, Test
from simulator.explore.explorer import Explored
from simulator.explore.stage import START
from simulator.explore.study import Branch, Part
from simulator.explore.value import exhaustive, joined, values_for

MOST = 20_000
"""Combinations of values that a proof looks at; a rule with more is not judged."""
UNSETTABLE = frozenset({"contact.email", "contact.id", "channel.id", "channel.name", "flow.name"})


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was not reached. `proved`: no input can; else none of those that were tried did."""

    code: str
    words: str
    proved: bool


def port_reason(found: Explored, part: Part, port: str) -> Reason:
    """Why no path leaves the node by this port."""
    if part.id not in found.nodes:
        return _node_reason(found, part)
    branches = [branch.id for branch in part.branches]
    if port in branches:
        return _branch_reason(found, part, branches.index(port))
    kind = next((each.kind for each in part.ports if each.id == port), "next")
    if branches and kind == "branch":
        return _rest_reason(found, part)
    if kind == "timeout" and not part.elapsed.get(port):
        return Reason("timeout_never", "No timeout is set, so it never comes.", True)
    if port == "window_closed" and all(stage.capabilities.window is None for stage in found.stages):
        return Reason("no_window", "The channels of this flow have no 24-hour window.", True)
    return _unknown(found)


def rule_reason(found: Explored, part: Part, branch: Branch, holds: bool) -> Reason:
    """Why a rule never held, or always did, where it was asked."""
    if part.id not in found.nodes:
        return _node_reason(found, part)
    place = part.branches.index(branch)
    if holds:
        return _branch_reason(found, part, place)
    proof = _witness(part.branches[:place], not_=branch)
    if proof is False:
        return Reason("always", "The rule holds for everything that comes to it.", True)
    return _unknown(found)


def _node_reason(found: Explored, part: Part) -> Reason:
    reached = set(found.study.program.triggers)
    waiting = list(reached)
    while waiting:
        for to in found.study.parts[waiting.pop()].wired.values():
            if to not in reached:
                reached.add(to)
                waiting.append(to)
    if part.id not in reached:
        return Reason("unreachable", "No way leads here from a trigger.", True)
    if found.exhausted:
        return _unknown(found)
    return Reason("not_reached", "The ways that lead here are never taken.", False)


def _branch_reason(found: Explored, part: Part, place: int) -> Reason:
    branch, earlier = part.branches[place], part.branches[:place]
    if any(test.subject in UNSETTABLE for test in branch.tests):
        return Reason("not_simulated", "It depends on something that the simulator can't set.", False)
    if _witness((), holds=branch) is False:
        return Reason("contradiction", "Nothing can fulfil this rule: its parts contradict each other.", True)
    if earlier and _witness(earlier, holds=branch) is False:
        alone = [each for each in earlier if _witness((each,), holds=branch) is False]
        name = f"“{alone[0].label}”" if alone else "the branches before"
        return Reason("shadowed", f"Whatever fulfils this rule fulfils {name} first.", True)
    return _unknown(found)


def _rest_reason(found: Explored, part: Part) -> Reason:
    if _witness(part.branches) is False:
        return Reason("exhausted", "The branches before leave nothing over.", True)
    return _unknown(found)


def _unknown(found: Explored) -> Reason:
    if found.exhausted:
        return Reason("budget", "The exploration was stopped before everything was tried.", False)
    return Reason("not_found", "Nothing that was tried leads here.", False)


# --- proofs over the values that tests can tell apart ------------------------------------------------------------------------
def _witness(refused: Sequence[Branch], *, holds: Branch | None = None, not_: Branch | None = None) -> bool | None:
    """True if some values fulfil none of `refused`, and `holds`, and not `not_`; False if none do; None where nobody can say."""
    rules = [*(branch.rule for branch in refused), *(each.rule for each in (holds, not_) if each is not None)]
    if any(expressions_of(rule, "") for rule in rules):
        return None
    checks = [(compile_rule(rule, _getter), False) for rule in rules]
    if holds is not None:
        checks[-1] = (checks[-1][0], True)
    for values in _assignments(rules) or ():
        if all(check(values).ok is wanted for check, wanted in checks):
            return True
    tests = [test for rule in rules for test in _tests(rule)]
    few = _assignments(rules) is not None
    return False if few and exhaustive(tests) and not any(test.subject.startswith("time.now") for test in tests) else None


def _getter(path: str) -> Getter:
    return lambda values: values.get(path)


def _assignments(rules: Sequence[Rule]) -> Iterator[dict[str, Any]] | None:
    """Every combination of values that the rules tell apart; None where there are too many."""
    tests: dict[str, list[Test]] = {}
    for rule in rules:
        for test in _tests(rule):
            tests.setdefault(test.subject, []).append(test)
    several: dict[str, list[Any]] = {}
    count = 1
    for subject, of_subject in tests.items():
        values = _values(subject, of_subject, rules)
        several[subject] = values
        count *= len(values)
        if count > MOST:
            return None
    combinations = product(*several.values())
    return (dict(zip(several, each, strict=True)) for each in islice(combinations, MOST))


def _values(subject: str, tests: list[Test], rules: Sequence[Rule]) -> list[Any]:
    values = values_for(tests, now=START)
    if any(test.op in ("has", "has_not", "has_any", "has_all") for test in tests):
        wanted = [each for test in tests for each in (test.value if isinstance(test.value, tuple) else (test.value,))]
        lists: list[list[Any]] = [[]]
        for each in dict.fromkeys(wanted):
            lists += [[*known, each] for known in lists[:64]]
        return [*lists, None]
    texts = [text for rule in rules if (text := joined(rule, subject)) and text not in values]
    both = [f"{one} {other}" for one in texts for other in texts if one != other]
    return [*values, *texts, *both[:20]]


def _tests(rule: Rule) -> Iterator[Test]:
    match rule:
        case AllOf():
            for each in rule.all:
                yield from _tests(each)
        case AnyOf():
            for each in rule.any:
                yield from _tests(each)
        case NotOf():
            yield from _tests(rule.rule)
        case Test():
            yield rule
        case Expression():
            pass  # its values are nobody's to list
