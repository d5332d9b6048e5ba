"""The conversation on Burr: an application for each message, taken up where its persisted state stands.

Set up to be fair: the graph is built once; its own SQLite persister, in WAL with SQLite's default synchronous=FULL, as ours; it
persists after each action, which is what its persister does; one thread, no tracker. What it says is kept in its state: unlike
ours, it claims, sends and settles nothing.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from burr.core import Application, ApplicationBuilder, GraphBuilder, State, action, default, expr
from burr.core.graph import Graph
from burr.core.persistence import SQLitePersister

from benchmarks.workload import SAID

WAITS = ["budget", "reply"]
ANSWERS = 3


@action(reads=["said", "name"], writes=["text", "said"])
def ask(state: State, text: str) -> State:
    """The keyword, and the first question."""
    return state.update(text=text, said=[*state["said"], f"Hi {state['name']}! What is your budget?"])


@action(reads=[], writes=["budget"])
def budget(state: State, text: str) -> State:
    """A wait for a number; what is none stays below."""
    return state.update(budget=float(text) if text.isdecimal() else -1.0)


@action(reads=["said", "budget"], writes=["said"])
def sure(state: State) -> State:
    """The second question."""
    return state.update(said=[*state["said"], f"{state['budget']:g} it is. Shall we call you?"])


@action(reads=[], writes=["sure"])
def reply(state: State, text: str) -> State:
    """A wait for any reply."""
    return state.update(sure=text)


@action(reads=["said"], writes=["said"])
def thanks(state: State) -> State:
    """The last words."""
    return state.update(said=[*state["said"], "Somebody calls you soon."])


@action(reads=[], writes=["team"])
def agent(state: State) -> State:
    """The hand-over."""
    return state.update(team="queue")


@action(reads=[], writes=[])
def end(state: State) -> State:
    """Nothing more."""
    return state


def stored(file: Path, conversations: int) -> float:
    """Messages a second with its SQLite persister."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        persister = SQLitePersister(str(file), connection=connection)
        persister.initialize()
        graph = _graph()
        begun = time.perf_counter()
        for turn, text in enumerate(SAID):
            for number in range(conversations):
                app = _taken_up(graph, persister, str(number))
                _say(app, turn, text)
        seconds = time.perf_counter() - begun
        _check(app)
    return conversations * len(SAID) / seconds


def in_memory(conversations: int) -> float:
    """Microseconds of one message with the applications kept in memory."""
    graph = _graph()
    apps = [
        ApplicationBuilder().with_graph(graph).with_state(State({"said": [], "name": "Ann"})).with_entrypoint("ask").build()
        for _ in range(conversations)
    ]
    begun = time.perf_counter()
    for turn, text in enumerate(SAID):
        for app in apps:
            _say(app, turn, text)
    seconds = time.perf_counter() - begun
    _check(apps[-1])
    return seconds * 1e6 / (conversations * len(SAID))


def _taken_up(graph: Graph, persister: SQLitePersister, conversation: str) -> Application[Any]:
    return (
        ApplicationBuilder()
        .with_graph(graph)
        .with_identifiers(app_id=conversation, partition_key="")
        .initialize_from(
            persister,
            resume_at_next_action=True,
            default_state={"said": [], "name": "Ann"},
            default_entrypoint="ask",
        )
        .with_state_persister(persister)
        .build()
    )


def _say(app: Application[Any], turn: int, text: str) -> None:
    """Run to the next wait, or to the end."""
    waits = WAITS[turn : turn + 1]
    app.run(halt_before=waits, halt_after=[] if waits else ["agent", "end"], inputs={"text": text})


def _check(app: Application[Any]) -> None:
    assert (len(app.state["said"]), app.state["team"]) == (ANSWERS, "queue"), app.state


def _graph() -> Graph:
    return (
        GraphBuilder()
        .with_actions(ask, budget, sure, reply, thanks, agent, end)
        .with_transitions(
            ("ask", "budget"),
            ("budget", "budget", expr("budget < 0")),
            ("budget", "sure", expr("budget >= 1000")),
            ("budget", "end", default),
            ("sure", "reply"),
            ("reply", "thanks", expr("sure == 'yes'")),
            ("reply", "end", default),
            ("thanks", "agent"),
        )
        .build()
    )
