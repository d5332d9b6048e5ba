"""Wait: for an answer, for some time, until a moment, or for an event."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from pydantic import ConfigDict, Field

from engine.core.build import Build
from engine.core.node import Behaviour, Fail, Go, Look, NodeConfig, NodeType, Outcome, Park, Port, Probe, Uses
from engine.core.scope import Scope
from engine.core.visit import Visit
from engine.core.webhook import pick
from nodes.finding import field_references, text_reads
from nodes.reply import reply_behaviour
from nodes.until import when
from nodes.wait_check import expect_probes, wait_problems
from nodes.wait_config import DurationWait, EventWait, For, ReplyWait, UntilWait, VariableMoment
from schemas.capability import Capabilities
from schemas.duration import parse_duration
from schemas.event import Body, EventNamed, WaitDue
from schemas.flow import NAME, Settings
from schemas.problem import Problem

_NAME = re.compile(NAME)
WEEK = timedelta(days=7)  # a weekly window comes at least so often
OPEN_ENDED = timedelta(days=7)
"""What a wait without a bound counts as: longer than any channel's window, shorter than a run's usual life."""


class WaitConfig(NodeConfig):
    """What is waited for."""

    model_config = ConfigDict(populate_by_name=False)

    for_: For = Field(alias="for", description="What is waited for.", json_schema_extra={"ui": "group"})


class Wait(NodeType[WaitConfig]):
    """Parks the run: for an answer, some time, a moment, or an event.

    ```json
    {"for": {"kind": "reply", "expect": {"kind": "number", "min": 1, "max": 10, "integer": true}, "save_as": "guests",
             "timeout": "PT1H", "retries": 2, "retry_text": "How many people? A number from 1 to 10, please."}}
    ```
    ```json
    {"for": {"kind": "until", "weekdays": ["mon", "tue", "wed", "thu", "fri"], "from": "09:00", "to": "17:00"}}
    ```
    ```json
    {"for": {"kind": "until", "at": {"variable": "appointment", "before": "P1D"}}}
    ```

    Ports: `next`; with a reply also `invalid` and `timeout`, with an event `timeout`; `invalid` until a moment that may not
    exist (a variable's, or hours that never open).
    """

    name = "wait"
    Config = WaitConfig
    look = Look(
        label="Wait",
        group="logic",
        icon="clock",
        colour="orange",
        description="Waits for an answer, some time, a moment, or an event.",
        card="{for.kind}",
    )
    starter: Mapping[str, Any] = {"for": {"kind": "reply"}}
    example: Mapping[str, Any] = {
        "for": {
            "kind": "reply",
            "expect": {"kind": "number", "min": 1, "max": 10, "integer": True},
            "save_as": "guests",
            "timeout": "PT1H",
            "retries": 2,
            "retry_text": "How many people? A number from 1 to 10, please.",
        }
    }

    def ports(self, config: WaitConfig) -> tuple[Port, ...]:
        """They depend on what is waited for."""
        invalid, timeout = Port("invalid", "Doesn't fit", "error", unfit=True), Port("timeout", "No answer", "timeout")
        match config.for_:
            case ReplyWait():
                return (Port("next", "Answered"), invalid, timeout)
            case EventWait():
                return (Port("next", "Happened"), Port("timeout", "Not in time", "timeout"))
            case UntilWait() as until if _may_never_come(until):
                return (Port("next", "Then"), Port("invalid", "No such moment", "error"))
            case _:
                return (Port("next", "Then"),)

    def settled(self, config: WaitConfig, settings: Settings) -> WaitConfig:
        """For a reply it waits as long as the flow says, where it doesn't say it itself."""
        waited = config.for_
        if not isinstance(waited, ReplyWait) or waited.timeout is not None or settings.reply_timeout is None:
            return config
        return config.model_copy(update={"for_": waited.model_copy(update={"timeout": settings.reply_timeout})})

    def compile(self, config: WaitConfig, build: Build) -> Behaviour:
        """One behaviour for each thing to wait for."""
        match config.for_:
            case ReplyWait() as reply:
                return reply_behaviour(reply, build)
            case DurationWait(duration=duration):
                return _after(parse_duration(duration))
            case UntilWait() as until:
                return _until(until, build)
            case EventWait() as event:
                return _event(event)

    def writes(self, config: WaitConfig) -> tuple[str, ...]:
        """The variable for the answer, or those for what an event carries."""
        waited = config.for_
        mapped = tuple(waited.variables) if isinstance(waited, EventWait) else ()
        saved = waited.save_as if isinstance(waited, ReplyWait | EventWait) else None
        return (*mapped, saved) if saved else mapped

    def uses(self, config: WaitConfig, build: Build) -> Uses:
        """The merge fields of the re-ask text, the variable that holds a moment, and the hours for which it waits."""
        waited = config.for_
        reads: tuple[tuple[str, str], ...] = ()
        if isinstance(waited, ReplyWait):
            reads = text_reads({"/for/retry_text": waited.retry_text}, build)
        elif isinstance(waited, UntilWait) and isinstance(waited.at, VariableMoment):
            reads = ((waited.at.variable, "/for/at/variable"),)
        elif isinstance(waited, UntilWait) and isinstance(waited.hours, str):
            reads = ((f"hours.{waited.hours}", "/for/hours"),)
        return Uses(
            reads=reads,
            decides=(f"hours.{waited.named}",) if isinstance(waited, UntilWait) and waited.named else (),
            references=field_references(reads),
            pauses=not isinstance(waited, UntilWait),  # a moment may be past, a window open
            interactive=isinstance(waited, ReplyWait),
        )

    def check(self, config: WaitConfig, scope: Scope) -> Iterable[Problem]:
        """Bounds that exclude everything, bad patterns, moments that can't be."""
        return wait_problems(config.for_, scope)

    def limits(self, config: WaitConfig, capabilities: Capabilities) -> Mapping[str, int]:
        """Of the text that asks again."""
        return {"/for/retry_text": capabilities.text} if isinstance(config.for_, ReplyWait) else {}

    def elapsed(self, config: WaitConfig, port: str) -> timedelta | None:
        """None after an answer, even one that doesn't fit: the contact has just written."""
        match config.for_:
            case ReplyWait(timeout=timeout):
                return None if port != "timeout" else parse_duration(timeout) if timeout else timedelta(0)
            case DurationWait(duration=duration):
                return parse_duration(duration)
            case EventWait(timeout=timeout):
                return parse_duration(timeout) if timeout else OPEN_ENDED
            case UntilWait(at=at):
                return timedelta(0) if port == "invalid" else OPEN_ENDED if at is not None else WEEK

    def probes(self, config: WaitConfig) -> tuple[Probe, ...]:
        """Answers that fit and that don't, silence, or the event."""
        match config.for_:
            case ReplyWait() as reply:
                return (*expect_probes(reply.expect), Probe("timeout"))
            case EventWait(name=name):
                return (Probe("event", name), Probe("timeout"))
            case _:
                return (Probe("timeout", note="the time has come"),)


def _may_never_come(until: UntilWait) -> bool:
    return isinstance(until.at, VariableMoment) or until.business_hours or until.hours is not None


def _then(visit: Visit, body: Body) -> Outcome | None:
    return Go("next", "the time has come") if isinstance(body, WaitDue) else None


def _after(length: timedelta) -> Behaviour:
    return Behaviour(lambda visit: Park("duration", due=visit.now + length), _then)


def _until(config: UntilWait, build: Build) -> Behaviour:
    moment = when(config, build)

    def enter(visit: Visit) -> Outcome:
        due = moment(visit)
        if due is None:
            return Fail("invalid", "no_moment", "there is no such moment")
        if due <= visit.now:
            return Go("next", "it is time already")
        return Park("until", due=due)

    return Behaviour(enter, _then)


def _event(config: EventWait) -> Behaviour:
    seconds = int(parse_duration(config.timeout).total_seconds()) if config.timeout else None

    def resume(visit: Visit, body: Body) -> Outcome | None:
        match body:
            case EventNamed(name=config.name, data=data):
                for name, value in data.items():
                    if _NAME.fullmatch(name):
                        visit.set(name, value)
                for name, path in config.variables.items():
                    visit.set(name, pick(data, path))
                if config.save_as:
                    visit.set(config.save_as, dict(data))
                return Go("next", f"{config.name} happened")
            case WaitDue():
                return Go("timeout", f"{config.name} did not happen in time")
            case _:
                return None

    return Behaviour(lambda visit: Park("event", timeout=seconds, data={"name": config.name}), resume)
