"""The conversation on LangGraph: `interrupt` where the flow waits, `Command(resume=…)` for each message.

Set up to be fair: compiled once; its own SQLite saver in the mode that it sets itself (WAL), with SQLite's default
synchronous=FULL, as ours; `durability="sync"`, so that a step is durable before the next begins, which is what ours promises;
one thread and no tracing, which is its quickest way through one database. What it says is kept in its state: unlike ours, it
claims, sends and settles nothing.
"""

from __future__ import annotations

import operator
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.types import Command, interrupt

from benchmarks.workload import SAID

ANSWERS = 3


class State(TypedDict, total=False):
    """What a conversation remembers."""

    name: str
    text: str
    budget: float
    sure: str
    said: Annotated[list[str], operator.add]
    team: str


def stored(file: Path, conversations: int) -> float:
    """Messages a second with its SQLite saver."""
    with closing(sqlite3.connect(file, check_same_thread=False)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        saver = SqliteSaver(connection)
        saver.setup()
        seconds = _converse(saver, conversations, "sync")
    return conversations * len(SAID) / seconds


def in_memory(conversations: int) -> float:
    """Microseconds of one message with its saver in memory."""
    return _converse(InMemorySaver(), conversations, "sync") * 1e6 / (conversations * len(SAID))


def _converse(saver: BaseCheckpointSaver[Any], conversations: int, durability: Literal["sync", "async", "exit"]) -> float:
    graph = _graph().compile(checkpointer=saver)
    begun = time.perf_counter()
    for turn, text in enumerate(SAID):
        given: Any = Command(resume=text) if turn else {"text": text, "name": "Ann"}
        for number in range(conversations):
            graph.invoke(given, {"configurable": {"thread_id": str(number)}}, durability=durability)
    seconds = time.perf_counter() - begun
    last = graph.get_state({"configurable": {"thread_id": str(conversations - 1)}}).values
    assert (len(last["said"]), last["team"]) == (ANSWERS, "queue"), last
    return seconds


def _graph() -> StateGraph[State]:
    builder = StateGraph(State)
    builder.add_node("ask", lambda state: {"said": [f"Hi {state['name']}! What is your budget?"]})
    builder.add_node("budget", _budget)
    builder.add_node("sure", lambda state: {"said": [f"{state['budget']:g} it is. Shall we call you?"]})
    builder.add_node("reply", lambda state: {"sure": interrupt("reply")})
    builder.add_node("thanks", lambda state: {"said": ["Somebody calls you soon."]})
    builder.add_node("agent", lambda state: {"team": "queue"})
    builder.add_conditional_edges(START, lambda state: "ask" if state["text"] == "quote" else END)
    builder.add_edge("ask", "budget")
    builder.add_conditional_edges("budget", lambda state: "sure" if state["budget"] >= 1000 else END)
    builder.add_edge("sure", "reply")
    builder.add_conditional_edges("reply", lambda state: "thanks" if state["sure"] == "yes" else END)
    builder.add_edge("thanks", "agent")
    builder.add_edge("agent", END)
    return builder


def _budget(state: State) -> State:
    """A wait for a number; anything else asks again."""
    text = interrupt("number")
    while not text.isdecimal():
        text = interrupt("Please answer with a number, for example 42.")
    return {"budget": float(text)}
