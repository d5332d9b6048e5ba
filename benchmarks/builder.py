"""The builder with a large flow in headless Chromium without a GPU: opened, and a card dragged; the best of several times."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from benchmarks.optional import NoBrowser

ROOT = Path(__file__).parents[1]
BUILT = ROOT / "app" / "web"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync")
MOVES = 160
"""Of the mouse in one drag, a frame each."""
ROW = 25
"""Cards of the flow beside one another."""

# Says when the first cards stood on the canvas for the eye: in milliseconds since the navigation began.
OPENED = """() => {
  const look = () => {
    const cards = [...document.querySelectorAll(".react-flow__node-step")];
    if (cards.some((card) => getComputedStyle(card).visibility === "visible" && card.getBoundingClientRect().width > 0))
      requestAnimationFrame(() => { window.opened = performance.now(); });
    else requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
# Keeps the time of each frame until `frames` is read.
WATCH = """() => {
  window.frames_seen = [];
  const next = (at) => { window.frames_seen.push(at); window.watching = requestAnimationFrame(next); };
  requestAnimationFrame(next);
}"""
# The head of the card that is nearest to the middle of the canvas.
HEAD = """() => {
  const canvas = document.querySelector(".react-flow").getBoundingClientRect();
  const [x, y] = [canvas.x + canvas.width / 2, canvas.y + canvas.height / 2];
  const heads = [...document.querySelectorAll(".react-flow__node-step")].map((card) => {
    const box = card.getBoundingClientRect();
    return { x: box.x + box.width / 3, y: box.y + box.width / 12 };
  });
  const far = (head) => Math.hypot(head.x - x, head.y - y);
  return { ...heads.reduce((best, head) => (far(head) < far(best) ? head : best)), cards: heads.length };
}"""
SEEN = "() => { cancelAnimationFrame(window.watching); return window.frames_seen; }"


@dataclass(frozen=True)
class Drag:
    """Frames while a card is dragged, in ms, and how many cards were in the page."""

    cards: int
    median: float
    p95: float


@dataclass(frozen=True)
class Opened:
    """What a browser took to show the flow: in ms, and in gzipped kB of JavaScript."""

    milliseconds: float
    kilobytes: float
    near: Drag
    whole: Drag


def document(nodes: int) -> dict[str, Any]:
    """A flow of so many nodes in rows: messages with buttons, waits and conditions, each leading on, some back."""
    made: list[dict[str, Any]] = [
        {"id": "n0", "type": "trigger", "label": "Start", "config": {"on": {"kind": "keyword", "words": ["hello"]}}}
    ]
    edges: list[dict[str, str]] = []
    rule = {"subject": "contact.tags", "op": "has", "value": "vip"}
    buttons = [{"id": "yes", "title": "Yes"}, {"id": "no", "title": "No"}]
    for at in range(1, nodes):
        kinds: tuple[tuple[str, dict[str, Any]], ...] = (
            ("send_message", {"text": f"Question {at}?", "buttons": buttons}),
            ("wait", {"for": {"kind": "reply", "save_as": "answer", "timeout": "PT1H"}}),
            ("condition", {"branches": [{"id": "vip", "label": "Is a regular", "rule": rule}]}),
            ("send_message", {"text": f"Thank you, that was answer {at} of many, and the next one is not far."}),
        )
        kind, config = kinds[at % len(kinds)]
        made.append({"id": f"n{at}", "type": kind, "label": f"Step {at}", "config": config})
    for at, node in enumerate(made[:-1]):
        port = "vip" if node["type"] == "condition" else "yes" if "buttons" in node["config"] else "next"
        edges.append({"from": node["id"], "port": port, "to": made[at + 1]["id"]})
        if port == "yes":
            edges.append({"from": node["id"], "port": "no", "to": made[min(at + 5, nodes - 1)]["id"]})
        if port == "vip" and at > ROW:
            edges.append({"from": node["id"], "port": "else", "to": made[at - ROW + 1]["id"]})
    layout = {node["id"]: {"x": at % ROW * 340, "y": at // ROW * 260} for at, node in enumerate(made)}
    return {"schema": 1, "name": "Large", "nodes": made, "edges": edges, "layout": layout}


def measure(folder: Path, nodes: int, rounds: int) -> Opened:
    """Open a flow of so many nodes and drag a card, so many times; of each figure the best. Raises NoBrowser."""
    executable = next((found for found in map(shutil.which, CHROMIUM) if found), None)
    if executable is None or not (BUILT / "index.html").exists():
        raise NoBrowser
    with _serving(folder) as (url, token), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        cookies, flow = _signed_in(browser, url, token, nodes)
        found = [_once(browser, cookies, f"{url}/flows/{flow}", nodes) for _ in range(rounds)]
        browser.close()
    return Opened(
        min(each.milliseconds for each in found),
        found[0].kilobytes,
        min((each.near for each in found), key=lambda drag: (drag.median, drag.p95)),
        min((each.whole for each in found), key=lambda drag: (drag.median, drag.p95)),
    )


@contextmanager
def _serving(folder: Path) -> Iterator[tuple[str, str]]:
    """`postdog serve` in a process of its own: its address, and the token of the link for its owner."""
    environment = {**os.environ, "POSTDOG_DATA_DIR": str(folder), "POSTDOG_LOG_LEVEL": "warning"}
    words = [sys.executable, "-m", "app.main", "serve", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment) as server:
        assert server.stdout is not None
        url = token = ""
        for line in server.stdout:
            url = line.split(" at ")[1].strip() if " at http" in line else url
            token = line.split("#")[1].split()[0] if "/welcome#" in line else token
            if "API documentation" in line:
                break
        try:
            yield url, token
        finally:
            server.terminate()


def _signed_in(browser: Browser, url: str, token: str, nodes: int) -> tuple[Any, str]:
    """The owner's cookies, and the id of the flow."""
    context = browser.new_context()
    owner = {"token": token, "name": "Ada", "email": "ada@example.com", "password": "long nights and good tea"}
    assert context.request.post(f"{url}/v1/session/link/use", data=owner).ok, "the owner's link is refused"
    body = {"name": "Large", "document": document(nodes)}
    made = context.request.post(f"{url}/v1/flows", data=body, headers={"Origin": url})
    assert made.ok, made.text()
    cookies, flow = context.cookies(), str(made.json()["id"])
    context.close()
    return cookies, flow


def _once(browser: Browser, cookies: Any, address: str, nodes: int) -> Opened:
    """Open it with an empty cache, and drag the first card: near, then with the whole flow in sight."""
    context: BrowserContext = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies(cookies)
    page = context.new_page()
    scripts: set[str] = set()
    page.on("request", lambda request: scripts.add(request.url) if request.resource_type == "script" else None)
    page.add_init_script(f"({OPENED})()")
    page.goto(address)
    page.wait_for_function("() => window.opened")
    milliseconds = float(page.evaluate("window.opened"))
    page.wait_for_load_state("networkidle")
    kilobytes = sum(len(gzip.compress((BUILT / "assets" / url.rsplit("/", 1)[1]).read_bytes(), 9)) for url in scripts) / 1000
    near = _drag(page)
    page.get_by_role("button", name="Show the whole flow").click()
    page.wait_for_timeout(600)
    whole = _drag(page)
    assert 0 < near.cards <= whole.cards <= nodes, (near, whole)
    context.close()
    return Opened(milliseconds, kilobytes, near, whole)


def _drag(page: Page) -> Drag:
    """Drag a card from the middle of the canvas about."""
    start = page.evaluate(HEAD)
    page.mouse.move(start["x"], start["y"])
    page.mouse.down()
    page.mouse.move(start["x"] + 8, start["y"] + 8, steps=4)
    page.evaluate(WATCH)
    for at in range(MOVES // 4):
        page.mouse.move(start["x"] + 8 + at * 3, start["y"] + 8 + at % 20 * 4, steps=4)
    times: list[float] = page.evaluate(SEEN)
    page.mouse.up()
    gaps = [after - before for before, after in pairwise(times)]
    return Drag(start["cards"], median(gaps), quantiles(gaps, n=20)[-1])

