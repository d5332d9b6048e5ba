"""Web chat as a kind of channel."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from channels.protocol import ChannelRef, ChannelType, Services
from channels.webchat.config import WebchatConfig
from engine.runtime.protocol import Accepted, Lost, Outgoing, Refused
from schemas.capability import Capabilities
from schemas.contact import Identity

KIND = "webchat"

CAPABILITIES = Capabilities(
    text=4096,
    caption=4096,
    buttons=10,
    button_title=60,
    rows=20,
    row_title=60,
    row_description=200,
    list_button=40,
    interactive_text=4096,
    header=200,
    footer=200,
    media=("image", "video", "audio", "document", "sticker"),
    location=True,
    templates=False,
    window=None,
    idempotent=True,
    identities=(KIND,),
)
"""Our own page has no provider's limits; these are what still reads well on a phone."""


def visitor_identity(channel: int, visitor: str) -> Identity:
    """The address of a visitor. Visitors of two channels are two people until somebody says otherwise.

    >>> visitor_identity(7, "vis_a1")
    Identity(kind='webchat', value='7:vis_a1')
    """
    return Identity(KIND, f"{channel}:{visitor}")


class WebchatChannel:
    """A chat on our own pages. Sending means to be accepted: the settled message is in the thread, which browsers follow."""

    capabilities = CAPABILITIES

    def __init__(self, channel: ChannelRef) -> None:
        self._mark = f"{channel.id}:"

    async def send(self, outgoing: Outgoing) -> Accepted | Refused | Lost:
        """Take the message. It is refused only where the contact has no browser on this channel."""
        if not any(each.kind == KIND and each.value.startswith(self._mark) for each in outgoing.to):
            return Refused("no_address", "The contact never wrote in this web chat, so there is no browser to show it.", "never")
        return Accepted(outgoing.key)

    async def call(self, kind: str, data: Mapping[str, Any]) -> None:
        """There is nobody to call."""


class WebchatType(ChannelType[WebchatConfig]):
    """A chat page and a widget that we serve ourselves; what visitors write comes through `api.chat`, not through webhooks."""

    kind = KIND
    label = "Web chat"
    Config = WebchatConfig
    capabilities = CAPABILITIES
    identities = (KIND,)

    def build(self, channel: ChannelRef, config: WebchatConfig, services: Services) -> WebchatChannel:
        """The connected chat."""
        return WebchatChannel(channel)


WEBCHAT = WebchatType()
