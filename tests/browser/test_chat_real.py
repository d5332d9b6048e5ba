"""The chat in a real browser against the real server with the flows that we ship: killed, started again, embedded."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect

from tests.integration.server import Server, running_server

PATIENCE = 60.0
"""Seconds for a start of the server on a busy machine."""
ANSWER_MS = 20_000
"""For the first answer of a server that has just started, beside other tests."""
HOST_PAGE = """<!doctype html><html lang="en"><head><title>Lumen</title><link rel="icon" href="data:,"></head>
<body><h1>Light for long evenings</h1><script src="{}/widget.js" async></script></body></html>"""


@dataclass
class Real:
    """The server in a process of its own, driven from the main thread."""

    server: Server
    loop: asyncio.AbstractEventLoop

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        return self.do(self.server.ask(method, path, body))

    @property
    def chat(self) -> str:
        """The address that the server printed."""
        return next(line.split()[-1] for line in self.server.greeting if "/chat/" in line)

    @property
    def channel(self) -> str:
        return self.chat.rsplit("/", 1)[1]

    def kill(self) -> None:
        self.do(self.server.kill())

    def start(self) -> None:
        self.do(self.server.start())

    @property
    def texts(self) -> list[str]:
        """What was said on the web chat, in order."""
        messages = self.ask("GET", "/v1/messages?limit=100")["data"]
        return [message["content"].get("text") or message["content"].get("title", "") for message in reversed(messages)]


@contextmanager
def loop_in_a_thread() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Real]:
    with loop_in_a_thread() as loop:
        serving = running_server(tmp_path, quiet=False)
        server = asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result(PATIENCE)
        try:
            yield Real(server, loop)
        finally:
            asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result(PATIENCE)


@contextmanager
def shop(real: Real) -> Iterator[str]:
    """A page of another origin that embeds the chat."""
    app = web.Application()
    page = HOST_PAGE.format(real.chat)

    async def show(request: web.Request) -> web.Response:
        return web.Response(text=page, content_type="text/html")

    app.router.add_get("/", show)
    runner = web.AppRunner(app, shutdown_timeout=0.1)

    async def start() -> int:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return int(runner.addresses[0][1])

    with ExitStack() as stack:
        stack.callback(lambda: real.do(runner.cleanup()))
        yield f"http://localhost:{real.do(start())}"


def write(place: Page | FrameLocator, text: str) -> None:
    field = place.get_by_role("textbox", name="Message")
    field.fill(text)
    field.press("Enter")


def bubbles(place: Page | FrameLocator) -> Locator:
    return place.locator(".row .bubble")


def open_menu(page: Page, real: Real) -> None:
    """Say hello, and wait for the welcome."""
    page.goto(real.chat)
    expect(page.get_by_text("Online", exact=True)).to_be_visible()
    write(page, "hello")
    expect(bubbles(page)).to_have_count(2, timeout=ANSWER_MS)
    expect(bubbles(page).nth(1)).to_contain_text("welcome to")


def choose(place: Page | FrameLocator, row: str) -> None:
    place.get_by_role("button", name="See the menu").last.click()
    place.get_by_role("dialog").get_by_text(row).click()


def test_the_menu_answers_taps_and_a_reload_keeps_what_was_said(page: Page, real: Real) -> None:
    open_menu(page, real)
    choose(page, "Opening hours")
    expect(bubbles(page).nth(2)).to_contain_text("Opening hours")
    expect(bubbles(page).nth(3)).to_contain_text("Monday")
    page.get_by_role("button", name="No, thanks").click()
    expect(bubbles(page).nth(5)).to_contain_text("No, thanks")
    expect(page.get_by_role("button", name="No, thanks")).to_be_disabled()
    expect(bubbles(page)).to_have_count(7)
    said = bubbles(page).all_inner_texts()
    page.reload()
    expect(bubbles(page)).to_have_count(7)
    assert bubbles(page).all_inner_texts() == said
    expect(page.get_by_role("button", name="No, thanks")).to_be_disabled()


def test_a_server_that_is_killed_goes_on_where_it_was(page: Page, real: Real) -> None:
    open_menu(page, real)
    choose(page, "Opening hours")
    expect(page.get_by_role("button", name="Back to the menu")).to_be_visible()
    expect(bubbles(page)).to_have_count(5)
    said = bubbles(page).all_inner_texts()
    real.kill()
    expect(page.get_by_role("status")).to_contain_text("Reconnecting…")
    write(page, "no, thanks")
    expect(page.get_by_role("status")).to_contain_text("will be sent")
    real.start()
    expect(page.get_by_text("Online", exact=True)).to_be_visible(timeout=ANSWER_MS)
    expect(bubbles(page)).to_have_count(7, timeout=ANSWER_MS)
    assert bubbles(page).all_inner_texts()[:5] == said
    assert len(real.texts) == 7
    assert real.texts.count("no, thanks") == 1
    page.reload()
    expect(bubbles(page)).to_have_count(7)


def test_an_allowed_site_may_embed_the_chat(page: Page, real: Real) -> None:
    with shop(real) as site:
        real.ask("PATCH", f"/v1/channels/{real.channel}", {"config": {"allowed_origins": [site]}})
        page.goto(site)
        page.get_by_role("button", name="Chat with us").click()
        frame = page.frame_locator("#postdog-chat-widget iframe")
        write(frame, "menu")
        expect(bubbles(frame).nth(1)).to_contain_text("welcome to", timeout=ANSWER_MS)
        choose(frame, "Opening hours")
        expect(bubbles(frame).nth(3)).to_contain_text("Monday")


def test_another_site_may_not_embed_the_chat_or_speak_with_it(browser: Browser, real: Real) -> None:
    real.ask("PATCH", f"/v1/channels/{real.channel}", {"config": {"allowed_origins": ["https://shop.example"]}})
    with shop(real) as site, browser.new_context() as context:
        page = context.new_page()
        page.goto(site)
        with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
            page.get_by_role("button", name="Chat with us").click()
        frame = page.frame_locator("#postdog-chat-widget iframe")
        expect(frame.get_by_role("textbox", name="Message")).to_have_count(0)
        link = page.get_by_role("alert").get_by_role("link", name="Open the chat in a new tab")
        expect(link).to_have_attribute("href", real.chat, timeout=ANSWER_MS)
        page.get_by_role("alert").get_by_role("button", name="Close").click()
        expect(page.get_by_role("button", name="Chat with us")).to_be_focused()
        refused = real.do(real.server.answer("POST", f"/chat/{real.channel}/session", {}, headers={"Origin": site}))
        assert (refused.status, refused.body["error"]["type"]) == (403, "origin_refused")
    assert real.texts == []


def test_the_documentation_is_readable_and_tries_requests(page: Page, real: Real) -> None:
    refused: list[str] = []
    page.on("response", lambda response: refused.append(response.url) if response.status >= 400 else None)
    page.goto(f"{real.server.url}/docs")
    expect(page.get_by_role("heading", name="Send a message", exact=True)).to_be_visible()
    assert refused == []
    page.get_by_label("API key, for trying out").fill("pd_test_key_of_the_integration_tests")
    page.get_by_label("Find").fill("list the flows")
    expect(page.locator("article")).to_have_count(1)
    page.get_by_text("Try it").click()
    page.get_by_role("button", name="Send").click()
    expect(page.locator("article pre[aria-live]")).to_contain_text("200 OK")
    expect(page.locator("article pre[aria-live]")).to_contain_text("Welcome menu")
    page.get_by_label("Profile").select_option("/api/v1/openapi.json")
    expect(page.locator("article .address code")).to_have_text("/api/v1/flows")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
