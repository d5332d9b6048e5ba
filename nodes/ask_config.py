"""The config of Ask: the question, what the answer must be, and where it is kept."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from engine.core.node import NodeConfig
from nodes.content import MAX_BUTTONS, MAX_ROWS, ButtonConfig, ListConfig, RowConfig, SectionConfig, SendMessageConfig
from nodes.form import FieldKey, Line, LongText, Number, Switch, VariableName, Whole
from nodes.wait_config import MAX_RETRIES
from schemas.answer import AnswerKind, Expect, MediaKind
from schemas.duration import Duration

Asked = Literal["text", "number", "date", "email", "phone", "choice", "rating", "yes_no", "media", "location"]
READ_AS: dict[Asked, AnswerKind] = {
    "text": "text", "number": "number", "date": "date", "email": "email", "phone": "phone", "choice": "text",
    "rating": "number", "yes_no": "text", "media": "media", "location": "location",
}  # fmt: skip
"""What each kind of answer is read as."""
MAX_SCALE = 10  # steps of a rating: more can't be told apart
YES, NO = "yes", "no"
TODAY = "today"


def _real(text: str) -> str:
    """A day of the calendar; ValueError for February 30th."""
    if text != TODAY:
        date.fromisoformat(text)
    return text


def _day(text: str | None) -> date | Literal["today"] | None:
    return None if text is None else "today" if text == TODAY else date.fromisoformat(text)


Day = Annotated[
    str,
    Field(pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2}|today)$", json_schema_extra={"format": "postdog-day"}),
    AfterValidator(_real),
]


class AskConfig(NodeConfig):
    """A question with a typed answer."""

    text: LongText = Field(
        title="Question",
        description="The question, with merge fields.",
        json_schema_extra={"ui": "text", "placeholder": "What would you like to know?", "translate": True},
    )
    answer: Asked = Field(
        title="The answer",
        default="text",
        description="What the answer must be.",
        json_schema_extra={
            "ui": "choice",
            "labels": {
                "text": "A text",
                "number": "A number",
                "date": "A date",
                "email": "An e-mail address",
                "phone": "A phone number",
                "choice": "One of some choices",
                "rating": "A rating",
                "yes_no": "Yes or no",
                "media": "A picture or file",
                "location": "A place on the map",
            },
        },
    )
    choices: tuple[ButtonConfig, ...] = Field(
        default=(),
        max_length=MAX_ROWS,
        description="Up to 3 are buttons, up to 10 a list; each is a port.",
        json_schema_extra={"ui": "items", "show_if": {"answer": ["choice"]}},
    )
    yes: Line = Field(
        default="Yes",
        description="The button for yes; left as it is, it says so in the contact's language.",
        json_schema_extra={"ui": "line", "translate": True, "phrase": "yes", "show_if": {"answer": ["yes_no"]}},
    )
    no: Line = Field(
        default="No",
        description="The button for no; left as it is, it says so in the contact's language.",
        json_schema_extra={"ui": "line", "translate": True, "phrase": "no", "show_if": {"answer": ["yes_no"]}},
    )
    scale: Whole = Field(
        title="Highest rating",
        default=5,
        ge=2,
        le=MAX_SCALE,
        description="Rating: the highest; the lowest is 1.",
        json_schema_extra={"ui": "number", "show_if": {"answer": ["rating"]}},
    )
    min: Number | None = Field(
        title="At least",
        default=None,
        description="Number: the smallest that is accepted.",
        json_schema_extra={"ui": "number", "show_if": {"answer": ["number"]}},
    )
    max: Number | None = Field(
        title="At most",
        default=None,
        description="Number: the largest that is accepted.",
        json_schema_extra={"ui": "number", "show_if": {"answer": ["number"]}},
    )
    integer: Switch = Field(
        title="Only whole numbers",
        default=False,
        description="Number: only whole numbers.",
        json_schema_extra={"ui": "switch", "show_if": {"answer": ["number"]}},
    )
    pattern: str | None = Field(
        default=None,
        max_length=1_000,
        description="Text: a regular expression (RE2) that it must match.",
        examples=["^[A-Z]{2}[0-9]{6}$"],
        json_schema_extra={"ui": "line", "show_if": {"answer": ["text"]}, "advanced": True},
    )
    earliest: Day | None = Field(
        default=None,
        description="Date: the first that is accepted.",
        examples=["today", "2026-01-01"],
        json_schema_extra={"ui": "line", "show_if": {"answer": ["date"]}},
    )
    latest: Day | None = Field(
        default=None,
        description="Date: the last that is accepted.",
        examples=["2026-12-31"],
        json_schema_extra={"ui": "line", "show_if": {"answer": ["date"]}},
    )
    media: tuple[MediaKind, ...] = Field(
        title="Kinds of files",
        default=(),
        max_length=5,
        description="Media: the kinds that are accepted; none means all.",
        json_schema_extra={"ui": "choice", "show_if": {"answer": ["media"]}},
    )
    save_as: VariableName | None = Field(
        title="Save the answer as",
        default=None,
        description="The variable that takes the answer: of a choice its title, of yes or no true or false.",
        json_schema_extra={"ui": "variable"},
    )
    save_field: FieldKey | None = Field(
        title="Contact field",
        default=None,
        description="The contact field that takes the answer.",
        json_schema_extra={"ui": "field", "advanced": True},
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

    @property
    def options(self) -> tuple[ButtonConfig, ...]:
        """What can be chosen; none where the answer is written."""
        if self.answer == "yes_no":
            return (ButtonConfig(id=YES, title=self.yes), ButtonConfig(id=NO, title=self.no))
        return self.choices if self.answer == "choice" else ()

    @property
    def left_to_us(self) -> tuple[str, ...]:
        """The ids of what can be chosen whose words the author left to PostDog."""
        return tuple(id for id in (YES, NO) if id not in self.model_fields_set) if self.answer == "yes_no" else ()

    @property
    def message(self) -> SendMessageConfig:
        """The question as a message: with buttons, or with a list where there are too many for buttons."""
        options = self.options
        if len(options) <= MAX_BUTTONS:
            return SendMessageConfig(text=self.text, buttons=options)
        rows = tuple(RowConfig(id=each.id, title=each.title) for each in options)
        return SendMessageConfig(text=self.text, list=ListConfig(sections=(SectionConfig(rows=rows),)))

    @property
    def expect(self) -> Expect:
        """How a written answer is read."""
        if self.answer == "rating":
            return Expect(kind="number", min=1, max=self.scale, integer=True)
        return Expect(
            kind=READ_AS[self.answer],
            min=self.min,
            max=self.max,
            integer=self.integer,
            pattern=self.pattern,
            earliest=_day(self.earliest),
            latest=_day(self.latest),
            media=self.media,
        )
