"""The open side of a channel kind: what a third party implements to connect another provider.

A package offers its kind under the entry point group `postdog.channels`; `channels.conformance` checks it.

    [project.entry-points."postdog.channels"]
    telegram = "postdog_telegram:TELEGRAM"
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar, runtime_checkable

import aiohttp
from pydantic import BaseModel

from channels.error import SignatureMissing
from channels.media import MediaStore
from channels.parsed import Parsed
from engine.runtime.protocol import Channel, Clock
from schemas.capability import Capabilities

ConfigT = TypeVar("ConfigT", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class ChannelRef:
    """Which connected channel this is.

    `address` is what the provider calls it (`ChannelType.address` of its settings). `siblings` are the tenant's other channels
    of this kind by their address, this one included: a provider may tell of several numbers at one webhook address. Without
    an `address` everything that comes is taken for this channel.
    """

    tenant: int
    id: int
    address: str = ""
    siblings: Mapping[str, int] = field(default_factory=dict)

    def named(self, address: str) -> int | None:
        """The channel that the provider calls so; None if the tenant has none."""
        if not address or not self.address or address == self.address:
            return self.id
        return self.siblings.get(address)


@dataclass(frozen=True, slots=True)
class Services:
    """What a channel gets to work with.

    `session` gives the shared session for the provider, `outside` the one for addresses that authors wrote, which reaches
    public addresses only (`channels.outside.public_session`). Both belong to the caller, who closes them; neither holds a
    token. Their connections should be dropped after at most 15 idle seconds: a request on a connection that the provider has
    just closed is ambiguous.
    """

    session: Callable[[], aiohttp.ClientSession]
    outside: Callable[[], aiohttp.ClientSession]
    clock: Clock
    media: MediaStore


@dataclass(frozen=True, slots=True)
class Health:
    """What the provider says of a channel. `problem` is "" when messages can be sent; else what to do next.

    `quality` is the provider's own word, such as GREEN; `limit` its limit of new conversations, such as TIER_1K.
    """

    name: str = ""
    address: str = ""
    quality: str = ""
    limit: str = ""
    status: str = ""
    problem: str = ""


@runtime_checkable
class Checkable(Protocol):
    """A channel that can ask its provider how it is, for the doctor and the settings page."""

    async def check(self) -> Health:
        """One request to the provider. Never raises for the provider's or the network's trouble."""
        ...


class ChannelType(ABC, Generic[ConfigT]):
    """One kind of channel. It has no state; all methods but `build` are pure.

    `kind` is the stable word in JSON and URLs, `label` the name for people. `Config` is the model of the settings, a frozen
    pydantic model with extra="forbid"; a secret field is marked with `channels.config.secret()`: it is stored encrypted, and
    the API never shows it again.
    """

    kind: str
    label: str
    Config: type[ConfigT]
    capabilities: Capabilities
    """What a channel of this kind can show; the checker and the simulator read it before one is connected."""
    identities: tuple[str, ...] = ()
    """The kinds of identity that its events may bring."""

    @abstractmethod
    def build(self, channel: ChannelRef, config: ConfigT, services: Services) -> Channel:
        """The connected channel. Opens nothing yet."""

    def address(self, config: ConfigT) -> str:
        """What the provider calls the channel with these settings; "" if it has one webhook address each."""
        return ""

    def handshake(self, query: Mapping[str, str], config: ConfigT) -> str | None:
        """The text to answer to the provider's GET by which it proves our address; None refuses it (403)."""
        return None

    def verify(self, headers: Mapping[str, str], body: bytes, config: ConfigT) -> None:
        """Check that the provider sent these raw bytes. Raises SignatureMissing (401) or SignatureWrong (403)."""
        raise SignatureMissing("This kind of channel takes no webhooks.")

    def parse(self, body: bytes, channel: ChannelRef, now: datetime) -> Parsed:
        """What a webhook says. Pure; never raises, whatever the bytes are; `now` stands in where a time is missing."""
        return Parsed()
