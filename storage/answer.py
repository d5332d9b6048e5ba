"""The answers that were committed with their events, both ways."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson

from schemas.problem import Problem

Answer = Mapping[str, Any] | Problem | None
FIND = "SELECT answer FROM event WHERE id = ?"


def dump_answer(answer: Answer) -> str | None:
    """An answer as JSON: `{"value": ...}` or `{"problem": ...}`; NULL where there is none.

    >>> dump_answer({"run": 7})
    '{"value":{"run":7}}'
    """
    if answer is None:
        return None
    kept = {"problem": asdict(answer)} if isinstance(answer, Problem) else {"value": answer}
    return orjson.dumps(kept).decode()


def load_answer(text: str | None) -> Answer:
    """The answer that `dump_answer` wrote."""
    if text is None:
        return None
    kept: dict[str, Any] = orjson.loads(text)
    return Problem(**kept["problem"]) if "problem" in kept else kept["value"]


def find_answer(connection: sqlite3.Connection, event: int) -> Answer:
    """The answer of an event; None while it is undecided, and if it has none."""
    row = connection.execute(FIND, (event,)).fetchone()
    return None if row is None else load_answer(row[0])
