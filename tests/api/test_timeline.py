"""A contact's history: messages, flows and notes in one line, of the own workspace, forgotten with the contact."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest_asyncio
from sqlmodel import func, select

from storage.table import ContactNoteRow
from tests.api.office import greeting
from tests.api.test_sign_in import colleague, owner
from tests.contract.house import OTHER, House, house


@pytest_asyncio.fixture
async def it(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path / "data") as running:
        yield running


async def started(it: House) -> str:
    """The path of a contact to whom a flow has spoken."""
    flow = (await it.call("POST", "/v1/flows", {"document": greeting(text="Hello!")}))["id"]
    await it.call("POST", f"/v1/flows/{flow}/publish")
    body = {"identity": {"kind": "webchat", "value": "ann"}, "channel_id": "ch_1"}
    await it.call("POST", f"/v1/flows/{flow}/start", body)
    (contact,) = (await it.call("GET", "/v1/contacts"))["data"]
    return f"/v1/contacts/{contact['id']}"


def lines(told: Any) -> list[tuple[str, str]]:
    return [(each["what"], each["text"]) for each in told["data"]]


async def test_messages_flows_and_notes_stand_in_one_line(it: House) -> None:
    path = await started(it)
    note = await it.call("POST", f"{path}/notes", {"text": "Likes tea"})
    told = await it.call("GET", f"{path}/timeline")
    assert lines(told)[0] == ("note", "Likes tea")
    assert set(lines(told)[1:]) == {("message_out", "Hello!"), ("flow_started", "Greeting"), ("flow_ended", "Greeting")}
    assert [each["at"] for each in told["data"]] == sorted((each["at"] for each in told["data"]), reverse=True)
    assert next(each for each in told["data"] if each["what"] == "flow_ended")["detail"].startswith("completed")
    earlier = await it.call("GET", f"{path}/timeline?before={note['at']}&limit=1")
    assert len(earlier["data"]) == 1
    assert "note" not in {each["what"] for each in earlier["data"]}


async def test_agents_tag_contacts_and_change_nothing_else_of_them(it: House) -> None:
    path = await started(it)
    agent = await colleague(it, await owner(it), "agent")
    await it.call("PATCH", path, {"tags": ["old", "vip"]})
    assert sorted((await agent.call("PUT", f"{path}/tags", {"tags": ["vip", "new"]}))["tags"]) == ["new", "vip"]
    assert (await agent.ask("PATCH", path, {"name": "Somebody"})).status == 403


async def test_agents_note_and_delete_their_own_notes_only(it: House) -> None:
    path = await started(it)
    ada = await owner(it)
    agent = await colleague(it, ada, "agent")
    theirs = await ada.call("POST", f"{path}/notes", {"text": "By Ada"})
    mine = await agent.call("POST", f"{path}/notes", {"text": "By the agent"})
    assert (theirs["user_id"], mine["user_id"]) == ("usr_1", "usr_2")
    assert lines(await agent.call("GET", f"{path}/notes")) == [("note", "By the agent"), ("note", "By Ada")]
    assert (await agent.ask("DELETE", f"{path}/notes/{theirs['id']}")).status == 403
    await agent.call("DELETE", f"{path}/notes/{mine['id']}")
    await ada.call("DELETE", f"{path}/notes/{theirs['id']}")
    assert "note" not in dict(lines(await ada.call("GET", f"{path}/timeline")))
    for odd in ("0", "x", "9" * 30, theirs["id"]):
        assert (await ada.ask("DELETE", f"{path}/notes/{odd}")).status == 404


async def test_another_workspace_finds_neither_history_nor_notes(it: House) -> None:
    path = await started(it)
    note = await it.call("POST", f"{path}/notes", {"text": "Ours"})
    other = (await it.call("POST", "/v1/contacts", {"name": "Bob"}))["id"]
    for method, where, body in (
        ("GET", f"{path}/timeline", None),
        ("POST", f"{path}/notes", {"text": "Theirs"}),
        ("DELETE", f"{path}/notes/{note['id']}", None),
    ):
        assert (await it.ask(method, where, body, headers=OTHER)).error == "not_found"
    assert (await it.ask("DELETE", f"/v1/contacts/{other}/notes/{note['id']}")).error == "not_found"


async def test_notes_go_with_the_contact(it: House) -> None:
    path = await started(it)
    await it.call("POST", f"{path}/notes", {"text": "Likes tea"})
    await it.call("DELETE", path)
    assert await it.graph.tables.read(lambda session: session.exec(select(func.count()).select_from(ContactNoteRow)).one()) == 0
