"""Two versions of a flow, compared in words: what changed in its languages."""

from __future__ import annotations

from typing import Any

from crm.compare import Change, compare
from nodes import node_types

HI, TEXT = "/nodes/hi/config/text", "/settings/handoff_text"


def flow(language: str | None = "en", **translations: Any) -> dict[str, Any]:
    nodes = [{"id": "hi", "type": "send_message", "label": "Greet", "config": {"text": "Hi"}}]
    return {"name": "F", "nodes": nodes, "language": language, "translations": translations}


def put(text: str, source: str = "Hi") -> dict[str, str]:
    return {"text": text, "source": source}


def changes(before: Any, after: Any) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(each.how, each.title, each.details) for each in compare(before, after, node_types())]


def test_languages_come_go_and_change() -> None:
    assert changes(flow(), flow(de={HI: put("Hallo")})) == [("added", "The language de", ("1 texts",))]
    assert changes(flow(de={}), flow()) == [("removed", "The language de", ())]
    assert changes(flow(None), flow()) == [("changed", "The language of the texts", ("empty → “en”",))]
    before = flow(de={HI: put("Hallo", "Hey"), TEXT: put("a"), "/nodes/gone/config/text": put("x")})
    after = flow(de={HI: put("Hallo"), TEXT: put("b")})
    assert changes(before, after) == [
        ("changed", "The language de", ("“Greet”: “Hallo” is still right", "The flow: “a” → “b”", "“gone”: “x” → empty"))
    ]


def test_what_is_the_same_is_no_change_and_much_is_cut() -> None:
    assert compare(flow(de={HI: put("Hallo")}), flow(de={HI: put("Hallo")}), node_types()) == ()
    many = {f"/nodes/n{at}/config/text": put("x") for at in range(30)}
    (change,) = compare(flow(de={}), flow(de=many), node_types())
    assert isinstance(change, Change)
    assert len(change.details) == 21
    assert change.details[-1] == "… and 10 more"
