"""Files of visitors: taken within limits, kept once, shown to their own visitor, of no use to others."""

from __future__ import annotations

from typing import Any

import pytest
from aiohttp import FormData
from sqlmodel import Session, select

from schemas.content import Media
from schemas.event import MessageReceived
from schemas.public_id import public_id
from storage.table import MediaRow
from tests.channels.webchat.house import House, house

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 100
ONE, TWO = "client-0001", "client-0002"


@pytest.fixture
async def it(tmp_path):
    async with house(tmp_path, max_upload_bytes=64 * 1024) as running:
        yield running


async def upload(it: House, token: str, data: bytes = PNG, name: str = "cat.png", field: str = "file") -> Any:
    form = FormData()
    form.add_field("before", "ignored")
    form.add_field(field, data, filename=name, content_type="image/png")
    return await it.client.post(f"{it.path}/media", data=form, headers={"X-Visitor-Token": token})


async def test_a_file_is_kept_sent_and_shown_again(it: House):
    token = (await it.session())["token"]
    answer = await upload(it, token)
    stored = await answer.json()
    assert answer.status == 201
    assert (stored["mime"], stored["name"]) == ("image/png", "cat.png")
    tab = await it.browser(token)
    content = {"kind": "image", "media": stored["media"], "caption": "My cat"}
    await tab.send({"type": "send", "client_id": ONE, "content": content})
    [frame] = await tab.until("message")
    assert frame["content"] == {
        "kind": "image", "url": stored["url"], "mime": "image/png", "name": "cat.png", "caption": "My cat",
    }  # fmt: skip
    body = it.engine.appended[0].body
    assert isinstance(body, MessageReceived)
    media = body.content
    assert isinstance(media, Media)
    assert stored["url"].startswith(f"/media/{media.media}/")
    with Session(it.tables.engine) as session:
        row = session.exec(select(MediaRow)).one()
    assert (it.data_dir / row.path).read_bytes() == PNG


async def test_a_reference_is_of_no_use_to_another_visitor_or_when_made_up(it: House):
    mine, other = await it.session(), await it.session()
    stored = await (await upload(it, mine["token"])).json()
    tab = await it.browser(other["token"])
    made_up = (stored["media"], "med_1", stored["media"][:-8] + "AAAAAAA=", "ÿ", "=")
    for number, reference in enumerate(made_up):
        content = {"kind": "image", "media": reference}
        await tab.send({"type": "send", "client_id": f"client-000{number}", "content": content})
        status = await tab.next()
        assert status["status"] == "refused"
        assert "Attach it again" in status["error"]["message"]


async def test_the_bytes_decide_what_a_file_is(it: House):
    token = (await it.session())["token"]
    stored = await (await upload(it, token, b"<html><script>alert(1)</script>", "cat.png")).json()
    assert stored["mime"] == "application/octet-stream"
    tab = await it.browser(token)
    await tab.send({"type": "send", "client_id": ONE, "content": {"kind": "image", "media": stored["media"]}})
    assert (await tab.until("message"))[0]["content"]["kind"] == "document"


async def test_the_same_file_is_kept_once(it: House):
    token = (await it.session())["token"]
    urls = {(await (await upload(it, token)).json())["url"] for _ in range(2)}
    assert len(urls) == 1
    assert len([path for path in (it.data_dir / "media").rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("size", [64 * 1024 + 1, 300 * 1024])
async def test_a_file_above_the_limit_is_refused_and_leaves_nothing(it: House, size: int):
    token = (await it.session())["token"]
    answer = await upload(it, token, PNG + b"x" * size)
    assert answer.status == 413
    assert (await answer.json())["error"]["message"] == "That file is too large. Choose one under 64 kB."
    assert [path for path in it.data_dir.rglob("*") if path.is_file()] == []


async def test_only_visitors_may_upload(it: House):
    for token in ("", "wct_unknown"):
        answer = await upload(it, token)
        assert answer.status == 401
        assert (await answer.json())["error"]["type"] == "invalid_token"


async def test_a_request_without_a_readable_file_is_refused(it: House):
    headers = {"X-Visitor-Token": (await it.session())["token"]}
    assert (await upload(it, headers["X-Visitor-Token"], field="other")).status == 400
    assert (await upload(it, headers["X-Visitor-Token"], b"")).status in (400, 422)
    for kind, body in (
        ("application/json", b"{}"),
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=x", b"no boundary at all"),
        ("multipart/form-data; boundary=x", b""),
    ):
        answer = await it.client.post(f"{it.path}/media", data=body, headers={**headers, "Content-Type": kind})
        assert answer.status == 400, (kind, body)


async def test_a_chat_may_take_no_files(tmp_path):
    async with house(tmp_path, max_upload_bytes=0) as it:
        answer = await upload(it, (await it.session())["token"])
        assert answer.status == 403
        assert "takes no files" in (await answer.json())["error"]["message"]


async def test_uploads_of_a_visitor_are_limited(it: House):
    token = (await it.session())["token"]
    statuses = [(await upload(it, token)).status for _ in range(11)]
    assert statuses == [201] * 10 + [429]


async def test_a_file_of_ours_is_linked_for_the_visitor(it: House):
    session = await it.session()
    tab = await it.browser(session["token"])
    await tab.say("hi", ONE)
    await tab.until("message", 2)
    await upload(it, session["token"], name="offer.png")
    with Session(it.tables.engine) as rows:
        media = public_id("med", rows.exec(select(MediaRow.id)).one())
    it.say(session["visitor"], Media("image", media=media, caption="Our offer"))
    content = (await tab.until("message"))[0]["content"]
    assert content["url"].startswith(f"/media/{media}/")
    assert (content["mime"], content["name"], content["caption"]) == ("image/png", "offer.png", "Our offer")
    it.say(session["visitor"], Media("image", media=public_id("med", 999)))
    assert (await tab.until("message"))[0]["content"] == {"kind": "image"}
