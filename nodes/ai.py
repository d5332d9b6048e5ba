"""What AI reply and AI choose share: asking, waiting for the answer, and what is wrong with what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from engine.core.build import Build
from engine.core.fold import fold, words
from engine.core.node import Behaviour, Fail, Go, Outcome, Park, Probe
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.ai_config import AskedConfig
from schemas.ai import AI, AiQuestion, dump_question
from schemas.event import Body, CallAnswered, WaitDue
from schemas.problem import Problem

UNSURE, FAILED = "unsure", "failed"
RESERVED = ("next", UNSURE, FAILED)
"""Ids that no choice may have: they are ports of their own."""
SLOWEST = timedelta(minutes=5)
"""How long an answer is waited for: three tries of a minute each, and the pauses between them."""
TRIES = 3
"""Of one question: who waits in a chat doesn't wait for eight."""
MAX_QUESTION = 4_000
"""Characters of a contact's text that are read: more is no question, and is paid for."""
LAST_MESSAGE = "message.text"

Answered = Callable[[Visit, Mapping[str, Any]], Outcome]
"""What becomes of an answer that came."""


def asking(config: AskedConfig, build: Build, answered: Answered, *, speaks: bool = False) -> Behaviour:
    """Asks with what the contact wrote, parks, and goes on with the answer. `speaks`: only where it may be sent."""
    source, about = build.text(config.question), build.text(config.about)
    last, seconds = build.resolve(LAST_MESSAGE), int(SLOWEST.total_seconds())

    def enter(visit: Visit) -> Outcome:
        asked = visit.say(source) if config.question.strip() else str((last(visit) if last else "") or "")
        if not asked.strip():
            return Go(UNSURE, "there is no text to read")
        if speaks and not visit.window_open():
            return Fail(FAILED, "window_closed", "the 24-hour window is closed")
        question = AiQuestion(
            visit.program.version, visit.node.id, visit.run.conversation, asked[:MAX_QUESTION], visit.say(about).strip()
        )
        id = visit.call(AI, {**dump_question(question), "tries": TRIES}, place=f"ai {visit.turn.world.tenant}")
        return Park("call", timeout=seconds, data={"call": id}, reason="asked the model")

    def resume(visit: Visit, body: Body) -> Outcome | None:
        if isinstance(body, WaitDue):
            return Fail(FAILED, "ai_timeout", "no answer in time")
        if not isinstance(body, CallAnswered):
            return None
        return answered(visit, body.data) if body.ok else Fail(FAILED, body.code or FAILED, body.detail)

    return Behaviour(enter, resume)


def failing() -> Probe:
    """A provider that is away, for whoever tries the flow."""
    return Probe("call", {"code": "ai_unavailable", "detail": "The AI provider can't be reached."}, FAILED)


def alike(text: str, other: str) -> bool:
    """Whether two texts are the same to a reader: letter case, accents, spaces and marks at the end aside."""
    return words(fold(text)) == words(fold(other))


def asked_sources(config: AskedConfig) -> dict[str, str]:
    """The texts with merge fields, by their pointer."""
    return {at: text for at, text in (("/question", config.question), ("/about", config.about)) if text}


def provider_problems(scope: Scope) -> Iterator[Problem]:
    """That nobody answers yet, in a workspace without a provider."""
    if scope.ai is False:
        message = "No AI provider is set up, so this step leaves by Failed."
        yield Problem("ai_not_configured", "warning", "", message, "Enter one in Settings → AI.")
