"""The same conversation on peers, in the same run: how many times as fast is ours?

Not part of the locked installation: `pip install -e '.[peers]'`, best into an environment of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

PEERS = {
    "LangGraph": ("langgraph.checkpoint.sqlite", "benchmarks.peers.lang_graph"),
    "Burr": ("burr", "benchmarks.peers.burr_app"),
}
"""Each with the module that it needs, and the file that plays the conversation on it."""


class NotInstalled(Exception):
    """The peers are not installed. Install them beside PostDog: pip install -e '.[peers]'"""

    def __str__(self) -> str:
        return type(self).__doc__ or ""


@dataclass(frozen=True)
class Played:
    """One peer's figures."""

    name: str
    per_second: float
    """Messages a second, each made durable step by step in SQLite (WAL, synchronous=FULL)."""
    microseconds: float
    """Of one message with the state in memory."""


def play(folder: Path, conversations: int) -> Iterator[Played]:
    """The conversation on each peer that is installed. Raises NotInstalled where none is, AssertionError for wrong answers."""
    installed = [(name, module) for name, (needed, module) in PEERS.items() if _is_there(needed)]
    if not installed:
        raise NotInstalled
    for name, module in installed:
        peer = import_module(module)
        yield Played(name, peer.stored(folder / f"{name}.db", conversations), peer.in_memory(conversations))


def _is_there(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False
