"""Messages over HTTP: the documents' own examples, who is written to, what is refused, and retries that double nothing."""

from __future__ import annotations

import pytest
from sqlmodel import select

from storage.table import ChannelRow, ContactRow, EventRow, MessageRow, TemplateRow
from tests.api.town import CHANNEL, OTHER, PHONE, START, town

HELLO = {"channel_id": "ch_123456", "to": PHONE, "content": {"type": "text", "text": "Hello world!"}}
COMPAT = {"X-API-Key": "pd_live_ours"}
A_SAYS = "Invalid phone number format. Use E.164 format: +1234567890"


def count(kind):
    return lambda session: len(session.exec(select(kind)).all())


async def test_the_native_document_sends_its_message(tmp_path):
    async with town(tmp_path) as it:
        sent = await it.call("POST", "/v1/messages", HELLO, status=201)
        assert (sent["status"], sent["channel_id"], sent["to"]) == ("queued", "ch_123456", PHONE)
        await it.until(lambda: it.wire.sent)
        assert it.wire.sent[0].content.text == "Hello world!"
        assert [(each.kind, each.value) for each in it.wire.sent[0].to] == [("phone", PHONE)]
        contact = await it.read(lambda session: session.exec(select(ContactRow)).one())
        message = await it.read(lambda session: session.exec(select(MessageRow)).one())
        shown = await it.call("GET", f"/v1/messages/{sent['id']}")
        assert (shown["content"], shown["direction"], shown["voice"]) == (HELLO["content"], "out", "system")
        assert shown["status"] in ("queued", "sent")
        assert (message.contact, contact.tenant) == (contact.id, 1)
        assert (await it.call("GET", f"/v1/messages?contact_id={sent['contact_id']}"))["total"] == 1


async def test_somebody_known_is_written_to_under_any_address(tmp_path):
    async with town(tmp_path) as it:
        made = await it.call("POST", "/v1/contacts", {"name": "A", "phone": PHONE, "email": "a@example.com"}, status=201)
        for to in (PHONE, "A@example.com", made["id"]):
            assert (await it.call("POST", "/v1/messages", {**HELLO, "to": to}, status=201))["contact_id"] == made["id"]
        by_id = {key: value for key, value in HELLO.items() if key != "to"} | {"contact_id": made["id"]}
        sent = await it.call("POST", "/v1/messages", by_id, status=201)
        assert (sent["contact_id"], sent["to"]) == (made["id"], None)
        assert await it.read(count(ContactRow)) == 1
        await it.refused("POST", "/v1/messages", 400, {**by_id, "to": PHONE})
        await it.refused("POST", "/v1/messages", 400, {"channel_id": "ch_123456", "content": HELLO["content"]})


@pytest.mark.parametrize("to", ["15550109999", "+0550109999", "+1 555 010", "", "nobody", "+1555010999912345", 15550109999])
async def test_a_bad_phone_number_gets_the_documents_own_words(tmp_path, to):
    async with town(tmp_path) as it:
        answer = await it.call("POST", "/v1/messages", {**HELLO, "to": to}, status=400)
        assert (answer["error"]["code"], answer["error"]["type"], answer["message"]) == (400, "invalid_phone", A_SAYS)
        assert answer["error"]["details"] == [{"field": "to", "message": A_SAYS}]
        assert await it.read(count(ContactRow)) == 0


async def test_the_compat_mount_takes_digits_and_shows_numbers(tmp_path):
    async with town(tmp_path) as it:
        sent = await it.call("POST", "/api/v1/messages", {**HELLO, "to": "15550109999"}, headers=COMPAT, status=201)
        assert (sent["to"], isinstance(sent["id"], int)) == ("15550109999", True)
        await it.refused("POST", "/api/v1/messages", 422, {**HELLO, "to": "x"}, headers=COMPAT)


async def test_a_retry_under_its_key_sends_once_even_when_the_first_answer_was_lost(tmp_path):
    async with town(tmp_path) as it:
        key = {"Authorization": "Bearer pd_live_ours", "Idempotency-Key": "order-7"}
        it.entrance.answers = False
        first = await it.call("POST", "/v1/messages", HELLO, headers=key, status=202)
        assert (first["id"], first["status"]) == (None, "queued")
        assert await it.call("POST", "/v1/messages", HELLO, headers=key, status=202) == first
        ours = await it.read(lambda session: session.exec(select(EventRow).where(EventRow.source == "api")).all())
        assert [row.external_id[:4] for row in ours] == ["key:"]
        it.entrance.answers = True
        submitted = await it.entrance.submit(it.entrance.appended[-1])
        assert submitted.duplicate
        assert await it.read(count(MessageRow)) == 1
        await it.call("POST", "/v1/messages", HELLO, headers={**key, "Idempotency-Key": "order-8"}, status=201)
        assert await it.read(count(MessageRow)) == 2
        event = await it.call("GET", f"/v1/events/{first['event_id']}")
        assert event["answer"]["message"].startswith("msg_")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"type": "image", "url": "https://example.com/a.png", "caption": "A"}, "image"),
        ({"type": "document", "url": "https://example.com/a.pdf", "filename": "a.pdf"}, "document"),
        ({"type": "audio", "url": "https://example.com/a.ogg"}, "audio"),
        ({"type": "buttons", "text": "Ok?", "buttons": [{"id": "y", "title": "Yes"}], "footer": "Bye"}, "buttons"),
        ({"type": "list", "text": "Pick", "button": "Open", "sections": [{"rows": [{"id": "a", "title": "A"}]}]}, "list"),
        ({"type": "location", "latitude": 52.5, "longitude": 13, "name": "Here"}, "location"),
        ({"type": "template", "name": "order", "language": "en", "parameters": ["Ann", "7"]}, "template"),
    ],
)
async def test_every_kind_of_content_arrives(tmp_path, content, kind):
    async with town(tmp_path) as it:
        await it.services.store.write(lambda session: session.add(template("approved")))
        sent = await it.call("POST", "/v1/messages", {**HELLO, "content": content}, status=201)
        shown = (await it.call("GET", f"/v1/messages/{sent['id']}"))["content"]
        assert shown["type"] == kind
        if kind == "template":
            assert shown["text"] == "Hi Ann, your order #7"
        else:
            assert {key: shown[key] for key in content} == content


def template(status: str) -> TemplateRow:
    return TemplateRow(
        tenant=1, channel=0, name="order", language="en", body="Hi {{1}}, your order #{{2}}", parameters=["1", "2"],
        status=status, created_at=START,
    )  # fmt: skip


async def test_a_template_must_be_there_approved_and_filled(tmp_path):
    async with town(tmp_path) as it:
        asked = {**HELLO, "content": {"type": "template", "name": "order", "language": "en", "parameters": ["Ann", "7"]}}
        await it.refused("POST", "/v1/messages", 404, asked)
        await it.services.store.write(lambda session: session.add(template("pending")))
        assert (await it.refused("POST", "/v1/messages", 409, asked))[0] == "template_not_approved"

        def approve(session):
            session.exec(select(TemplateRow)).one().status = "approved"

        await it.services.store.write(approve)
        asked["content"]["parameters"] = ["Ann"]
        assert await it.refused("POST", "/v1/messages", 400, asked) == (
            "template_parameters",
            "The template “order” takes these parameters: {{1}}, {{2}}. Send a value for each of them.",
        )
        theirs = {**asked, "channel_id": 77, "content": {**asked["content"], "parameters": ["Ann", "7"]}}
        await it.refused("POST", "/v1/messages", 404, theirs, headers=OTHER)


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"channel_id": "ch_zzz"}, 404, "not_found"),
        ({"channel_id": 77}, 404, "not_found"),  # the other workspace's
        ({"content": {"type": "text", "text": "x" * 100_000}}, 400, "validation_failed"),
        ({"content": {"type": "text", "text": "x" * 5_000}}, 400, "text_too_long"),
        ({"content": {"type": "text", "text": "a\0b"}}, 400, "nul_character"),
        ({"content": {"type": "song"}}, 400, "validation_failed"),
        ({"content": {"type": "image"}}, 400, "one_place"),
        ({"content": {"type": "image", "media_id": "med_9"}}, 404, "not_found"),
        ({"user_id": "usr_zz"}, 404, "not_found"),
        ({"to": "ct_zz"}, 404, "not_found"),
    ],
)
async def test_what_cannot_be_sent_is_refused_and_makes_nobody(tmp_path, change, status, kind):
    async with town(tmp_path) as it:
        assert (await it.refused("POST", "/v1/messages", status, {**HELLO, **change}))[0] == kind
        assert await it.read(count(ContactRow)) == 0


async def test_whatsapp_refuses_free_text_outside_its_window(tmp_path):
    async with town(tmp_path) as it:
        asked = {**HELLO, "channel_id": it.whatsapp}
        await it.call("POST", "/v1/messages", asked, status=201)  # to somebody who never wrote: it fails at its release
        await it.decided()
        await it.store.write(lambda connection: connection.execute("UPDATE conversation SET window_until = 1").close())
        await it.store.share.forget()
        assert await it.refused("POST", "/v1/messages", 409, asked) == (
            "window_closed",
            "The 24-hour window is closed: the contact has not written for a day. Send an approved template.",
        )


async def test_the_compat_document_sends_by_device_label(tmp_path):
    async with town(tmp_path) as it:
        await it.call("POST", "/api/v1/contacts", {"phone": "8801700000000", "name": "{a|b}"}, headers=COMPAT, status=201)
        asked = {"phone": "8801700000000", "message": "Hello {name}, your {code|code} is 1234", "device_label": "primary"}
        job = await it.call("POST", "/api/v1/send", asked, headers=COMPAT, status=200)
        assert (set(job), job["status"], isinstance(job["job_id"], int)) == ({"job_id", "status"}, "queued", True)
        message = await it.read(lambda session: session.get(MessageRow, job["job_id"]))
        assert message.content["text"] == "Hello {a|b}, your code is 1234"
        assert message.channel == CHANNEL
        await it.call("POST", "/api/v1/send", {"phone": "8801700000001", "message": "Hi there"}, headers=COMPAT, status=200)
        unknown = {"phone": "8801700000000", "message": "Hi", "device_label": "sales"}
        assert "“sales”" in (await it.refused("POST", "/api/v1/send", 404, unknown, headers=COMPAT))[1]
        await it.refused("POST", "/api/v1/send", 422, {"phone": "8801700000002", "message": "{name}"}, headers=COMPAT)
        await it.refused("POST", "/api/v1/send", 422, {"phone": "not one", "message": "Hi"}, headers=COMPAT)


async def test_a_channel_that_is_off_is_503(tmp_path):
    async with town(tmp_path) as it:

        def off(session):
            session.get(ChannelRow, CHANNEL).status = "off"

        await it.services.store.write(off)
        assert (await it.refused("POST", "/v1/messages", 503, HELLO))[0] == "channel_off"
        sent = {"phone": "8801700000000", "message": "Hi"}
        assert (await it.refused("POST", "/api/v1/send", 503, sent, headers=COMPAT))[0] == "channel_off"


async def test_an_address_that_the_channel_cannot_reach_is_the_callers_mistake(tmp_path):
    async with town(tmp_path) as it:
        asked = {**HELLO, "channel_id": it.whatsapp, "to": "a@example.com"}
        assert (await it.refused("POST", "/v1/messages", 400, asked))[0] == "no_address"


async def test_the_other_workspace_sees_no_message(tmp_path):
    async with town(tmp_path) as it:
        sent = await it.call("POST", "/v1/messages", HELLO, status=201)
        await it.refused("GET", f"/v1/messages/{sent['id']}", 404, headers=OTHER)
        await it.refused("GET", f"/v1/events/{sent['event_id']}", 404, headers=OTHER)
        assert (await it.call("GET", "/v1/messages", headers=OTHER))["total"] == 0
        theirs = {**HELLO, "channel_id": 77, "contact_id": sent["contact_id"]}
        del theirs["to"]
        await it.refused("POST", "/v1/messages", 404, theirs, headers=OTHER)
