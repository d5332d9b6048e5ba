"""Checks of what the API wants to send: files and templates that exist, texts that fit the channel."""

from __future__ import annotations

import re
from dataclasses import replace

from sqlmodel import Session, col, select

from crm.own import own
from schemas.capability import Capabilities
from schemas.content import Buttons, Content, Media, Menu, TemplateMessage, Text
from schemas.error import Conflict, Invalid, NotFound
from schemas.public_id import read_id
from storage.table import ChannelRow, MediaRow, TemplateRow

PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


class TextTooLong(Invalid):
    """This text is too long for the channel."""

    code = "text_too_long"


class TemplateNotApproved(Conflict):
    """This template is not approved. Wait for the approval, or choose another."""

    code = "template_not_approved"


class WrongParameters(Invalid):
    """The template takes other parameters."""

    code = "template_parameters"


def check_outgoing(session: Session, tenant: int, channel: ChannelRow, content: Content, capabilities: Capabilities) -> Content:
    """The content, a template's text filled for people who read the thread.

    Raises NotFound for a file or template that the tenant doesn't have, TemplateNotApproved, WrongParameters, TextTooLong.
    """
    match content:
        case Text(text=text):
            _fits(text, capabilities.text)
        case Buttons(text=text, header_media=media):
            _fits(text, capabilities.interactive_text)
            _exists(session, tenant, media)
        case Menu(text=text):
            _fits(text, capabilities.interactive_text)
        case Media():
            _fits(content.caption, capabilities.caption)
            _exists(session, tenant, content)
        case TemplateMessage():
            _exists(session, tenant, content.header_media)
            return _filled(session, tenant, channel, content)
        case _:
            pass
    return content


def _fits(text: str, limit: int) -> None:
    if len(text) > limit:
        raise TextTooLong(f"The text has {len(text):,} characters; this channel takes at most {limit:,}. Shorten it.")


def _exists(session: Session, tenant: int, media: Media | None) -> None:
    if media is not None and media.media:
        own(session, MediaRow, tenant, read_id("med", media.media), "media file")


def _filled(session: Session, tenant: int, channel: ChannelRow, message: TemplateMessage) -> TemplateMessage:
    wanted = select(TemplateRow).where(
        TemplateRow.tenant == tenant,
        TemplateRow.name == message.name,
        TemplateRow.language == message.language,
        col(TemplateRow.channel).in_((0, channel.id)),
    )
    row = session.exec(wanted.order_by(col(TemplateRow.channel).desc())).first()
    if row is None:
        raise NotFound(f"There is no template “{message.name}” in {message.language} for this channel.")
    if row.status != "approved":
        raise TemplateNotApproved(f"The template “{row.name}” is {row.status}. Wait for the approval, or choose another.")
    names = row.parameters
    given = {str(place): value for place, value in enumerate(message.body, 1)} | dict(message.named)
    if set(names) != set(given):
        listed = ", ".join("{{" + name + "}}" for name in names) or "none"
        raise WrongParameters(f"The template “{row.name}” takes these parameters: {listed}. Send a value for each of them.")
    return replace(message, text=PLACEHOLDER.sub(lambda found: given[found[1]], row.body))
