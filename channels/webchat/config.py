"""The settings of a web-chat channel."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from channels.webchat.origin import read_origin

MEGABYTE = 1024 * 1024
MOST_UPLOAD = 100 * MEGABYTE
"""A file passes through memory, so larger ones would let visitors fill it."""


class WebchatConfig(BaseModel):
    """How the chat looks, who may embed it, and how large a visitor's file may be. Nothing here is secret."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field("", title="Name", description="At the top of the chat; empty shows the channel's name.", max_length=60)
    greeting: str = Field(
        "", title="Greeting", description="Shown before the first message; empty shows a short one.", max_length=500
    )
    colour: str = Field("#3457d5", title="Colour", description="Of buttons and bubbles.", pattern=r"^#([0-9a-fA-F]{3}){1,2}$")
    logo_url: str | None = Field(
        None, title="Logo", description="The https address of a square picture.", pattern=r"^https://[^\s]+$", max_length=2000
    )
    placeholder: str = Field("", title="Placeholder", description="In the empty input field.", max_length=80)
    locale: str = Field(
        "",
        title="Language",
        description="Such as en-GB; empty follows the visitor's browser.",
        pattern=r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$",
        max_length=35,
    )
    allowed_origins: tuple[Annotated[str, AfterValidator(read_origin)], ...] = Field(
        (),
        title="Allowed sites",
        description="Sites that may embed the chat, such as https://shop.example; * allows every site. "
        "The chat's own page always works.",
        max_length=50,
    )
    max_upload_bytes: int = Field(
        10 * MEGABYTE, title="Largest file", description="In bytes; 0 takes no files.", ge=0, le=MOST_UPLOAD
    )
    powered_by: bool = Field(True, title="Show “Powered by PostDog”")
