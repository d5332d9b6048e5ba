"""WhatsApp keeps what every kind of channel must keep, and the suite notices one that doesn't."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, SecretStr

from channels.config import join_config, secret, secret_fields, split_config
from channels.conformance import PURE_CHECKS, check_capabilities, check_junk, check_kind, check_parse, check_trouble
from channels.error import SignatureMissing, UnknownKind
from channels.parsed import Parsed
from channels.protocol import ChannelRef, ChannelType, Services
from channels.registry import channel_types
from channels.whatsapp.config import WhatsAppConfig
from channels.whatsapp.kind import WHATSAPP
from engine.runtime.protocol import Accepted, Outgoing, Refused
from schemas.capability import Capabilities
from schemas.contact import Identity
from schemas.content import Text
from schemas.event import MessageReceived, NewEvent
from tests.channels.whatsapp.sample import CHANNEL, CONFIG, EXAMPLES, NOW, TO, config, hook, message

BODIES = [json.dumps(example).encode() for example in EXAMPLES["hooks"].values()]
BODIES += [hook(message(), message(), message(id="wamid.2")), hook({"id": "w", "status": "read"}, key="statuses")]


@pytest.mark.parametrize("check", PURE_CHECKS)
def test_whatsapp_conforms(check: Any) -> None:
    check(WHATSAPP, CHANNEL, BODIES, NOW)


async def test_whatsapp_never_raises_without_a_network() -> None:
    await check_trouble(WHATSAPP, CHANNEL, config(), TO, NOW)


# --- a kind of somebody else's, good and bad -----------------------------------------------------------------------------------
class PigeonConfig(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    loft: str
    whistle: SecretStr = secret(title="Whistle")


class PigeonChannel:
    capabilities = Capabilities(identities=("pigeon",))

    async def send(self, outgoing: Outgoing) -> Accepted | Refused:
        return Accepted("p1") if outgoing.to else Refused("no_address", "Nobody.", "never")

    async def call(self, kind: str, data: Mapping[str, Any]) -> None:
        """A pigeon does nothing else."""


class Pigeon(ChannelType[PigeonConfig]):
    kind = "pigeon"
    label = "Pigeon"
    Config = PigeonConfig
    capabilities = Capabilities(identities=("pigeon",))
    identities = ("pigeon",)

    def build(self, channel: ChannelRef, config: PigeonConfig, services: Services) -> PigeonChannel:
        return PigeonChannel()

    def event(self, text: str, channel: ChannelRef, now: datetime) -> NewEvent:
        body = MessageReceived(channel.id, text, Text(text))
        return NewEvent(channel.tenant, f"channel:{channel.id}", text, now, body, identities=(Identity("pigeon", "p"),))

    def parse(self, body: bytes, channel: ChannelRef, now: datetime) -> Parsed:
        return Parsed((self.event("coo", channel, now),)) if body == b"coo" else Parsed()


async def test_a_third_partys_kind_conforms() -> None:
    for check in PURE_CHECKS:
        check(Pigeon(), CHANNEL, [b"coo"], NOW)
    await check_trouble(Pigeon(), CHANNEL, PigeonConfig(loft="a", whistle=SecretStr("b")), (Identity("pigeon", "p"),), NOW)
    with pytest.raises(SignatureMissing):
        Pigeon().verify({}, b"", PigeonConfig(loft="a", whistle=SecretStr("b")))


class Twice(Pigeon):
    def parse(self, body: bytes, channel: ChannelRef, now: datetime) -> Parsed:
        return Parsed((self.event("coo", channel, now), self.event("coo", channel, now)))


class Fickle(Pigeon):
    count = 0

    def parse(self, body: bytes, channel: ChannelRef, now: datetime) -> Parsed:
        self.count += 1
        return Parsed((self.event(str(self.count), channel, now),))


class Early(Pigeon):
    def parse(self, body: bytes, channel: ChannelRef, now: datetime) -> Parsed:
        return Parsed((replace(self.event("coo", channel, now), at=now + timedelta(seconds=1)),))


class Foreign(Pigeon):
    def parse(self, body: bytes, channel: ChannelRef, now: datetime) -> Parsed:
        return Parsed((replace(self.event("coo", channel, now), tenant=99),))


class Nobody(Pigeon):
    def parse(self, body: bytes, channel: ChannelRef, now: datetime) -> Parsed:
        return Parsed((replace(self.event("coo", channel, now), identities=()),))


@pytest.mark.parametrize("kind", [Twice(), Fickle(), Early(), Foreign(), Nobody()])
def test_a_bad_parse_is_noticed(kind: Pigeon) -> None:
    with pytest.raises(AssertionError):
        check_parse(kind, CHANNEL, [b"coo"], NOW)


class Fragile(Pigeon):
    def parse(self, body: bytes, channel: ChannelRef, now: datetime) -> Parsed:
        json.loads(body)
        return Parsed()


class Mute(Pigeon):
    capabilities = Capabilities(text=0, identities=("pigeon",))


class LooseConfig(BaseModel):
    loft: str


class Loose(Pigeon):
    Config = LooseConfig  # type: ignore[assignment]


def test_other_faults_are_noticed() -> None:
    with pytest.raises(ValueError):
        check_junk(Fragile(), CHANNEL, [], NOW)
    with pytest.raises(AssertionError, match="shows text"):
        check_capabilities(Mute())
    with pytest.raises(AssertionError, match="frozen"):
        check_kind(Loose())


class Raising(Pigeon):
    def build(self, channel: ChannelRef, config: PigeonConfig, services: Services) -> PigeonChannel:
        class Channel(PigeonChannel):
            async def send(self, outgoing: Outgoing) -> Accepted | Refused:
                await services.session().get("http://pigeon.invalid")
                return Accepted("p1")

        return Channel()


async def test_a_send_that_raises_is_noticed() -> None:
    with pytest.raises(OSError, match="network is down"):
        await check_trouble(Raising(), CHANNEL, PigeonConfig(loft="a", whistle=SecretStr("b")), TO, NOW)


# --- registry and settings ---------------------------------------------------------------------------------------------------
class Point:
    name = "pigeon"

    def __init__(self, loaded: object) -> None:
        self.loaded = loaded

    def load(self) -> object:
        return self.loaded


def test_entry_points_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(channel_types()) == ["whatsapp", "webchat"]
    monkeypatch.setattr("channels.registry.entry_points", lambda group: [Point(Pigeon)] if group == "postdog.channels" else [])
    assert channel_types()["pigeon"].label == "Pigeon"
    with pytest.raises(UnknownKind, match="two channel kinds"):
        channel_types([Pigeon()])
    monkeypatch.setattr("channels.registry.entry_points", lambda group: [Point(7)])
    with pytest.raises(UnknownKind, match="no channel kind"):
        channel_types()


def test_secrets_are_kept_apart_and_hidden() -> None:
    made = config()
    shown, hidden = split_config(made)
    assert set(hidden) == secret_fields(WhatsAppConfig) == {"access_token", "app_secret", "verify_token"}
    assert hidden["access_token"] == "graph-token"
    assert "graph-token" not in json.dumps(shown) + repr(made) + str(made) + made.model_dump_json()
    assert join_config(WhatsAppConfig, shown, hidden) == made
    properties = WhatsAppConfig.model_json_schema()["properties"]
    assert properties["app_secret"]["secret"] is properties["app_secret"]["writeOnly"] is True
    assert "secret" not in properties["phone_number_id"]


@pytest.mark.parametrize(
    "change",
    [
        {"phone_number_id": "../me"},
        {"version": "latest"},
        {"base_url": "ftp://graph"},
        {"base_url": "https://token@graph.example"},
        {"access_token": ""},
        {"unknown": 1},
    ],
)
def test_bad_settings_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        WhatsAppConfig.model_validate({**CONFIG, **change})


def test_the_address_routes_hooks() -> None:
    assert WHATSAPP.address(config()) == CHANNEL.address
    assert [CHANNEL.named(number) for number in (CHANNEL.address, "222", "333", "")] == [7, 8, None, 7]
    assert ChannelRef(1, 5).named("anything") == 5
