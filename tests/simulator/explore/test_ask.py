"""The explorer answers a question in every way that it tells apart, and is silent too."""

from __future__ import annotations

from typing import Any

import pytest

from tests.simulator.explore.flow import explored, flow, fork, reason, reported, say, start, when

KINDS = ["text", "number", "date", "email", "phone", "rating", "yes_no", "choice", "media", "location"]


@pytest.mark.parametrize("kind", KINDS)
def test_every_port_of_a_question_is_reached(kind: str) -> None:
    choices = [{"id": f"c{at}", "title": f"Choice {at}"} for at in range(4)] if kind == "choice" else []
    config: dict[str, Any] = {"text": "?", "answer": kind, "choices": choices, "timeout": "PT1H", "retries": 1}
    answers = {"yes_no": ["yes", "no"], "choice": [each["id"] for each in choices]}.get(kind, ["answered"])
    nodes = [start(), {"id": "q", "type": "ask", "config": config}, say("end")]
    ports = [*answers, "invalid", "timeout", "failed"]
    made = reported(flow(nodes, ["start q", *(f"q.{port} end" for port in ports)]), "whatsapp")
    assert {port: reason(made, "q", port) for port in ports} == dict.fromkeys(ports, "")


def test_a_score_is_tried_on_both_sides_of_a_bound() -> None:
    ask = {"id": "q", "type": "ask", "config": {"text": "?", "answer": "rating", "save_as": "score"}}
    nodes = [start(), ask, fork("good", when("score", "gte", 4)), say("yes"), say("no")]
    made = reported(flow(nodes, ["start q", "q.answered good", "good.b0 yes", "good.else no"]))
    assert (reason(made, "good", "b0"), reason(made, "good", "else")) == ("", "")


def test_silence_is_tried_where_only_the_flow_says_how_long_a_question_waits() -> None:
    question = {"id": "how", "type": "ask", "config": {"text": "How many?", "answer": "number"}}
    nodes, edges = [start(), question, say("late")], ["start how", "how.timeout late"]
    assert ("how", "timeout") in explored(flow(nodes, edges, settings={"reply_timeout": "P1D"})).ports
    assert ("how", "timeout") not in explored(flow(nodes, edges)).ports
