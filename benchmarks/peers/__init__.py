"""The same conversation on peers, in the same run: how many times as fast is ours?

Not part of the locked installation: `pip install -e '.[cel,peers]'`, best into an environment of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from benchmarks.optional import NotInstalled, is_there

PEERS = {
    "LangGraph": ("langgraph.checkpoint.sqlite", "benchmarks.peers.lang_graph"),
    "Burr": ("burr", "benchmarks.peers.burr_app"),
}
"""Each with the module that it needs, and the file that plays the conversation on it."""


class NoPeers(NotInstalled):
    """The peers are not installed. Install them beside PostDog: pip install -e '.[cel,peers]'"""


@dataclass(frozen=True)
class Played:
    """One peer's figures."""

    name: str
    per_second: float
    """Messages a second, each made durable step by step in SQLite (WAL, synchronous=FULL)."""
    microseconds: float
    """Of one message with the state in memory."""


def play(folder: Path, conversations: int) -> Iterator[Played]:
    """The conversation on each peer that is installed. Raises NoPeers where none is, AssertionError for wrong answers."""
    installed = [(name, module) for name, (needed, module) in PEERS.items() if is_there(needed)]
    if not installed:
        raise NoPeers
    for name, module in installed:
        peer = import_module(module)
        yield Played(name, peer.stored(folder / f"{name}.db", conversations), peer.in_memory(conversations))

