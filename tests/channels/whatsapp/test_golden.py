"""The 16 webhooks of Meta's public examples are parsed into exactly what the golden file holds."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from channels.parsed import Parsed
from channels.whatsapp.parse import parse
from tests.channels.whatsapp.sample import CHANNEL, EXAMPLES, NOW

GOLDEN = json.loads(Path(__file__).with_name("golden.json").read_text("utf-8"))


def plain(parsed: Parsed) -> Any:
    """Parsed as JSON, bodies with their kind."""
    found = orjson.loads(orjson.dumps(parsed))
    for event, written in zip(parsed.events, found["events"], strict=True):
        written["kind"] = event.body.kind
    return {key: value for key, value in found.items() if value}


def test_every_example_has_a_golden() -> None:
    assert set(GOLDEN) == set(EXAMPLES["hooks"])
    assert len(GOLDEN) == 16


@pytest.mark.parametrize("name", GOLDEN)
def test_example(name: str) -> None:
    body = json.dumps(EXAMPLES["hooks"][name]).encode()
    assert plain(parse(body, CHANNEL, NOW)) == GOLDEN[name]
    escaped = json.dumps(EXAMPLES["hooks"][name], ensure_ascii=True).replace("/", "\\/").encode()
    assert parse(escaped, CHANNEL, NOW) == parse(body, CHANNEL, NOW)


def test_a_message_is_taken_as_its_golden_says() -> None:
    """Read one golden by eye, so that the file isn't only what the code wrote."""
    (event,) = parse(json.dumps(EXAMPLES["hooks"]["Interactive List Reply Message"]).encode(), CHANNEL, NOW).events
    assert (event.tenant, event.source) == (3, "channel:7")
    assert event.external_id == "wamid.HBgLMTY1MDM4Nzk0MzkVAgASGBQzQUJDQ0NDM0FEODY4ODkzOTc5RgA="
    assert event.at == datetime.fromisoformat("2025-06-13T22:42:55Z")
    assert [(one.kind, one.value) for one in event.identities] == [("whatsapp", "16505551234"), ("phone", "+16505551234")]
    assert orjson.loads(orjson.dumps(event.body)) == {
        "channel": 7,
        "external_id": event.external_id,
        "content": {
            "kind": "choice",
            "button": "priority_express",
            "title": "Priority Mail Express",
            "message": "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBJGMzEyNzhENTZDMzNGODlDRDgA",
        },
        "reply_to": "wamid.HBgLMTY1MDM4Nzk0MzkVAgARGBJGMzEyNzhENTZDMzNGODlDRDgA",
        "name": "Sheena Nelson",
        "language": "",
        "window_hours": 24,
    }
