"""Strategies for flows that the checker accepts: all five node types, wired at random."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from engine.core.check import check
from nodes import node_types
from tests.core.scene import Document, agent, branch, happening, on, pause, reply, said, word

WORDS = ("hi", "go", "price list", "menü")
TAGS = ("vip", "new")
DURATIONS = st.sampled_from(["PT5M", "PT1H", "P1D"])
TEXTS = st.sampled_from(
    [
        "Hi {{contact.name|there}}!",
        "{One|Two|Three} {{var.answer|nothing}}",
        "{{message.text}}",
        "Price?",
        "{{contact.vip}}",
        "x" * 5_000,
    ]
)
MAYBE_TIMEOUT = st.none() | DURATIONS
CHOICES = st.sampled_from([{"y": "Yes"}, {"y": "Yes", "n": "No"}, {"a": "{{var.answer}}", "b": "B", "c": "1"}])

RULES: st.SearchStrategy[Document] = st.sampled_from(
    [
        {"subject": "message.text", "op": "contains", "value": "hi"},
        {"subject": "var.answer", "op": "is_set"},
        {"subject": "contact.tags", "op": "has", "value": "vip"},
        {"subject": "var.answer", "op": "gte", "value": 18},
        {"not": {"subject": "contact.name", "op": "is", "value": "Anna"}},
        {"any": [{"subject": "channel.kind", "op": "is", "value": "whatsapp"}, {"subject": "time.hour", "op": "lt", "value": 9}]},
    ]
)


def _given(**values: Any) -> Document:
    """Only what is set."""
    return {key: value for key, value in values.items() if value is not None}


LIMITS: st.SearchStrategy[Document] = st.fixed_dictionaries(
    {},
    optional={
        "interrupts": st.booleans(),
        "once": st.booleans(),
        "again_after": DURATIONS,
        "priority": st.integers(-1, 1),
        "channels": st.sampled_from([["1"], ["2"], []]),
    },
)
TRIGGERS = st.one_of(
    LIMITS.map(lambda limits: on("message", **limits)),
    st.tuples(st.sampled_from(WORDS), st.sampled_from(["exact", "word", "contains"]), LIMITS).map(
        lambda made: word(made[0], match=made[1], **made[2])
    ),
    st.just(on("api")),
    st.just(on("contact_created")),
    st.sampled_from(TAGS).map(lambda tag: on("tag_added", tag=tag)),
)
MESSAGES = st.one_of(
    TEXTS.map(said),
    st.tuples(TEXTS, CHOICES, MAYBE_TIMEOUT).map(
        lambda made: said(made[0], buttons=made[1], save_as="answer", **_given(timeout=made[2]))
    ),
    st.just(
        {"type": "send_message", "config": {"template": {"name": "hello", "language": "en", "parameters": ["{{var.answer}}"]}}}
    ),
    TEXTS.map(lambda text: said(text, fallback={"name": "hello", "language": "en"})),
)
EXPECTED = st.sampled_from(["any", "text", "number", "date", "email", "phone", "media", "location"])
MOMENTS: st.SearchStrategy[Document] = st.sampled_from(
    [
        {"at": "2026-03-02T12:00:00Z"},
        {"weekdays": ["tue"], "from": "10:00", "to": "11:00"},
        {"business_hours": True},
        {"at": {"variable": "answer"}},
    ]
)
WAITS = st.one_of(
    st.tuples(EXPECTED, st.integers(0, 2), MAYBE_TIMEOUT, st.booleans()).map(
        lambda made: reply(
            expect={"kind": made[0]}, retries=made[1], save_as="answer", accept_earlier=made[3], **_given(timeout=made[2])
        )
    ),
    DURATIONS.map(pause),
    MAYBE_TIMEOUT.map(lambda timeout: happening("paid", save_as="answer", **_given(timeout=timeout))),
    MOMENTS.map(lambda until: {"type": "wait", "config": {"for": {"kind": "until"} | until}}),
)
CONDITIONS = st.lists(RULES, min_size=1, max_size=3).map(
    lambda rules: branch(*((f"b{at}", rule) for at, rule in enumerate(rules)))
)
AGENTS = st.fixed_dictionaries(
    {},
    optional={
        "team": st.sampled_from(["sales", "everyone", "gone"]),
        "timeout": MAYBE_TIMEOUT,
        "agent": st.just("ann"),
        "if_nobody_online": st.sampled_from(["queue", "no_agent"]),
    },
).map(lambda config: agent(**config))
NODES = st.one_of(MESSAGES, MESSAGES, WAITS, WAITS, CONDITIONS, AGENTS)
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        "expires_after": st.sampled_from(["P1D", "P3D"]),
        "on_error": st.sampled_from(["end", "handoff"]),
        "on_timeout": st.sampled_from(["end", "handoff"]),
        "handoff_words": st.just(["agent"]),
        "handoff_after_invalid": st.integers(1, 3),
        "handoff_team": st.sampled_from(["sales", "gone"]),
    },
)


def _pauses(node: Document) -> bool:
    """True for nodes through which a circle can't spin."""
    config = node["config"]
    waits = node["type"] == "wait" and config["for"]["kind"] != "until"
    return waits or node["type"] == "assign_agent" or "buttons" in config


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A flow without errors: edges lead anywhere, backwards only from nodes that pause."""
    triggers = [draw(st.sampled_from([on("message"), word("hi")])), *draw(st.lists(TRIGGERS, max_size=2))]
    nodes = draw(st.lists(NODES, min_size=2, max_size=9))
    types = node_types()
    edges: list[Document] = [{"from": f"t{at}", "to": f"n{draw(st.integers(0, len(nodes) - 1))}"} for at in range(len(triggers))]
    for at, node in enumerate(nodes):
        node_type = types[node["type"]]
        first = 0 if _pauses(node) else at + 1
        for port in node_type.ports(node_type.Config.model_validate(node["config"])):
            if first < len(nodes) and draw(st.integers(0, 7)):
                edges.append({"from": f"n{at}", "port": port.id, "to": f"n{draw(st.integers(first, len(nodes) - 1))}"})
    document = {
        "name": "Flow",
        "nodes": [{"id": f"t{at}", **node} for at, node in enumerate(triggers)]
        + [{"id": f"n{at}", **node} for at, node in enumerate(nodes)],
        "edges": edges,
        "variables": [{"name": "answer"}],
        "settings": draw(SETTINGS),
    }
    errors = [problem for problem in check(document, types).problems if problem.level == "error"]
    assert not errors, errors
    return document
