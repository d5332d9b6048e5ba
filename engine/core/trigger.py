"""What starts a run: the values that a trigger node's config becomes, and that matching reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from engine.core.keyword import KeywordPattern
from engine.core.rule import Check


@dataclass(frozen=True, slots=True)
class OnMessage:
    """Any message."""


@dataclass(frozen=True, slots=True)
class OnKeyword:
    """A message that holds one of the words."""

    pattern: KeywordPattern


@dataclass(frozen=True, slots=True)
class OnWebhook:
    """A call of the trigger's own secret address.

    `identities` maps an identity's kind to a dotted path in the JSON body, `variables` a variable's name to one.
    """

    identities: Mapping[str, str]
    variables: Mapping[str, str] = field(default_factory=dict)
    name: str = ""
    """Path of the contact's name."""


@dataclass(frozen=True, slots=True)
class OnApi:
    """The API, a person, or another flow."""


@dataclass(frozen=True, slots=True)
class OnContact:
    """A contact was created, or got a tag."""

    what: Literal["created", "tag_added"]
    tag: str = ""


@dataclass(frozen=True, slots=True)
class OnSchedule:
    """A cron expression in a time zone, for the contacts with a tag (or that fulfil a rule)."""

    cron: str
    timezone: str
    tag: str = ""
    rule: Check | None = None


On = OnMessage | OnKeyword | OnWebhook | OnApi | OnContact | OnSchedule


@dataclass(frozen=True, slots=True)
class Trigger:
    """An entry of a flow with its qualifiers.

    `channels` (public ids; empty: all), `priority` (higher first among equal matches), `interrupts` (before a run that waits),
    `once` (per contact), `again_after` (not again for so long), `hours` (only while the workspace's hours of this name are
    open, or `closed`; "": at all times).
    """

    on: On
    channels: tuple[str, ...] = ()
    priority: int = 0
    interrupts: bool = False
    once: bool = False
    again_after: timedelta | None = None
    hours: str = ""
    closed: bool = False
