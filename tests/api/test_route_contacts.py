"""Contacts over HTTP: the documents' own examples, upserts on both mounts, bulk, changes, deletion, limits, isolation."""

from __future__ import annotations

import asyncio

import pytest
from sqlmodel import select

from schemas.contact import ContactChange
from schemas.event import ChangeContact, EventNamed, NewEvent, decode_body
from schemas.public_id import read_id
from storage.table import AuditRow, ContactRow, EventRow, IdentityRow, MessageRow, RunRow
from tests.api.town import OTHER, READER, START, town

JOHN = {"name": "John Doe", "phone": "+1234567890", "email": "john@example.com", "tags": ["customer", "vip"]}
ALICE = {"phone": "8801700000000", "name": "Alice", "tag": "leads", "custom": "VIP"}
COMPAT = {"X-API-Key": "pd_live_ours"}


async def events(it, kind: str) -> list[EventRow]:
    rows = await it.read(lambda session: list(session.exec(select(EventRow).where(EventRow.kind == kind))))
    return sorted(rows, key=lambda row: row.id)


async def test_the_native_document_creates_and_lists_its_contact(tmp_path):
    async with town(tmp_path) as it:
        made = await it.call("POST", "/v1/contacts", JOHN, status=201)
        assert made["id"].startswith("ct_")
        assert {key: made[key] for key in JOHN} == JOHN
        page = await it.call("GET", "/v1/contacts?page=1&limit=50")
        assert (page["page"], page["limit"], page["total"], page["has_more"]) == (1, 50, 1, False)
        assert page["data"] == [made]
        assert (await it.call("GET", "/v1/contacts?tag=vip"))["total"] == 1
        assert (await it.call("GET", "/v1/contacts?tag=nobody"))["total"] == 0
        for limit in (0, 101):
            await it.refused("GET", f"/v1/contacts?limit={limit}", 400)


async def test_the_compat_document_upserts_on_the_phone_in_digits(tmp_path):
    async with town(tmp_path) as it:
        made = await it.call("POST", "/api/v1/contacts", ALICE, headers=COMPAT, status=201)
        assert isinstance(made["id"], int)
        assert (made["phone"], made["tags"], made["custom"]) == ("8801700000000", ["leads"], "VIP")
        again = await it.call("POST", "/api/v1/contacts", {"phone": "+8801700000000", "tag": "vip"}, headers=COMPAT, status=200)
        assert (again["id"], again["name"], again["tags"]) == (made["id"], "Alice", ["leads", "vip"])
        listed = await it.call("GET", "/api/v1/contacts?tag=leads", headers=COMPAT)
        assert [each["id"] for each in listed["data"]] == [made["id"]]
        assert (await it.call("GET", f"/v1/contacts/{made['id']}"))["phone"] == "+8801700000000"
        await it.call("DELETE", f"/api/v1/contacts/{made['id']}", headers=COMPAT, status=204)
        await it.refused("GET", f"/api/v1/contacts/{made['id']}", 404, headers=COMPAT)


async def test_each_mount_asks_for_its_own_key_field(tmp_path):
    async with town(tmp_path) as it:
        assert (await it.refused("POST", "/v1/contacts", 400, {"phone": "+1234567890"}))[1] == "name: This field is required."
        assert (await it.refused("POST", "/api/v1/contacts", 422, {"name": "A"}))[1] == "phone: This field is required."
        for path, phone, status in (
            ("/v1/contacts", "1234567890", 400), ("/v1/contacts", "+0123456789", 400), ("/api/v1/contacts", "12-34", 422),
        ):  # fmt: skip
            assert await it.refused("POST", path, status, {"name": "A", "phone": phone}) == (
                "invalid_phone", "Invalid phone number format. Use E.164 format: +1234567890",
            )  # fmt: skip


async def test_creating_tells_the_engine_once_and_changing_nothing_tells_nothing(tmp_path):
    async with town(tmp_path) as it:
        made = await it.call("POST", "/v1/contacts", JOHN, status=201)
        same = await it.call("POST", "/v1/contacts", JOHN, status=200)
        await it.call("POST", "/v1/contacts", {"name": "Jane Doe", "email": "JOHN@example.com"}, status=200)
        told = await events(it, "contact_changed")
        bodies = [decode_body(row.kind, row.body) for row in told]
        assert [(body.created, [change.op for change in body.changes]) for body in bodies] == [
            (True, ["add_identity", "add_identity", "set_name", "add_tag", "add_tag"]),
            (False, ["set_name"]),
        ]
        row = await it.read(lambda session: session.exec(select(ContactRow)).one())
        assert (told[0].contact, row.id, row.version) == (row.id, told[0].id * 1024, 2)
        assert same == made
        assert {row.part} == {each.part for each in told}


async def test_an_address_of_two_people_is_a_conflict(tmp_path):
    async with town(tmp_path) as it:
        await it.call("POST", "/v1/contacts", {"name": "A", "phone": "+1234567890"}, status=201)
        other = await it.call("POST", "/v1/contacts", {"name": "B", "email": "b@example.com"}, status=201)
        both = {"name": "C", "phone": "+1234567890", "email": "b@example.com"}
        assert (await it.refused("POST", "/v1/contacts", 409, both))[0] == "address_taken"
        third = await it.call("POST", "/v1/contacts", {"name": "D", "email": "d@example.com"}, status=201)
        path = f"/v1/contacts/{third['id']}"
        assert (await it.refused("PATCH", path, 409, {"email": "b@example.com"}))[0] == "address_taken"
        assert other["name"] == "B"


async def test_a_change_says_what_changed_and_the_phone_stays(tmp_path):
    async with town(tmp_path) as it:
        made = await it.call("POST", "/v1/contacts", JOHN, status=201)
        path = f"/v1/contacts/{made['id']}"
        changed = await it.call("PATCH", path, {"name": None, "custom": "gold", "tag": "new", "timezone": "Europe/Berlin"})
        assert (changed["name"], changed["custom"], changed["tags"]) == (None, "gold", ["customer", "vip", "new"])
        assert (await it.call("PATCH", path, {"tags": ["vip"], "custom": None}))["tags"] == ["vip"]
        assert (await it.call("PATCH", path, {"phone": "+1234567890"}))["tags"] == ["vip"]
        assert await it.refused("PATCH", path, 400, {"phone": "+1234567891"}) == (
            "phone_immutable",
            "A contact's phone number can't be changed. Delete the contact and create it anew with the other number.",
        )
        assert (await it.refused("PATCH", f"/api/v1/contacts/{made['id']}", 422, {"phone": "1234567891"}))[0] == "phone_immutable"
        assert (await it.refused("PATCH", path, 400, {"fields": {"plan": "x"}}))[0] == "unknown_field"
        assert (await it.refused("PATCH", path, 400, {"timezone": "Middle/Earth"}))[0] == "unknown_timezone"
        assert (await it.call("GET", path))["custom"] is None


async def test_opting_out_goes_through_the_contacts_lane(tmp_path):
    async with town(tmp_path) as it:
        made = await it.call("POST", "/v1/contacts", JOHN, status=201)
        assert (await it.call("PATCH", f"/v1/contacts/{made['id']}", {"opted_out": True}))["opted_out"] is True
        assert (await it.call("GET", "/v1/contacts?opted_out=true"))["total"] == 1
        asked = {"channel_id": "ch_123456", "to": "+1234567890", "content": {"type": "text", "text": "Hi"}}
        assert (await it.refused("POST", "/v1/messages", 409, asked))[0] == "opted_out"
        assert (await it.call("PATCH", f"/v1/contacts/{made['id']}", {"opted_out": False}))["opted_out"] is False
        it.entrance.answers = False
        await it.call("PATCH", f"/v1/contacts/{made['id']}", {"opted_out": True}, status=202)


async def test_bulk_takes_a_thousand_and_no_more(tmp_path):
    async with town(tmp_path) as it:
        two = [{"phone": "8801711111111", "name": "Alice", "tag": "vip"}, {"phone": "8801722222222", "name": "Bob", "tag": "vip"}]
        answer = await it.call("POST", "/api/v1/contacts/bulk", {"contacts": two}, headers=COMPAT, status=200)
        assert answer == {"created": 2, "updated": 0, "total_processed": 2, "errors": []}
        more = [*two, {"phone": "8801733333333", "fields": {"nothing": 1}}, {"phone": "8801744444444"}]
        answer = await it.call("POST", "/api/v1/contacts/bulk", {"contacts": more}, headers=COMPAT)
        assert (answer["created"], answer["updated"], answer["total_processed"]) == (1, 2, 3)
        assert [each["index"] for each in answer["errors"]] == [2]
        many = [{"phone": str(10**9 + number)} for number in range(1_001)]
        await it.refused("POST", "/api/v1/contacts/bulk", 422, {"contacts": many}, headers=COMPAT)
        assert (await it.call("GET", "/v1/contacts"))["total"] == 3


async def test_deleting_forgets_the_person_and_tells_the_desk(tmp_path):
    async with town(tmp_path) as it:
        asked = {"channel_id": "ch_123456", "to": "+1234567890", "content": {"type": "text", "text": "Hi"}}
        sent = await it.call("POST", "/v1/messages", asked, status=201)
        await it.call("POST", f"/v1/conversations/{sent['conversation_id']}/claim", {"user_id": it.users["ada@1"]})
        await it.call("DELETE", f"/v1/contacts/{sent['contact_id']}", status=204)
        for kind in (ContactRow, IdentityRow, MessageRow, RunRow):
            assert await it.read(lambda session, kind=kind: session.exec(select(kind)).first()) is None
        assert [row.team for row in await events(it, "assign_withdrawn")] != [0]
        audit = await it.read(lambda session: session.exec(select(AuditRow)).one())
        assert (audit.tenant, audit.action) == (1, "delete contact")
        await it.refused("GET", f"/v1/conversations/{sent['conversation_id']}", 404)
        again = await it.call("POST", "/v1/messages", asked, status=201)
        assert again["contact_id"] != sent["contact_id"]


async def test_a_named_event_is_answered(tmp_path):
    async with town(tmp_path) as it:
        made = await it.call("POST", "/v1/contacts", JOHN, status=201)
        path = f"/v1/contacts/{made['id']}/events"
        raised = await it.call("POST", path, {"name": "paid", "data": {"total": 12.5}}, status=200)
        assert raised["resumed"] == 0
        event = await it.call("GET", f"/v1/events/{raised['event_id']}")
        assert (event["kind"], event["state"], event["answer"]) == ("event_named", "done", {"resumed": 0})
        it.entrance.answers = False
        assert (await it.call("POST", path, {"name": "paid"}, status=202))["resumed"] is None
        await it.refused("POST", "/v1/contacts/ct_zzz/events", 404, {"name": "paid"})


@pytest.mark.parametrize("name", ["{{x}}{a|b}", "O'Brien; DROP TABLE contact;--", "%_\\", "名前", "<script>"])
async def test_names_are_only_text(tmp_path, name):
    async with town(tmp_path) as it:
        made = await it.call("POST", "/v1/contacts", {"name": name, "phone": "+1234567890"}, status=201)
        assert made["name"] == name
        await it.call("POST", "/v1/contacts", {"name": "Somebody", "phone": "+1234567899"}, status=201)
        found = await it.client.get("/v1/contacts", params={"search": name}, headers=COMPAT)
        assert [each["id"] for each in (await found.json())["data"]] == [made["id"]]


async def test_search_finds_numbers_and_addresses(tmp_path):
    async with town(tmp_path) as it:
        await it.call("POST", "/v1/contacts", JOHN, status=201)
        for search, count in (("+1 234567", 1), ("34567", 1), ("john@", 1), ("Doe", 1), ("999", 0)):
            found = await it.client.get("/v1/contacts", params={"search": search}, headers=COMPAT)
            assert (await found.json())["total"] == count, search


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"name": "x" * 100_000}, "validation_failed"),
        ({"name": "a\0b"}, "nul_character"),
        ({"name": "A", "email": "no address"}, "invalid_email"),
        ({"name": "A", "tags": ["t"] * 101}, "validation_failed"),
        ({"name": "A", "fields": {"k": {"deep": 1}}}, "validation_failed"),
        ({"name": "A", "id": 7}, "validation_failed"),
    ],
)
async def test_what_does_not_fit_is_refused(tmp_path, body, kind):
    async with town(tmp_path) as it:
        assert (await it.refused("POST", "/v1/contacts", 400, body))[0] == kind
        assert (await it.call("GET", "/v1/contacts"))["total"] == 0


async def test_tags_are_counted_renamed_and_removed(tmp_path):
    async with town(tmp_path) as it:
        for number, tags in enumerate((["vip", "old"], ["vip"], ["old", "new"])):
            await it.call("POST", "/v1/contacts", {"name": "A", "phone": f"+1234567{number}", "tags": tags}, status=201)
        await it.call("POST", "/v1/contacts", {"name": "T", "tags": ["old"]}, headers=OTHER, status=201)
        page = await it.call("GET", "/v1/tags")
        assert [(each["tag"], each["contacts"]) for each in page["data"]] == [("new", 1), ("old", 2), ("vip", 2)]
        assert await it.call("PATCH", "/v1/tags/old", {"tag": "new"}) == {"contacts": 2}
        assert await it.call("DELETE", "/v1/tags/vip") == {"contacts": 2}
        assert [(each["tag"], each["contacts"]) for each in (await it.call("GET", "/v1/tags"))["data"]] == [("new", 2)]
        assert (await it.call("GET", "/v1/tags", headers=OTHER))["data"] == [{"tag": "old", "contacts": 1}]
        await it.refused("DELETE", "/v1/tags/vip", 404)


async def test_a_key_without_the_scope_and_another_tenants_key(tmp_path):
    async with town(tmp_path) as it:
        made = await it.call("POST", "/v1/contacts", JOHN, status=201)
        reader = {"X-API-Key": READER}
        assert (await it.refused("POST", "/v1/contacts", 403, JOHN, headers=reader))[0] == "missing_scope"
        assert (await it.call("GET", "/v1/contacts", headers=reader))["total"] == 1
        path = f"/v1/contacts/{made['id']}"
        for method, body in (("GET", None), ("PATCH", {"name": "X"}), ("DELETE", None)):
            await it.refused(method, path, 404, body, headers=OTHER)
        assert (await it.call("GET", "/v1/contacts", headers=OTHER))["total"] == 0
        theirs = await it.call("POST", "/v1/contacts", JOHN, headers=OTHER, status=201)
        assert theirs["id"] != made["id"]


async def test_what_was_on_its_way_to_a_deleted_contact_finds_nobody(tmp_path):
    async with town(tmp_path) as it:
        made = await it.call("POST", "/v1/contacts", JOHN, status=201)
        await it.call("DELETE", f"/v1/contacts/{made['id']}", status=204)
        event = NewEvent(1, "test", "late", START, EventNamed("paid"), contact=read_id("ct", made["id"]))
        late = await it.entrance.append([event])
        await it.decided()
        shown = await it.call("GET", f"/v1/events/{late[0].id}")
        assert (shown["state"], shown["problem"]["code"]) == ("done", "unknown_contact")
        assert (await it.call("GET", "/v1/contacts"))["total"] == 0


async def test_the_engine_and_the_api_change_one_contact_in_turn(tmp_path):
    async with town(tmp_path) as it:
        made = await it.call("POST", "/v1/contacts", JOHN, status=201)
        path = f"/v1/contacts/{made['id']}"
        for number in range(10):
            tag = (ContactChange("add_tag", f"engine-{number}"),)
            event = NewEvent(1, "test", f"{number}", START, ChangeContact(tag), contact=read_id("ct", made["id"]))
            await asyncio.gather(it.entrance.append([event]), it.call("PATCH", path, {"tag": f"api-{number}"}))
        await it.decided()
        tags = (await it.call("GET", path))["tags"]
        wanted = {*JOHN["tags"], *(f"{who}-{number}" for who in ("engine", "api") for number in range(10))}
        assert (set(tags), len(tags)) == (wanted, len(wanted))
