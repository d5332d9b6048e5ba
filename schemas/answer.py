"""What a reply is expected to be."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

AnswerKind = Literal["any", "text", "number", "date", "email", "phone", "media", "location"]
MediaKind = Literal["image", "video", "audio", "document", "sticker"]

Bound = Annotated[float, Field(allow_inf_nan=False)]


class Expect(BaseModel):
    """The kind of reply that is asked for, and its bounds; bounds of other kinds are ignored.

    >>> Expect.model_validate({"kind": "number", "min": 1, "max": 10, "integer": True}).max
    10.0
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: AnswerKind = Field(
        title="Must be",
        default="any",
        description="What the reply must be.",
        json_schema_extra={
            "labels": {
                "any": "Anything",
                "text": "A text",
                "number": "A number",
                "date": "A date",
                "email": "An e-mail address",
                "phone": "A phone number",
                "media": "A picture or file",
                "location": "A place on the map",
            }
        },
    )
    min: Bound | None = Field(
        title="At least",
        default=None,
        description="Number: the smallest that is accepted.",
        examples=[1],
        json_schema_extra={"show_if": {"kind": ["number"]}},
    )
    max: Bound | None = Field(
        title="At most",
        default=None,
        description="Number: the largest that is accepted.",
        examples=[10],
        json_schema_extra={"show_if": {"kind": ["number"]}},
    )
    integer: bool = Field(
        title="Only whole numbers",
        default=False,
        description="Number: only whole numbers.",
        json_schema_extra={"show_if": {"kind": ["number"]}},
    )
    min_length: int | None = Field(
        title="Characters, at least",
        default=None,
        ge=1,
        le=10_000,
        description="Text: the fewest characters.",
        json_schema_extra={"show_if": {"kind": ["text"]}, "advanced": True},
    )
    max_length: int | None = Field(
        title="Characters, at most",
        default=None,
        ge=1,
        le=10_000,
        description="Text: the most characters.",
        json_schema_extra={"show_if": {"kind": ["text"]}, "advanced": True},
    )
    pattern: str | None = Field(
        default=None, max_length=1_000, description="Text: a regular expression (RE2) that it must match.",
        examples=["^[A-Z]{2}[0-9]{6}$"], json_schema_extra={"show_if": {"kind": ["text"]}, "advanced": True})  # fmt: skip
    media: tuple[MediaKind, ...] = Field(
        title="Kinds of files",
        default=(),
        max_length=5,
        description="Media: the kinds that are accepted; none means all.",
        json_schema_extra={"show_if": {"kind": ["media"]}},
    )
    earliest: date | Literal["today"] | None = Field(
        default=None,
        description="Date: the first that is accepted.",
        examples=["today", "2026-01-01"],
        json_schema_extra={"show_if": {"kind": ["date"]}},
    )
    latest: date | Literal["today"] | None = Field(
        default=None,
        description="Date: the last that is accepted.",
        examples=["2026-12-31"],
        json_schema_extra={"show_if": {"kind": ["date"]}},
    )
