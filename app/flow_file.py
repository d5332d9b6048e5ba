"""Flow files on disk: read and checked, with the channels that we ship."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from app.installed import installed_node_types
from channels.registry import channel_types
from engine.core.check import NOTHING_KNOWN, Checked, check
from engine.core.check_json import read_document
from engine.core.known_flow import known_flow
from schemas.capability import Capabilities
from schemas.flow import FlowDocument
from schemas.problem import Problem

FILE = re.compile(r"[A-Za-z0-9_.-]{1,64}")
"""The name of a flow's file, without its ending."""


@dataclass(frozen=True, slots=True)
class FlowFile:
    """A flow file and what the checker says of it.

    `beside` are the sound flows of the same folder in which it goes on, and those in which they do, by the names of their files.
    """

    path: Path
    checked: Checked
    beside: Mapping[str, FlowDocument] = field(default_factory=dict)


def read_flow_file(path: Path) -> FlowFile:
    """The file, checked. A file that can't be read is a problem like any other."""
    found = _read(path)
    if isinstance(found, Problem):
        return FlowFile(path, Checked((found,)))
    around = _around(path, found)
    types = installed_node_types()
    flows = {key: known_flow(key, str(each.get("name", key)), each, types) for key, each in around.items()}
    scope = replace(NOTHING_KNOWN, channels=capabilities(), flows=flows, flow=path.stem)
    sound = {key: checked for key, each in around.items() if key != path.stem and (checked := check(each, types).document)}
    return FlowFile(path, check(found, types, scope), sound)


def _read(path: Path) -> Any:
    try:
        raw = path.read_bytes()
    except OSError as error:
        return Problem("unreadable", "error", "", f"The file can't be read: {error.strerror}.")
    return read_document(raw)


def _around(path: Path, document: Any) -> dict[str, Any]:
    """The flow itself and the flows of its folder that it names, and those that they name, by the names of their files."""
    found: dict[str, Any] = {}
    waiting = [(path.stem, document)]
    while waiting:
        key, each = waiting.pop()
        if key in found or not isinstance(each, dict):
            continue
        found[key] = each
        for name in _names(each):
            other = path.parent / f"{name}.json"
            if name not in found and FILE.fullmatch(name) and other.is_file():
                waiting.append((name, _read(other)))
    return found


def name_by_key(document: dict[str, Any], keys: Mapping[str, str]) -> None:
    """Name other flows as files do: by their keys, where a server's document names them by their ids."""
    for config, place in _naming(document):
        config[place] = keys.get(config[place], config[place])


def _names(document: Mapping[str, Any]) -> Iterator[str]:
    """What may be another flow."""
    yield from (config[place] for config, place in _naming(document))


def _naming(document: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Where another flow may be named: what nodes say under `flow`, and the settings under `error_flow`."""
    nodes = document.get("nodes")
    configs = [node.get("config") for node in nodes if isinstance(node, dict)] if isinstance(nodes, list) else []
    for config, place in [*((config, "flow") for config in configs), (document.get("settings"), "error_flow")]:
        if isinstance(config, dict) and isinstance(config.get(place), str):
            yield config, place


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
