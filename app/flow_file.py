"""Flow files on disk: read and checked, with the channels that we ship."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from app.installed import installed_node_types
from channels.registry import channel_types
from engine.core.check import NOTHING_KNOWN, Checked, check
from engine.core.check_json import read_document
from schemas.capability import Capabilities
from schemas.problem import Problem


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A flow file and what the checker says of it."""

    path: Path
    checked: Checked


def read_flow_file(path: Path) -> FlowFile:
    """The file, checked. A file that can't be read is a problem like any other."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        return FlowFile(path, Checked((Problem("unreadable", "error", "", f"The file can't be read: {error.strerror}."),)))
    found = read_document(raw)
    if isinstance(found, Problem):
        return FlowFile(path, Checked((found,)))
    scope = replace(NOTHING_KNOWN, channels=capabilities())
    return FlowFile(path, check(found, installed_node_types(), scope))


def capabilities() -> dict[str, Capabilities]:
    """What each installed kind of channel can show."""
    return {kind.kind: kind.capabilities for kind in channel_types().values()}


def flow_files(paths: Iterable[Path], ending: str = ".json") -> Iterator[Path]:
    """The files themselves, and those with the ending in folders, in order."""
    for path in paths:
        if path.is_dir():
            yield from sorted(each for each in path.rglob(f"*{ending}") if not each.name.startswith("."))
        else:
            yield path
