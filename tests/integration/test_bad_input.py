"""Bad input at the API of a running server: each has its clear error in the envelope, and nothing is lost or broken."""

from __future__ import annotations

import asyncio
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session

from crm.keys import create_key
from crm.tenants import bootstrap
from engine.runtime.clock import SystemClock
from schemas.api_key import RANDOM_BYTES
from storage.store import Store
from tests.integration.flow import Document, document, echo, on_word, say
from tests.integration.server import Answer, Server
from tests.integration.visitor import visiting

pytestmark = pytest.mark.asyncio(loop_scope="module")
JSON = {"Content-Type": "application/json"}
DOCUMENTS: dict[str, tuple[Document, str, str]] = {
    "unknown node type": (
        document("Type", {"start": on_word("x"), "a": ("teleport", {})}, ["start -> a"]),
        "/nodes/1/type",
        "There is no node type “teleport”.",
    ),
    "dangling edge": (
        document("Edge", {"start": on_word("x"), "a": say("Hi")}, ["start -> a", "a -> gone"]),
        "/edges/1/to",
        "This edge leads to “gone”, which doesn't exist.",
    ),
    "cycle without a wait": (
        document("Cycle", {"start": on_word("x"), "a": say("A"), "b": say("B")}, ["start -> a", "a -> b", "b -> a"]),
        "/nodes/1",
        "These nodes go round without waiting: “a” → “b” → “a”.",
    ),
    "pattern that explodes": (
        document("Bomb", {"start": on_word("((a{0,1000}){0,1000}){0,1000}", match="pattern"), "a": say("A")}, ["start -> a"]),
        "/nodes/0/config/on/words/0",
        "The pattern is not valid: invalid repetition size",
    ),
    "back-reference": (
        document("Back", {"start": on_word(r"(a+)\1", match="pattern"), "a": say("A")}, ["start -> a"]),
        "/nodes/0/config/on/words/0",
        "look-around and back-references are not supported",
    ),
}


def explained(answer: Answer) -> None:
    """The envelope is whole: status, word, sentence, request id."""
    error = answer.body["error"]
    assert error["code"] == answer.status
    assert error["message"] == answer.body["message"]
    assert error["message"].endswith(".")
    assert error["request_id"].startswith("req_")


@pytest.mark.parametrize("case", DOCUMENTS)
async def test_publish_refuses_and_points_at_the_mistake_and_the_draft_stays(server: Server, case: str) -> None:
    broken, pointer, words = DOCUMENTS[case]
    flow = await server.ask("POST", "/v1/flows", {"document": broken})
    found = await server.ask("POST", f"/v1/flows/{flow['id']}/validate")
    assert found["valid"] is False
    assert [each["pointer"] for each in found["problems"] if each["level"] == "error"] == [pointer]
    refused = await server.answer("POST", f"/v1/flows/{flow['id']}/publish", {})
    explained(refused)
    assert (refused.status, refused.error) == (400, "flow_invalid")
    (detail,) = refused.body["error"]["details"]
    assert detail["field"] == pointer
    assert words in detail["message"]
    kept = await server.ask("GET", f"/v1/flows/{flow['id']}")
    assert (kept["status"], len(kept["document"]["nodes"])) == ("draft", len(broken["nodes"]))


async def test_all_mistakes_of_a_flow_are_told_at_once(server: Server) -> None:
    nodes = {"start": on_word("x"), "a": ("teleport", {}), "b": say("B"), "c": say("C")}
    broken = document("Several", nodes, ["start -> b", "b -> c", "c -> b", "c -> gone"])
    flow = await server.ask("POST", "/v1/flows", {"document": broken})
    refused = await server.answer("POST", f"/v1/flows/{flow['id']}/publish", {})
    fields = {each["field"] for each in refused.body["error"]["details"]}
    assert {"/nodes/1/type", "/edges/3/to"} <= fields
    assert len(fields) >= 3


BODIES: dict[str, tuple[bytes, int, str]] = {
    "cut JSON": (b'{"document": ', 400, "malformed_json"),
    "no UTF-8": (b"\xff\xfe", 400, "malformed_json"),
    "deep nesting": (b"[" * 100_000, 400, "malformed_json"),
    "5 MB": (b'{"document": "' + b"x" * 5_000_000 + b'"}', 413, "body_too_large"),
    "no object": (b"[]", 400, "validation_failed"),
    "NUL": (b'{"name": "a\\u0000b"}', 400, "nul_character"),
    "unknown key": (b'{"name": "A", "colour": "red"}', 400, "validation_failed"),
}


@pytest.mark.parametrize("case", BODIES)
async def test_a_body_that_cant_be_read_is_refused_in_words(server: Server, case: str) -> None:
    data, status, word = BODIES[case]
    refused = await server.answer("POST", "/v1/flows", data=io.BytesIO(data), headers=JSON)
    explained(refused)
    assert (refused.status, refused.error) == (status, word)


async def test_a_flow_of_two_thousand_nodes_is_refused_by_its_number(server: Server) -> None:
    nodes = {f"n{number}": say("x") for number in range(2_000)}
    refused = await server.answer("POST", "/v1/flows", {"document": document("Big", nodes, [])})
    explained(refused)
    assert refused.body["error"]["details"] == [{"field": "document.nodes", "message": "Must have at most 1000 entries."}]


async def test_a_set_of_ten_thousand_fields_is_kept_as_a_draft_and_refused_by_its_number(server: Server) -> None:
    changes = [{"change": "field", "field": f"f{number}", "value": "{{contact.name}}"} for number in range(10_000)]
    great = document("Great", {"start": on_word("x"), "a": ("set", {"changes": changes})}, ["start -> a"])
    began = asyncio.get_running_loop().time()
    flow = await server.ask("POST", "/v1/flows", {"document": great})
    found = await server.ask("POST", f"/v1/flows/{flow['id']}/validate")
    refused = await server.answer("POST", f"/v1/flows/{flow['id']}/publish", {})
    assert asyncio.get_running_loop().time() - began < 3, "some 40 ms a check"
    assert [(each["pointer"], each["message"]) for each in found["problems"] if each["level"] == "error"] == [
        ("/nodes/1/config/changes", "There are too many of these; at most 50 are allowed.")
    ]
    explained(refused)
    assert (refused.status, refused.error) == (400, "flow_invalid")
    assert len(refused.body["error"]["details"]) == 1


async def test_a_contact_with_ten_thousand_fields_is_refused_by_their_number(server: Server) -> None:
    fields = {f"f{number}": "x" for number in range(10_000)}
    person = {"name": "Anna", "phone": "+4915100008888"}
    contact = (await server.ask("POST", "/v1/contacts", person))["id"]
    asked: list[tuple[str, str, dict[str, Any], str]] = [
        ("POST", "/v1/contacts", {**person, "fields": fields}, "fields"),
        ("PATCH", f"/v1/contacts/{contact}", {"fields": fields}, "fields"),
        ("POST", "/v1/contacts/bulk", {"contacts": [{**person, "fields": fields}]}, "contacts[0].fields"),
    ]
    for method, path, body, field in asked:
        began = asyncio.get_running_loop().time()
        refused = await server.answer(method, path, body)
        assert asyncio.get_running_loop().time() - began < 2
        explained(refused)
        assert (refused.status, refused.error) == (400, "validation_failed")
        assert {"field": field, "message": "Must have at most 200 entries."} in refused.body["error"]["details"]
    unknown = await server.answer("PATCH", f"/v1/contacts/{contact}", {"fields": dict(list(fields.items())[:200])})
    assert (unknown.status, unknown.error) == (400, "unknown_field"), "so that no contact has more than its workspace"


async def test_texts_that_cant_be_sent_are_refused(server: Server) -> None:
    channel = (await server.everything("/v1/channels"))[0]["id"]
    for text, word in (("x" * 100_000, "validation_failed"), ("a\x00b", "nul_character"), ("", "validation_failed")):
        body = {"channel_id": channel, "to": "+15550109999", "content": {"type": "text", "text": text}}
        refused = await server.answer("POST", "/v1/messages", body)
        explained(refused)
        assert (refused.status, refused.error) == (400, word)
        assert refused.body["error"]["details"][0]["field"] == "content.text"
    for phone in ("12", "+49abc", "'; DROP TABLE contact; --", "+" + "9" * 40):
        body = {"channel_id": channel, "to": phone, "content": {"type": "text", "text": "Hi"}}
        assert (await server.answer("POST", "/v1/messages", body)).error == "invalid_phone"


async def test_a_name_that_looks_like_a_merge_field_is_said_as_it_is(server: Server) -> None:
    flow = {"start": on_word("literal"), "a": say("{Hi|Hi} {{contact.name}}!"), "b": say("{{contact.name|nobody}} {a}")}
    await server.publish(document("Literal", flow, ["start -> a", "a -> b"]))
    async with visiting(server) as visitor, visitor.connect() as tab:
        await tab.say("good morning {{contact.name}} {x|y}")
        await tab.frame("message")
        contact = (await server.everything("/v1/conversations?limit=1"))[0]["contact"]["id"]
        name = "{{x}}{a|b}"
        assert (await server.ask("PATCH", f"/v1/contacts/{contact}", {"name": name}))["name"] == name
        await tab.say("literal")
        await tab.until(f"Hi {name}!")
        await tab.until(f"{name} {{a}}")
        assert visitor.texts()[0] == "> good morning {{contact.name}} {x|y}"


async def test_a_pattern_that_would_backtrack_for_ever_is_fast(server: Server) -> None:
    bomb = document("Slow", {"start": on_word("^(a+)+$", "(x|x)*y", match="pattern"), "a": say("Boom")}, ["start -> a"])
    await server.publish(bomb)
    await server.publish(echo("after"))
    async with visiting(server) as visitor, visitor.connect() as tab:
        started = asyncio.get_running_loop().time()
        await tab.say("a" * 4_000 + "!")
        await tab.say("x" * 4_000)
        await tab.say("after")
        await tab.until("You said it.")
        assert asyncio.get_running_loop().time() - started < 3
        assert "Boom" not in visitor.texts()


async def test_keys_and_addresses_that_are_wrong_are_told_apart(server: Server) -> None:
    asked: list[tuple[str, str, dict[str, Any], int, str]] = [
        ("GET", "/v1/flows", {"key": "pd_live_wrong"}, 401, "unauthorized"),
        ("GET", "/v1/flows", {"headers": {"Authorization": ""}}, 401, "unauthorized"),
        ("GET", "/v1/nothing", {}, 404, "not_found"),
        ("GET", "/v1/flows/flow_zzz", {}, 404, "not_found"),
        ("GET", "/v1/flows/9917", {}, 404, "not_found"),
        ("GET", "/v1/flows/ct_2", {}, 404, "not_found"),
        ("GET", "/v1/flows?limit=-1", {}, 400, "validation_failed"),
        ("DELETE", "/v1/flows", {}, 405, "method_not_allowed"),
        ("POST", "/v1/flows", {"data": b"<a/>", "headers": {"Content-Type": "text/xml"}}, 415, "unsupported_media_type"),
        ("POST", "/hooks/whatsapp/ch_zzz", {"data": b"{}", "headers": JSON}, 404, "not_found"),
        ("POST", "/hooks/telepathy/ch_2", {"data": b"{}", "headers": JSON}, 404, "not_found"),
        ("POST", "/hooks/flow/guessed", {"data": b"{}", "headers": JSON}, 404, "not_found"),
    ]
    for method, path, more, status, word in asked:
        refused = await server.answer(method, path, **more)
        explained(refused)
        assert (refused.status, refused.error) == (status, word), (path, refused.body)


async def test_another_workspaces_things_are_not_found(server: Server) -> None:
    now = datetime.now(UTC)

    def second(session: Session) -> str:
        return create_key(session, bootstrap(session, "Other", now).tenant, b"k" * RANDOM_BYTES, now, name="other")[1]

    store = await Store.open(f"sqlite:///{server.database}", SystemClock())
    try:
        key = await store.change(second)
    finally:
        await store.close()
    channel = (await server.answer("GET", "/v1/channels", key=key)).body["data"][0]["id"]
    person = {"phone": "+4915100009999", "name": "Theirs"}
    contact = (await server.answer("POST", "/v1/contacts", person, key=key)).body["id"]
    assert (await server.answer("GET", f"/v1/contacts/{contact}", key=key)).status == 200
    mine = (await server.everything("/v1/channels"))[0]["id"]
    flow = await server.publish(echo("private"))
    for asker, path in (
        ({}, f"/v1/contacts/{contact}"),
        ({}, f"/v1/channels/{channel}"),
        ({"key": key}, f"/v1/channels/{mine}"),
        ({"key": key}, f"/v1/flows/{flow}"),
    ):
        refused = await server.answer("GET", path, **asker)
        explained(refused)
        assert (refused.status, refused.error) == (404, "not_found")
    text = {"type": "text", "text": "Hi"}
    for body in ({"channel_id": mine, "contact_id": contact}, {"channel_id": channel, "to": "+4915100009999"}):
        assert (await server.answer("POST", "/v1/messages", {**body, "content": text})).status == 404
    assert (await server.answer("POST", f"/v1/flows/{flow}/start", {"contact_id": contact})).status == 404
    assert (await server.answer("GET", "/v1/flows", key=key)).body["data"] == []


async def test_nothing_of_this_left_a_traceback(server: Server) -> None:
    assert "Traceback" not in server.log()
    assert (await server.answer("GET", "/v1/events?state=dead")).body["data"] == []
    assert (await server.answer("GET", "/readyz")).body == {"status": "ready"}
