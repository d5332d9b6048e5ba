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

    kind: AnswerKind = Field(default="any", description="What the reply must be.")
    min: Bound | None = Field(default=None, description="Number: the smallest that is accepted.", examples=[1])
    max: Bound | None = Field(default=None, description="Number: the largest that is accepted.", examples=[10])
    integer: bool = Field(default=False, description="Number: only whole numbers.")
    min_length: int | None = Field(default=None, ge=1, le=10_000, description="Text: the fewest characters.")
    max_length: int | None = Field(default=None, ge=1, le=10_000, description="Text: the most characters.")
    pattern: str | None = Field(
        default=None, max_length=1_000, description="Text: a regular expression (RE2) that it must match.",
        examples=["^[A-Z]{2}[0-9]{6}$"],
    )  # fmt: skip
    media: tuple[MediaKind, ...] = Field(
        default=(), max_length=5, description="Media: the kinds that are accepted; none means all."
    )
    earliest: date | Literal["today"] | None = Field(
        default=None, description="Date: the first that is accepted.", examples=["today", "2026-01-01"]
    )
    latest: date | Literal["today"] | None = Field(
        default=None, description="Date: the last that is accepted.", examples=["2026-12-31"]
    )
