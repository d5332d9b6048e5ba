"""Flows from a seed: the checker accepts them, and together they hold every node type."""

from __future__ import annotations

from random import Random
from typing import Any

from engine.core.check import check
from engine.core.node import NodeType
from nodes import node_types
from tests.core.scene import Document, agent, branch, happening, on, onward, pause, reply, said, step, word

WORDS = ("hi", "go", "help", "price")
TAGS = ("vip", "new")
DURATIONS = ("PT1M", "PT5M", "PT1H", "P1D")
TEXTS = ("Hi {{contact.name|there}}!", "{One|Two|Three} {{var.answer|nothing}}", "{{message.text}}", "Price?", "What next?")
RULES: tuple[Document, ...] = (
    {"subject": "message.text", "op": "contains", "value": "hi"},
    {"subject": "var.answer", "op": "is_set"},
    {"subject": "contact.tags", "op": "has", "value": "vip"},
    {"subject": "var.answer", "op": "gte", "value": 18},
    {"subject": "channel.kind", "op": "is", "value": "whatsapp"},
)
NESTS = 0.3
"""How often a flow soon goes down into another."""
OTHERS = 2
"""Node types that join a flow by their examples, on average; the first flow holds all."""
TRIES = 50
"""Drafts of one flow until the checker finds no error: most have none."""


MADE = ("trigger", "send_message", "wait", "condition", "assign_agent", "run_flow", "go_to_flow", "end")
"""Node types whose configs are generated here; any other joins with its own `example`."""
CALLS = ("call_api", "ai_reply", "ai_choose")
"""Node types that have something done outside, and wait for what it brings."""
FLOWS = ("flow 0", "flow 1", "flow 1", "flow 2", "flow 3")
"""Flows that others run, go on in, or start when they fail. Some storms have fewer: then that is one which isn't published."""
VARIABLES: tuple[Document, ...] = (
    {"name": "answer", "input": True, "output": True},
    {"name": "count", "type": "number", "default": 1, "input": True, "output": True},
)


def documents(random: Random) -> list[Document]:
    """Two to four flows; the first holds all node types."""
    return [document(random, place) for place in range(random.randint(2, 4))]


def document(random: Random, place: int) -> Document:
    """One flow; the one at place 0 holds all node types and starts with any message."""
    for _ in range(TRIES):
        draft = _draft(random, place)
        if not any(problem.level == "error" for problem in check(draft, node_types()).problems):
            return draft
    raise AssertionError("no draft was without errors")


def _draft(random: Random, place: int) -> Document:
    types = node_types()
    makers = [_message, _wait, _condition, _agent, _step, _onward, _end, _call]
    kinds = [*(makers if place == 0 else ()), *random.choices(makers, (5, 4, 2, 2, 3, 1, 1, 3), k=random.randint(2, 6))]
    others = [name for name in types if name not in MADE]
    made = [make(random) for make in kinds]
    made += [_example(types[name]) for name in others if place == 0 or random.random() < OTHERS / len(others)]
    random.shuffle(made)
    first = [_step(random)] if random.random() < NESTS else []
    nodes = [_message(random), *first, *made]
    triggers = [_trigger(random) for _ in range(random.randint(1, 2))]
    if place == 0:
        triggers = [on("message")]
    edges: list[Document] = [{"from": f"t{at}", "port": "next", "to": "n0"} for at in range(len(triggers))]
    for at, node in enumerate(nodes):
        if node["type"] == "jump":  # its example names a step of another flow
            node["config"] = {"node": f"n{random.randint(min(at + 1, len(nodes) - 1), len(nodes) - 1)}"}
        node_type = types[node["type"]]
        earliest = 0 if _pauses(node) else at + 1
        for port in node_type.ports(node_type.Config.model_validate(node["config"])):
            if earliest < len(nodes) and random.random() < 0.75:
                target = min(random.randint(earliest, len(nodes) - 1), at + 1 if random.random() < 0.5 else len(nodes))
                edges.append({"from": f"n{at}", "port": port.id, "to": f"n{target}"})
    return {
        "name": f"Flow {place}",
        "nodes": [{"id": f"t{at}", **node} for at, node in enumerate(triggers)]
        + [{"id": f"n{at}", **node} for at, node in enumerate(nodes)],
        "edges": edges,
        "variables": list(VARIABLES),
        "settings": _settings(random, place),
    }


def _example(node_type: NodeType[Any]) -> Document:
    """A node as its type shows it."""
    return {"type": node_type.name, "config": dict(node_type.example)}


def _pauses(node: Document) -> bool:
    """True for nodes through which a circle can't spin: calls answer at once here, and so does a team that nobody can be in."""
    config = node["config"]
    if node["type"] == "wait":
        return bool(config["for"]["kind"] != "until")
    if node["type"] == "assign_agent":
        return config.get("team") != "gone" and "if_nobody_online" not in config
    return node["type"] == "send_message" and "buttons" in config


def _maybe(random: Random, chance: float, **values: Any) -> dict[str, Any]:
    return values if random.random() < chance else {}


def _trigger(random: Random) -> Document:
    limits = {
        **_maybe(random, 0.2, interrupts=True),
        **_maybe(random, 0.1, once=True),
        **_maybe(random, 0.1, again_after="PT5M"),
    }
    kind = random.randrange(6)
    if kind < 3:
        return word(random.choice(WORDS), match=random.choice(("exact", "word", "contains")), **limits)
    if kind == 3:
        return on("api")
    return on("contact_created") if kind == 4 else on("tag_added", tag=random.choice(TAGS))


def _message(random: Random) -> Document:
    text, kept = random.choice(TEXTS), _maybe(random, 0.4, on_unknown="keep")
    kind = random.randrange(8)
    if kind < 4:
        return said(text, **kept)
    if kind < 6:
        timeout = _maybe(random, 0.6, timeout=random.choice(DURATIONS))
        return said(text, buttons={"y": "Yes", "n": "No"}, save_as="answer", **timeout, **kept)
    template = {"name": "hello", "language": "en"}
    if kind == 6:
        return said(text, fallback={**template, "parameters": ["{{contact.name|you}}"]}, **kept)
    parts = {"template": {**template, "parameters": ["{{contact.name|you}}"]}}
    return {"type": "send_message", "config": {**parts, **kept}}


def _wait(random: Random) -> Document:
    timeout = _maybe(random, 0.6, timeout=random.choice(DURATIONS))
    kind = random.randrange(8)
    if kind < 4:
        expect = {"kind": random.choice(("any", "any", "text", "number"))}
        retries = {"retries": random.randrange(3)}
        return reply(expect=expect, save_as="answer", accept_earlier=random.random() < 0.2, **retries, **timeout)
    if kind < 6:
        return pause(random.choice(DURATIONS))
    if kind == 6:
        return happening("paid", save_as="answer", **timeout)
    until = random.choice(({"at": "2026-03-02T12:00:00Z"}, {"weekdays": ["tue"], "from": "10:00", "to": "11:00"}))
    return {"type": "wait", "config": {"for": {"kind": "until", **until}}}


def _condition(random: Random) -> Document:
    rules = random.sample(RULES, random.randint(1, 2))
    return branch(*((f"b{at}", rule) for at, rule in enumerate(rules)))


def _agent(random: Random) -> Document:
    return agent(
        **_maybe(random, 0.7, team=random.choice(("sales", "everyone", "gone"))),
        **_maybe(random, 0.7, timeout=random.choice(("PT1M", "PT5M", "PT1H"))),
        **_maybe(random, 0.2, agent="ann"),
        **_maybe(random, 0.3, if_nobody_online="no_agent"),
    )


def _step(random: Random) -> Document:
    inputs = {**_maybe(random, 0.7, answer="{{var.answer|from above}}"), **_maybe(random, 0.5, count="{{var.count}}")}
    outputs = {**_maybe(random, 0.7, answer="answer"), **_maybe(random, 0.5, count="count")}
    kept = {**_maybe(random, 0.3, outcome="how"), **_maybe(random, 0.2, waits_for_replies=False)}
    return step(random.choice(FLOWS), inputs=inputs, outputs=outputs, **kept)


def _onward(random: Random) -> Document:
    return onward(random.choice(FLOWS), inputs=_maybe(random, 0.7, answer="{{var.answer|from there}}"))


def _call(random: Random) -> Document:
    return _example(node_types()[random.choice(CALLS)])


def _end(random: Random) -> Document:
    return {"type": "end", "config": {**_maybe(random, 0.7, outcome="done"), **_maybe(random, 0.3, close=True)}}


def _settings(random: Random, place: int) -> Document:
    return {
        **_maybe(random, 0.6 if place else 0.3, expires_after=random.choice(("PT1M", "PT2M", "PT2M", "P1D", "P3D"))),
        **_maybe(random, 0.2, error_flow=random.choice(FLOWS)),
        **_maybe(random, 0.4, on_error="handoff"),
        **_maybe(random, 0.3, on_timeout="handoff"),
        **_maybe(random, 0.4, handoff_words=["agent"]),
        **_maybe(random, 0.3, handoff_after_invalid=random.randint(1, 3)),
        **_maybe(random, 0.3, handoff_team=random.choice(("sales", "gone"))),
    }
