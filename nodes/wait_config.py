"""The configs of Wait: what a run waits for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.core.node import NodeConfig
from engine.core.world import BUSINESS
from nodes.form import MAX_MAPPED, JsonPath, Switch, VariableName, Whole
from schemas.answer import Expect
from schemas.duration import Duration
from schemas.hours import ClockTime, ClosingTime, Hours, HoursKey, Weekday

MAX_RETRIES = 10
"""How often a question is asked again: nobody answers an eleventh time."""

INSTANT = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})$"
DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
EVENT_NAME = r"^[A-Za-z0-9_.-]{1,64}$"


class ReplyWait(NodeConfig):
    """The contact's answer."""

    kind: Literal["reply"] = Field(description="Wait for an answer.", json_schema_extra={"ui": "choice"})
    expect: Expect = Field(
        title="The answer",
        default=Expect(),
        description="What the answer must be; by default, anything.",
        json_schema_extra={"ui": "group"},
    )
    save_as: VariableName | None = Field(
        title="Save the answer as",
        default=None,
        description="The variable that takes the answer.",
        json_schema_extra={"ui": "variable"},
    )
    timeout: Duration | None = Field(
        title="Wait at most",
        default=None,
        description="How long to wait; without it, as the flow says, else until the run expires.",
        json_schema_extra={"ui": "duration", "setting": "reply_timeout"},
    )
    retries: Whole = Field(
        title="Ask again how often",
        default=1,
        ge=0,
        le=MAX_RETRIES,
        description="How often an answer that doesn't fit is asked for again.",
        json_schema_extra={"ui": "number", "advanced": True},
    )
    retry_text: str = Field(
        title="What is said then",
        default="",
        max_length=10_000,
        description="What is said then; empty: what the flow says, else a sentence that says what is expected.",
        json_schema_extra={"ui": "text", "setting": "retry_text", "advanced": True, "translate": True},
    )
    accept_earlier: Switch = Field(
        title="Take an earlier message",
        default=False,
        description="Also take a message that was on its way before the question was asked.",
        json_schema_extra={"ui": "switch", "advanced": True},
    )


class DurationWait(NodeConfig):
    """Some time."""

    kind: Literal["duration"] = Field(description="Wait for some time.", json_schema_extra={"ui": "choice"})
    duration: Duration = Field(title="How long", description="How long.", json_schema_extra={"ui": "duration"})


class LocalMoment(NodeConfig):
    """A date and time in the contact's time zone."""

    date: str = Field(pattern=DATE, description="The day.", examples=["2026-12-24"], json_schema_extra={"ui": "date"})
    time: ClockTime = Field(default="09:00", description="The time of day.", json_schema_extra={"ui": "time"})


class VariableMoment(NodeConfig):
    """A moment that a variable or a contact field holds."""

    variable: str = Field(
        min_length=1,
        max_length=200,
        description="The path of an instant, a date or a time of day.",
        examples=["appointment", "contact.fields.renewal"],
        json_schema_extra={"ui": "path"},
    )
    time: ClockTime = Field(
        default="09:00", description="The time of day, where it holds only a date.", json_schema_extra={"ui": "time"}
    )
    before: Duration | None = Field(
        default=None, description="So much earlier.", examples=["P1D"], json_schema_extra={"ui": "duration"}
    )


Instant = Annotated[str, Field(pattern=INSTANT, examples=["2026-12-24T18:00:00Z"])]


class UntilWait(NodeConfig):
    """A moment: `at`, or the next time inside a weekly window, or inside business hours. Exactly one of these."""

    kind: Literal["until"] = Field(description="Wait until a moment.", json_schema_extra={"ui": "choice"})
    at: Instant | LocalMoment | VariableMoment | None = Field(
        title="Moment",
        default=None,
        description="An instant, a date and time of the contact, or what a variable holds.",
        json_schema_extra={"ui": "instant"},
    )
    weekdays: tuple[Weekday, ...] = Field(
        title="On these days",
        default=(),
        max_length=7,
        description="The days of the window; none means every day.",
        json_schema_extra={"ui": "weekdays"},
    )
    from_: ClockTime | None = Field(
        default=None, alias="from", description="When the window opens, for the contact.", json_schema_extra={"ui": "time"}
    )
    to: ClosingTime | None = Field(
        default=None, description="When the window closes, for the contact.", json_schema_extra={"ui": "time"}
    )
    business_hours: Switch = Field(
        title="Until the business is open",
        default=False,
        description="Until the business is open.",
        json_schema_extra={"ui": "switch", "advanced": True},
    )
    hours: HoursKey | Hours | None = Field(
        title="Until these are open",
        default=None,
        description="Hours of the workspace by their key, or hours of its own.",
        json_schema_extra={"ui": "hours", "advanced": True},
    )

    @property
    def named(self) -> str:
        """The hours of the workspace that are meant; "" for none."""
        return self.hours if isinstance(self.hours, str) else BUSINESS if self.business_hours and self.hours is None else ""

    @property
    def windowed(self) -> bool:
        """True where a weekly window is given."""
        return bool(self.weekdays or self.from_ or self.to)


class EventWait(NodeConfig):
    """A named event for this contact, such as `paid`, that the API or a webhook raises."""

    kind: Literal["event"] = Field(description="Wait for an event.", json_schema_extra={"ui": "choice"})
    name: str = Field(pattern=EVENT_NAME, description="The event's name.", examples=["paid"], json_schema_extra={"ui": "plain"})
    timeout: Duration | None = Field(
        title="Wait at most",
        default=None,
        description="How long to wait; without it, until the run expires.",
        json_schema_extra={"ui": "duration"},
    )
    variables: dict[VariableName, JsonPath] = Field(
        default_factory=dict,
        max_length=MAX_MAPPED,
        description="Which variables take which part of what the event carries; a part of its own name needs no entry to be set.",
        examples=[{"amount": "payment.amount"}],
        json_schema_extra={"ui": "mapping"},
    )
    save_as: VariableName | None = Field(
        title="Save all of it as",
        default=None,
        description="The variable that takes all that the event carries.",
        json_schema_extra={"ui": "variable", "advanced": True},
    )


For = Annotated[ReplyWait | DurationWait | UntilWait | EventWait, Field(discriminator="kind")]
