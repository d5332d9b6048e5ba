"""What every kind of channel must keep, as plain checks: call them in your package's tests.

    for check in PURE_CHECKS:
        check(TELEGRAM, channel, bodies, now)
    await check_trouble(TELEGRAM, channel, config, recipient, now)

Each raises AssertionError, which says what is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, NoReturn

import aiohttp
from pydantic import BaseModel, SecretStr

from channels.config import secret_fields
from channels.media import StoredMedia
from channels.parsed import Parsed
from channels.protocol import ChannelRef, ChannelType, Services
from engine.runtime.protocol import Accepted, Lost, Outgoing, Refused
from schemas.capability import Capabilities
from schemas.contact import Identity
from schemas.content import Button, Buttons, Content, Location, Media, Menu, Row, Section, TemplateMessage, Text, Unsupported
from schemas.event import NewEvent, decode_body, encode_body

JUNK: tuple[bytes, ...] = (
    b"",
    b"{",
    b"null",
    b"[]",
    b"[[[[]]]]",
    b"7",
    b'"\\u0000"',
    b'"\\ud83d"',
    b"\xff\xfe\x00",
    b'{"entry":7}',
    b"[" * 100_000,
    b'{"a":' * 2_000 + b"1" + b"}" * 2_000,
    b'{"number":1e999}',
)
"""Bodies that mean nothing to anybody; none may raise."""

CONTENTS: tuple[Content, ...] = (
    Text("Hello"),
    Media("image", url="https://files.example/a.png", caption="A"),
    Media("document", media="med_missing", filename="a.pdf"),
    Buttons("Which?", (Button("a", "A"), Button("b", "B"))),
    Menu("Which?", "Choose", (Section((Row("a", "A"), Row("b", "B"))),)),
    Location(48.1, 11.5, "Munich"),
    TemplateMessage("hello_world", "en_US", body=("Ann",)),
    Unsupported("hologram", {}),
)


def check_kind(kind: ChannelType[Any], *_: object) -> None:
    """It has a name, a label, and settings that are frozen, strict, and hide what is secret."""
    assert kind.kind.isidentifier(), "`kind` is one word"
    assert kind.kind == kind.kind.lower(), "`kind` is in lower case"
    assert kind.label.strip(), "`label` is the name that people read"
    config: type[BaseModel] = kind.Config
    assert config.model_config.get("frozen") is True, "`Config` is frozen"
    assert config.model_config.get("extra") == "forbid", "`Config` takes no unknown field"
    for name in secret_fields(config):
        assert config.model_fields[name].annotation is SecretStr, f"the secret field {name} has the type SecretStr"
    config.model_json_schema()


def check_capabilities(kind: ChannelType[Any], *_: object) -> None:
    """Its limits make sense."""
    able = kind.capabilities
    assert isinstance(able, Capabilities)
    for field in fields(able):
        value = getattr(able, field.name)
        assert not isinstance(value, int) or value >= 0, f"{field.name} is not negative"
    assert able.text > 0, "every channel shows text"
    assert not able.buttons or able.button_title > 0, "buttons have titles"
    assert not able.rows or (able.row_title > 0 and able.list_button > 0), "rows have titles, and a list is opened by something"
    assert able.window is None or able.window.total_seconds() > 0, "a window is not empty"
    assert able.identities, "it names the identities by which it can address somebody"
    assert all(size > 0 for size in able.media_bytes.values()), "sizes are positive"


def check_parse(kind: ChannelType[Any], channel: ChannelRef, bodies: Sequence[bytes], now: datetime) -> None:
    """Parsing is pure; its events are addressed, unique, scoped and survive being stored."""
    for body in bodies:
        parsed = kind.parse(body, channel, now)
        assert isinstance(parsed, Parsed)
        assert kind.parse(bytes(body), channel, now) == parsed, "the same body gives the same events"
        keys = [(event.source, event.external_id) for event in parsed.events]
        assert len(set(keys)) == len(keys), "external ids are unique"
        for event in parsed.events:
            _check_event(kind, channel, event, now)


def check_junk(kind: ChannelType[Any], channel: ChannelRef, _: Sequence[bytes], now: datetime) -> None:
    """Whatever the bytes are, parsing raises nothing and makes no event of nothing."""
    for body in JUNK:
        assert kind.parse(body, channel, now).events == (), f"{body[:20]!r} holds no event"


PURE_CHECKS: tuple[Callable[[ChannelType[Any], ChannelRef, Sequence[bytes], datetime], None], ...] = (
    check_kind,
    check_capabilities,
    check_parse,
    check_junk,
)


async def check_trouble(
    kind: ChannelType[Any], channel: ChannelRef, config: BaseModel, to: tuple[Identity, ...], now: datetime
) -> None:
    """While nothing can be reached, sending any content gives an outcome, and never raises."""
    for error in (OSError("network is down"), TimeoutError(), aiohttp.ServerDisconnectedError()):
        async with aiohttp.ClientSession(connector=_Dead(error)) as session:
            built = kind.build(channel, config, _services(session, now))
            for number, content in enumerate(CONTENTS, 1):
                outcome = await built.send(Outgoing(number, f"1:1:{number}", content, to))
                assert isinstance(outcome, Accepted | Refused | Lost), f"{content.kind} gives an outcome"
            nobody = await built.send(Outgoing(99, "1:1:99", Text("Hello"), ()))
            assert isinstance(nobody, Refused), "nothing is sent to a contact without address"
            assert nobody.remedy == "never", "and it isn't tried again"


def _check_event(kind: ChannelType[Any], channel: ChannelRef, event: NewEvent, now: datetime) -> None:
    assert event.tenant == channel.tenant, "events belong to the channel's tenant"
    channels = {channel.id, *channel.siblings.values()}
    assert event.source in {f"channel:{number}" for number in channels}, "the source is channel:{id}"
    assert event.external_id, "external ids are not empty"
    assert event.at.utcoffset() is not None, "times are aware"
    assert event.at <= now, "times don't lie in the future"
    assert event.identities or event.body.kind == "status_reported", "an event is addressed to somebody"
    assert {identity.kind for identity in event.identities} <= set(kind.identities), "identities are of the kinds that it names"
    assert decode_body(event.body.kind, encode_body(event.body)).kind == event.body.kind, "events can be stored"


def _services(session: aiohttp.ClientSession, now: datetime) -> Services:
    return Services(lambda: session, lambda: session, _Still(now), _Empty())


class _Dead(aiohttp.BaseConnector):
    """A network in which every connection fails in the same way."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    async def connect(self, *_: Any, **__: Any) -> NoReturn:
        raise self.error


@dataclass(frozen=True, slots=True)
class _Still:
    at: datetime

    def now(self) -> datetime:
        return self.at

    async def sleep(self, seconds: float) -> None:
        """No time passes."""


class _Empty:
    """A media store without files."""

    async def open(self, tenant: int, media: str) -> StoredMedia | None:
        return None

    async def save(self, tenant: int, data: bytes, *, mime: str, filename: str) -> str:
        return "med_new"

    async def attach(self, tenant: int, message: int, media: str) -> None:
        """Nothing is kept."""

    async def uploaded(self, tenant: int, channel: int, media: str, now: datetime) -> str | None:
        return None

    async def remember_upload(self, tenant: int, channel: int, media: str, provider_id: str, until: datetime) -> None:
        """Nothing is kept."""

    async def forget_upload(self, tenant: int, channel: int, media: str) -> None:
        """Nothing was kept."""
