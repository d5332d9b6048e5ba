"""The builder in a real browser against the real server: a signed-in owner, a flow of one's own, and the gestures on it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_chat_real import PATIENCE, loop_in_a_thread
from tests.integration.server import ROOT, Server, running_server

BUILT = ROOT / "app" / "web" / "index.html"
OWNER = {"name": "Ada Lovelace", "email": "ada@example.com", "password": "long nights and good tea"}


@dataclass
class Office:
    """The server, asked from the main thread, and the cookie of its owner."""

    server: Server
    loop: asyncio.AbstractEventLoop
    state: Any = None

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """One request with the first key."""
        return asyncio.run_coroutine_threadsafe(self.server.ask(method, path, body), self.loop).result(PATIENCE)

    def kill(self) -> None:
        """kill -9."""
        asyncio.run_coroutine_threadsafe(self.server.kill(), self.loop).result(PATIENCE)

    def start(self) -> None:
        """Start it again on the same port."""
        asyncio.run_coroutine_threadsafe(self.server.start(), self.loop).result(PATIENCE)

    @property
    def welcome(self) -> str:
        """The token of the one-time link that the first start printed."""
        line = next(line for line in self.server.greeting if "#" in line)
        return line.split("#")[1].split()[0]

    @property
    def chat(self) -> str:
        """The address of the web chat that the first start printed."""
        return next(line.split()[-1] for line in self.server.greeting if "/chat/" in line)

    def flow(self, name: str, document: Any = None) -> str:
        """Make a flow; its id."""
        made = self.ask("POST", "/v1/flows", {"name": name} | ({"document": document} if document else {}))
        return str(made["id"])

    def document(self, flow: str) -> dict[str, Any]:
        """A flow's draft as it is saved."""
        found: dict[str, Any] = self.ask("GET", f"/v1/flows/{flow}")["document"]
        return found


@contextmanager
def open_office(folder: Path, **environment: str) -> Iterator[Office]:
    """A fresh server with the ready-made flows. Skips where the browser part was not built."""
    if not BUILT.exists():
        pytest.skip("The browser part is not built: make web")
    with loop_in_a_thread() as loop:
        serving = running_server(folder, quiet=False, **environment)
        server = asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop).result(PATIENCE)
        try:
            yield Office(server, loop)
        finally:
            asyncio.run_coroutine_threadsafe(serving.__aexit__(None, None, None), loop).result(PATIENCE)


def sign_in(page: Page, office: Office) -> None:
    """Make the owner by the printed link, or take the cookie that it gave before."""
    if office.state is None:
        body = {"token": office.welcome, **OWNER}
        answer = page.request.post(f"{office.server.url}/v1/session/link/use", data=body)
        assert answer.ok, answer.text()
        office.state = page.context.cookies()
    page.context.add_cookies(office.state)


class Studio:
    """One flow on the canvas, as people use it."""

    def __init__(self, page: Page, office: Office, flow: str) -> None:
        self.page = page
        self.office = office
        self.flow = flow
        self.open()

    def open(self) -> None:
        """Go to the flow's page."""
        self.page.goto(f"{self.office.server.url}/flows/{self.flow}")
        expect(self.page.get_by_label("Name of the flow")).to_be_visible()

    @property
    def steps(self) -> Locator:
        """Every card."""
        return self.page.locator(".react-flow__node-step")

    @property
    def edges(self) -> Locator:
        """Every edge."""
        return self.page.locator(".react-flow__edge")

    @property
    def panel(self) -> Locator:
        """The right side."""
        return self.page.get_by_role("complementary", name="Details")

    def card(self, title: str) -> Locator:
        """The card with this title."""
        return self.steps.filter(has=self.page.locator("strong", has_text=title)).first

    def port(self, title: str, label: str) -> Locator:
        """The handle of a way out."""
        return self.card(title).locator("li").filter(has_text=label).locator(".react-flow__handle")

    def _drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        mouse.move(*end, steps=6)
        mouse.up()

    def place(self, kind: str, x: float, y: float, name: str = "") -> None:
        """Drag a kind of step from the palette to a point of the screen; give it a name."""
        before = self.steps.count()
        entry = self.page.get_by_role("complementary", name="Steps").get_by_role("button", name=kind)
        entry.scroll_into_view_if_needed()
        self._drag(_middle(entry), (x, y))
        expect(self.steps).to_have_count(before + 1)
        if name:
            self.page.get_by_label("Name of the step").fill(name)

    def connect(self, title: str, label: str, to: str) -> None:
        """Drag an edge from a way out to a card."""
        before = self.edges.count()
        box = _box(self.card(to))
        self._drag(_middle(self.port(title, label)), (box["x"] + 6, box["y"] + 26))
        expect(self.edges).to_have_count(before + 1)

    def drop_edge(self, title: str, label: str, x: float, y: float) -> None:
        """Let an edge go at a point of the empty canvas."""
        self._drag(_middle(self.port(title, label)), (x, y))

    def select(self, title: str) -> None:
        """Click on a card's head."""
        self.card(title).click(position={"x": 60, "y": 20})
        expect(self.page.get_by_label("Name of the step")).to_be_visible()

    def saved(self) -> dict[str, Any]:
        """Wait until everything is saved; the document."""
        expect(self.page.get_by_role("status")).to_have_text("Saved")
        return self.office.document(self.flow)


def _box(locator: Locator) -> dict[str, float]:
    found = locator.bounding_box()
    assert found is not None, locator
    return dict(found)


def _middle(locator: Locator) -> tuple[float, float]:
    box = _box(locator)
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
