"""A check is quick, and its time is bounded for the largest flows."""

import time
from datetime import timedelta

from engine.core.check import NOTHING_KNOWN, check
from engine.core.scope import Scope
from nodes import node_types
from schemas.capability import Capabilities
from schemas.flow import MAX_EDGES, MAX_NODES
from tests.schema.tiny import TYPES, edge, flow, node

SCOPE = Scope(NOTHING_KNOWN.build, channels={"WhatsApp": Capabilities(window=timedelta(hours=24), buttons=3, rows=10)})
MEASURED = 0.062
"""Seconds that a check of 500 nodes took on two shared cores, with the program that it leaves behind."""
ROOM = 10
"""How much slower another machine may be."""


def quickest(document, types, rounds=3):
    """Processor seconds of the quickest of some checks, and the last one's result."""
    times = []
    for _ in range(rounds):
        before = time.process_time()
        result = check(document, types, SCOPE)
        times.append(time.process_time() - before)
    return min(times), result


def real_flow(count):
    nodes = [node("start", "trigger", on={"kind": "message"})]
    edges = []
    before = "start.next"
    for index in range(count - 1):
        id = f"n{index}"
        if index % 3 == 0:
            buttons = [{"id": "y", "title": "Yes"}, {"id": "n", "title": "No"}]
            nodes.append(
                node(
                    id,
                    "send_message",
                    text=f"Hi {{{{contact.name|there}}}}, {{all|well}} is {{{{answer}}}}? {index}",
                    buttons=buttons,
                )
            )
            after = f"{id}.y"
        elif index % 3 == 1:
            nodes.append(node(id, "wait", **{"for": {"kind": "reply", "save_as": "answer", "timeout": "P1D"}}))
            after = f"{id}.next"
        else:
            rule = {
                "all": [{"subject": "answer", "op": "is", "value": "yes"}, {"subject": "contact.tags", "op": "has", "value": "x"}]
            }
            nodes.append(node(id, "condition", branches=[{"id": "a", "rule": rule}]))
            after = f"{id}.a"
        edges.append(edge(before, id))
        before = after
    return flow(nodes, edges)


def test_five_hundred_nodes_are_checked_while_the_author_types():
    seconds, result = quickest(real_flow(500), node_types())
    assert [problem for problem in result.problems if problem.level == "error"] == []
    assert result.program is not None
    assert seconds < MEASURED * ROOM


def test_the_largest_flow_is_bounded_whatever_its_circles():
    ways = [f"w{index}" for index in range(MAX_EDGES // MAX_NODES)]
    nodes = [node("start", "start", on="api")]
    nodes += [
        node(f"n{index}", "fork" if index % 2 else "pause", **({"ways": ways} if index % 2 else {"hours": 1}))
        for index in range(MAX_NODES - 1)
    ]
    edges = [edge("start", "n1")]
    for index in range(MAX_NODES - 1):
        for place, way in enumerate(ways if index % 2 else ["next"]):
            edges.append(edge(f"n{index}.{way}", f"n{(index * 7 + place * 131) % (MAX_NODES - 1)}"))
    seconds, result = quickest(flow(nodes, edges[:MAX_EDGES]), TYPES, rounds=1)
    assert result.document is not None
    assert seconds < 0.5 * ROOM


def test_a_complete_knot_of_a_hundred_nodes_is_bounded():
    ids = [f"n{index}" for index in range(100)]
    nodes = [node("start", "start"), *(node(id, "fork", ways=ids) for id in ids)]
    edges = [edge("start", "n0"), *(edge(f"{one}.{other}", other) for one in ids for other in ids)]
    seconds, result = quickest(flow(nodes, edges[:MAX_EDGES]), TYPES, rounds=1)
    assert [problem.code for problem in result.problems if problem.level == "error"] == ["cycle_without_wait"]
    assert seconds < 0.5 * ROOM
