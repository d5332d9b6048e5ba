"""Content as browsers get it, and content of what they sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from channels.webchat.frame import BadFrame, ChoiceSent, LocationSent, MediaSent, TextSent
from schemas.content import (
    Buttons,
    Choice,
    Content,
    Location,
    Media,
    MediaKind,
    Menu,
    TemplateMessage,
    Text,
    dump_content,
)
from schemas.public_id import InvalidId, public_id, read_id


class File(Protocol):
    """A file of ours as a browser gets it: its address, media type and name."""

    @property
    def url(self) -> str: ...
    @property
    def mime(self) -> str: ...
    @property
    def name(self) -> str: ...


Files = Mapping[str, File]
"""Our files by their public ids, as far as they still exist."""

FAMILIES: tuple[MediaKind, ...] = ("image", "video", "audio")


def show(content: Content, files: Files) -> dict[str, Any]:
    """The content on the wire. Kinds that no browser of ours can show are named `unsupported`.

    >>> show(Text("<b>Hi</b>"), {})
    {'kind': 'text', 'text': '<b>Hi</b>'}
    """
    match content:
        case Text() | Menu() | Location():
            return dump_content(content)
        case Media():
            return _media(content, files)
        case Buttons(header_media=header):
            shown = {key: value for key, value in dump_content(content).items() if key != "header_media"}
            return shown if header is None else shown | {"header_media": _media(header, files)}
        case TemplateMessage(text=text):
            return {"kind": "template", "text": text}
        case Choice(button=button, title=title, message=message):
            return {"kind": "choice", "button": button, "title": title, "message": _public(message)}
        case _:
            return {"kind": "unsupported"}


def take(sent: TextSent | ChoiceSent | LocationSent) -> Content:
    """The content of what a visitor sent. Raises BadFrame for a tapped message that can't be."""
    match sent:
        case TextSent(text=text):
            return Text(text)
        case ChoiceSent():
            return Choice(sent.button, sent.title, _ours(sent.message))
        case LocationSent():
            return Location(sent.latitude, sent.longitude, sent.name, sent.address)


def take_media(sent: MediaSent, media: str, mime: str, filename: str) -> Media:
    """The content of a file that a visitor sent. Its type decides over what the browser calls it.

    >>> take_media(MediaSent(kind="image", media="r"), "med_1", "application/pdf", "a.pdf").kind
    'document'
    """
    family = mime.split("/")[0]
    fits = sent.kind == "document" or sent.kind == family
    kind: MediaKind = sent.kind if fits else next((each for each in FAMILIES if each == family), "document")
    return Media(kind, media=media, mime=mime, filename=filename, caption=sent.caption)


def _media(media: Media, files: Files) -> dict[str, Any]:
    file = files.get(media.media)
    shown = {
        "kind": "image" if media.kind == "sticker" else media.kind,
        "url": media.url or (file.url if file else ""),
        "mime": media.mime or (file.mime if file else ""),
        "name": media.filename or (file.name if file else ""),
        "caption": media.caption,
    }
    return {key: value for key, value in shown.items() if value}


def _ours(message: str) -> str:
    try:
        return str(read_id("msg", message)) if message else ""
    except InvalidId as error:
        raise BadFrame("The message that was tapped doesn't exist. Load the page again.") from error


def _public(message: str) -> str:
    try:
        return public_id("msg", int(message))
    except ValueError:  # not one of ours
        return ""
