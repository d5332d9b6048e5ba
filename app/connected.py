"""The connected channels: each built once from its row, and anew when its settings change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlmodel import Session, select

from api.services import Store
from channels.protocol import ChannelRef, ChannelType, Checkable, Health, Services
from crm.channels import secrets_of
from engine.runtime.protocol import Channel
from storage.secret import SecretBox
from storage.table import ChannelRow


class ConnectedChannels:
    """Gives the channel behind an id. Kept until `changed`."""

    def __init__(
        self, store: Store, kinds: Mapping[str, ChannelType[Any]], box: SecretBox, services: Services
    ) -> None:
        self._store = store
        self._kinds = kinds
        self._box = box
        self._services = services
        self._channels: dict[int, Channel] = {}

    async def get(self, channel: int) -> Channel | None:
        """The channel; None if it was removed, is switched off, or no installed kind knows it."""
        known = self._channels.get(channel)
        if known is None:
            found = await self._store.read(lambda session: self._load(session, channel))
            if found is None:
                return None
            kind, reference, config = found
            known = self._channels[channel] = kind.build(reference, config, self._services)
        return known

    async def health(self, channel: int) -> Health | None:
        """What the provider says of a channel; None where it is off, or its kind can't ask."""
        found = await self.get(channel)
        if isinstance(found, Checkable):
            return await found.check()
        return None

    def replace(self, channel: int, by: Channel) -> None:
        """Put another channel in its place, for measurements."""
        self._channels[channel] = by

    async def changed(self, channel: int) -> None:
        """Its settings changed: the next use connects it anew."""
        self._channels.pop(channel, None)

    def _load(self, session: Session, channel: int) -> tuple[ChannelType[Any], ChannelRef, Any] | None:
        row = session.get(ChannelRow, channel)
        if row is None or row.status == "off" or row.kind not in self._kinds:
            return None
        kind = self._kinds[row.kind]
        config = kind.Config.model_validate({**row.config, **secrets_of(row, self._box)})
        siblings = session.exec(
            select(ChannelRow).where(ChannelRow.tenant == row.tenant, ChannelRow.kind == row.kind)
        )
        addresses = {each.address: each.id for each in siblings if each.address}
        return kind, ChannelRef(row.tenant, row.id, kind.address(config), addresses), config
