"""A node type of another package is drawn, edited, wired, tried and published without a line of browser code."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.studio import Office, Studio, open_office, sign_in

PACKAGE = '''
from typing import Literal

from pydantic import Field

from engine.core.node import Behaviour, Go, Look, NodeConfig, NodeType, Port


class WayConfig(NodeConfig):
    id: str = Field(json_schema_extra={"ui": "id"})
    name: str = Field(min_length=1, json_schema_extra={"ui": "line"})


class DiceConfig(NodeConfig):
    sides: int = Field(default=6, ge=2, le=20, title="Sides", json_schema_extra={"ui": "number"})
    mood: Literal["lucky", "fair"] = Field(
        default="fair", title="Mood", json_schema_extra={"ui": "choice", "labels": {"lucky": "Feels lucky", "fair": "Is fair"}}
    )
    ways: tuple[WayConfig, ...] = Field(default=(), title="Ways", json_schema_extra={"ui": "items"})


class Dice(NodeType[DiceConfig]):
    """Rolls."""

    name = "acme.dice"
    Config = DiceConfig
    look = Look("Roll the dice", "logic", "dice-never-heard-of", "pink", "Leaves by chance.", "{sides} sides, {mood}")
    example = {"sides": 6, "ways": [{"id": "a", "name": "Low"}]}
    starter = {}

    def ports(self, config):
        return (*(Port(way.id, way.name, "branch") for way in config.ways), Port("next", "Else"))

    def compile(self, config, build):
        return Behaviour(lambda visit: Go(config.ways[0].id if config.ways else "next", "rolled a one"))
'''


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    folder = tmp_path / "site"
    (folder / "acme_dice-1.0.dist-info").mkdir(parents=True)
    (folder / "acme_dice.py").write_text(textwrap.dedent(PACKAGE))
    (folder / "acme_dice-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-dice\nVersion: 1.0\n")
    (folder / "acme_dice-1.0.dist-info" / "entry_points.txt").write_text("[postdog.nodes]\ndice = acme_dice:Dice\n")
    with open_office(tmp_path, PYTHONPATH=str(folder)) as opened:
        yield opened


@pytest.fixture
def page_options() -> dict[str, Any]:
    return {"viewport": {"width": 1440, "height": 900}}


def test_its_card_form_and_ways_out_come_from_the_server(page: Page, office: Office) -> None:
    sign_in(page, office)
    studio = Studio(page, office, office.flow("Dice"))
    studio.place("Trigger", 420, 250)
    studio.place("Roll the dice", 760, 250)
    studio.connect("Trigger", "Then", "Roll the dice")
    expect(studio.card("Roll the dice")).to_contain_text("6 sides, Is fair")
    page.get_by_role("textbox", name="Sides").fill("12")
    page.get_by_text("Feels lucky").click()
    page.get_by_role("button", name="Add way").click()
    expect(studio.card("Roll the dice")).to_contain_text("12 sides, Feels lucky")
    expect(studio.card("Roll the dice").locator("li", has_text="Way 1")).to_be_visible()
    studio.place("Send message", 900, 560, "Low")
    page.get_by_label("Message", exact=True).fill("You lost.")
    studio.connect("Roll the dice", "Way 1", "Low")
    expect(page.get_by_text("to fix")).to_have_count(0)
    page.get_by_role("button", name="Test", exact=True).click()
    page.get_by_label("Write as the contact").fill("hi")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log", name="Conversation")).to_contain_text("You lost.")
    config = studio.saved()["nodes"][1]["config"]
    assert (config["sides"], config["mood"], config["ways"][0]["name"]) == (12, "lucky", "Way 1")
