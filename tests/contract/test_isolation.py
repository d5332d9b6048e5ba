"""Nobody finds, changes or hears of another workspace's rows, whichever operation is tried with their ids."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlmodel import Session

from storage.table import METADATA
from tests.contract.furniture import asking, furnish
from tests.contract.house import KEY, OTHER, House

# A body with which each operation would succeed on a row of one's own; {} for the others.
BODIES: dict[str, Any] = {
    "change_presence": {"presence": "online"},
    "change_field": {"label": "Mine"},
    "list_paths": {"node": "start"},
    "try_node": {"node": "start"},
    "add_note": {"text": "Mine"},
    "tag_contact": {"tags": ["mine"]},
    "save_flow": {"document": asking("Mine")},
    "raise_event": {"name": "paid"},
    "say": {"content": {"type": "text", "text": "Hi"}},
    "transfer": {"team_id": "team_1"},
    "claim": {"force": True},
    "play_step": {"say": "hi"},
    "start_flow": {"identity": {"kind": "phone", "value": "+49304711009"}},
}
QUERIES = {"export_translations": "?language=de", "import_translations": "?language=de"}
"""What an operation can't do without."""
BY_NAME = {
    "rename_tag", "delete_tag", "put_secret", "delete_secret", "delete_note", "call_flow",
    "answer_call", "handshake", "receive", "read_linked_media",
}
"""Named by a text, or by a secret, or without a key: tried below."""
NO_ROWS = {"/v1/live", "/v1/node-types"}
"""A stream; and what every workspace has, with examples that name ids."""
UNSEEN = {"last_used_at"}
PLACEHOLDER = re.compile(r"\{(\w+)\}")


def rows(session: Session, tenant: int) -> dict[str, list[dict[str, Any]]]:
    """Everything that is stored of a workspace."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table in METADATA.sorted_tables:
        if "tenant" not in table.columns:
            continue
        wanted = table.select().where(table.c.tenant == tenant)
        found[table.name] = [
            {name: value for name, value in row._mapping.items() if name not in UNSEEN}
            for row in session.execute(wanted).all()
        ]
    return found


async def settled(it: House) -> dict[str, list[dict[str, Any]]]:
    """Their rows without the message that is being tried again and again."""
    found = await it.graph.tables.read(lambda session: rows(session, 2))
    for message in found["message"]:
        for name in [name for name in message if name not in ("id", "conversation", "contact", "content", "direction")]:
            del message[name]
    found.pop("idempotency", None)
    return found


@pytest.mark.parametrize("document", ["/openapi.json", "/api/v1/openapi.json"])
async def test_another_workspaces_ids_are_not_found_and_nothing_of_theirs_changes(it: House, document: str) -> None:
    theirs = await furnish(it, OTHER, "theirs", 4711001)
    await furnish(it, KEY, "ours", 4711002)
    before = await settled(it)
    assert sum(bool(found) for found in before.values()) >= 15
    paths = (await it.call("GET", document))["paths"]
    tried = []
    for path, operations in paths.items():
        for method, operation in operations.items():
            name = operation["operationId"]
            if "{" not in path or name in BY_NAME:
                continue
            address = PLACEHOLDER.sub(lambda found: str(theirs[found[1]]), path) + QUERIES.get(name, "")
            body = BODIES.get(name, {}) if "requestBody" in operation else None
            reply = await it.ask(method.upper(), address, body, headers={**KEY, "If-Match": "*"})
            assert (reply.status, reply.error) == (404, "not_found"), (name, reply.status, reply.body)
            tried.append(name)
    assert len(tried) > 35
    assert await settled(it) == before


async def test_their_ids_in_bodies_and_filters_are_not_found(it: House) -> None:
    theirs = await furnish(it, OTHER, "theirs", 4711001)
    ours = await furnish(it, KEY, "ours", 4711002)
    before = await settled(it)
    text = {"type": "text", "text": "Hi"}
    tries: list[tuple[str, str, Any]] = [
        ("POST", "/v1/messages", {"channel_id": theirs["channel"], "to": "+15550109999", "content": text}),
        ("POST", "/v1/messages", {"channel_id": ours["channel"], "to": theirs["contact"], "content": text}),
        ("POST", "/v1/messages", {"channel_id": ours["channel"], "contact_id": theirs["contact"], "content": text}),
        ("POST", "/v1/messages", {**send(ours), "user_id": theirs["user"]}),
        ("POST", "/v1/messages", {**send(ours), "content": {"type": "image", "media_id": theirs["media"]}}),
        ("POST", "/v1/messages", {**send(ours), "content": {"type": "template", "template_id": theirs["template"]}}),
        ("POST", f"/v1/flows/{ours['flow']}/start", {"contact_id": theirs["contact"]}),
        ("POST", f"/v1/flows/{ours['flow']}/start", {"contact_id": ours["contact"], "channel_id": theirs["channel"]}),
        ("POST", f"/v1/conversations/{ours['conversation']}/claim", {"user_id": theirs["user"]}),
        ("POST", f"/v1/conversations/{ours['conversation']}/transfer", {"team_id": theirs["team"]}),
        ("POST", f"/v1/conversations/{ours['conversation']}/transfer", {"agent_id": theirs["user"]}),
        ("POST", "/v1/simulations", {"flow_id": theirs["flow"]}),
        ("POST", "/v1/teams", {"name": "Mixed", "members": [theirs["user"]]}),
        ("PATCH", f"/v1/teams/{ours['team']}", {"members": [theirs["user"]]}),
        ("POST", "/v1/templates", {**TEMPLATE, "channel_id": theirs["channel"]}),
    ]
    for method, path, body in tries:
        reply = await it.ask(method, path, body)
        assert reply.status in (400, 404), (method, path, body, reply.status, reply.body)
        assert reply.error, body
        assert "theirs" not in str(reply.body)
    assert await settled(it) == before


async def test_their_addresses_and_keys_are_free_to_us(it: House) -> None:
    await furnish(it, OTHER, "theirs", 4711001)
    before = await settled(it)
    assert (await it.ask("POST", "/v1/contacts", {"name": "Ann", "phone": "+49304711001"})).status == 201
    assert (await it.ask("POST", "/v1/users", {"name": "Ann", "email": "theirs@example.com"})).status == 201
    assert (await it.ask("POST", "/v1/fields", {"key": "theirs_size"})).status == 201
    assert (await it.ask("POST", "/v1/flows", {"document": asking("theirs flow")})).status == 201
    assert (await it.ask("PATCH", "/v1/tags/theirs-tag", {"tag": "stolen"})).error == "not_found"
    assert (await it.ask("DELETE", "/v1/tags/theirs-tag")).error == "not_found"
    assert await settled(it) == before


async def test_lists_never_show_others_rows(it: House) -> None:
    theirs = await furnish(it, OTHER, "theirs", 4711001)
    hidden = ["theirs", *(str(id) for name, id in theirs.items() if name not in ("number", "node", "tag"))]
    paths = (await it.call("GET", "/openapi.json"))["paths"]
    lists = [path for path, each in paths.items() if "get" in each and "{" not in path and path not in NO_ROWS]
    compat = (await it.call("GET", "/api/v1/openapi.json"))["paths"]
    assert len(lists) > 15
    for path in lists:
        for base in {path, path.replace("/v1/", "/api/v1/", 1)} & (paths.keys() | compat.keys()):
            for query in ("", "?limit=100&page=1"):
                reply = await it.ask("GET", base + query)
                if reply.status == 400 and query:
                    continue
                assert reply.status in (200, 422), (path, reply.body)
                told = str(reply.body)
                assert not [word for word in hidden if f"'{word}'" in told or (word == "theirs" and word in told)], path


def send(ours: dict[str, Any]) -> dict[str, Any]:
    return {"channel_id": ours["channel"], "contact_id": ours["contact"], "content": {"type": "text", "text": "Hi"}}


TEMPLATE = {"name": "mine", "category": "UTILITY", "language": "en", "body": "Hi there"}
