"""What an exploration says of a flow's faults, each on the smallest flow that has it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from simulator.explore.report import report
from tests.simulator.explore.flow import ask, codes, explored, flow, fork, reason, reported, say, start, when


def test_a_number_is_tried_on_both_sides_of_a_bound_and_as_no_number() -> None:
    nodes = [start(), ask("budget", "budget"), fork("rich", when("budget", "gte", 1000)), say("yes"), say("no")]
    found = explored(flow(nodes, ["start budget", "budget rich", "rich.b0 yes", "rich.else no"]))
    texts = {getattr(way.move.main, "text", "") for way in found.ways}
    assert {"999", "1000", "Hello"} <= texts


def test_a_text_is_tried_with_each_word_and_with_none() -> None:
    words = when("message.text", "one_of", ["red", "blue"])
    nodes = [start(), ask("colour", "colour"), fork("known", words), say("yes"), say("no")]
    found = explored(flow(nodes, ["start colour", "colour known", "known.b0 yes", "known.else no"]))
    assert {"red", "blue", "something else"} <= {getattr(way.move.main, "text", "") for way in found.ways}
    assert report(found).coverage["rules"].percent == 100


@pytest.mark.parametrize(
    ("rules", "port", "code"),
    [
        ((when("n", "gte", 10), when("n", "gte", 20)), "b1", "shadowed"),
        (({"all": [when("n", "gt", 5), when("n", "lt", 5)]},), "b0", "contradiction"),
        ((when("n", "gte", 10), {"not": when("n", "gte", 10)}), "else", "exhausted"),
    ],
)
def test_why_a_branch_is_never_taken(rules: tuple[dict[str, object], ...], port: str, code: str) -> None:
    edges = ["start ask", "ask f", *(f"f.b{at} end" for at in range(len(rules))), "f.else end"]
    made = reported(flow([start(), ask("ask", "n"), fork("f", *rules), say("end")], edges))
    assert reason(made, "f", port) == code
    assert next(each for each in made.missing if each.port == port).reason.proved  # type: ignore[union-attr]


def test_a_branch_between_two_neighbouring_bounds_is_no_contradiction() -> None:
    between = {"all": [when("n", "gt", 5), when("n", "lt", 6)]}
    made = reported(flow([start(), ask("ask", "n"), fork("f", between), say("end")], ["start ask", "ask f", "f.b0 end"]))
    assert made.coverage["ports"].percent == 100


def test_a_node_that_nothing_leads_to() -> None:
    made = reported(flow([start(), say("a"), say("b"), say("c")], ["start a", "b c"]))
    assert reason(made, "b", "next") == "unreachable"


def test_a_timeout_that_is_not_set() -> None:
    made = reported(flow([start(), ask("q", "a"), say("end")], ["start q", "q end", "q.timeout end"]))
    assert reason(made, "q", "timeout") == "timeout_never"


def test_a_silent_end() -> None:
    assert "silent_end" in codes(reported(flow([start(), say("hi"), ask("q", "a")], ["start hi", "hi q"])))
    assert "silent_end" not in codes(
        reported(flow([start(), say("hi"), ask("q", "a"), say("bye")], ["start hi", "hi q", "q bye"]))
    )


def test_free_text_after_the_window() -> None:
    pause = {"id": "pause", "type": "wait", "config": {"for": {"kind": "duration", "duration": "P2D"}}}
    document = flow([start(), say("hi"), pause, say("later")], ["start hi", "hi pause", "pause later"])
    assert "window_closed" in codes(reported(document, "whatsapp"))
    assert "window_closed" not in codes(reported(document, "webchat"))


def test_a_variable_that_nothing_has_set() -> None:
    variables = [{"name": "size", "type": "text"}]
    made = reported(flow([start(), say("hi", "Size {{size}}.")], ["start hi"], variables=variables))
    assert "unset_variable" in codes(made)
    fine = reported(flow([start(), say("hi", "Size {{size|unknown}}.")], ["start hi"], variables=variables))
    assert "unset_variable" not in codes(fine)


def test_the_longest_wait_and_the_most_messages() -> None:
    pause = {"id": "pause", "type": "wait", "config": {"for": {"kind": "duration", "duration": "P3D"}}}
    made = reported(flow([start(), say("a"), pause, say("b"), say("c")], ["start a", "a pause", "pause b", "b c"]))
    assert made.longest_wait[:2] == ("pause", timedelta(days=3))
    assert made.most_messages[0] == 3


def test_both_sides_of_a_condition_on_the_clock() -> None:
    nodes = [start(), fork("open", when("time.time", "between", ["09:00", "17:00"])), say("yes"), say("no")]
    made = reported(flow(nodes, ["start open", "open.b0 yes", "open.else no"]))
    assert made.coverage["ports"].percent == 100


def test_agents_who_come_stay_away_and_close() -> None:
    agent = {"id": "agent", "type": "assign_agent", "config": {"timeout": "PT5M"}}
    ports = ("resolved", "returned", "timeout", "no_agent")
    made = reported(flow([start(), agent, *(say(port) for port in ports)], ["start agent", *(f"agent.{p} {p}" for p in ports)]))
    assert made.coverage["ports"].percent == 100


def test_a_provider_that_fails_at_a_single_message_of_several() -> None:
    nodes = [start(), say("a"), say("b"), say("oops")]
    made = reported(flow(nodes, ["start a", "a b", "b.failed oops", "b.window_closed oops"]), "whatsapp")
    assert made.coverage["ports"].percent == 100


def test_a_flow_that_no_channel_here_starts_is_reported_and_not_hung() -> None:
    trigger = {"id": "start", "type": "trigger", "config": {"on": {"kind": "tag_added", "tag": "vip"}, "once": True}}
    made = reported(flow([trigger, say("hi")], ["start hi"]), "whatsapp", "webchat")
    assert made.coverage["ports"].percent == 100
    pattern = {"id": "start", "type": "trigger", "config": {"on": {"kind": "keyword", "words": ["^a+b$"], "match": "pattern"}}}
    assert reported(flow([pattern, say("hi")], ["start hi"])).coverage["ports"].percent == 100


def test_the_same_flow_is_explored_the_same_way() -> None:
    nodes = [start(), ask("q", "n"), fork("f", when("n", "gte", 10), when("contact.tags", "has", "vip")), say("a"), say("b")]
    document = flow(nodes, ["start q", "q f", "f.b0 a", "f.b1 b", "f.else q"])
    assert reported(document) == reported(document)
