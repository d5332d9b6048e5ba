"""Notify: tells a team in its inbox, or a person at an address, that something happened."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from engine.core.build import Build
from engine.core.node import Behaviour, Fail, Go, Look, NodeConfig, NodeType, Outcome, Port, Reference, Uses
from engine.core.ownership import team_of
from engine.core.phone import normalise_phone
from engine.core.scope import Scope
from engine.core.telling import NOTICE
from engine.core.visit import Visit
from engine.core.world import ChannelInfo
from nodes.content import TemplateConfig
from nodes.finding import field_references, text_problems, text_reads
from nodes.form import MAX_LINE, PublicId
from nodes.template import template_maker, template_sources
from schemas.contact import Identity
from schemas.content import Content, Text, text_of
from schemas.event import SendMessage
from schemas.problem import Problem
from schemas.public_id import InvalidId, read_id

FAILED = "failed"
MAX_NOTE = 1_000
"""Characters of a notification: more is no notice any more."""
EVERYONE = "everyone"
ADDRESSABLE = ("phone", "email")
"""Addresses that people know of one another; others (a browser in the chat) are nobody's to write down."""


class NotifyConfig(NodeConfig):
    """Who is told, and what."""

    to: Literal["team", "address"] = Field(
        title="Tell",
        default="team",
        description="A team, in its inbox here; or a person, on one of your channels.",
        json_schema_extra={"ui": "choice", "labels": {"team": "A team", "address": "A person at an address"}},
    )
    team: PublicId | None = Field(
        default=None,
        description="Its members see the notice under Conversations; without one, everyone does.",
        json_schema_extra={"ui": "team", "show_if": {"to": ["team"]}},
    )
    channel: PublicId | None = Field(
        default=None,
        description="The channel on which the person is told.",
        json_schema_extra={"ui": "channel", "show_if": {"to": ["address"]}},
    )
    address: Annotated[str, Field(max_length=MAX_LINE)] = Field(
        default="",
        description="The person's phone number or e-mail address; merge fields are filled.",
        examples=["+4915112345678"],
        json_schema_extra={"ui": "line", "show_if": {"to": ["address"]}},
    )
    text: Annotated[str, Field(max_length=MAX_NOTE)] = Field(
        default="",
        description="What is told; merge fields are filled.",
        examples=["{{contact.name}} wants a callback"],
        json_schema_extra={"ui": "text"},
    )
    template: TemplateConfig | None = Field(
        title="WhatsApp template",
        default=None,
        description="Sent instead of the text: WhatsApp takes free text only from somebody who wrote within 24 hours.",
        json_schema_extra={"ui": "group", "advanced": True, "show_if": {"to": ["address"]}},
    )


class Notify(NodeType[NotifyConfig]):
    """Tells a team, or a person at an address, that something happened; the contact sees nothing of it.

    ```json
    {"to": "team", "team": "team_1", "text": "{{contact.name|Somebody}} wants a callback"}
    ```
    ```json
    {"to": "address", "channel": "ch_1", "address": "+4915112345678", "text": "A new order"}
    ```

    Port `failed` where there is no such team or channel, or the address is none. Whether a message reaches the person shows in
    their own conversation.
    """

    name = "notify"
    Config = NotifyConfig
    look = Look(
        label="Notify",
        group="people",
        icon="bell",
        colour="yellow",
        description="Tells a team or a person.",
        card="{text}",
    )
    starter: Mapping[str, Any] = {}
    example: Mapping[str, Any] = {"to": "team", "team": "team_1", "text": "{{contact.name|Somebody}} wants a callback"}

    def ports(self, config: NotifyConfig) -> tuple[Port, ...]:
        """On, or there is nobody to tell."""
        return (Port("next", "Then"), Port(FAILED, "Nobody to tell", "error"))

    def compile(self, config: NotifyConfig, build: Build) -> Behaviour:
        """A notice is a call of our own; a message is an event of the other person's lane."""
        return Behaviour(_to_team(config, build) if config.to == "team" else _to_address(config, build))

    def uses(self, config: NotifyConfig, build: Build) -> Uses:
        """The team or the channel, and the merge fields."""
        reads = text_reads(_sources(config), build)
        named = (Reference("team", config.team, "/team"),) if config.to == "team" and config.team else ()
        if config.to == "address" and config.channel:
            named = (Reference("channel", config.channel, "/channel"),)
        return Uses(reads=reads, references=(*named, *field_references(reads)))

    def check(self, config: NotifyConfig, scope: Scope) -> Iterable[Problem]:
        """Nothing to tell, nobody to tell it to, unknown merge fields."""
        yield from text_problems(_sources(config), scope)
        if not config.text.strip() and (config.to == "team" or config.template is None):
            yield Problem("missing_text", "error", "/text", "There is nothing to tell.", "Write what happened.")
        if config.to == "address" and not config.channel:
            yield Problem("missing_channel", "error", "/channel", "It isn't said on which channel.", "Choose a channel.")
        if config.to == "address" and not config.address.strip():
            yield Problem("missing_address", "error", "/address", "It isn't said who is told.", "Write a number or an address.")


def _to_team(config: NotifyConfig, build: Build) -> Callable[[Visit], Outcome]:
    text = build.text(config.text)

    def enter(visit: Visit) -> Outcome:
        team = team_of(visit.turn, config.team)
        if not team:
            return Fail(FAILED, "unknown_team", "there is no such team")
        named, said = config.team or EVERYONE, visit.say(text)[:MAX_NOTE]
        if not visit.noted(NOTICE, {"team": named, "text": said}):
            visit.notice(team, said)
        return Go("next", f"told {named}")

    return enter


def _to_address(config: NotifyConfig, build: Build) -> Callable[[Visit], Outcome]:
    address, text = build.text(config.address), build.text(config.text)
    template = template_maker(config.template, build) if config.template is not None else None

    def enter(visit: Visit) -> Outcome:
        to = visit.say(address).strip()
        content: Content = template(visit) if template is not None else Text(visit.say(text)[:MAX_NOTE])
        if visit.noted(NOTICE, {"channel": config.channel or "", "address": to, "text": text_of(content)}):
            return Go("next", f"told {to}")
        channel = visit.turn.world.channels.get(_number(config.channel))
        if channel is None:
            return Fail(FAILED, "unknown_channel", "there is no such channel, or it is switched off")
        identity = _identity(channel, to, visit.turn.world.country)
        if identity is None:
            return Fail(FAILED, "bad_address", f"“{to[:60]}” is no address on {channel.name}")
        visit.emit(SendMessage(content, channel.id), identities=(identity,))
        return Go("next", f"told {to}")

    return enter


def _number(channel: str | None) -> int:
    try:
        return read_id("ch", channel or "")
    except InvalidId:
        return 0


def _identity(channel: ChannelInfo, text: str, country: str | None) -> Identity | None:
    """Whom the text means on this channel; None for no address."""
    kind = next((each for each in ADDRESSABLE if each in channel.capabilities.identities), None)
    if kind == "phone":
        phone = normalise_phone(text, country)
        return None if phone is None else Identity(kind, phone)
    return Identity(kind, text.lower()) if kind == "email" and "@" in text else None


def _sources(config: NotifyConfig) -> dict[str, str]:
    texts = [("/text", config.text)]
    if config.to == "address":
        texts.append(("/address", config.address))
        texts.extend(template_sources(config.template, "/template") if config.template is not None else ())
    return {at: text for at, text in texts if text}
