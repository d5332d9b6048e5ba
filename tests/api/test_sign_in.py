"""Signing in: the welcome, invitations, passwords, cookies, roles, and what other sites' pages can't do."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from api.cookie import PLAIN
from crm.sign_in import IDLE, LONGEST, WELCOME_FOR, make_welcome
from tests.contract.house import KEY, House, Reply, house, suspend

EMAIL, PASSWORD = "ada@shop.example", "four walls and a roof"


@pytest_asyncio.fixture
async def it(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path / "data") as running:
        yield running


class Browser:
    """A browser on our own page: keeps its cookie, and says where its page is from."""

    def __init__(self, it: House) -> None:
        self.it = it
        self.cookie = ""

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        said = {"Origin": self.it.url, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if self.cookie:
            said["Cookie"] = self.cookie
        reply = await self.it.ask(method, path, body, headers=said)
        if "Set-Cookie" in reply.headers:
            self.cookie = reply.headers["Set-Cookie"].partition(";")[0]
        return reply

    async def call(self, method: str, path: str, body: Any = None) -> Any:
        reply = await self.ask(method, path, body)
        assert reply.status < 300, (method, path, reply.status, reply.body)
        return reply.body

    async def sign_in(self, email: str = EMAIL, password: str = PASSWORD) -> Browser:
        await self.call("POST", "/v1/session", {"email": email, "password": password})
        return self


async def welcome(it: House, token: str = "welcome") -> str:
    await it.write(lambda session: make_welcome(session, 1, token, it.clock.now()))
    return token


async def owner(it: House) -> Browser:
    """A browser in which the first owner is signed in."""
    browser = Browser(it)
    token = await welcome(it)
    await browser.call(
        "POST", "/v1/session/link/use", {"token": token, "password": PASSWORD, "email": EMAIL, "name": "Ada"}
    )
    return browser


async def colleague(it: House, ada: Browser, role: str) -> Browser:
    """A browser in which somebody who was invited is signed in."""
    user = await ada.call("POST", "/v1/users", {"email": f"{role}@shop.example", "name": role.title(), "role": role})
    link = await ada.call("POST", f"/v1/users/{user['id']}/link")
    browser = Browser(it)
    await browser.call("POST", "/v1/session/link/use", {"token": link["url"].partition("#")[2], "password": PASSWORD})
    return browser


async def test_the_first_owner_comes_in_by_the_welcome_and_signs_in_again(it: House) -> None:
    browser, token = Browser(it), await welcome(it)
    shown = await browser.call("POST", "/v1/session/link", {"token": token})
    assert (shown["purpose"], shown["email"], shown["workspace"]) == ("welcome", "", "Ours")
    incomplete = await browser.ask("POST", "/v1/session/link/use", {"token": token, "password": PASSWORD})
    assert (incomplete.status, incomplete.error) == (409, "conflict")
    body = {"token": token, "password": PASSWORD, "email": " ADA@shop.example", "name": "Ada"}
    entered = await browser.ask("POST", "/v1/session/link/use", body)
    assert entered.status == 200
    assert {each.strip() for each in entered.headers["Set-Cookie"].split(";")[1:]} == {
        "Path=/", "HttpOnly", "SameSite=Strict", f"Max-Age={int(LONGEST.total_seconds())}"
    }  # fmt: skip
    me = await browser.call("GET", "/v1/session")
    assert (me["email"], me["name"], me["role"], me["scopes"], me["workspace"]) == (EMAIL, "Ada", "owner", ["*"], "Ours")
    assert (await browser.call("GET", "/v1/contacts"))["total"] == 0
    assert (await browser.call("POST", "/v1/contacts", {"name": "Ann"}))["name"] == "Ann"

    again = await Browser(it).ask("POST", "/v1/session/link/use", body)
    assert (again.status, again.error) == (404, "link_gone")
    assert (await browser.ask("DELETE", "/v1/session")).status == 200
    assert browser.cookie == f"{PLAIN}="
    assert (await browser.ask("GET", "/v1/session")).status == 401
    await Browser(it).sign_in("Ada@Shop.Example")


async def test_a_second_welcome_makes_no_second_owner(it: House) -> None:
    await owner(it)
    token = await welcome(it, "stolen")
    body = {"token": token, "password": PASSWORD, "email": "eve@evil.example", "name": "Eve"}
    assert (await Browser(it).ask("POST", "/v1/session/link/use", body)).error == "link_gone"


async def test_links_run_out_and_newer_ones_replace_older(it: House) -> None:
    ada = await owner(it)
    user = (await ada.call("POST", "/v1/users", {"email": "bo@shop.example", "name": "Bo"}))["id"]
    links = [await ada.call("POST", f"/v1/users/{user}/link") for _ in range(2)]
    assert {link["purpose"] for link in links} == {"invite"}
    first, second = (link["url"].partition("#")[2] for link in links)
    assert (await Browser(it).ask("POST", "/v1/session/link", {"token": first})).error == "link_gone"
    assert (await Browser(it).call("POST", "/v1/session/link", {"token": second}))["email"] == "bo@shop.example"
    assert [row["link_until"] is not None for row in (await ada.call("GET", "/v1/users"))["data"]] == [False, True]
    it.clock.ahead += WELCOME_FOR * 7
    assert (await Browser(it).ask("POST", "/v1/session/link", {"token": second})).error == "link_gone"


async def test_a_reset_signs_other_browsers_out(it: House) -> None:
    ada = await owner(it)
    editor = await colleague(it, ada, "editor")
    users = {row["role"]: row for row in (await ada.call("GET", "/v1/users"))["data"]}
    assert users["editor"]["signs_in"] is True
    link = await ada.call("POST", f"/v1/users/{users['editor']['id']}/link")
    assert link["purpose"] == "reset"
    other = Browser(it)
    await other.call("POST", "/v1/session/link/use", {"token": link["url"].partition("#")[2], "password": "new words here"})
    assert (await editor.ask("GET", "/v1/session")).status == 401
    assert (await other.call("GET", "/v1/session"))["role"] == "editor"
    assert (await Browser(it).ask("POST", "/v1/session", {"email": "editor@shop.example", "password": PASSWORD})).status == 401


async def test_a_wrong_password_and_an_unknown_address_are_one_answer(it: House) -> None:
    await owner(it)
    for email, password in ((EMAIL, "wrong words"), ("nobody@shop.example", PASSWORD)):
        reply = await Browser(it).ask("POST", "/v1/session", {"email": email, "password": password})
        assert (reply.status, reply.error) == (401, "wrong_password")
        assert "Set-Cookie" not in reply.headers


async def test_guessing_is_slowed_and_names_the_wait(it: House) -> None:
    await owner(it)
    replies = [
        await Browser(it).ask("POST", "/v1/session", {"email": EMAIL, "password": f"guess {number}"}) for number in range(11)
    ]
    assert [reply.status for reply in replies] == [401] * 10 + [429]
    assert int(replies[-1].headers["Retry-After"]) > 0
    assert "Wait" in replies[-1].body["message"]
    it.clock.ahead += timedelta(minutes=2)
    await Browser(it).sign_in()


async def test_signing_in_rightly_is_never_slowed(it: House) -> None:
    await owner(it)
    for _ in range(12):
        await Browser(it).sign_in()
    assert (await Browser(it).ask("POST", "/v1/session", {"email": EMAIL, "password": "a guess"})).status == 401


async def test_changing_the_password_needs_the_present_one_and_signs_others_out(it: House) -> None:
    ada = await owner(it)
    phone = await Browser(it).sign_in()
    assert len((await ada.call("GET", "/v1/session/browsers"))["data"]) == 2
    wrong = await ada.ask("POST", "/v1/session/password", {"current": "not it", "new": "some other words"})
    assert (wrong.status, wrong.error) == (400, "wrong_password")
    for weak in (EMAIL, "aaaaaaaaaaaa", "short"):
        assert (await ada.ask("POST", "/v1/session/password", {"current": PASSWORD, "new": weak})).status == 400, weak
    await ada.call("POST", "/v1/session/password", {"current": PASSWORD, "new": "some other words"})
    assert (await phone.ask("GET", "/v1/session")).status == 401
    assert (await ada.ask("GET", "/v1/session")).status == 200
    await Browser(it).sign_in(EMAIL, "some other words")


async def test_sessions_end_when_idle_and_at_last_anyway(it: House) -> None:
    ada = await owner(it)
    it.clock.ahead += IDLE - timedelta(minutes=1)
    assert (await ada.ask("GET", "/v1/session")).status == 200
    it.clock.ahead += IDLE - timedelta(minutes=1)
    assert (await ada.ask("GET", "/v1/session")).status == 200, "use keeps it"
    it.clock.ahead += IDLE
    assert (await ada.ask("GET", "/v1/session")).status == 401
    await ada.sign_in()
    for _ in range(LONGEST // (IDLE / 2)):
        it.clock.ahead += IDLE / 2
        await ada.ask("GET", "/v1/session")
    it.clock.ahead += IDLE / 2
    assert (await ada.ask("GET", "/v1/session")).status == 401


async def test_signing_out_elsewhere_and_removing_a_user(it: House) -> None:
    ada = await owner(it)
    phone = await Browser(it).sign_in()
    await ada.call("DELETE", "/v1/session/browsers")
    assert (await phone.ask("GET", "/v1/session")).status == 401
    agent = await colleague(it, ada, "agent")
    user = (await agent.call("GET", "/v1/session"))["user_id"]
    await ada.call("DELETE", f"/v1/users/{user}")
    assert (await agent.ask("GET", "/v1/session")).status == 401
    assert (await Browser(it).ask("POST", "/v1/session", {"email": "agent@shop.example", "password": PASSWORD})).status == 401


ALLOWED: dict[str, tuple[str, ...]] = {
    "GET /v1/flows": ("editor", "agent"),
    "POST /v1/flows": ("editor",),
    "GET /v1/contacts": ("editor", "agent"),
    "POST /v1/contacts": ("editor",),
    "GET /v1/conversations": ("editor", "agent"),
    "POST /v1/conversations/cv_1/claim": ("editor", "agent"),
    "GET /v1/keys": (),
    "POST /v1/keys": (),
    "POST /v1/users": (),
    "POST /v1/users/usr_1/link": (),
    "GET /v1/users": ("editor", "agent"),
    "POST /v1/teams": ("editor",),
    "POST /v1/channels": ("editor",),
    "GET /v1/channels": ("editor", "agent"),
    "PATCH /v1/settings": ("editor",),
    "POST /v1/flows/flow_1/publish": ("editor",),
    "POST /v1/flows/flow_1/start": ("editor",),
    "POST /v1/runs/run_1/stop": ("editor",),
    "GET /v1/events": ("editor",),
}


@pytest.mark.parametrize("role", ["editor", "agent"])
async def test_each_role_may_do_what_it_may(it: House, role: str) -> None:
    browser = await colleague(it, await owner(it), role)
    for line, roles in ALLOWED.items():
        method, path = line.split()
        reply = await browser.ask(method, path, {} if method in ("POST", "PATCH") else None)
        if role in roles:
            assert reply.status not in (401, 403, 405), (line, reply.body)
        else:
            assert (reply.status, reply.error) == (403, "missing_role"), line
            assert role in reply.body["message"] or "role" in reply.body["message"]


async def test_a_new_role_holds_at_once(it: House) -> None:
    ada = await owner(it)
    agent = await colleague(it, ada, "agent")
    user = (await agent.call("GET", "/v1/session"))["user_id"]
    assert (await agent.ask("POST", "/v1/contacts", {"name": "Ann"})).status == 403
    await ada.call("PATCH", f"/v1/users/{user}", {"role": "editor"})
    assert (await agent.ask("POST", "/v1/contacts", {"name": "Ann"})).status == 201


async def test_nobody_acts_in_anothers_name(it: House) -> None:
    ada = await owner(it)
    agent = await colleague(it, ada, "agent")
    boss = (await ada.call("GET", "/v1/session"))["user_id"]
    presence = await agent.ask("PUT", f"/v1/users/{boss}/presence", {"presence": "offline"})
    assert (presence.status, presence.error) == (403, "missing_role")
    mine = (await agent.call("GET", "/v1/session"))["user_id"]
    assert (await agent.call("PUT", f"/v1/users/{mine}/presence", {"presence": "online"}))["presence"] == "online"


@pytest.mark.parametrize(
    "said",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {},
    ],
)
async def test_another_sites_page_changes_nothing_with_the_cookie(it: House, said: dict[str, str]) -> None:
    ada = await owner(it)
    headers = {"Cookie": ada.cookie, **said}
    for method, path in (("POST", "/v1/contacts"), ("PATCH", "/v1/settings"), ("DELETE", "/v1/session")):
        reply = await it.ask(method, path, {"name": "Eve"}, headers=headers)
        assert (reply.status, reply.error) == (403, "origin_refused"), (method, path)
    assert (await it.ask("GET", "/v1/contacts", headers=headers)).body["total"] == 0
    assert (await it.ask("POST", "/v1/contacts", {"name": "Key"}, headers={**KEY, **said})).status == 201, "keys need no page"


async def test_another_sites_page_signs_nobody_in(it: House) -> None:
    await owner(it)
    body = {"email": EMAIL, "password": PASSWORD}
    reply = await it.ask("POST", "/v1/session", body, headers={"Origin": "https://evil.example"})
    assert (reply.status, reply.error) == (403, "origin_refused")


async def test_a_page_over_https_gets_a_cookie_for_https_only(it: House) -> None:
    await owner(it)
    body = {"email": EMAIL, "password": PASSWORD}
    reply = await it.ask("POST", "/v1/session", body, headers={"Origin": "https://chat.example"})
    name, _, rest = reply.headers["Set-Cookie"].partition("=")
    assert (name, "Secure" in rest, "Path=/;" in rest, "Domain" in rest) == ("__Host-postdog_session", True, True, False)
    cookie = reply.headers["Set-Cookie"].partition(";")[0]
    assert (await it.ask("GET", "/v1/session", headers={"Cookie": cookie})).body["email"] == EMAIL


async def test_a_cookie_of_a_suspended_workspace_is_refused_and_a_made_up_one_is_nobodys(it: House) -> None:
    ada = await owner(it)
    for cookie in (f"{PLAIN}=made-up", f"{PLAIN}=", f"{PLAIN}={'x' * 5000}"):
        assert (await it.ask("GET", "/v1/session", headers={"Cookie": cookie})).status == 401
    await suspend(it, 1)
    assert (await ada.ask("GET", "/v1/session")).error == "account_inactive"


async def test_a_wrong_key_is_not_mended_by_a_cookie(it: House) -> None:
    ada = await owner(it)
    assert (await ada.ask("GET", "/v1/session", X_API_Key="pd_live_nobody")).status == 401


async def test_a_key_has_no_name_and_no_password(it: House) -> None:
    me = await it.call("GET", "/v1/session")
    assert (me["user_id"], me["scopes"], me["workspace"]) == (None, ["*"], "Ours")
    for method, path, body in (
        ("PATCH", "/v1/session", {"name": "Key"}),
        ("POST", "/v1/session/password", {"current": "x", "new": "some long words"}),
    ):
        assert (await it.ask(method, path, body)).error == "not_signed_in"


async def test_neither_cookie_nor_password_nor_link_is_kept_as_it_is(it: House) -> None:
    ada = await owner(it)
    user = (await ada.call("POST", "/v1/users", {"email": "bo@shop.example", "name": "Bo"}))["id"]
    link = (await ada.call("POST", f"/v1/users/{user}/link"))["url"].partition("#")[2]
    stored = b"".join(file.read_bytes() for file in it.graph.settings.data_dir.glob("postdog.db*"))
    for secret in (ada.cookie.partition("=")[2], PASSWORD, link):
        assert secret.encode() not in stored
    assert re.search(rb"\$argon2id\$", stored)
