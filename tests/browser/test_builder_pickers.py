"""Pickers offer all that the workspace has, however much that is: the last of many flows, tags and templates is found too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in

MANY = 120
"""More than one page of any list holds."""
OLDEST = "The very first flow"
DOCUMENT = {
    "schema": 1,
    "name": OLDEST,
    "nodes": [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "keyword", "words": ["first"]}}},
        {"id": "mark", "type": "set", "config": {"changes": [{"change": "add_tag", "tag": "met"}]}},
    ],
    "edges": [{"from": "start", "port": "next", "to": "mark"}],
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """With so many flows and tags that the first page doesn't hold the oldest flow and the last tag."""
    with open_office(tmp_path_factory.mktemp("pickers")) as opened:
        first = opened.flow(OLDEST, DOCUMENT)
        opened.ask("POST", f"/v1/flows/{first}/publish", {})
        for number in range(MANY):
            opened.flow(f"Series {number:03}")
        for number in range(3):
            tags = [f"tag {number * 40 + each:03}" for each in range(40)]
            opened.ask("POST", "/v1/contacts", {"name": f"Contact {number}", "email": f"c{number}@example.com", "tags": tags})
        for language in ("en", "de"):
            body = {"name": "shipped", "language": language, "category": "UTILITY", "body": "On its way."}
            opened.ask("POST", "/v1/templates", body)
        yield opened


@pytest.fixture
def page_options() -> dict[str, Any]:
    return {"viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def at(page: Page, office: Office) -> Page:
    sign_in(page, office)
    return page


@pytest.fixture
def studio(at: Page, office: Office, request: pytest.FixtureRequest) -> Studio:
    return Studio(at, office, office.flow(request.node.name))


@pytest.mark.parametrize("kind", ["Run flow", "Go to flow", "Add to drip"])
def test_the_oldest_of_many_flows_is_found_by_its_name(studio: Studio, kind: str) -> None:
    studio.place(kind, 500, 300, "Onward")
    flow = studio.page.get_by_role("combobox", name="Flow", exact=True)
    flow.click()
    flow.fill("very first")
    studio.page.get_by_role("option", name=OLDEST).click()
    expect(flow).to_have_value(OLDEST)
    expect(studio.card("Onward")).to_contain_text(OLDEST)
    [node] = studio.saved()["nodes"]
    found = studio.office.ask("GET", f"/v1/flows?search={OLDEST.replace(' ', '%20')}")["data"]
    assert [node["config"]["flow"]] == [each["id"] for each in found]


def test_a_tag_is_chosen_among_many(studio: Studio) -> None:
    studio.place("Set", 500, 300, "Mark")
    change = studio.page.get_by_role("combobox", name="Change", exact=True).first
    change.click()
    studio.page.get_by_role("option", name="Add a tag").click()
    tag = studio.page.get_by_role("combobox", name="Tag", exact=True)
    tag.fill("tag 11")
    studio.page.get_by_role("option", name="tag 119").click()
    assert studio.saved()["nodes"][0]["config"]["changes"][0]["tag"] == "tag 119"


def test_a_template_in_two_languages_is_one_choice(studio: Studio) -> None:
    studio.place("Send message", 500, 300, "Tell")
    studio.page.get_by_role("switch", name="WhatsApp template").click()
    studio.page.get_by_role("combobox", name="Template", exact=True).click()
    expect(studio.page.get_by_role("option", name="shipped")).to_have_count(1)
    expect(studio.page.get_by_role("option", name="shipped")).to_contain_text("de")


def test_the_list_of_flows_has_pages(at: Page, office: Office) -> None:
    at.goto(f"{office.server.url}/flows")
    row = at.get_by_role("row").filter(has_text=OLDEST)
    expect(at.get_by_role("row").filter(has_text=f"Series {MANY - 1:03}")).to_be_visible()
    expect(row).to_have_count(0)
    at.get_by_role("button", name="The next page").click()
    expect(row).to_be_visible()
    at.get_by_label("Search flows").fill(f"Series {MANY - 1:03}")
    expect(at.get_by_role("row").filter(has_text=f"Series {MANY - 1:03}")).to_be_visible()


def test_the_oldest_of_many_flows_is_started_for_a_contact(at: Page, office: Office) -> None:
    [contact] = office.ask("GET", "/v1/contacts?search=Contact%201")["data"]
    at.goto(f"{office.server.url}/contacts/{contact['id']}")
    at.get_by_role("button", name="Start a flow").click()
    at.get_by_role("combobox", name="Start a flow").fill("very first")
    at.get_by_role("option", name=OLDEST).click()
    expect(at.get_by_text(f"“{OLDEST}” has started")).to_be_visible()
