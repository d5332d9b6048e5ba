"""Every screen while the server can't answer, and on a phone with long names: it says so, it fits, nothing lies over another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, open_office, sign_in

LISTS = {
    "/flows": "The flows",
    "/contacts": "The contacts",
    "/conversations": "The conversations",
    "/settings/channels": "The channels",
    "/settings/people": "The people",
    "/settings/fields": "The fields",
    "/settings/variables": "The variables",
    "/settings/hours": "The opening hours",
    "/settings/templates": "The templates",
    "/settings/ai": "The model",
    "/settings/secrets": "The secrets",
    "/settings/keys": "The keys",
    "/settings/webhooks": "The webhooks",
    "/settings/workspace": "The workspace",
}
UNAVAILABLE = '{"error": {"code": 503, "type": "unavailable", "message": "Not now. Try again later."}}'
NOT_THE_SESSION = re.compile(r"/v1/(?!session$)")
LONG = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk and Sons of Upper Austria"
WIDER = "[document.scrollingElement, document.querySelector('main')].some((each) => each.scrollWidth > innerWidth)"
# Buttons, badges and texts of one row that cover each other.
OVERLAPS = """() => [...document.querySelectorAll("main [class*=row] > *, main [class*=side] > *")].flatMap((one, index, all) => {
  const box = one.getBoundingClientRect();
  return all.slice(index + 1).filter((other) => {
    if (one.contains(other) || other.contains(one) || one.parentElement !== other.parentElement) return false;
    const there = other.getBoundingClientRect();
    return box.left < there.right - 1 && there.left < box.right - 1 && box.top < there.bottom - 1 && there.top < box.bottom - 1;
  }).map((other) => `${one.textContent} | ${other.textContent}`);
})"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("states")) as opened:
        yield opened


@pytest.fixture
def page_options(request: pytest.FixtureRequest) -> dict[str, Any]:
    phone = "phone" in request.node.name
    return {"viewport": {"width": 390, "height": 844} if phone else {"width": 1024, "height": 768}}


def test_what_can_not_be_read_is_said_and_tried_again(page: Page, office: Office) -> None:
    sign_in(page, office)
    for path, what in LISTS.items():
        page.route(NOT_THE_SESSION, lambda route: route.fulfill(status=503, body=UNAVAILABLE))
        page.goto(office.server.url + path)
        said = page.get_by_role("heading", name=f"{what} can’t be shown")
        expect(said).to_be_visible()
        expect(page.get_by_text("Not now. Try again later.").first).to_be_visible()
        page.unroute_all()
        page.get_by_role("button", name="Try again").first.click()
        expect(said).to_have_count(0)


def test_on_a_phone_long_names_fit(page: Page, office: Office) -> None:
    sign_in(page, office)
    word = LONG.split()[0].replace("ä", "ae").lower()
    office.flow(LONG)
    contact = office.ask("POST", "/v1/contacts", {"name": LONG, "email": f"{word}@example.com", "tags": [word]})
    office.ask("POST", "/v1/fields", {"key": word, "label": LONG, "type": "number"})
    office.ask("POST", "/v1/globals", {"key": word, "label": LONG, "value": LONG})
    office.ask("POST", "/v1/hours", {"key": word, "label": LONG})
    office.ask("PUT", f"/v1/secrets/{word}", {"value": "hush"})
    office.ask("POST", "/v1/users", {"name": LONG, "email": f"{word}@example.com", "role": "agent"})
    office.ask("POST", "/v1/templates", {"name": word, "language": "en", "category": "UTILITY", "body": LONG})
    office.ask("POST", "/v1/webhooks", {"label": LONG, "url": f"https://example.com/{word}", "events": ["message.received"]})
    found = {}
    for path in (*LISTS, "/settings/account", f"/contacts/{contact['id']}"):
        page.goto(office.server.url + path)
        page.wait_for_load_state("networkidle")
        if page.evaluate(WIDER):
            found[path] = ["is wider than the phone"]
        elif overlaps := page.evaluate(OVERLAPS):
            found[path] = overlaps
    assert found == {}
