"""Small flow documents for tests."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def document(name: str, nodes: dict[str, tuple[str, dict[str, Any]]], edges: list[str], **more: Any) -> Document:
    """A flow document; an edge is written `from -> to` or `from.port -> to`.

    >>> document("Hi", {"start": on_word("hi"), "say": say("Hello")}, ["start -> say"])["edges"]
    [{'from': 'start', 'port': 'next', 'to': 'say'}]
    """
    return {
        "schema": 1,
        "name": name,
        "nodes": [{"id": id, "type": type, "config": config} for id, (type, config) in nodes.items()],
        "edges": [_edge(*edge.split(" -> ")) for edge in edges],
        **more,
    }


def _edge(source: str, target: str) -> dict[str, str]:
    node, _, port = source.partition(".")
    return {"from": node, "port": port or "next", "to": target}


def on_word(*words: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A trigger on keywords."""
    match = {"match": more.pop("match")} if "match" in more else {}
    return "trigger", {"on": {"kind": "keyword", "words": list(words), **match}, **more}


def on_anything(**more: Any) -> tuple[str, dict[str, Any]]:
    """A trigger on any message."""
    return "trigger", {"on": {"kind": "message"}, **more}


def say(text: str, *buttons: str, **more: Any) -> tuple[str, dict[str, Any]]:
    """A message; buttons are named by their titles, and their ids are the titles in lower case."""
    chosen = {"buttons": [{"id": title.lower(), "title": title} for title in buttons]} if buttons else {}
    return "send_message", {"text": text, **chosen, **more}


def wait_reply(**more: Any) -> tuple[str, dict[str, Any]]:
    """A wait for an answer."""
    return "wait", {"for": {"kind": "reply", **more}}


def wait_time(duration: str) -> tuple[str, dict[str, Any]]:
    """A wait for some time."""
    return "wait", {"for": {"kind": "duration", "duration": duration}}


def assign(**more: Any) -> tuple[str, dict[str, Any]]:
    """A hand-over to a person."""
    return "assign_agent", more


def echo(word: str = "hello") -> Document:
    """A flow that answers a word with one message."""
    return document("Echo", {"start": on_word(word), "answer": say("You said it.")}, ["start -> answer"])
