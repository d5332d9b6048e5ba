"""When the checker warns of free text in a closed 24-hour window, and of waits that outlive their run."""

from datetime import timedelta

import pytest

from engine.core.check import NOTHING_KNOWN
from engine.core.scope import Scope
from schemas.capability import Capabilities
from tests.schema.tiny import checked, edge, found, node, the

WHATSAPP = Scope(NOTHING_KNOWN.build, channels={"WhatsApp": Capabilities(window=timedelta(hours=24))})
WEB = Scope(NOTHING_KNOWN.build, channels={"Web chat": Capabilities()})
SAY = node("say", "say", text="Hi")


def warned(nodes, edges, scope=WHATSAPP):
    return [pointer for _, pointer in found("window_closed", checked(nodes, edges, scope))]


@pytest.mark.parametrize(("hours", "expected"), [(23, []), (24, ["/nodes/2/config"]), (800, ["/nodes/2/config"])])
def test_free_text_after_a_pause(hours, expected):
    nodes = [node("start", "start"), node("pause", "pause", hours=hours), SAY]
    assert warned(nodes, [edge("start", "pause"), edge("pause", "say")]) == expected


def test_pauses_add_up_and_a_reply_opens_the_window_again():
    pauses = [node(f"p{index}", "pause", hours=9) for index in range(3)]
    nodes = [node("start", "start"), *pauses, SAY, node("ask", "ask"), node("after", "say", text="Thanks")]
    edges = [edge("start", "p0"), edge("p0", "p1"), edge("p1", "p2"), edge("p2", "say"), edge("say", "ask"), edge("ask", "after")]
    assert warned(nodes, edges) == ["/nodes/4/config"]


def test_no_answer_for_a_day_closes_it():
    nodes = [node("start", "start"), node("ask", "ask", hours=24), SAY, node("yes", "say", text="Yes")]
    assert warned(nodes, [edge("start", "ask"), edge("ask.timeout", "say"), edge("ask", "yes")]) == ["/nodes/2/config"]


@pytest.mark.parametrize(("on", "expected"), [("message", []), ("contact", ["/nodes/1/config"]), ("api", ["/nodes/1/config"])])
def test_what_starts_the_run_decides_what_is_open(on, expected):
    assert warned([node("start", "start", on=on), SAY], [edge("start", "say")]) == expected


def test_only_where_a_channel_has_a_window():
    nodes, edges = [node("start", "start", on="api"), SAY], [edge("start", "say")]
    assert warned(nodes, edges, WEB) == warned(nodes, edges, NOTHING_KNOWN) == []


def test_a_template_or_a_way_for_it_is_enough():
    start = node("start", "start", on="api")
    assert warned([start, node("say", "say", text="", template="x")], [edge("start", "say")]) == []
    assert warned([start, SAY, node("ask", "ask")], [edge("start", "say"), edge("say.window_closed", "ask")]) == []


def test_several_ways_of_different_length_are_no_circle():
    pauses = [node(f"p{hours}", "pause", hours=hours) for hours in (1, 2, 3, 4)]
    nodes = [node("start", "start"), *(node(f"ask{each}", "ask", hours=1) for each in range(4)), *pauses, SAY]
    edges = [edge("start", "ask0"), *(edge(f"ask{each}", f"ask{each + 1}") for each in range(3)), edge("ask3", "p4")]
    edges += [edge(f"ask{each}.timeout", f"p{each + 1}") for each in range(4)]
    edges += [edge(f"p{hours}", "say") for hours in (1, 2, 3, 4)]
    assert warned(nodes, edges) == []


def test_a_circle_of_short_pauses_grows_beyond_the_window():
    nodes = [node("start", "start"), node("pause", "pause", hours=1), SAY]
    edges = [edge("start", "pause"), edge("pause", "say"), edge("say", "pause")]
    assert warned(nodes, edges) == ["/nodes/2/config"]


def test_a_circle_with_a_reply_stays_open():
    nodes = [node("start", "start"), node("pause", "pause", hours=1), SAY, node("ask", "ask")]
    edges = [edge("start", "pause"), edge("pause", "say"), edge("say", "ask"), edge("ask", "pause")]
    assert warned(nodes, edges) == []


def test_the_hint_names_the_template():
    result = checked([node("start", "start", on="api"), SAY], [edge("start", "say")], WHATSAPP)
    problem = the("window_closed", result)
    assert problem.level == "warning"
    assert "24 hours" in problem.message
    assert problem.hint.startswith("Add a template")


def test_a_wait_that_outlives_its_run():
    nodes, edges = [node("start", "start"), node("pause", "pause", hours=49)], [edge("start", "pause")]
    assert found("wait_outlives_run", checked(nodes, edges, settings={"expires_after": "P2D"})) == [
        ("warning", "/nodes/1/config")
    ]
    assert found("wait_outlives_run", checked(nodes, edges, settings={"expires_after": "P3D"})) == []
