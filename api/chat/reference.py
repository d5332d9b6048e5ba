"""References to uploaded files that only their own visitor can use: everybody else's file would be a guess away."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

import orjson

from channels.webchat.frame import BadFrame
from crm.webchat import Chat
from storage.secret import SecretBox, UnreadableSecret


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that a visitor uploaded: its public id, media type and name."""

    media: str
    mime: str
    name: str


def write_reference(box: SecretBox, chat: Chat, visitor: str, upload: Upload) -> str:
    """The upload as a text that means nothing to others. It doesn't expire: a page may send it days later."""
    sealed = box.seal(orjson.dumps(upload), tenant=chat.tenant, owner=_owner(chat, visitor))
    return base64.urlsafe_b64encode(sealed).decode()


def read_reference(box: SecretBox, chat: Chat, visitor: str, reference: str) -> Upload:
    """The upload behind a reference. Raises BadFrame for another visitor's, and for anything else."""
    try:
        sealed = base64.urlsafe_b64decode(reference)
        return Upload(**orjson.loads(box.open(sealed, tenant=chat.tenant, owner=_owner(chat, visitor))))
    except (UnreadableSecret, binascii.Error, ValueError) as error:
        raise BadFrame("This file is not here any more. Attach it again.") from error


def _owner(chat: Chat, visitor: str) -> str:
    return f"webchat:{chat.channel}:{visitor}"
