"""What a message says: one small class per kind, the same for what goes out and what comes in.

JSON form: `{"kind": "text", "text": "Hi"}`. Untrusted JSON goes through `read_content`, which validates; our own stored JSON
goes through `load_content`, which only rebuilds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, field
from typing import Annotated, Any, ClassVar, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from schemas.value import maker, value

MediaKind = Literal["image", "video", "audio", "document", "sticker"]
_STRICT = ConfigDict(extra="forbid")


@value(frozen=True, slots=True)
class Text:
    """Plain text."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    text: str
    kind: Literal["text"] = "text"


@value(frozen=True, slots=True)
class Media:
    """An image, video, audio, document or sticker.

    Exactly one of `media` (a public id in our own media store, `med_…`), `url` (https, fetched by the sender) or
    `provider_id` (the provider's own media id, inbound before it is fetched) says where the bytes are.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    kind: MediaKind
    url: str = ""
    media: str = ""
    caption: str = ""
    filename: str = ""
    mime: str = ""
    provider_id: str = ""
    voice: bool = False


@value(frozen=True, slots=True)
class Button:
    """One button: its id is the port that it leads to."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    id: str
    title: str


@value(frozen=True, slots=True)
class Row:
    """One row of a list: its id is the port that it leads to."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    id: str
    title: str
    description: str = ""


@value(frozen=True, slots=True)
class Section:
    """Some rows of a list under a title."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    rows: tuple[Row, ...]
    title: str = ""


@value(frozen=True, slots=True)
class Buttons:
    """Text with buttons to tap, and optionally a header, which is text or media."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    text: str
    buttons: tuple[Button, ...]
    header: str = ""
    header_media: Media | None = None
    footer: str = ""
    kind: Literal["buttons"] = "buttons"


@value(frozen=True, slots=True)
class Menu:
    """Text with a list that opens: `button` is the text on the control that opens it."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    text: str
    button: str
    sections: tuple[Section, ...]
    header: str = ""
    footer: str = ""
    kind: Literal["list"] = "list"


@value(frozen=True, slots=True)
class Location:
    """A point on the map, in degrees."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""
    kind: Literal["location"] = "location"


@value(frozen=True, slots=True)
class TemplateMessage:
    """A WhatsApp template by name and language, with its parameters filled.

    `body` and `header` are the values of {{1}}, {{2}}, … in order; `named` holds values of named parameters; `buttons` is the
    parameter of each button that takes one, by index; `text` is the filled body for people who read the thread.
    """

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    name: str
    language: str
    body: tuple[str, ...] = ()
    named: Mapping[str, str] = field(default_factory=dict)
    header: tuple[str, ...] = ()
    header_media: Media | None = None
    buttons: Mapping[str, str] = field(default_factory=dict)
    text: str = ""
    kind: Literal["template"] = "template"


@value(frozen=True, slots=True)
class Choice:
    """Inbound: a tap on a button or a row. `message` is the provider's id of the message that carried it, if known."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    button: str
    title: str
    message: str = ""
    kind: Literal["choice"] = "choice"


@value(frozen=True, slots=True)
class Reaction:
    """Inbound: an emoji on a message; an empty emoji takes it away. Answers nothing."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    emoji: str
    message: str
    kind: Literal["reaction"] = "reaction"


@value(frozen=True, slots=True)
class Cards:
    """Inbound: shared contact cards, as the provider gave them."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    cards: tuple[Mapping[str, Any], ...]
    kind: Literal["contacts"] = "contacts"


@value(frozen=True, slots=True)
class Unsupported:
    """Inbound: something that we can't show (an order, a system notice, a type unknown to us); the raw payload is kept."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT
    type: str
    raw: Mapping[str, Any]
    kind: Literal["unsupported"] = "unsupported"


Content = Text | Media | Buttons | Menu | Location | TemplateMessage | Choice | Reaction | Cards | Unsupported
_adapter: TypeAdapter[Content] = TypeAdapter(Annotated[Content, Field(discriminator="kind")])

_text = maker(Text)

MEDIA_KINDS: tuple[MediaKind, ...] = ("image", "video", "audio", "document", "sticker")


def read_content(data: object) -> Content:
    """Content from untrusted JSON. Raises pydantic.ValidationError."""
    return _adapter.validate_python(data)


def dump_content(content: Content) -> dict[str, Any]:
    """The JSON form of content, without empty parts.

    >>> dump_content(Text("Hi"))
    {'kind': 'text', 'text': 'Hi'}
    """
    if type(content) is Text:
        return {"kind": "text", "text": content.text}
    data = asdict(content)
    return {"kind": content.kind} | {
        key: value for key, value in data.items() if key != "kind" and value not in ("", None, (), {}, False)
    }


def load_content(data: Mapping[str, Any]) -> Content:
    """Content from JSON that `dump_content` made.

    >>> load_content({"kind": "buttons", "text": "Ok?", "buttons": [{"id": "y", "title": "Yes"}]}).buttons[0].title
    'Yes'
    """
    match data["kind"]:
        case "text":
            return _text(data["text"])
        case "choice":
            return Choice(data["button"], data["title"], data.get("message", ""))
        case "image" | "video" | "audio" | "document" | "sticker":
            return Media(**data)
        case "location":
            return Location(**data)
        case "buttons":
            rest = {**data, "buttons": tuple(Button(**b) for b in data["buttons"])}
            if rest.get("header_media"):
                rest["header_media"] = Media(**rest["header_media"])
            return Buttons(**rest)
        case "list":
            sections = tuple(
                Section(tuple(Row(**row) for row in part["rows"]), part.get("title", "")) for part in data["sections"]
            )
            return Menu(**{**data, "sections": sections})
        case "template":
            rest = {**data, "body": tuple(data.get("body", ())), "header": tuple(data.get("header", ()))}
            if rest.get("header_media"):
                rest["header_media"] = Media(**rest["header_media"])
            return TemplateMessage(**rest)
        case "reaction":
            return Reaction(data.get("emoji", ""), data["message"])
        case "contacts":
            return Cards(tuple(data["cards"]))
        case _:
            return Unsupported(data.get("type", data["kind"]), data.get("raw", {}))


def text_of(content: Content) -> str:
    """What the content says as plain text: for keywords, rules, the thread's preview; "" where it says nothing."""
    match content:
        case Text(text=text) | Buttons(text=text) | Menu(text=text) | TemplateMessage(text=text):
            return text
        case Choice(title=title):
            return title
        case Media(caption=caption):
            return caption
        case Location(name=name, address=address):
            return name or address
        case _:
            return ""
