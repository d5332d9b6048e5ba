"""Trigger: where a run starts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from engine.core.build import Build
from engine.core.calendar import cron_problem
from engine.core.fold import fold
from engine.core.keyword import KeywordPattern
from engine.core.node import Behaviour, Go, Look, NodeType, Port, Probe, Reference, Uses
from engine.core.path import resolver
from engine.core.pattern import pattern_problem
from engine.core.scope import Scope
from engine.core.trigger import On, OnApi, OnContact, OnKeyword, OnMessage, OnSchedule, OnWebhook
from engine.core.trigger import Trigger as Entry
from nodes.finding import field_references, rule_problems, rule_reads
from nodes.trigger_config import (
    OnApiConfig,
    OnContactCreatedConfig,
    OnKeywordConfig,
    OnMessageConfig,
    OnScheduleConfig,
    OnTagAddedConfig,
    OnWebhookConfig,
    TriggerConfig,
)
from schemas.duration import parse_duration
from schemas.hours import is_zone
from schemas.problem import Problem, pointer
from schemas.public_id import InvalidId, read_id

BEFORE_THE_RUN = resolver(())
NOWHERE = Build("", {}, BEFORE_THE_RUN)
"""A schedule's rule is judged before there is a run: it knows no variables."""


class Trigger(NodeType[TriggerConfig]):
    """Starts a run: by a message, a keyword, a webhook, the API, a contact's change, or a schedule.

    ```json
    {"on": {"kind": "keyword", "words": ["order status", "where is my order"]}, "again_after": "PT10M"}
    ```
    ```json
    {"on": {"kind": "webhook", "identity": {"phone": "customer.phone"}, "name": "customer.name",
            "variables": {"item": "items[0].name"}}}
    ```
    ```json
    {"on": {"kind": "schedule", "cron": "0 9 * * mon", "timezone": "Europe/Berlin", "tag": "newsletter"}}
    ```

    Keywords are matched without case and accents, in any script; patterns run on RE2. A message starts the best trigger: an
    exact keyword, then any other keyword, then any message; among equals the higher priority.
    """

    name = "trigger"
    Config = TriggerConfig
    look = Look(
        label="Trigger",
        group="start",
        icon="bolt",
        colour="green",
        description="What starts the flow.",
        card="{on.kind}",
    )
    starter: Mapping[str, Any] = {"on": {"kind": "message"}}
    example: Mapping[str, Any] = {
        "on": {"kind": "keyword", "words": ["order status", "where is my order"]},
        "again_after": "PT10M",
    }

    def ports(self, config: TriggerConfig) -> tuple[Port, ...]:
        """One way: into the flow."""
        return (Port("next", "Then"),)

    def compile(self, config: TriggerConfig, build: Build) -> Behaviour:
        """Passes on; what starts the run, and for whom, was judged before."""
        then = Go("next")
        return Behaviour(lambda visit: then)

    def trigger(self, config: TriggerConfig, build: Build | None = None) -> Entry:
        """What matching reads."""
        return Entry(
            on=_on(config, build),
            channels=config.channels,
            priority=config.priority,
            interrupts=config.interrupts,
            once=config.once,
            again_after=parse_duration(config.again_after) if config.again_after else None,
            hours=config.hours or "",
            closed=config.when == "closed",
        )

    def writes(self, config: TriggerConfig) -> tuple[str, ...]:
        """The variables that a webhook sets."""
        return tuple(config.on.variables) if isinstance(config.on, OnWebhookConfig) else ()

    def uses(self, config: TriggerConfig, build: Build) -> Uses:
        """Its channels and hours, and what a schedule's rule reads."""
        rule = config.on.rule if isinstance(config.on, OnScheduleConfig) else None
        reads = rule_reads(rule, "/on/rule", BEFORE_THE_RUN) if rule is not None else ()
        channels = tuple(Reference("channel", id, pointer("channels", at)) for at, id in enumerate(config.channels))
        hours = (Reference("hours", config.hours, "/hours"),) if config.hours else ()
        return Uses(reads=reads, references=(*channels, *hours, *field_references(reads)))

    def check(self, config: TriggerConfig, scope: Scope) -> Iterable[Problem]:
        """Words that never match, bad patterns, times and zones."""
        match config.on:
            case OnKeywordConfig() as keyword:
                yield from _keyword_problems(keyword)
            case OnScheduleConfig() as schedule:
                yield from _schedule_problems(schedule, scope)
            case _:
                pass
        if config.interrupts and not isinstance(config.on, OnMessageConfig | OnKeywordConfig):
            message = "Only a message can interrupt a flow that waits for an answer."
            yield Problem("unused_interrupts", "warning", "/interrupts", message, "Switch it off.")
        if config.hours and not isinstance(config.on, OnMessageConfig | OnKeywordConfig):
            message = "Only a start by a message asks whether these hours are open."
            yield Problem("unused_hours", "warning", "/hours", message, "Remove them, or ask in a Condition.")
        for at, channel in enumerate(config.channels):
            try:
                read_id("ch", channel)
            except InvalidId as error:
                yield Problem("bad_channel", "error", pointer("channels", at), str(error), "Choose a channel.")

    def elapsed(self, config: TriggerConfig, port: str) -> timedelta | None:
        """None for a message: the contact has just written. No time passes here."""
        return None if isinstance(config.on, OnMessageConfig | OnKeywordConfig) else timedelta(0)

    def probes(self, config: TriggerConfig) -> tuple[Probe, ...]:
        """A message for each keyword, or a start."""
        match config.on:
            case OnMessageConfig():
                return (Probe("text", "Hello", "any message"),)
            case OnKeywordConfig(words=words, match=match) if match != "pattern":
                return tuple(Probe("text", word, "keyword") for word in words)
            case _:
                return (Probe("start", config.on.kind),)


def _on(config: TriggerConfig, build: Build | None) -> On:
    match config.on:
        case OnMessageConfig():
            return OnMessage()
        case OnKeywordConfig(words=words, match=match):
            return OnKeyword(KeywordPattern.of(match, words))
        case OnWebhookConfig(identity=identity, name=name, variables=variables):
            return OnWebhook(identity, variables, name or "")
        case OnApiConfig():
            return OnApi()
        case OnContactCreatedConfig():
            return OnContact("created")
        case OnTagAddedConfig(tag=tag):
            return OnContact("tag_added", tag)
        case OnScheduleConfig() as on:
            around = replace(build, resolve=BEFORE_THE_RUN, types={}) if build is not None else NOWHERE
            rule = around.rule(on.rule) if on.rule is not None else None
            return OnSchedule(on.cron, on.timezone, on.tag, rule)


def _keyword_problems(keyword: OnKeywordConfig) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, word in enumerate(keyword.words):
        at = pointer("on", "words", index)
        if keyword.match == "pattern":
            if problem := pattern_problem(word):
                yield Problem("bad_pattern", "error", at, problem, "Correct the pattern; it follows RE2's syntax.")
            continue
        folded = fold(word)
        if not folded:
            yield Problem("empty_keyword", "error", at, "This keyword holds nothing that can be matched.", "Write a word.")
        elif folded in seen:
            yield Problem("duplicate_keyword", "warning", at, f"{word!r} stands here twice.", "Remove one of them.")
        seen.add(folded)


def _schedule_problems(schedule: OnScheduleConfig, scope: Scope) -> Iterator[Problem]:
    if problem := cron_problem(schedule.cron):
        yield Problem("bad_cron", "error", "/on/cron", problem, "Such as 0 9 * * mon-fri: at 9:00 on weekdays.")
    if schedule.timezone and not is_zone(schedule.timezone):
        message = f"{schedule.timezone!r} is not a time zone."
        yield Problem("unknown_timezone", "error", "/on/timezone", message, "Use a name such as Europe/Berlin.")
    if schedule.rule is not None:
        before = replace(scope.build, resolve=BEFORE_THE_RUN, types={})
        yield from rule_problems(schedule.rule, "/on/rule", replace(scope, build=before))
    elif not schedule.tag:
        message = "The schedule doesn't say for whom."
        yield Problem("no_audience", "error", "/on/tag", message, "Name a tag, or set a rule.")
