"""A played path as a conversation that people read: who said what, and what happened between."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from schemas.content import Content, Location, Media, Menu, TemplateMessage, text_of
from simulator.explore.fact import variables_of
from simulator.explore.house import choices
from simulator.explore.input import BY_CONTACT, Appears, Move, Presence, Silence, input_words
from simulator.explore.path import Performed
from simulator.explore.place import Line
from simulator.explore.stage import GREETING

Side = Literal["contact", "bot", "agent", "event"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what the contact, the bot or an agent said, or (side `event`) what happened."""

    side: Side
    text: str
    choices: tuple[str, ...] = ()
    node: str = ""
    failed: str = ""
    """Why it was not delivered: a code."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A path to be read. `ports` is the way that the run took, in order."""

    title: str
    channel: str
    entries: tuple[Entry, ...]
    ports: tuple[tuple[str, str], ...]
    ending: str
    seconds: int
    messages: int


def conversation(performed: Performed) -> Conversation:
    """The conversation of a path."""
    entries: list[Entry] = list(_known(performed))
    for number, played in enumerate(performed.played):
        move, happened = played.move, played.happened
        before = performed.before[number]
        passed = happened.place.now - before
        if passed > timedelta(0):
            words = f"{duration_words(passed)} {'pass' if _plural(passed) else 'passes'}"
            when = f" until {happened.place.now:%A %H:%M}" if move.at is not None else ""
            entries.append(Entry("event", words + when))
        if move.presence is not None:
            entries.append(Entry("event", _sentence(input_words(Presence(move.presence)))))
        if not isinstance(move.main, (*BY_CONTACT, Silence, Appears)):
            entries.append(Entry("event", _sentence(input_words(move.main))))
        entries += [_entry(line) for line in happened.lines]
    said = sum(entry.side == "bot" and not entry.failed for entry in entries)
    lasted = performed.end.now - performed.before[0]
    return Conversation(
        title=_title(performed),
        channel=performed.stage.channel,
        entries=tuple(entries),
        ports=performed.ports,
        ending=_ending(performed),
        seconds=int(lasted.total_seconds()),
        messages=said,
    )


def content_words(content: Content) -> str:
    """What a message says, or what it is."""
    text = text_of(content)
    match content:
        case Media(kind=kind):
            return f"[{kind}] {text}".strip()
        case Location():
            return f"[location] {text or f'{content.latitude}, {content.longitude}'}"
        case Menu(button=button):
            return f"{text} [{button}]"
        case TemplateMessage(name=name):
            return f"[template {name}] {text}".strip()
        case _:
            return text or f"[{content.kind}]"


def duration_words(length: timedelta) -> str:
    """A length in words, by its two largest units.

    >>> duration_words(timedelta(minutes=90)), duration_words(timedelta(days=1)), duration_words(timedelta(0))
    ('1 hour 30 minutes', '1 day', '0 seconds')
    """
    left = int(length.total_seconds())
    parts: list[str] = []
    for seconds, name in ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")):
        count, left = divmod(left, seconds)
        if count:
            parts.append(f"{count:,} {name}{'s' if count != 1 else ''}")
    return " ".join(parts[:2]) or "0 seconds"


def _plural(length: timedelta) -> bool:
    return not duration_words(length).startswith("1 ") or " " in duration_words(length)[2:].partition(" ")[2]


def _entry(line: Line) -> Entry:
    side: Side = "contact" if line.voice == "contact" else "agent" if line.voice == "human" else "bot"
    titles = tuple(title for _, title in choices(line.content))
    return Entry(side, content_words(line.content), titles, line.node, line.code if line.status == "failed" else "")


def _known(performed: Performed) -> list[Entry]:
    """What the path takes for granted, as one line."""
    facts: list[str] = []
    for fact, value in performed.facts.items():
        if value is None or (value is False and fact != "phone"):
            continue
        if fact.startswith("tag."):
            facts.append(f"has the tag “{fact.removeprefix('tag.')}”")
        elif fact == "phone":
            facts += [] if value else ["gives no phone number"]
        elif fact.startswith("hours."):
            facts += [] if value == "open" else [f"comes while {fact.removeprefix('hours.')} is closed"]
        elif fact.startswith("split."):
            facts.append(f"takes the arm {value} at {fact.removeprefix('split.')}")
        elif not fact.startswith("var."):
            facts.append(f"has {fact.removeprefix('contact.').removeprefix('fields.')} = {value}")
    given = [f"{name} = {value}" for name, value in variables_of(performed.facts).items()]
    entries = [Entry("event", f"The contact {' and '.join(facts)}")] if facts else []
    return entries + ([Entry("event", f"Given at the start: {', '.join(given)}")] if given else [])


def _title(performed: Performed) -> str:
    """The path in a few words: what the contact and others did."""
    words = [_short(played.move) for played in performed.played]
    shown = words if len(words) <= 6 else [*words[:3], "…", *words[-2:]]
    return " → ".join(shown)


def _short(move: Move) -> str:
    words = input_words(move.main)
    if move.refuse is not None:
        words += " (not delivered)" if move.refuse.code != "window_closed" else " (window closed)"
    if move.presence is not None:
        words += f" ({'teams closed' if move.presence == 'closed' else 'agents ' + move.presence})"
    return f"after “{GREETING}”: {words}" if move.greeted else words


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _ending(performed: Performed) -> str:
    """How the path ends, in words."""
    place = performed.end
    run = place.run()
    owner = place.conversation()
    if run is not None:
        return f"goes on at {run.frames[-1].node}" + (" (it goes round)" if performed.path.cut else "")
    if owner is not None and owner.owner in ("QUEUE", "AGENT"):
        return "handed over to a person"
    last = next((step.run for played in reversed(performed.played) for step in reversed(played.happened.steps)), None)
    if last is None:
        return "no flow takes it"
    return last.status + (f" ({last.reason.replace('_', ' ')})" if last.reason else "")
