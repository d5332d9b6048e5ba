"""The webhook door: handshake, signature over the raw bytes, every element durable before the 200, and honest refusals."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
from unittest.mock import patch

import orjson
import pytest
from sqlmodel import select
from structlog.testing import capture_logs

from crm.doors import find_door
from engine.runtime.protocol import StoreUnavailable
from storage.table import ChannelRow, ContactRow, EventRow, MessageRow, TemplateRow
from tests.api.town import START, town

NUMBER = "106540352242922"


def hook(*values, field: str = "messages") -> bytes:
    changes = [{"field": field, "value": value} for value in values]
    return orjson.dumps({"object": "whatsapp_business_account", "entry": [{"id": "1", "time": 1775034000, "changes": changes}]})


def said(text: str, id: str = "wamid.1", sender: str = "16505551234"):
    return {
        "messaging_product": "whatsapp",
        "metadata": {"display_phone_number": "15550783881", "phone_number_id": NUMBER},
        "contacts": [{"profile": {"name": "Sheena"}, "wa_id": sender}],
        "messages": [{"from": sender, "id": id, "timestamp": "1775034000", "type": "text", "text": {"body": text}}],
    }


async def post(it, body: bytes, *, secret: str = "app secret", path: str = "", signature: str | None = None):
    headers = {"Content-Type": "application/json"}
    if signature is None:
        signature = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    if signature:
        headers["X-Hub-Signature-256"] = signature
    return await it.client.post(path or f"/hooks/whatsapp/{it.whatsapp}", data=io.BytesIO(body), headers=headers)


async def test_the_handshake_answers_the_challenge_as_text(tmp_path):
    async with town(tmp_path) as it:
        path = f"/hooks/whatsapp/{it.whatsapp}"
        asked = {"hub.mode": "subscribe", "hub.verify_token": "our own words", "hub.challenge": "1158201444"}
        answer = await it.client.get(path, params=asked)
        assert (answer.status, await answer.text(), answer.content_type) == (200, "1158201444", "text/plain")
        assert (await it.client.get(path, params={**asked, "hub.verify_token": "x"})).status == 403
        assert (await it.client.get("/hooks/whatsapp/9999", params=asked)).status == 404
        assert (await it.client.get("/hooks/fax/1", params=asked)).status == 404
        assert (await it.client.get(f"/hooks/pager/{it.whatsapp}", params=asked)).status == 404


async def test_every_element_is_taken_in_one_append_and_once(tmp_path):
    async with town(tmp_path) as it:
        body = hook(said("Hi"), said("Hello", "wamid.2", "16505559999"))
        for _ in range(2):
            answer = await post(it, body)
            assert (answer.status, await answer.text()) == (200, "")
        await it.decided()
        assert await it.read(lambda session: len(session.exec(select(ContactRow)).all())) == 2
        assert await it.read(lambda session: len(session.exec(select(MessageRow)).all())) == 2
        listed = await it.call("GET", "/v1/contacts?search=16505551234")
        assert (listed["data"][0]["phone"], listed["data"][0]["name"]) == ("+16505551234", "Sheena")
        channel = await it.read(lambda session: session.get(ChannelRow, it.whatsapp))
        assert (channel.last_inbound_at, channel.last_inbound_summary) == (START, "2 message received")


@pytest.mark.parametrize(("signature", "status"), [("", 401), ("sha256=00", 403), ("nonsense", 403)])
async def test_a_wrong_signature_leaves_nothing(tmp_path, signature, status):
    async with town(tmp_path) as it:
        assert (await post(it, hook(said("Hi")), signature=signature)).status == status
        assert (await post(it, hook(said("Hi")), secret="another")).status == 403
        changed = hook(said("Hi")).replace(b"Hi", b"Ho")
        good = "sha256=" + hmac.new(b"app secret", hook(said("Hi")), hashlib.sha256).hexdigest()
        assert (await post(it, changed, signature=good)).status == 403
        assert await it.read(lambda session: session.exec(select(EventRow)).first()) is None


async def test_what_is_malformed_or_too_large_is_refused(tmp_path):
    async with town(tmp_path) as it:
        assert (await post(it, b"{not json")).status == 400
        assert (await post(it, b"x" * (3 * 1024 * 1024 + 1))).status == 413
        for odd in (b"[]", b"{}", b'{"entry": 7}', hook({"metadata": {"phone_number_id": NUMBER}})):
            assert (await post(it, odd)).status == 200


async def test_an_unknown_kind_of_message_is_kept(tmp_path):
    async with town(tmp_path) as it:
        value = said("Hi")
        value["messages"][0] |= {"type": "hologram", "hologram": {"id": "7"}}
        assert (await post(it, hook(value))).status == 200
        await it.decided()
        message = await it.read(lambda session: session.exec(select(MessageRow)).one())
        assert message.content["kind"] == "unsupported"


async def test_without_the_store_the_provider_is_told_to_come_again(tmp_path):
    async with town(tmp_path) as it:
        it.entrance.broken = StoreUnavailable("disk full")
        answer = await post(it, hook(said("Hi")))
        assert (answer.status, (await answer.json())["error"]["type"]) == (503, "not_taken")
        it.entrance.broken = None
        assert (await post(it, hook(said("Hi")))).status == 200
        await it.decided()
        assert await it.read(lambda session: len(session.exec(select(MessageRow)).all())) == 1


async def test_a_new_secret_counts_at_once(tmp_path):
    async with town(tmp_path) as it:
        assert (await post(it, hook(said("Hi")))).status == 200

        def change(session):
            from_ = session.get(ChannelRow, it.whatsapp)
            secrets = {"access_token": "token", "app_secret": "fresh", "verify_token": "our own words"}
            from_.secrets = it.services.secrets.seal(orjson.dumps(secrets), tenant=1, owner=f"channel:{it.whatsapp}")

        await it.services.store.write(change)
        it.clock.move(START.replace(second=1))
        assert (await post(it, hook(said("Hi", "wamid.3")), secret="fresh")).status == 200
        assert (await post(it, hook(said("Hi", "wamid.4")), secret="app secret")).status == 403


async def test_a_channel_that_is_off_takes_nothing(tmp_path):
    async with town(tmp_path) as it:

        def off(session):
            session.get(ChannelRow, it.whatsapp).status = "off"

        await it.services.store.write(off)
        assert (await post(it, hook(said("Hi")))).status == 404


async def test_the_state_of_a_template_is_taken_over(tmp_path):
    async with town(tmp_path) as it:
        row = TemplateRow(tenant=1, channel=0, name="order", language="en_US", body="Hi", status="pending", created_at=START)
        await it.services.store.write(lambda session: session.add(row))
        news = {"event": "APPROVED", "message_template_id": 7, "message_template_name": "order",
                "message_template_language": "en_US", "reason": None}  # fmt: skip
        assert (await post(it, hook(news, field="message_template_status_update"))).status == 200
        changed = await it.read(lambda session: session.exec(select(TemplateRow)).one())
        assert (changed.status, changed.provider_id) == ("approved", "7")


async def test_a_crowd_of_webhooks_looks_once_at_the_channel(tmp_path):
    async with town(tmp_path) as it:
        with patch("api.hooks.channel.find_door", wraps=find_door) as looking:
            answers = await asyncio.gather(*(post(it, hook(said("Hi", f"wamid.{number}"))) for number in range(20)))
        assert {answer.status for answer in answers} == {200}
        assert looking.call_count == 1


async def test_a_webhook_that_went_well_is_logged_for_debugging_only(tmp_path):
    async with town(tmp_path) as it:
        with capture_logs() as logs:
            await post(it, hook(said("Hi")))
            await post(it, hook(said("Hi")), secret="another")
        lines = [(line["status"], line["log_level"]) for line in logs if line["event"] == "request"]
        assert lines == [(200, "debug"), (403, "info")]
