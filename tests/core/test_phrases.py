"""PostDog's own words: whole in every language, said in the right one, and never instead of the author's."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from string import Formatter
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from channels.whatsapp import limits
from engine.core.answer import Accepted, read_answer
from engine.core.check import check
from engine.core.evolve import evolve
from engine.core.phrase_book import ENGLISH, PHRASES
from engine.core.replay import replay
from engine.core.world import OPT_OUT_WORDS
from nodes import node_types
from schemas.answer import AnswerKind, Expect
from schemas.content import Buttons, Menu, Text
from schemas.event import NoAgent
from tests.core.scene import ANNA, PHONE, SITE, Document, Scene, flow, said, word
from tests.core.test_replay import history_of

LANGUAGES = sorted(PHRASES)
LABELS = ("yes", "no", "open_list")


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_sentence_with_the_same_fields(language: str) -> None:
    english, own = PHRASES[ENGLISH], PHRASES[language]
    assert list(own) == list(english)
    assert {key: fields(each) for key, each in own.items()} == {key: fields(each) for key, each in english.items()}
    assert all(each.strip() == each and each for each in own.values())
    assert not [key for key in ("not_text", "no_agent", "yes") if language != ENGLISH and own[key] == english[key]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_labels_fit_on_buttons_and_differ(language: str) -> None:
    labels = [PHRASES[language][key] for key in LABELS]
    assert max(map(len, labels)) <= min(limits.BUTTON_TITLE, limits.LIST_BUTTON)
    assert len(set(labels)) == len(labels)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["number", "date", "email", "phone"])
def test_the_example_in_a_sentence_is_an_answer_that_fits(language: str, kind: AnswerKind) -> None:
    example = PHRASES[language][f"not_{kind}"]
    now = datetime(2026, 4, 1, tzinfo=UTC)
    answer = read_answer(Expect(kind=kind), "text", example, None, now=now, timezone=ZoneInfo("UTC"), country=None)
    wanted = {"number": 42, "date": datetime(2026, 12, 24).date(), "email": "anna@example.com", "phone": "+4915112345678"}
    assert answer == Accepted(wanted[kind])


# --- which language ----------------------------------------------------------------------------------------------------------
def asking(language: str | None = None, *others: str, **config: Any) -> Document:
    more: Document = {"language": language, "translations": {each: {} for each in others}} if language else {}
    node = {"type": "ask", "config": {"text": "?", "answer": "number", "retries": 3, **config}}
    return flow("Ask", {"start": word("hi"), "ask": node, "end": said("ok")}, "start>ask ask>end", **more)


def heard(document: Document, contact: str | None, workspace: str | None = None) -> str:
    talk = Scene(document, contact=evolve(ANNA, language=contact), language=workspace)
    talk.say("hi")
    talk.say("many")
    return next(language for language in LANGUAGES if [PHRASES[language]["not_number"]] == talk.texts)


@pytest.mark.parametrize(
    ("document", "contact", "workspace", "wanted"),
    [
        (asking(), None, None, "en"),
        (asking(), "de-AT", None, "de"),
        (asking(), "pt_BR", None, "pt"),
        (asking(), "sv", "fr", "fr"),
        (asking(), "sv", None, "en"),
        (asking("it"), None, None, "it"),
        (asking("it"), "de", "fr", "it"),
        (asking("it", "de"), "de", "fr", "de"),
        (asking("it", "fr"), "de", "fr", "fr"),
        (asking("sv"), "de", "fr", "de"),
    ],
)
def test_it_is_said_in_the_language_in_which_the_flow_speaks(
    document: Document, contact: str | None, workspace: str | None, wanted: str
) -> None:
    assert heard(document, contact, workspace) == wanted


@pytest.mark.parametrize("settings", [{}, {"retry_text": "Eine Zahl!"}])
def test_the_authors_own_text_wins(settings: Document) -> None:
    own = {} if settings else {"retry_text": "Eine Zahl!"}
    talk = Scene({**asking(**own), "settings": settings}, contact=evolve(ANNA, language="fr"))
    talk.say("hi")
    talk.say("many")
    assert talk.texts == ["Eine Zahl!"]


def test_a_wait_asks_again_in_the_same_words() -> None:
    wait = {"type": "wait", "config": {"for": {"kind": "reply", "expect": {"kind": "media", "media": ["image", "audio"]}}}}
    document = flow("F", {"start": word("hi"), "ask": wait}, "start>ask", language="es")
    talk = Scene(document)
    talk.say("hi")
    talk.say("what?")
    assert talk.texts == ["Por favor, envíe una imagen o un mensaje de audio."]


# --- labels ------------------------------------------------------------------------------------------------------------------
def test_yes_and_no_are_said_in_the_language_and_answer_in_it() -> None:
    talk = Scene(asking("tr", answer="yes_no", save_as="sure"))
    talk.say("hi")
    shown = talk.last.messages[0].content
    assert isinstance(shown, Buttons)
    assert [(each.id, each.title) for each in shown.buttons] == [("yes", "Evet"), ("no", "Hayır")]
    talk.say("evet")
    assert talk.last.runs[0].frames[-1].variables["sure"] is True


def test_what_the_author_wrote_on_a_button_stays_even_where_it_is_the_default() -> None:
    talk = Scene(asking("tr", answer="yes_no", yes="Yes"))
    talk.say("hi")
    shown = talk.last.messages[0].content
    assert isinstance(shown, Buttons)
    assert [each.title for each in shown.buttons] == ["Yes", "Hayır"]


@pytest.mark.parametrize(("given", "label"), [({}, "Auswählen"), ({"button": "Los"}, "Los")])
def test_what_opens_a_list_is_said_in_the_language(given: Document, label: str) -> None:
    rows = [{"id": "a", "title": "A"}, {"id": "b", "title": "B"}]
    menu = {"type": "send_message", "config": {"text": "?", "list": {"sections": [{"rows": rows}], **given}}}
    talk = Scene(flow("F", {"start": word("hi"), "menu": menu}, "start>menu", language="de"))
    talk.say("hi", channel=PHONE)
    shown = talk.last.messages[0].content
    assert isinstance(shown, Menu)
    assert shown.button == label


def test_buttons_that_become_a_list_get_a_label_in_the_language() -> None:
    choices = [{"id": f"c{each}", "title": f"Nr {each}"} for each in range(5)]
    talk = Scene(asking("fr", answer="choice", choices=choices))
    talk.say("hi", channel=PHONE)
    shown = talk.last.messages[0].content
    assert isinstance(shown, Menu)
    assert shown.button == "Choisir"


def test_labels_of_ours_are_nobodys_to_translate_in_languages_that_we_speak() -> None:
    question = "Sure?"
    spoken = check(asking("en", "de", answer="yes_no", text=question), node_types())
    assert [each.text for each in spoken.texts["ask"]] == [question]
    document = asking("en", "de", "bn", answer="yes_no", text=question)
    for language in ("de", "bn"):
        document["translations"][language] = {"/nodes/ask/config/text": {"text": "…?", "source": question}}
    wider = check(document, node_types())
    assert [each.text for each in wider.texts["ask"]] == [question, "Yes", "No"]
    [gaps] = [each.message for each in wider.problems if each.code == "missing_translation" and "ask" in each.message]
    assert gaps.endswith("2 texts into bn.")


# --- outside of flows --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("contact", "workspace", "sentence"),
    [
        ("de", None, "Sie erhalten keine Nachrichten mehr von uns. Schreiben Sie START, um das zu ändern."),
        (None, "it", "Non riceverà più i nostri messaggi. Scriva START per cambiare idea."),
        (None, None, "You won't get any more messages from us. Write START to change that."),
    ],
)
def test_who_opts_out_is_told_in_their_language(contact: str | None, workspace: str | None, sentence: str) -> None:
    talk = Scene(contact=evolve(ANNA, language=contact), language=workspace)
    talk.say(OPT_OUT_WORDS[0])
    assert talk.texts == [sentence]
    talk.say("start")
    language = contact or workspace or ENGLISH
    assert talk.texts == [PHRASES[language]["opted_in"]]


def test_who_opts_out_of_a_flow_is_told_in_the_language_of_the_flow_and_by_the_workspaces_word() -> None:
    talk = Scene(asking("nl"), opt_in_words=("weer graag",))
    talk.say("hi")
    talk.say("stop")
    assert talk.texts == ["U krijgt geen berichten meer van ons. Schrijf WEER GRAAG om dat te veranderen."]


def test_the_workspaces_own_words_win() -> None:
    talk = Scene(contact=evolve(ANNA, language="de"), opt_out_text="Bye.", opt_in_text="Hi again.")
    talk.say("stop")
    assert talk.texts == ["Bye."]
    talk.say("start")
    assert talk.texts == ["Hi again."]


def test_who_asked_for_a_person_and_gets_none_is_told_in_the_language_of_the_flow() -> None:
    document = {**asking("ar"), "settings": {"handoff_words": ["person"]}}
    talk = Scene(document)
    talk.say("hi")
    talk.say("person")
    claim = talk.conversation(SITE).claim
    talk.give(NoAgent(talk.conversation(SITE).id, claim, 0, "nobody"))
    assert isinstance(talk.last.messages[0].content, Text)
    assert talk.last.messages[0].content.text == PHRASES["ar"]["no_agent"]


# --- replay ------------------------------------------------------------------------------------------------------------------
def test_a_replay_says_the_same_whatever_became_of_the_workspaces_language() -> None:
    talk = Scene(asking(), contact=evolve(ANNA, language=None), language="fr")
    talk.say("hi")
    talk.say("many")
    assert talk.texts == [PHRASES["fr"]["not_number"]]
    sent = {message.id: message for message in talk.messages}
    later = replace(talk.world, language="de")
    made = replay(later, talk.run, history_of(talk, talk.run.id), sent)
    assert [each.differences for each in made] == [(), ()]


def test_a_flow_that_needs_none_of_our_words_reads_no_language() -> None:
    talk = Scene(asking(), contact=evolve(ANNA, language="de"))
    talk.say("hi")
    talk.say("7")
    assert not any("contact.language" in step.reads for step in talk.steps)
