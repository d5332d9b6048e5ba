"""Web chat keeps what every kind of channel must keep; its settings and origins are read strictly."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from channels.conformance import PURE_CHECKS, check_trouble
from channels.protocol import ChannelRef
from channels.webchat.config import WebchatConfig
from channels.webchat.kind import WEBCHAT, WebchatChannel, visitor_identity
from channels.webchat.origin import allows, frame_ancestors, is_own, read_origin
from engine.runtime.protocol import Accepted, Outgoing, Refused
from schemas.content import Text

NOW = datetime(2026, 1, 1, tzinfo=UTC)
CHANNEL = ChannelRef(1, 7)


@pytest.mark.parametrize("check", PURE_CHECKS)
def test_it_conforms(check):
    check(WEBCHAT, CHANNEL, [], NOW)


async def test_it_conforms_while_nothing_can_be_reached():
    await check_trouble(WEBCHAT, CHANNEL, WebchatConfig(), (visitor_identity(7, "vis_a"),), NOW)


async def test_a_message_is_accepted_under_our_own_key_and_only_for_visitors_of_this_channel():
    channel = WebchatChannel(CHANNEL)
    assert await channel.send(Outgoing(1, "5:1:0", Text("Hi"), (visitor_identity(7, "vis_a"),))) == Accepted("5:1:0")
    stranger = await channel.send(Outgoing(1, "5:1:0", Text("Hi"), (visitor_identity(77, "vis_a"),)))
    assert isinstance(stranger, Refused)
    assert stranger.remedy == "never"


@pytest.mark.parametrize(
    "values",
    [
        {"colour": "red"},
        {"colour": "#1234"},
        {"logo_url": "javascript:alert(1)"},
        {"logo_url": "http://shop.example/logo.png"},
        {"locale": "en_GB; drop"},
        {"allowed_origins": ["shop.example"]},
        {"allowed_origins": ["https://shop.example/path"]},
        {"allowed_origins": ["https://shop.example; script-src *"]},
        {"allowed_origins": ["https://*"]},
        {"allowed_origins": ["https://shop.example:99999"]},
        {"allowed_origins": ["https://" + "ü" * 80]},
        {"max_upload_bytes": 1 << 40},
        {"unknown": 1},
    ],
)
def test_settings_that_can_not_be_are_refused(values):
    with pytest.raises(ValidationError):
        WebchatConfig.model_validate(values)


def test_origins_are_kept_as_browsers_send_them():
    config = WebchatConfig.model_validate({"allowed_origins": ["HTTPS://Shop.Example:443/", "http://localhost:3000", "http://[::1]:80"]})
    assert config.allowed_origins == ("https://shop.example", "http://localhost:3000", "http://[::1]")


@pytest.mark.parametrize(
    ("allowed", "origin", "answer"),
    [
        ("https://shop.example", "https://shop.example", True),
        ("https://shop.example", "http://shop.example", False),
        ("https://shop.example", "https://shop.example:8443", False),
        ("https://shop.example", "https://shop.example.evil.example", False),
        ("https://*.shop.example", "https://a.b.shop.example", True),
        ("https://*.shop.example", "https://evilshop.example", False),
        ("https://*.shop.example", "http://a.shop.example", False),
        ("*", "null", True),
        ("https://shop.example", "null", False),
    ],
)
def test_an_origin_is_allowed_exactly(allowed, origin, answer):
    assert allows([read_origin(allowed)], origin) is answer


@pytest.mark.parametrize(
    ("origin", "host", "answer"),
    [
        ("http://127.0.0.1:8080", "127.0.0.1:8080", True),
        ("http://127.0.0.1:8081", "127.0.0.1:8080", False),
        ("https://chat.example", "chat.example:443", True),
        ("https://public.example", "10.0.0.1:8080", True),
        ("null", "null", False),
        ("", "", False),
    ],
)
def test_our_own_pages_are_known(origin, host, answer):
    assert is_own(origin, host, "https://public.example/chat") is answer


def test_frames_are_allowed_for_listed_sites():
    assert frame_ancestors([]) == "'self'"
    assert frame_ancestors(["https://a.example", "*"]) == "*"
