"""A flow in several languages: which one a contact hears, and that a flow in one language is untouched."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine.core.evolve import evolve
from engine.core.spoken import multilingual
from engine.core.world import TemplateInfo
from schemas.contact import ContactChange
from schemas.content import Buttons, TemplateMessage
from schemas.event import ChangeContact
from tests.core.scene import ANNA, PHONE, Document, Scene, agent, flow, program, reply, said, word


def put(**texts: tuple[str, str]) -> Document:
    """Translations: `put(ask__text=("How?", "Wie?"))` is the place /nodes/ask/config/text."""
    return {
        "/nodes/" + place.replace("__", "/config/", 1).replace("__", "/"): {"text": text, "source": source}
        for place, (source, text) in texts.items()
    }


MENU = flow(
    "Menu",
    {
        "start": word("hi"),
        "ask": said("Tea, {{contact.name}}?", buttons={"y": "Yes", "n": "No"}, save_as="tea"),
        "many": reply(expect={"kind": "number"}, retries=1, retry_text="A number, please."),
        "end": said("{{var.tea}}: done"),
    },
    "start>ask ask.y>many ask.n>end many>end many.invalid>end",
    language="en",
    translations={
        "de": put(
            ask__text=("Tea, {{contact.name}}?", "Tee, {{contact.name}}?"),
            ask__buttons__y__title=("Yes", "Ja"),
            ask__buttons__n__title=("No", "Nein"),
            many__for__retry_text=("A number, please.", "Bitte eine Zahl."),
        ),
        "pt-BR": put(ask__text=("Tea, {{contact.name}}?", "Chá, {{contact.name}}?")),
        "bn": {},
    },
)


def scene(speaks: str | None, **world: Any) -> Scene:
    return Scene(MENU, contact=evolve(ANNA, language=speaks), **world)


@pytest.mark.parametrize(
    ("contact", "workspace", "heard"),
    [
        ("de", None, "Tee, Anna?"),
        ("de-AT", None, "Tee, Anna?"),
        ("DE_at", None, "Tee, Anna?"),
        ("pt-BR", None, "Chá, Anna?"),
        ("pt_PT", None, "Chá, Anna?"),
        ("en-GB", "de", "Tea, Anna?"),
        ("fr", "de", "Tee, Anna?"),
        (None, "de", "Tee, Anna?"),
        ("bn", "de", "Tee, Anna?"),
        ("fr", "it", "Tea, Anna?"),
        (None, None, "Tea, Anna?"),
        ("", None, "Tea, Anna?"),
    ],
)
def test_the_contacts_language_wins_then_the_workspaces_then_the_flows(
    contact: str | None, workspace: str | None, heard: str
) -> None:
    talk = scene(contact, language=workspace)
    talk.say("hi")
    assert talk.texts == [heard]


def test_buttons_are_translated_and_their_ids_stay() -> None:
    talk = scene("de")
    talk.say("hi")
    shown = talk.last.messages[0].content
    assert isinstance(shown, Buttons)
    assert [(each.id, each.title) for each in shown.buttons] == [("y", "Ja"), ("n", "Nein")]
    talk.say("nein")
    assert talk.texts == ["Nein: done"]


def test_a_text_without_a_translation_is_said_as_it_is() -> None:
    talk = scene("pt")
    talk.say("hi")
    shown = talk.last.messages[0].content
    assert isinstance(shown, Buttons)
    assert [each.title for each in shown.buttons] == ["Yes", "No"]


def test_who_changes_language_in_the_middle_hears_the_next_text_in_the_new_one() -> None:
    talk = scene("de")
    talk.say("hi")
    talk.say("Ja")
    talk.say("viele")
    assert talk.texts == ["Bitte eine Zahl."]
    talk = scene("de")
    talk.say("hi")
    talk.give(ChangeContact((ContactChange("set_language", value="en"),)))
    talk.say("Ja")
    assert talk.run.wait is not None
    assert talk.run.wait.node == "many", "the title that was shown is still an answer"
    talk.say("many")
    assert talk.texts == ["A number, please."]


def test_a_step_keeps_the_languages_that_it_read() -> None:
    talk = scene("de", language="bn")
    talk.say("hi")
    assert talk.steps[-1].reads["contact.language"] == "de"
    assert talk.steps[-1].reads["workspace.language"] == "bn"


def test_a_node_without_translations_has_its_own_behaviour_and_reads_no_language() -> None:
    nodes = program(MENU, 1).nodes
    assert nodes["end"].behaviour.enter.__qualname__ != nodes["ask"].behaviour.enter.__qualname__
    assert nodes["ask"].behaviour.enter.__qualname__.startswith(multilingual.__name__)
    plain = Scene(flow("Plain", {"start": word("hi"), "end": said("Hi")}, "start>end"), contact=evolve(ANNA, language="de"))
    plain.say("hi")
    assert "contact.language" not in plain.steps[-1].reads


def test_a_reorder_of_the_buttons_keeps_their_translations() -> None:
    document = {**MENU, "nodes": [dict(node) for node in MENU["nodes"]]}
    config = document["nodes"][1]["config"]
    document["nodes"][1]["config"] = {**config, "buttons": config["buttons"][::-1]}
    talk = Scene(document, contact=evolve(ANNA, language="de"))
    talk.say("hi")
    shown = talk.last.messages[0].content
    assert isinstance(shown, Buttons)
    assert [(each.id, each.title) for each in shown.buttons] == [("n", "Nein"), ("y", "Ja")]


def test_translations_of_what_is_not_there_do_nothing() -> None:
    gone = put(gone__text=("a", "b"), end__buttons__x__title=("a", "b"), end__nothing=("a", "b"))
    document = {**MENU, "translations": {"de": gone}}
    talk = Scene(document, contact=evolve(ANNA, language="de"))
    talk.say("hi")
    assert talk.texts == ["Tea, Anna?"]


def test_the_flows_own_words_for_a_hand_over_are_translated() -> None:
    document = flow(
        "F", {"start": word("hi"), "ask": said("?", buttons={"y": "Y"})}, "start>ask", language="en",
        settings={"handoff_words": ["person"], "handoff_text": "One moment."},
        translations={"de": {"/settings/handoff_text": {"text": "Einen Moment.", "source": "One moment."}}},
    )  # fmt: skip
    for language, heard in (("de", "Einen Moment."), ("fr", "One moment.")):
        talk = Scene(document, contact=evolve(ANNA, language=language))
        talk.say("hi")
        talk.say("person")
        assert talk.texts == [heard]


@pytest.mark.parametrize(
    ("language", "status", "sent"),
    [
        ("de", "approved", "de"),
        ("de-AT", "approved", "de"),
        ("de", "rejected", "en_US"),
        ("en", "approved", "en_US"),
        ("fr", "approved", "en_US"),
    ],
)
def test_a_template_follows_the_contact_where_it_is_approved_in_the_language(language: str, status: str, sent: str) -> None:
    config = {"template": {"name": "news", "language": "en_US"}}
    document = flow(
        "F", {"start": word("hi"), "end": {"type": "send_message", "config": config}}, "start>end",
        language="en", translations={"de": {}},
    )  # fmt: skip
    templates = {
        ("news", each): TemplateInfo("news", each, state, "News")
        for each, state in (("en_US", "approved"), ("de", status), ("fr", "approved"))
    }
    talk = Scene(document, contact=evolve(ANNA, language=language), templates=templates)
    talk.say("hi", channel=PHONE)
    content = talk.last.messages[0].content
    assert isinstance(content, TemplateMessage)
    assert content.language == sent


def test_a_default_that_is_said_can_be_translated() -> None:
    config = {"text": "Sure?", "answer": "yes_no"}
    document = flow(
        "F", {"start": word("hi"), "ask": {"type": "ask", "config": config}}, "start>ask", language="en",
        translations={"de": put(ask__yes=("Yes", "Jawohl"))},
    )  # fmt: skip
    talk = Scene(document, contact=evolve(ANNA, language="de"))
    talk.say("hi")
    shown = talk.last.messages[0].content
    assert isinstance(shown, Buttons)
    assert [each.title for each in shown.buttons] == ["Jawohl", "Nein"], "what nobody translated PostDog says itself"


def test_waits_of_translated_nodes_time_out_as_ever() -> None:
    config = {"text": "Sure?", "answer": "yes_no", "timeout": "PT1H"}
    document = flow(
        "F", {"start": word("hi"), "ask": {"type": "ask", "config": config}, "late": said("Late"), "who": agent()},
        "start>ask ask.timeout>late late>who", language="en",
        translations={"de": put(ask__yes=("Yes", "Ja"), late__text=("Late", "Zu spät"))},
    )  # fmt: skip
    talk = Scene(document, contact=evolve(ANNA, language="de"))
    talk.say("hi")
    talk.ring(after=timedelta(hours=1))
    assert talk.texts == ["Zu spät"]
