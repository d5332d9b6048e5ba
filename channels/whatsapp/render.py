"""Content as the JSON that Meta's `POST /messages` takes. Pure. Files are already uploaded: `uploads` gives their ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from channels.whatsapp.identity import address
from engine.runtime.protocol import Outgoing
from schemas.content import (
    Buttons,
    Cards,
    Content,
    Location,
    Media,
    Menu,
    Reaction,
    Section,
    TemplateMessage,
    Text,
)

JSON = dict[str, Any]
Uploads = Mapping[str, str]
"""Our media id or an author's address -> Meta's id of the file."""

CAPTIONED = frozenset({"image", "video", "document"})


def render(outgoing: Outgoing, uploads: Uploads) -> JSON | None:
    """The whole request; None if WhatsApp can't show such content, or nobody is named to whom it could go.

    Our message's id goes as `biz_opaque_callback_data` and comes back in each status ("Messages reference", at most 512
    characters), so that a status finds its message also when the answer to the send was lost.
    """
    receiver = address(outgoing.to)
    part = body_of(outgoing.content, uploads, f"~{outgoing.message}")
    if part is None or not receiver:
        return None
    kind = next(iter(part))
    request: JSON = {"messaging_product": "whatsapp", "recipient_type": "individual", **receiver, "type": kind, **part}
    if outgoing.reply_to and kind != "reaction":
        request["context"] = {"message_id": outgoing.reply_to}
    return {**request, "biz_opaque_callback_data": str(outgoing.message)}


def body_of(content: Content, uploads: Uploads, carrier: str = "") -> JSON | None:
    """The part of a request that says what it says, under the name of its type.

    `carrier` (`~` and our id of the message) goes behind the id of each button and row, so that a tap tells which message
    carried it, also when Meta's own id of that message isn't known to us yet; see `channels.whatsapp.content`.

    >>> body_of(Text("Hi"), {})
    {'text': {'body': 'Hi', 'preview_url': False}}
    """
    match content:
        case Text(text=text):
            return {"text": {"body": text, "preview_url": "https://" in text or "http://" in text}}
        case Media():
            return {content.kind: _media(content, uploads)}
        case Buttons():
            taps = [{"type": "reply", "reply": {"id": item.id + carrier, "title": item.title}} for item in content.buttons]
            header = _media_header(content.header_media, uploads) or _text_header(content.header)
            return {"interactive": _interactive("button", header, content.text, content.footer, {"buttons": taps})}
        case Menu():
            action = {"button": content.button, "sections": [_section(item, carrier) for item in content.sections]}
            return {"interactive": _interactive("list", _text_header(content.header), content.text, content.footer, action)}
        case Location():
            named = {"name": content.name, "address": content.address}
            point = {"latitude": content.latitude, "longitude": content.longitude}
            return {"location": {**point, **{key: value for key, value in named.items() if value}}}
        case TemplateMessage():
            return {"template": _template(content, uploads)}
        case Reaction(emoji=emoji, message=message):
            return {"reaction": {"message_id": message, "emoji": emoji}}
        case Cards(cards=cards):
            return {"contacts": [dict(card) for card in cards]}
        case _:
            return None


def files_of(content: Content) -> tuple[Media, ...]:
    """The files in content that must be uploaded first."""
    match content:
        case Media():
            return (content,)
        case Buttons(header_media=Media() as header) | TemplateMessage(header_media=Media() as header):
            return (header,)
        case _:
            return ()


def _media(media: Media, uploads: Uploads) -> JSON:
    file = _file(media, uploads)
    if media.caption and media.kind in CAPTIONED:
        file["caption"] = media.caption
    if media.voice and media.kind == "audio":
        file["voice"] = True
    return file


def _file(media: Media, uploads: Uploads) -> JSON:
    """By Meta's id wherever there is one: Meta limits how often it fetches links, and follows no redirect."""
    known = uploads.get(media.media or media.url) or media.provider_id
    file = {"id": known} if known else {"link": media.url}
    if media.filename and media.kind == "document":
        file["filename"] = media.filename
    return file


def _text_header(text: str) -> JSON | None:
    return {"type": "text", "text": text} if text else None


def _media_header(media: Media | None, uploads: Uploads) -> JSON | None:
    return {"type": media.kind, media.kind: _file(media, uploads)} if media else None


def _interactive(kind: str, header: JSON | None, text: str, footer: str, action: JSON) -> JSON:
    parts: JSON = {"type": kind, "body": {"text": text}, "action": action}
    if header:
        parts["header"] = header
    if footer:
        parts["footer"] = {"text": footer}
    return parts


def _section(section: Section, carrier: str) -> JSON:
    rows: list[JSON] = [{"id": row.id + carrier, "title": row.title} for row in section.rows]
    for written, row in zip(rows, section.rows, strict=True):
        if row.description:
            written["description"] = row.description
    return {"title": section.title, "rows": rows} if section.title else {"rows": rows}


def _template(template: TemplateMessage, uploads: Uploads) -> JSON:
    header = _media_header(template.header_media, uploads)
    parts: list[JSON] = []
    if header:
        parts.append({"type": "header", "parameters": [header]})
    elif template.header:
        parts.append({"type": "header", "parameters": _texts(template.header)})
    if template.named:
        named = [{"type": "text", "text": value, "parameter_name": name} for name, value in template.named.items()]
        parts.append({"type": "body", "parameters": named})
    elif template.body:
        parts.append({"type": "body", "parameters": _texts(template.body)})
    parts.extend(_template_button(key, value) for key, value in sorted(template.buttons.items()))
    body: JSON = {"name": template.name, "language": {"code": template.language}}
    return {**body, "components": parts} if parts else body


def _texts(values: Sequence[str]) -> list[JSON]:
    return [{"type": "text", "text": value} for value in values]


def _template_button(key: str, value: str) -> JSON:
    """A button's parameter. The key is its index, with its kind behind a colon where it isn't an address' ending.

    >>> _template_button("1:quick_reply", "yes")["parameters"]
    [{'type': 'payload', 'payload': 'yes'}]
    """
    index, _, kind = key.partition(":")
    named = {"quick_reply": "payload", "copy_code": "coupon_code"}.get(kind, "text")
    parameters = [{"type": named, named: value}]
    position: int | str = int(index) if index.isdigit() else index
    return {"type": "button", "sub_type": kind or "url", "index": position, "parameters": parameters}
