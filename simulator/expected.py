"""Whether what came is what a scenario expects: messages, emitted events and notices, each list in its order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from schemas.content import TemplateMessage, text_of
from simulator.chat import told_words
from simulator.outside import differs
from simulator.scenario import Expected, ToldEvent, ToldNotice
from simulator.transcript import Emitted, Notified, Said, choices

Wanted = TypeVar("Wanted")
Came = TypeVar("Came")


def wrong_messages(wanted: Sequence[Expected], came: Sequence[Said]) -> str | None:
    """How the bot's messages differ from what is expected; None: not at all."""
    return _wrong("message", wanted, came, unlike_message, said_words)


def wrong_events(wanted: Sequence[str | ToldEvent], came: Sequence[Emitted]) -> str | None:
    """How the emitted events differ from what is expected."""
    named = [ToldEvent(event=each) if isinstance(each, str) else each for each in wanted]
    return _wrong("event", named, came, _unlike_event, told_words)


def wrong_notices(wanted: Sequence[str | ToldNotice], came: Sequence[Notified]) -> str | None:
    """How the notices differ from what is expected."""
    named = [ToldNotice(text=each) if isinstance(each, str) else each for each in wanted]
    return _wrong("notice", named, came, _unlike_notice, told_words)


def _wrong(
    noun: str,
    wanted: Sequence[Wanted],
    came: Sequence[Came],
    unlike: Callable[[Wanted, Came], str | None],
    words: Callable[[Came], str],
) -> str | None:
    """The first of a list that is not as it should be, or that there are too few or too many."""
    for number, (want, have) in enumerate(zip(wanted, came, strict=False), 1):
        if failure := unlike(want, have):
            return f"{noun} {number}: {failure}"
    if len(came) < len(wanted):
        return f"{len(wanted)} {noun}s were expected, {len(came)} came: {shown(came, words)}"
    if len(came) > len(wanted):
        return f"{noun}s that were not expected: {shown(came[len(wanted) :], words)}"
    return None


def shown(several: Sequence[Came], words: Callable[[Came], str]) -> str:
    """Several of them in a line."""
    return "; ".join(map(words, several)) or "none"


def said_words(said: Said) -> str:
    """A message in a sentence."""
    return repr(text_of(said.content) or said.content.kind)


def unlike_message(want: Expected, said: Said) -> str | None:
    """How a message differs from what it must be; None: not at all."""
    text = text_of(said.content)
    if failure := _unlike_text(want.text, want.contains, text):
        return failure
    if want.kind is not None and said.content.kind != want.kind:
        return f"expected kind {want.kind}, got {said.content.kind}"
    if want.buttons is not None and (titles := tuple(title for _, title in choices(said.content))) != want.buttons:
        return f"expected the choices {', '.join(want.buttons)}, got {', '.join(titles) or 'none'}"
    if want.template is not None and (not isinstance(said.content, TemplateMessage) or said.content.name != want.template):
        return f"expected the template {want.template}, got {said.content.kind}"
    return _unlike("voice", want.voice, said.voice)


def _unlike_event(want: ToldEvent, event: Emitted) -> str | None:
    found = _unlike("event", want.event, event.event) or _unlike("node", want.node, event.node)
    return found or differs({"data": want.data or {}}, {"data": event.data})


def _unlike_notice(want: ToldNotice, notice: Notified) -> str | None:
    return (
        _unlike_text(want.text, want.contains, notice.text)
        or _unlike("team", want.team, notice.team)
        or _unlike("address", want.address, notice.address)
        or _unlike("node", want.node, notice.node)
    )


def _unlike_text(whole: str | None, part: str | None, text: str) -> str | None:
    if whole is not None and text != whole:
        return f"expected {whole!r}, got {text!r}"
    if part is not None and part not in text:
        return f"expected something with {part!r}, got {text!r}"
    return None


def _unlike(what: str, want: Any, have: Any) -> str | None:
    return f"expected the {what} {want}, got {have or 'none'}" if want is not None and want != have else None
