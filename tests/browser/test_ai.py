"""AI in the real browser: a step says that nobody answers yet, and leads to the settings, where a model is tried."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, open_office, sign_in
from tests.fakes.ai.client import FakeAi, running_ai
from tests.integration.server import START_S

KEY = "sk-browser-secret"


@contextmanager
def provider(office: Office) -> Iterator[FakeAi]:
    """A fake provider, run in the office's loop."""
    running = running_ai(KEY)
    fake = asyncio.run_coroutine_threadsafe(running.__aenter__(), office.loop).result(START_S)
    try:
        yield fake
    finally:
        asyncio.run_coroutine_threadsafe(running.__aexit__(None, None, None), office.loop).result(START_S)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("ai"), POSTDOG_CALL_ALLOW="127.0.0.1/32") as opened:
        yield opened


def test_from_a_step_that_nobody_answers_to_a_model_that_does(page: Page, office: Office) -> None:
    sign_in(page, office)
    flow = next(each["id"] for each in office.ask("GET", "/v1/flows?limit=100")["data"] if each["name"] == "AI FAQ with handoff")
    page.goto(f"{office.server.url}/flows/{flow}")
    page.get_by_text("Answer from our texts", exact=True).first.click()
    expect(page.get_by_text("No AI provider is set up")).to_be_visible()
    page.get_by_role("link", name="Open Settings → AI").click()
    expect(page.get_by_role("heading", name="AI", exact=True)).to_be_visible()
    with provider(office) as fake:
        page.get_by_label("Address").fill(fake.base_url)
        page.get_by_label("Model").fill("tiny")
        page.get_by_label("Key", exact=True).fill("sk-wrong")
        page.get_by_role("button", name="Save").click()
        page.get_by_label("Try it").first.fill("Is this a test?")
        page.get_by_role("button", name="Try it").click()
        expect(page.get_by_text("The AI provider refuses the key.")).to_be_visible()
        page.get_by_label("Key", exact=True).fill(KEY)
        page.get_by_role("button", name="Save").click()
        expect(page.get_by_label("Key", exact=True)).to_have_value("")
        page.get_by_role("button", name="Try it").click()
        expect(page.get_by_text("This is a test. Any answer is right.")).to_be_visible()
    assert KEY not in page.content()
