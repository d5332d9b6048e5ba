"""What a message says, as the API takes it (`type` names the kind) and shows it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from api.http.model import IdOf, Input
from schemas.content import (
    Button,
    Buttons,
    Content,
    Location,
    Media,
    Menu,
    Row,
    Section,
    TemplateMessage,
    Text,
)
from schemas.public_id import public_id

Said = Annotated[str, Field(min_length=1, max_length=10_000, examples=["Hello world!"])]
Short = Annotated[str, Field(max_length=1_024)]
Url = Annotated[str, Field(pattern=r"^https?://[^\s]+$", max_length=2_000, examples=["https://example.com/menu.pdf"])]
MediaId = Annotated[int, IdOf("med")]
Parameter = Annotated[str, Field(min_length=1, max_length=1_024)]


class TextContent(Input):
    """Plain text."""

    type: Literal["text"]
    text: Said

    def content(self) -> Content:
        """As the engine has it."""
        return Text(self.text)


class MediaContent(Input):
    """A file, from our media store or from an address; exactly one of the two."""

    type: Literal["image", "video", "audio", "document", "sticker"]
    media_id: MediaId | None = None
    url: Url | None = None
    caption: Short = ""
    filename: Annotated[str, Field(max_length=240)] = ""

    @model_validator(mode="after")
    def _one_place(self) -> MediaContent:
        if (self.media_id is None) == (self.url is None):
            raise PydanticCustomError("one_place", "Send either media_id or url.")
        return self

    def content(self) -> Media:
        """As the engine has it."""
        media = public_id("med", self.media_id) if self.media_id else ""
        return Media(self.type, url=self.url or "", media=media, caption=self.caption, filename=self.filename)


class ButtonInput(Input):
    """A button; its id comes back when it is tapped."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    title: Annotated[str, Field(min_length=1, max_length=20)]


class ButtonsContent(Input):
    """Text with up to three buttons."""

    type: Literal["buttons"]
    text: Annotated[str, Field(min_length=1, max_length=1_024)]
    buttons: Annotated[tuple[ButtonInput, ...], Field(min_length=1, max_length=3)]
    header: Annotated[str, Field(max_length=60)] = ""
    footer: Annotated[str, Field(max_length=60)] = ""

    def content(self) -> Content:
        """As the engine has it."""
        buttons = tuple(Button(each.id, each.title) for each in self.buttons)
        return Buttons(self.text, buttons, header=self.header, footer=self.footer)


class RowInput(Input):
    """A row of a list; its id comes back when it is chosen."""

    id: Annotated[str, Field(min_length=1, max_length=200)]
    title: Annotated[str, Field(min_length=1, max_length=24)]
    description: Annotated[str, Field(max_length=72)] = ""


class SectionInput(Input):
    """Some rows under a title."""

    title: Annotated[str, Field(max_length=24)] = ""
    rows: Annotated[tuple[RowInput, ...], Field(min_length=1, max_length=10)]


class ListContent(Input):
    """Text with a list that opens: up to ten rows."""

    type: Literal["list"]
    text: Annotated[str, Field(min_length=1, max_length=1_024)]
    button: Annotated[str, Field(min_length=1, max_length=20, description="What opens the list.")]
    sections: Annotated[tuple[SectionInput, ...], Field(min_length=1, max_length=10)]
    header: Annotated[str, Field(max_length=60)] = ""
    footer: Annotated[str, Field(max_length=60)] = ""

    @model_validator(mode="after")
    def _few_rows(self) -> ListContent:
        if sum(len(section.rows) for section in self.sections) > 10:
            raise PydanticCustomError("too_many_rows", "A list has at most ten rows in all.")
        return self

    def content(self) -> Content:
        """As the engine has it."""
        sections = tuple(
            Section(tuple(Row(row.id, row.title, row.description) for row in section.rows), section.title)
            for section in self.sections
        )
        return Menu(self.text, self.button, sections, header=self.header, footer=self.footer)


class LocationContent(Input):
    """A point on the map, in degrees."""

    type: Literal["location"]
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    name: Short = ""
    address: Short = ""

    def content(self) -> Content:
        """As the engine has it."""
        return Location(self.latitude, self.longitude, self.name, self.address)


class TemplateContent(Input):
    """An approved WhatsApp template. `parameters` fill {{1}}, {{2}}, … in order, `named` parameters with names."""

    type: Literal["template"]
    name: Annotated[str, Field(min_length=1, max_length=512, examples=["order_confirmation"])]
    language: Annotated[str, Field(min_length=2, max_length=15, examples=["en"])]
    parameters: Annotated[tuple[Parameter, ...], Field(max_length=50)] = ()
    named: Annotated[dict[str, Parameter], Field(max_length=50)] = Field(default_factory=dict)
    header: Annotated[tuple[Parameter, ...], Field(max_length=1)] = ()
    header_media: MediaContent | None = None
    buttons: Annotated[
        dict[str, Parameter], Field(max_length=10, description="The parameter of a button by its place, from 0.")
    ] = Field(default_factory=dict)

    def content(self) -> Content:
        """As the engine has it; the text is filled in from the template."""
        return TemplateMessage(
            self.name,
            self.language,
            self.parameters,
            dict(self.named),
            self.header,
            self.header_media.content() if self.header_media else None,
            dict(self.buttons),
        )


ContentInput = Annotated[
    TextContent | MediaContent | ButtonsContent | ListContent | LocationContent | TemplateContent,
    Field(discriminator="type", description="The message."),
]


NAMES = {"kind": "type", "media": "media_id"}


def shown_content(data: dict[str, Any]) -> dict[str, Any]:
    """Stored content as the API shows it: `type` for its kind, `media_id` for the file.

    >>> shown_content({"kind": "text", "text": "Hi"})
    {'type': 'text', 'text': 'Hi'}
    """
    shown: dict[str, Any] = _shown(data)
    return shown


def _shown(value: Any) -> Any:
    """The value with the API's names, without empty parts and what only the provider understands."""
    if isinstance(value, list | tuple):
        return [_shown(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {NAMES.get(key, key): _shown(inner) for key, inner in value.items() if key != "raw" and inner not in ("", None)}
