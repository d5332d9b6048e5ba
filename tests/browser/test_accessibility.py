"""axe-core finds nothing serious on any screen, by day and by night."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, open_office, sign_in

GRAVE = ("serious", "critical")
SCREENS = {
    "/flows": "Flows",
    "/contacts": "Contacts",
    "/conversations": "Conversations",
    "/settings/channels": "Channels",
    "/settings/people": "People",
    "/settings/fields": "Fields",
    "/settings/variables": "Variables",
    "/settings/hours": "Opening hours",
    "/settings/templates": "Templates",
    "/settings/keys": "API keys",
    "/settings/workspace": "Workspace",
    "/settings/account": "Your account",
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("axe")) as opened:
        yield opened


@pytest.fixture(params=["light", "dark"])
def page_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    return {"viewport": {"width": 1440, "height": 900}, "color_scheme": request.param, "reduced_motion": "reduce"}


def grave(page: Page) -> list[str]:
    """What axe-core calls serious or critical, in a line each."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']} {node['html'][:120]}" for each in found if each["impact"] in GRAVE for node in each["nodes"]]


def test_signing_in_is_accessible(page: Page, office: Office) -> None:
    page.goto(office.server.url)
    expect(page.get_by_role("heading", name="Sign in to PostDog")).to_be_visible()
    assert grave(page) == []


def test_every_screen_is_accessible(page: Page, office: Office) -> None:
    sign_in(page, office)
    office.ask("POST", "/v1/contacts", {"name": "Grace Hopper", "phone": "+4915123456789", "tags": ["vip"]})
    found = {}
    for path, heading in SCREENS.items():
        page.goto(office.server.url + path)
        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        page.wait_for_load_state("networkidle")
        if trouble := grave(page):
            found[path] = trouble
    assert found == {}


def test_the_canvas_is_accessible(page: Page, office: Office) -> None:
    sign_in(page, office)
    flows = office.ask("GET", "/v1/flows?search=Lead")["data"]
    page.goto(f"{office.server.url}/flows/{flows[0]['id']}")
    expect(page.locator(".react-flow__node-step").first).to_be_visible()
    assert grave(page) == []
