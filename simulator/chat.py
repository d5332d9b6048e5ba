"""A conversation as lines for people, and where it was expected to be another one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import orjson

from schemas.content import text_of
from simulator.scenario import Expected
from simulator.transcript import Emitted, Said, Told, choices

MAX_DATA = 200
"""Characters of an event's data in a line: enough to see which one it is."""
Mark = Literal["", "-", "+"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chat: what was said (""), what was expected and did not come ("-"), what came instead ("+")."""

    mark: Mark
    voice: str
    text: str


def said_lines(said: Iterable[Said]) -> list[Line]:
    """The conversation, as it was."""
    return [Line("", each.voice, _words(each)) for each in said]


def difference(wanted: Sequence[Expected], got: Sequence[Said], alike: Sequence[bool]) -> list[Line]:
    """What was expected beside what came, pair by pair; `alike` says of each pair whether it is as expected."""
    lines: list[Line] = []
    for at in range(max(len(wanted), len(got))):
        if at < len(alike) and alike[at]:
            lines.append(Line("", got[at].voice, _words(got[at])))
            continue
        if at < len(wanted):
            lines.append(Line("-", wanted[at].voice or "bot", _wanted(wanted[at])))
        if at < len(got):
            lines.append(Line("+", got[at].voice, _words(got[at])))
    return lines


def told_words(told: Told) -> str:
    """What somebody outside would have been told.

    >>> from datetime import datetime
    >>> told_words(Emitted(1, datetime(2026, 3, 2), "tell", "lead.qualified", {"budget": 5}))
    'lead.qualified {"budget":5}'
    """
    if isinstance(told, Emitted):
        return f"{told.event} {orjson.dumps(told.data).decode()[:MAX_DATA] if told.data else ''}".strip()
    return f"{told.text!r} to {told.address or told.team}"


def _words(said: Said) -> str:
    offered = "".join(f" [{title}]" for _, title in choices(said.content))
    failed = f" (not delivered: {said.code})" if said.status == "failed" else ""
    return (text_of(said.content) or f"({said.content.kind})") + offered + failed


def _wanted(want: Expected) -> str:
    words = [want.text] if want.text is not None else [f"… {want.contains} …"] if want.contains is not None else []
    if want.template is not None:
        words.append(f"(template {want.template})")
    if want.kind is not None:
        words.append(f"({want.kind})")
    return " ".join([*words, *(f"[{title}]" for title in want.buttons or ())]) or "(anything)"
