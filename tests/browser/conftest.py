"""A real headless Chromium for every browser test; run them in a process of their own: `pytest tests/browser`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
)
TIMEOUT = 10_000  # milliseconds a test waits for something to show before it fails
# What Chromium itself logs when a server is away; the tests take it away on purpose.
EXPECTED = ("WebSocket connection to", "Failed to load resource")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The one browser of this test run."""
    executable = next((found for found in map(shutil.which, NAMES) if found), None)
    if executable is None:
        reason = f"No browser found ({', '.join(NAMES)}). Install one, for example with: apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def page_options() -> dict[str, Any]:
    """Options of the page's context; override it for another size, language or colour scheme."""
    return {"viewport": {"width": 1100, "height": 800}}


@pytest.fixture
def page(browser: Browser, page_options: dict[str, Any]) -> Iterator[Page]:
    """A page with storage of its own. An uncaught error or a logged one (a refused policy, too) fails the test."""
    context = browser.new_context(**page_options)
    context.set_default_timeout(TIMEOUT)
    opened = context.new_page()
    problems: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            problems.append(message.text)

    opened.on("console", heard)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    yield opened
    context.close()
    assert problems == []
