"""Flows that multiply: explored within the budget, said plainly where not all of it was tried, and never hung."""

from __future__ import annotations

from itertools import pairwise

from tests.simulator.explore.flow import ask, explored, flow, fork, reported, say, start, when


def test_ten_independent_conditions_in_a_row_are_all_combined() -> None:
    forks = [fork(f"f{at}", when(f"contact.fields.k{at}", "is", "x")) for at in range(10)]
    edges = [f"start {forks[0]['id']}"]
    for one, other in pairwise(forks):
        edges += [f"{one['id']}.b0 {other['id']}", f"{one['id']}.else {other['id']}"]
    made = reported(flow([start(), *forks, say("end")], [*edges, "f9.b0 end", "f9.else end"]))
    assert not made.exhausted
    assert made.coverage["ports"].percent == 100
    assert made.coverage["rules"].percent == 100
    assert made.tried > 1_000
    assert made.states < 10  # nothing is left of the facts once the conditions are behind


def test_more_conditions_than_can_be_combined_are_tried_one_by_one_and_it_is_said() -> None:
    forks = [fork(f"f{at}", when(f"contact.fields.k{at}", "is", "x")) for at in range(30)]
    edges = ["start f0"]
    for at in range(29):
        edges += [f"f{at}.b0 f{at + 1}", f"f{at}.else f{at + 1}"]
    made = reported(flow([start(), *forks, say("end")], [*edges, "f29.b0 end", "f29.else end"]))
    assert made.cut
    assert made.coverage["ports"].percent == 100


def test_a_spent_budget_is_a_reason() -> None:
    nodes = [start(), *(ask(f"a{at}", f"v{at}") for at in range(9)), fork("f", *(when(f"v{at}", "gte", 5) for at in range(9)))]
    edges = ["start a0", *(f"a{at} a{at + 1}" for at in range(8)), "a8 f", "f.b0 end", "f.b8 end"]
    made = reported(flow([*nodes, say("end")], edges), budget=50)
    assert made.exhausted
    assert made.tried == 50
    assert {port.reason.code for port in made.missing if port.reason} == {"budget"}


def test_nested_loops_come_to_an_end() -> None:
    nodes = [
        start(),
        ask("outer", "a", timeout="PT1H"),
        ask("middle", "b", timeout="PT2H"),
        ask("inner", "c", timeout="PT3H"),
        fork("f", when("a", "gte", 5), when("b", "gte", 5), when("c", "gte", 5)),
    ]
    edges = ["start outer", "outer middle", "middle inner", "inner f", "f.b0 outer", "f.b1 middle", "f.b2 inner", "f.else outer"]
    edges += ["outer.timeout middle", "middle.timeout inner", "inner.timeout outer"]
    found = explored(flow(nodes, edges))
    assert not found.exhausted
    assert found.tried < 5_000


def test_a_loop_that_waits_forever_is_bounded() -> None:
    nodes = [start(), say("remind"), {"id": "wait", "type": "wait", "config": {"for": {"kind": "duration", "duration": "PT1H"}}}]
    made = reported(flow(nodes, ["start remind", "remind wait", "wait remind"]))
    assert "endless_messages" in [finding.code for finding, _ in made.findings]
    assert made.tried < 100
