"""Webhooks in the settings: one is added, its secret shown once, tried, switched off, and what it was told is seen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, open_office, sign_in
from tests.browser.test_chat_real import PATIENCE
from tests.integration.receiver import Receiver, receiving


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("webhooks"), POSTDOG_ALLOW_HTTP_WEBHOOKS="true") as opened:
        yield opened


@pytest.fixture
def receiver(office: Office) -> Iterator[Receiver]:
    system = receiving()
    yield asyncio.run_coroutine_threadsafe(system.__aenter__(), office.loop).result(PATIENCE)
    asyncio.run_coroutine_threadsafe(system.__aexit__(None, None, None), office.loop).result(PATIENCE)


def test_a_webhook_is_added_tried_and_switched_off(page: Page, office: Office, receiver: Receiver) -> None:
    sign_in(page, office)
    page.goto(office.server.url + "/settings/webhooks")
    expect(page.get_by_text("There is none yet")).to_be_visible()
    page.get_by_role("button", name="Add webhook").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Address").fill("ftp://nowhere")
    dialog.get_by_label("Name").fill("Shop")
    dialog.get_by_label("What it is told").fill("lead.qualified")
    page.keyboard.press("Enter")
    dialog.get_by_label("Seconds to answer").fill("12")
    dialog.get_by_role("button", name="Add webhook").click()
    expect(page.get_by_role("alert").filter(has_text="must begin with https://")).to_be_visible()
    dialog.get_by_label("Address").fill(receiver.url)
    dialog.get_by_role("button", name="Add webhook").click()
    secret = page.get_by_role("dialog", name="The webhook's secret").get_by_text("whsec_")
    expect(secret).to_be_visible()
    receiver.secret = secret.inner_text()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_text("flow.event, lead.qualified")).to_be_visible()
    assert office.server.row("SELECT timeout FROM webhook") == (12,)
    receiver.answers = [500]
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("status").filter(has_text="The address answered 500")).to_be_visible()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("status").filter(has_text="It works: the address answered 200")).to_be_visible()
    assert receiver.all_genuine()
    told = page.get_by_role("list", name="Deliveries").get_by_role("listitem")
    expect(told).to_have_count(2)
    told.first.get_by_role("button", name="webhook.test").click()
    expect(told.first.get_by_text("PostDog reaches this address")).to_be_visible()
    page.get_by_role("button", name="More for Shop").click()
    page.get_by_role("menuitem", name="Switch off").click()
    expect(page.get_by_text("Off", exact=True)).to_be_visible()
    page.get_by_role("button", name="More for Shop").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(page.get_by_text("There is none yet")).to_be_visible()
