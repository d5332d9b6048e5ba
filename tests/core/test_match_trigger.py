"""Which triggers a message fits, the best first, and which entry of a flow is taken."""

from __future__ import annotations

from datetime import timedelta

import pytest

from engine.core.match import allowed, entry_of, index_triggers
from engine.core.value import Contact
from tests.core.scene import START, Document, flow, on, program, question, said, word


def names(text: str, *documents: Document, channel: int = 1) -> list[tuple[str, int]]:
    """Names and ranks of the flows that a message fits, in order."""
    index = index_triggers(program(document, place) for place, document in enumerate(documents, 1))
    return [(match.entry.program.name, match.rank) for match in index.message(text, channel)]


def test_exact_goes_before_other_keywords_before_any_message() -> None:
    documents = (
        question("Any", on("message", priority=100)),
        question("Contains", word("rice", match="contains", priority=10)),
        question("Word", word("price", match="word")),
        question("Pattern", word("^pri", match="pattern", priority=-1)),
        question("Starts", word("pr", match="starts_with")),
        question("Exact", word("PRICE", priority=-100)),
    )
    order = [("Exact", 3), ("Contains", 2), ("Word", 2), ("Starts", 2), ("Pattern", 2), ("Any", 1)]
    assert names("price", *documents) == order


@pytest.mark.parametrize(("channel", "found"), [(1, ["Both", "One"]), (2, ["Both"])])
def test_a_trigger_hears_its_channels_only(channel: int, found: list[str]) -> None:
    documents = (question("Both", word("hi")), question("One", word("hi", channels=["ch_1"])))
    assert [name for name, _ in names("hi", *documents, channel=channel)] == found


def test_of_two_triggers_of_one_flow_the_better_one_counts() -> None:
    nodes = {"a": on("message"), "b": word("hi"), "say": said("Hi")}
    assert names("hi", flow("Two", nodes, "a>say b>say")) == [("Two", 3), ("Two", 1)]


def test_the_entry_is_the_named_one_else_the_apis_else_the_first() -> None:
    both = program(flow("Both", {"a": word("hi"), "b": on("api"), "say": said("Hi")}, "a>say b>say"), 1)
    one = program(flow("One", {"a": word("hi"), "say": said("Hi")}, "a>say"), 1)
    found = [entry_of(both), entry_of(both, "a"), entry_of(both, "say"), entry_of(one)]
    assert [entry.node if entry else None for entry in found] == ["b", "a", None, "a"]


@pytest.mark.parametrize(
    ("limits", "since", "may"),
    [
        ({}, timedelta(0), True),
        ({"once": True}, timedelta(days=999), False),
        ({"again_after": "PT1H"}, timedelta(minutes=59), False),
        ({"again_after": "PT1H"}, timedelta(hours=1), True),
        ({"once": True, "again_after": "PT1H"}, timedelta(days=999), False),
    ],
)
def test_a_limited_trigger_remembers_when_it_started(limits: Document, since: timedelta, may: bool) -> None:
    entry = entry_of(program(question("Ask", word("hi", **limits)), 1))
    assert entry is not None
    started = Contact(7, starts={entry.once_key: START.isoformat()})
    assert allowed(entry, started, START + since) is may
    assert allowed(entry, Contact(7), START)
