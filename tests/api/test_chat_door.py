"""The public door of the chat: pages, headers, origins, sessions, limits."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from aiohttp import WSServerHandshakeError
from sqlmodel import Session, select

from api.chat.limit import ChatSettings, Slots
from api.http.error import TooManyRequests
from crm.webchat import forget_silent_visitors
from schemas.public_id import public_id
from storage.table import ChannelRow, TenantRow, WebchatVisitorRow
from tests.channels.webchat.house import SITE, House, house

ONE = "client-0001"
FOREIGN = "https://evil.example"
OFF = "It may have been switched off."


@pytest.fixture
async def it(tmp_path):
    async with house(tmp_path) as running:
        yield running


async def test_the_page_has_a_strict_policy_and_files_that_are_there(it: House):
    page = await it.client.get(it.path)
    assert page.status == 200
    assert page.headers["Content-Security-Policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        "img-src 'self' https: data: blob:; media-src 'self' https: blob:; font-src 'self'; base-uri 'none'; "
        f"form-action 'none'; frame-ancestors 'self' {SITE}"
    )
    named = re.findall(r'(?:src|href)="(assets/[^"]+)"', await page.text())
    assert len(named) >= 3
    for name in named:
        asset = await it.client.get(f"/chat/{name}")
        assert asset.status == 200
        assert asset.headers["X-Content-Type-Options"] == "nosniff"
        again = await it.client.get(f"/chat/{name}", headers={"If-None-Match": asset.headers["ETag"]})
        assert again.status == 304
    script = await it.client.get("/chat/assets/chat.js")
    assert script.content_type == "text/javascript"


async def test_a_slash_at_the_end_leads_to_the_page(it: House):
    answer = await it.client.get(f"{it.path}/?embed=1", allow_redirects=False)
    assert (answer.status, answer.headers["Location"]) == (308, f"{it.path}?embed=1")


async def test_the_widget_may_be_loaded_by_every_page(it: House):
    answer = await it.client.get(f"{it.path}/widget.js", headers={"Origin": FOREIGN})
    assert answer.status == 200
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("name", ["chat.html", "..%2Fkind.py", "..%2f..%2fprotocol.py", "%2Fetc%2Fpasswd", "none.js"])
async def test_no_other_file_leaves(it: House, name: str):
    assert (await it.client.get(f"/chat/assets/{name}")).status == 404


@pytest.mark.parametrize("name", ["ch_zzz", "ch_", "9", "7", public_id("ch", 9), "x%00", "ch_" + "z" * 300])
async def test_where_there_is_no_chat_the_page_says_so(it: House, name: str):
    page = await it.client.get(f"/chat/{name}")
    assert (page.status, page.content_type) == (404, "text/html")
    assert "There is no chat at this address." in await page.text()
    for call in ("config", "ws"):
        answer = await it.client.get(f"/chat/{name}/{call}")
        assert answer.status == 404
        assert OFF in (await answer.json())["error"]["message"]


@pytest.mark.parametrize(("kind", "key", "status"), [(ChannelRow, 7, "off"), (TenantRow, 1, "suspended")])
async def test_a_chat_that_is_switched_off_ends_for_everybody(it: House, kind: type, key: int, status: str):
    token = (await it.session())["token"]
    tab = await it.browser(token)
    it.change(kind, key, status=status)
    assert (await it.client.get(it.path)).status == 404
    assert (await it.client.post(f"{it.path}/session", json={})).status == 404
    for _ in range(25):
        await it.clock.advance(1)
    assert await tab.ended() == 1008


async def test_the_config_is_what_the_page_reads(tmp_path):
    async with house(tmp_path, name="Lumen", greeting="Hi!", locale="de", powered_by=False) as it:
        assert await (await it.client.get(f"{it.path}/config")).json() == {
            "name": "Lumen", "greeting": "Hi!", "colour": "#3457d5", "logo_url": None, "placeholder": None, "locale": "de",
            "poweredBy": False, "max_upload_bytes": 10 * 1024 * 1024,
        }  # fmt: skip
        other = await it.client.get(f"/chat/{public_id('ch', 8)}/config")
        assert (await other.json())["name"] == "Other chat"


async def test_only_allowed_sites_and_our_own_may_call(it: House):
    own = f"http://{it.client.host}:{it.client.port}"
    for origin in (None, own, "https://chat.shop.example", SITE, FOREIGN, "null"):
        status = 403 if origin in (FOREIGN, "null") else 200
        headers = {"Origin": origin} if origin else {}
        config = await it.client.get(f"{it.path}/config", headers=headers)
        assert config.status == status, origin
        assert config.headers.get("Access-Control-Allow-Origin") == (SITE if origin == SITE else None)
        session = await it.client.post(f"{it.path}/session", json={}, headers=headers)
        assert session.status == status, origin
        token = (await it.session())["token"]
        media = await it.client.post(f"{it.path}/media", headers={"X-Visitor-Token": token, **headers})
        assert media.status == (400 if status == 200 else 403)
        if status == 200:
            await it.knock(**headers)
        else:
            with pytest.raises(WSServerHandshakeError, match="403"):
                await it.knock(**headers)


async def test_a_star_allows_every_site(tmp_path):
    async with house(tmp_path, allowed_origins=["*"]) as it:
        answer = await it.client.get(f"{it.path}/config", headers={"Origin": FOREIGN})
        assert answer.headers["Access-Control-Allow-Origin"] == FOREIGN
        assert answer.headers["Vary"] == "Origin"
        policy = (await it.client.get(it.path)).headers["Content-Security-Policy"]
        assert policy.endswith("frame-ancestors *")


async def test_a_browser_may_ask_before_it_calls(it: House):
    answer = await it.client.options(f"{it.path}/media", headers={"Origin": SITE})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (204, SITE)
    assert "X-Visitor-Token" in answer.headers["Access-Control-Allow-Headers"]
    assert (await it.client.options(f"{it.path}/media", headers={"Origin": FOREIGN})).status == 403


async def test_a_token_is_kept_as_its_hash_and_leads_to_one_visitor_of_one_channel(it: House):
    first = await it.session()
    assert await it.session(first["token"]) == first
    assert len(first["token"]) > 60
    other = await it.session("wct_stranger")
    assert other["visitor"] != first["visitor"]
    assert other["token"] != "wct_stranger"
    foreign = await it.client.post(f"/chat/{public_id('ch', 8)}/session", json={"token": first["token"]})
    assert (await foreign.json())["visitor"] != first["visitor"]
    with Session(it.tables.engine) as session:
        for row in session.exec(select(WebchatVisitorRow)):
            assert first["token"] not in repr(row)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"token": 7}', b'{"token": "%s"}' % (b"x" * 201), b"\xff"])
async def test_a_session_needs_a_readable_body(it: House, body: bytes):
    answer = await it.client.post(f"{it.path}/session", data=body)
    assert answer.status == 400
    assert "JSON object" in (await answer.json())["error"]["message"]


async def test_a_session_takes_no_large_body(it: House):
    assert (await it.client.post(f"{it.path}/session", data=b"x" * 5000)).status == 413


async def test_sessions_are_limited_by_address_and_the_limit_passes(it: House):
    statuses = [(await it.client.post(f"{it.path}/session", json={})).status for _ in range(121)]
    assert statuses == [200] * 120 + [429]
    refused = await it.client.post(f"{it.path}/session", json={}, headers={"X-Forwarded-For": "203.0.113.9"})
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) >= 1
    await it.clock.advance(60)
    await it.session()


async def test_behind_a_trusted_proxy_each_visitor_has_an_own_limit(tmp_path):
    async with house(tmp_path, ChatSettings(trusted_proxies=("127.0.0.0/8",))) as it:
        for _ in range(120):
            await it.session(**{"X-Forwarded-For": "6.6.6.6, 203.0.113.9"})
        blocked = await it.client.post(f"{it.path}/session", json={}, headers={"X-Forwarded-For": "7.7.7.7, 203.0.113.9"})
        assert blocked.status == 429
        await it.session(**{"X-Forwarded-For": "203.0.113.10"})


async def test_who_writes_too_fast_is_refused_and_may_go_on_later(it: House):
    it.engine.silent = True
    tab = await it.browser((await it.session())["token"])
    for number in range(62):
        await tab.say("again", f"client-{number:04}")
    statuses = [frame["status"] for frame in await tab.until("status", 62)]
    assert statuses == ["received"] * 60 + ["refused"] * 2
    await it.clock.advance(5)
    await tab.say("later", "client-later")
    assert (await tab.until("status"))[0]["status"] == "received"


async def test_a_flood_of_frames_ends_the_connection(it: House):
    tab = await it.browser((await it.session())["token"])
    for _ in range(241):
        await tab.send({"type": "pong"})
    assert await tab.ended() == 1008


async def test_a_visitor_may_open_ten_tabs(it: House):
    token = (await it.session())["token"]
    tabs = [await it.browser(token) for _ in range(10)]
    eleventh = await it.knock()
    await eleventh.send({"type": "hello", "token": token, "after": 0})
    assert (await eleventh.next())["error"]["code"] == "too_many_tabs"
    await tabs[0].socket.close()
    await it.left(9)
    await it.browser(token)


async def test_the_server_holds_so_many_connections_and_no_more(tmp_path):
    async with house(tmp_path, ChatSettings(sockets=2)) as it:
        for _ in range(2):
            await it.knock()
        with pytest.raises(WSServerHandshakeError, match="429"):
            await it.knock()


def test_slots_are_given_back():
    slots = Slots(each=1, all=2)
    with slots.one("a", "full"), slots.one("b", "full"):
        for key in ("a", "c"):
            with pytest.raises(TooManyRequests, match="full"), slots.one(key, "full"):
                pass
    with slots.one("a", "full"):
        pass


async def test_visitors_who_never_wrote_are_forgotten(it: House):
    silent, writer = await it.session(), await it.session()
    tab = await it.browser(writer["token"])
    await tab.say("hi", ONE)
    await tab.until("message", 2)
    later = it.clock.now() + timedelta(days=30)
    assert await it.tables.write(lambda session: forget_silent_visitors(session, later)) == 1
    assert await it.session(writer["token"]) == writer
    assert (await it.session(silent["token"]))["visitor"] != silent["visitor"]
