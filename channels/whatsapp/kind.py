"""WhatsApp as a kind of channel."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from channels.parsed import Parsed
from channels.protocol import ChannelRef, ChannelType, Services
from channels.whatsapp.channel import WhatsAppChannel
from channels.whatsapp.client import GraphClient
from channels.whatsapp.config import WhatsAppConfig
from channels.whatsapp.hook import handshake, verify
from channels.whatsapp.limits import CAPABILITIES
from channels.whatsapp.parse import parse
from channels.whatsapp.upload import Files


class WhatsAppType(ChannelType[WhatsAppConfig]):
    """Meta's WhatsApp Cloud API, spoken directly."""

    kind = "whatsapp"
    label = "WhatsApp"
    Config = WhatsAppConfig
    capabilities = CAPABILITIES
    identities = ("whatsapp", "bsuid", "phone")

    def build(self, channel: ChannelRef, config: WhatsAppConfig, services: Services) -> WhatsAppChannel:
        """The connected number."""
        client = GraphClient(config, services.session)
        return WhatsAppChannel(channel, client, services, Files(channel, services, client))

    def address(self, config: WhatsAppConfig) -> str:
        """Meta's id of the phone number, which stands in each webhook."""
        return config.phone_number_id

    def handshake(self, query: Mapping[str, str], config: WhatsAppConfig) -> str | None:
        """See `channels.whatsapp.hook`."""
        return handshake(query, config)

    def verify(self, headers: Mapping[str, str], body: bytes, config: WhatsAppConfig) -> None:
        """See `channels.whatsapp.hook`."""
        verify(headers, body, config)

    def parse(self, body: bytes, channel: ChannelRef, now: datetime) -> Parsed:
        """See `channels.whatsapp.parse`."""
        return parse(body, channel, now)


WHATSAPP = WhatsAppType()
