"""All kinds of channel: ours, and those of installed packages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

from channels.error import UnknownKind
from channels.protocol import ChannelType
from channels.webchat.kind import WEBCHAT
from channels.whatsapp.kind import WHATSAPP

ENTRY_POINTS = "postdog.channels"
OURS: tuple[ChannelType[Any], ...] = (WHATSAPP, WEBCHAT)


def channel_types(extra: Iterable[ChannelType[Any]] = ()) -> Mapping[str, ChannelType[Any]]:
    """All kinds by their name: ours, `extra`, and what entry points offer, read once now.

    Raises UnknownKind if two have the same name or an entry point gives something else.
    """
    found: dict[str, ChannelType[Any]] = {}
    for kind in [*OURS, *extra, *_installed()]:
        if found.setdefault(kind.kind, kind) is not kind:
            raise UnknownKind(f"There are two channel kinds named {kind.kind!r}. Remove one of the packages.")
    return MappingProxyType(found)


def _installed() -> list[ChannelType[Any]]:
    kinds = []
    for point in entry_points(group=ENTRY_POINTS):
        loaded = point.load()
        kind = loaded() if isinstance(loaded, type) else loaded
        if not isinstance(kind, ChannelType):
            raise UnknownKind(f"The entry point {point.name} of {ENTRY_POINTS} gives no channel kind.")
        kinds.append(kind)
    return kinds
