"""What a Set node changes decides what comes later: the explorer counts, and tries contacts with and without a tag."""

from __future__ import annotations

from typing import Any

from tests.simulator.explore.flow import ask, flow, fork, reason, reported, say, start, when


def put(id: str, *changes: dict[str, Any]) -> dict[str, Any]:
    return {"id": id, "type": "set", "config": {"changes": list(changes)}}


def test_it_counts_to_the_bound_of_a_condition() -> None:
    plus = {"change": "variable", "variable": "tries", "value": "{{tries}}", "operation": "add", "operand": 1}
    made = reported(
        flow(
            [start(), ask("again", "said"), put("count", plus), fork("enough", when("tries", "gte", 3)), say("done")],
            ["start again", "again count", "count enough", "enough.b0 done", "enough.else again"],
            variables=[{"name": "tries", "type": "number", "default": 0}],
        )
    )
    assert reason(made, "enough", "b0") == ""
    assert reason(made, "enough", "else") == ""


def test_what_was_set_is_not_what_the_contact_had() -> None:
    nodes = [
        start(),
        put("mark", {"change": "add_tag", "tag": "vip"}, {"change": "field", "field": "plan", "value": "gold"}),
        ask("ask", "said"),
        fork("is", when("contact.tags", "has", "vip")),
        fork("gold", when("contact.fields.plan", "is", "gold")),
        say("yes"),
        say("no"),
    ]
    edges = ["start mark", "mark ask", "ask is", "is.b0 gold", "is.else no", "gold.b0 yes", "gold.else no"]
    made = reported(flow(nodes, edges))
    assert reason(made, "is", "b0") == ""
    assert reason(made, "gold", "b0") == ""
    assert reason(made, "is", "else") != ""
    assert reason(made, "gold", "else") != ""


def test_what_cannot_be_worked_out_is_reached_by_what_a_contact_may_hold() -> None:
    nodes = [
        start(),
        put("sum", {"change": "variable", "variable": "n", "value": "{{contact.points}}", "operation": "add", "operand": 1}),
        say("sorry"),
        say("fine"),
    ]
    made = reported(flow(nodes, ["start sum", "sum fine", "sum.invalid sorry"]))
    assert reason(made, "sum", "invalid") == ""
    assert reason(made, "sum", "next") == ""
