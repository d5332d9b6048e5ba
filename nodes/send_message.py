"""Send Message: says something, and where it offers a choice, waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from engine.core.build import Build
from engine.core.node import Behaviour, Fail, Go, HandOver, Look, NodeType, Outcome, Park, Port, Probe, Reference, Uses
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.choice import chosen, options_of
from nodes.content import SendMessageConfig
from nodes.finding import field_references, text_reads
from nodes.message import content_maker, fitted, message_sources
from nodes.message_check import message_limits, message_problems
from nodes.template import template_maker, template_trouble
from schemas.capability import Capabilities
from schemas.content import Content, TemplateMessage
from schemas.duration import parse_duration
from schemas.event import Body, MessageReceived, MessageSettled, WaitDue
from schemas.flow import Settings
from schemas.problem import Problem

TIMEOUT = "timeout"
OTHER = "other"
FAILED = "failed"
CLOSED = "window_closed"
RESERVED = ("next", OTHER, TIMEOUT, FAILED, CLOSED)
"""Ids that no choice may have: they are ports of their own."""


class SendMessage(NodeType[SendMessageConfig]):
    """Says something; with buttons or a list, it waits for the choice, by tap, typed text or number.

    ```json
    {"text": "Hi {{contact.name|there}}! What can we do for you?",
     "buttons": [{"id": "order", "title": "My order"}, {"id": "person", "title": "Talk to us"}],
     "timeout": "PT1H", "save_as": "topic"}
    ```

    Ports: `next` where nothing is chosen, else one per choice, `other` (an answer that is none of them) and `timeout`;
    `failed`, and `window_closed` for what only the 24-hour window allows. Where one of these two is wired and nothing is
    chosen, the run goes on when the message has settled.
    """

    name = "send_message"
    Config = SendMessageConfig
    look = Look(
        label="Send message",
        group="messages",
        icon="message",
        colour="blue",
        description="Says something, with media, buttons, a list or a template.",
        card="{text}",
    )
    starter: Mapping[str, Any] = {"text": ""}
    example: Mapping[str, Any] = {
        "text": "Hi {{contact.name|there}}! What can we do for you?",
        "buttons": [{"id": "order", "title": "My order"}, {"id": "person", "title": "Talk to us"}],
        "timeout": "PT1H",
        "save_as": "topic",
    }

    def ports(self, config: SendMessageConfig) -> tuple[Port, ...]:
        """One per choice, or `next`; and what may go wrong."""
        if config.choices:
            chosen_ports = tuple(Port(id, title, "branch") for id, title in config.choices)
            ways = (*chosen_ports, Port(OTHER, "Other answer", "branch"), Port(TIMEOUT, "No answer", "timeout"))
        else:
            ways = (Port("next", "Next"),)
        closed = (Port(CLOSED, "24-hour window closed", "error"),) if config.free else ()
        return (*ways, Port(FAILED, "Not delivered", "error"), *closed)

    def settled(self, config: SendMessageConfig, settings: Settings) -> SendMessageConfig:
        """With choices it waits as long as the flow says, where it doesn't say it itself."""
        if not config.choices or config.timeout is not None or settings.reply_timeout is None:
            return config
        return config.model_copy(update={"timeout": settings.reply_timeout})

    def compile(self, config: SendMessageConfig, build: Build) -> Behaviour:
        """Texts are split here; at run time the message is filled, fitted to the channel, and sent."""
        closed_port = CLOSED if CLOSED in build.wired else FAILED
        return Behaviour(_enter(config, build, closed_port), _resume(config, closed_port))

    def writes(self, config: SendMessageConfig) -> tuple[str, ...]:
        """The variable for the choice."""
        return (config.save_as,) if config.save_as else ()

    def uses(self, config: SendMessageConfig, build: Build) -> Uses:
        """Its merge fields, templates and files."""
        reads = text_reads(message_sources(config), build)
        named = (("/template", config.template), ("/fallback", config.fallback))
        files = (("/media", config.media), *((f"{at}/header_media", each.header_media) for at, each in named if each))
        return Uses(
            reads=reads,
            references=(
                *field_references(reads),
                *(Reference("template", each.name, f"{at}/name") for at, each in named if each),
                *(Reference("media", each.media, f"{at}/media") for at, each in files if each and each.media),
            ),
            pauses=bool(config.choices),
            interactive=bool(config.choices),
            free_text=config.free and config.fallback is None,
        )

    def check(self, config: SendMessageConfig, scope: Scope) -> Iterable[Problem]:
        """Empty or mixed content, doubled ids, and what a channel can't show."""
        return message_problems(config, scope, RESERVED)

    def limits(self, config: SendMessageConfig, capabilities: Capabilities) -> Mapping[str, int]:
        """Of all that it says."""
        return message_limits(config, capabilities)

    def elapsed(self, config: SendMessageConfig, port: str) -> timedelta | None:
        """None after a choice: the contact has just written."""
        if port == TIMEOUT and config.timeout:
            return parse_duration(config.timeout)
        return None if port == OTHER or port in dict(config.choices) else timedelta(0)

    def probes(self, config: SendMessageConfig) -> tuple[Probe, ...]:
        """Every choice, an answer that is none, silence, and what may go wrong."""
        choices = tuple(Probe("choice", id, title) for id, title in config.choices)
        silence = (Probe("text", "Something else entirely", "none of the choices"), Probe("timeout")) if choices else ()
        return (*choices, *silence, Probe("failed"), *((Probe("window_closed"),) if config.free else ()))


def _enter(config: SendMessageConfig, build: Build, closed_port: str) -> Callable[[Visit], Outcome]:
    make = content_maker(config, build)
    spare = template_maker(config.fallback, build) if config.fallback else None
    waits = bool(config.choices)
    reports = not waits and bool({FAILED, CLOSED} & build.wired.keys())
    seconds = int(parse_duration(config.timeout).total_seconds()) if config.timeout else None
    then = Park("message", reason="until the message settles") if reports else Go("next")
    free, on_unknown = config.free, config.on_unknown

    def enter(visit: Visit) -> Outcome:
        meant: Content = make(visit)
        fallback: TemplateMessage | None = spare(visit) if spare else None
        options_from = meant
        if free and not visit.window_open():
            if fallback is None:
                return Fail(closed_port, CLOSED, "the 24-hour window is closed")
            meant, fallback = fallback, None
        if isinstance(meant, TemplateMessage) and (trouble := template_trouble(visit, meant)) is not None:
            return trouble
        shown = fitted(visit, meant, FAILED)
        if isinstance(shown, Fail):
            return shown
        if fallback is not None and template_trouble(visit, fallback) is not None:
            fallback = None
        visit.send(shown, fallback=fallback, reports=reports, on_unknown=on_unknown)
        if waits:
            return Park("reply", timeout=seconds, data={"options": options_of(options_from, shown)})
        return then

    return enter


def _resume(config: SendMessageConfig, closed_port: str) -> Callable[[Visit, Body], Outcome | None]:
    def resume(visit: Visit, body: Body) -> Outcome | None:
        wait = visit.run.wait
        match body:
            case MessageReceived() if wait is not None and wait.kind == "reply":
                return answer(visit, body)
            case WaitDue() if wait is not None and wait.kind == "reply":
                return Go(TIMEOUT, "no answer in time")
            case MessageSettled() if wait is not None and wait.kind == "message":
                return settled(body)
            case _:
                return None

    def settled(body: MessageSettled) -> Outcome:
        if body.status != "failed":
            return Go("next", f"the message is {body.status}")
        code = body.code or FAILED
        return Fail(closed_port if code == CLOSED else FAILED, code, f"the message failed: {code}")

    def answer(visit: Visit, received: MessageReceived) -> Outcome | None:
        wait = visit.run.wait
        option = chosen(received, wait) if wait is not None else None
        if config.save_as:
            visit.set(config.save_as, option[1] if option else visit.variables.get("$message", {}).get("text", ""))
        if option is not None:
            return Go(option[0], f"chose {option[1]}")
        if visit.refuse_reply():
            return HandOver(reason="too many answers that were none of the choices")
        return Go(OTHER, "none of the choices")

    return resume
