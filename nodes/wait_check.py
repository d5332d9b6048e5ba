"""What is wrong with a Wait config, and answers for the simulator to try."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from engine.core.check_said import unknown_path
from engine.core.node import Probe
from engine.core.pattern import pattern_problem
from engine.core.sample import sample
from engine.core.scope import Scope
from nodes.finding import text_problems
from nodes.wait_config import DurationWait, EventWait, LocalMoment, ReplyWait, UntilWait, VariableMoment
from schemas.answer import Expect
from schemas.hours import Hours
from schemas.problem import Problem

NO_ANSWER = "?!"
"""A text that is no number, date, address or place."""


SENTENCE = "Hello there, this is what I wanted to say. "


def wait_problems(waited: ReplyWait | DurationWait | UntilWait | EventWait, scope: Scope) -> Iterator[Problem]:
    """Everything that the models can't see, pointers relative to the config."""
    if isinstance(waited, ReplyWait):
        yield from text_problems({"/for/retry_text": waited.retry_text}, scope)
        yield from expect_problems(waited.expect, "/for/expect")
        for channel, capabilities in scope.channels.items():
            if len(waited.retry_text) > capabilities.text:
                message = f"This has {len(waited.retry_text)} characters; {channel} shows at most {capabilities.text}."
                yield Problem("text_too_long", "warning", "/for/retry_text", message, "Make it shorter.")
    if isinstance(waited, ReplyWait | EventWait) and waited.timeout is None and "timeout" in scope.build.wired:
        hint = "Set a timeout, or remove the edge."
        yield Problem("timeout_never", "warning", "/for/timeout", "The port timeout is wired, but no timeout is set.", hint)
    if isinstance(waited, UntilWait):
        yield from _until_problems(waited, scope)


def expect_problems(expect: Expect, at: str) -> Iterator[Problem]:
    """Bounds that no answer can meet, and bad patterns."""
    if expect.min is not None and expect.max is not None and expect.min > expect.max:
        yield _excluded(f"{at}/min", "smallest number", "largest")
    if expect.min_length is not None and expect.max_length is not None and expect.min_length > expect.max_length:
        yield _excluded(f"{at}/min_length", "fewest characters", "most")
    first, last = expect.earliest, expect.latest
    if isinstance(first, date) and isinstance(last, date) and first > last:
        yield _excluded(f"{at}/earliest", "first date", "last")
    if expect.pattern is not None and (problem := pattern_problem(expect.pattern)):
        yield Problem("bad_pattern", "error", f"{at}/pattern", problem, "Correct the pattern; it follows RE2's syntax.")


def _excluded(at: str, low: str, high: str) -> Problem:
    return Problem("empty_range", "error", at, f"The {low} lies above the {high}: no answer can fit.", "Swap them.")


def _until_problems(until: UntilWait, scope: Scope) -> Iterator[Problem]:
    ways = [until.at is not None, until.windowed, until.business_hours, until.hours is not None]
    if not any(ways):
        hint = "Choose a moment, a weekly window, or business hours."
        yield Problem("no_moment", "error", "/for", "It isn't said until when to wait.", hint)
    elif sum(ways) > 1:
        hint = "Keep one of them: a moment, a weekly window, or business hours."
        yield Problem("two_moments", "error", "/for", "More than one moment is named.", hint)
    if isinstance(until.hours, Hours) and not until.hours.weekly:
        yield Problem("never_open", "error", "/for/hours/weekly", "These hours never open.", "Add an opening interval.")
    match until.at:
        case str() as instant if not _is_instant(instant):
            yield Problem("bad_moment", "error", "/for/at", f"{instant} is no moment of the calendar.", "Correct the date.")
        case LocalMoment(date=day) if not _is_date(day):
            yield Problem("bad_moment", "error", "/for/at/date", f"{day} is no day of the calendar.", "Correct the date.")
        case VariableMoment(variable=path) if scope.build.resolve(path) is None:
            yield unknown_path(path, "/for/at/variable", scope)
        case _:
            pass


def _is_instant(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        return False


def _is_date(text: str) -> bool:
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


def expect_probes(expect: Expect) -> tuple[Probe, ...]:
    """An answer that fits, one on each side of a bound, and one that doesn't fit."""
    wrong = Probe("text", NO_ANSWER, "doesn't fit")
    match expect.kind:
        case "any":
            return (Probe("text", "Hello", "an answer"),)
        case "text" if expect.pattern is not None and (fitting := sample(expect.pattern)):
            return (Probe("text", fitting, "a text of this form"), wrong)
        case "text":
            length = max(expect.min_length or 1, min(5, expect.max_length or 5))
            text = (SENTENCE * (length // len(SENTENCE) + 1))[: length - 1] + "!" if length > 5 else "Hello"[:length]
            return (Probe("text", text, "a text"), Probe("location", note="doesn't fit"))
        case "number":
            low, high = expect.min, expect.max
            fits = low if low is not None else high if high is not None else 7
            outside = [Probe("text", f"{low - 1:g}", "too small")] if low is not None else []
            outside += [Probe("text", f"{high + 1:g}", "too large")] if high is not None else []
            return (Probe("text", f"{fits:g}", "a number"), *outside, wrong)
        case "date":
            fixed = next((each.isoformat() for each in (expect.earliest, expect.latest) if isinstance(each, date)), None)
            return (Probe("text", fixed or "tomorrow", "a date"), wrong)
        case "email":
            return (Probe("text", "anna@example.com", "an e-mail address"), wrong)
        case "phone":
            return (Probe("text", "+49 151 12345678", "a phone number"), wrong)
        case "media":
            return (Probe("media", expect.media[0] if expect.media else "image", "a file"), wrong)
        case "location":
            return (Probe("location", note="a place"), wrong)
