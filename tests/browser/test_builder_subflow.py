"""A flow that runs another: its form shows what that one takes and gives, and a jump is drawn by where it goes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("subflow")) as opened:
        yield opened


def test_what_another_flow_takes_and_gives_is_mapped(page: Page, office: Office) -> None:
    flows = {each["key"]: each["id"] for each in office.ask("GET", "/v1/flows?limit=100")["data"]}
    sign_in(page, office)
    it = Studio(page, office, flows["onboarding"])
    it.select("Get to know them")
    expect(it.panel.get_by_label("Flow", exact=True)).to_have_value("Onboarding: get to know somebody")
    expect(it.panel.get_by_role("link", name="Open this flow")).to_have_attribute("href", f"/flows/{flows['onboarding-profile']}")
    expect(it.panel.get_by_label("What product is given")).to_have_value("Willow Plan")
    it.panel.get_by_label("What product is given").fill("Willow {{contact.name}}")
    expect(it.card("Get to know them")).to_contain_text("Onboarding: get to know somebody")
    config = next(each for each in it.saved()["nodes"] if each["id"] == "meet")["config"]
    assert config["inputs"] == {"product": "Willow {{contact.name}}"}
    assert config["outputs"] == {"goal": "goal", "people": "people"}


def test_a_jump_goes_to_a_step_by_its_name(page: Page, office: Office) -> None:
    nodes = [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "message"}}},
        {"id": "hi", "type": "send_message", "label": "Say hello", "config": {"text": "Hello"}},
        {"id": "back", "type": "jump", "label": "Back", "config": {"node": ""}},
    ]
    edges = [{"from": "start", "port": "next", "to": "hi"}]
    layout = {"start": {"x": 0, "y": 0}, "hi": {"x": 340, "y": 0}, "back": {"x": 340, "y": 300}}
    flow = office.flow("Jumps", {"name": "Jumps", "nodes": nodes, "edges": edges, "layout": layout})
    sign_in(page, office)
    it = Studio(page, office, flow)
    it.select("Back")
    it.panel.get_by_label("Step", exact=True).click()
    page.get_by_role("option", name="Say hello").click()
    expect(it.card("Back")).to_contain_text("Say hello")
    assert it.saved()["nodes"][2]["config"] == {"node": "hi"}
