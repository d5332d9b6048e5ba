"""What a model answered is read strictly, wherever in its words it stands; what it was told can't be left by a contact's text."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ai.prompt import Turned, once_more, prompt_of
from app.ai.read import read_answer
from schemas.ai import AiQuestion, GivenChoice, GivenText, Told, dump_question, load_question

REPLY = Told(texts=(GivenText("Shipping", "We ship to the EU."),), longest=40)
CHOOSE = Told(choices=(GivenChoice("order", "Order", "An order", ("where is it",)), GivenChoice("price", "Price")))
YES = {"answer": "Yes.", "confident": True}


@pytest.mark.parametrize(
    "text",
    [
        '{"answer": "Yes.", "confident": true}',
        '```json\n{"answer": "Yes.", "confident": true}\n```',
        'Of course! {"answer": "Yes.", "confident": true} Anything else?',
        '<think>{This}? {"answer": "No.", "confident": true}</think>{"confident": true, "answer": " Yes. ", "why": {"a": 1}}',
        '{"answer": "No.", "confident": "yes"} {"answer": "Yes.", "confident": true} {"unrelated": 1}',
    ],
)
def test_the_object_is_found_in_prose_fences_and_thoughts(text):
    assert read_answer(REPLY, text) == YES


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Yes.",
        "{",
        '{"answer": "Yes."}',
        '{"answer": 3, "confident": true}',
        '{"answer": "Yes.", "confident": 1}',
        "[1]",
        "{" * 9999,
    ],
)
def test_what_is_no_answer_is_none(text):
    assert read_answer(REPLY, text) is None


def test_an_empty_answer_is_never_confident():
    assert read_answer(REPLY, '{"answer": " ", "confident": true}') == {"answer": "", "confident": False}
    assert read_answer(REPLY, '{"answer": null, "confident": false}') == {"answer": "", "confident": False}


def test_an_answer_that_is_too_long_ends_with_a_sentence_or_a_word():
    long = {"answer": "We ship to the whole of the EU. And " + "on " * 40, "confident": True}
    assert read_answer(REPLY, json.dumps(long)) == {"answer": "We ship to the whole of the EU.", "confident": True}
    words = {"answer": "word " * 40, "confident": True}
    assert read_answer(REPLY, json.dumps(words))["answer"] == "word word word word word word word…"
    assert len(read_answer(REPLY, json.dumps({"answer": "x" * 99, "confident": True}))["answer"]) == 40


@pytest.mark.parametrize(
    "text",
    [
        '{"choice": "other", "confidence": 0.9}',
        '{"choice": "Order", "confidence": 0.9}',
        '{"choice": ["order"], "confidence": 0.9}',
        '{"choice": "order", "confidence": 90}',
        '{"choice": "order", "confidence": true}',
        '{"choice": "order", "confidence": "high"}',
        '{"choice": "order", "confidence": NaN}',
        '{"choice": "order"}',
        '{"confidence": 1}',
    ],
)
def test_a_choice_that_nobody_offered_is_none(text):
    assert read_answer(CHOOSE, text) is None


def test_a_choice_is_an_id_with_a_confidence_or_nothing():
    assert read_answer(CHOOSE, '{"choice": "price", "confidence": 1}') == {"choice": "price", "confidence": 1.0}
    assert read_answer(CHOOSE, '{"choice": null}') == {"choice": "", "confidence": 0.0}


@given(st.text() | st.text(alphabet='{}[]":,ae1 \\'))
def test_reading_is_total(text):
    for told in (REPLY, CHOOSE):
        read_answer(told, text)


@given(st.text(), st.text())
def test_what_people_wrote_stands_in_json_and_nowhere_else(question, before):
    prompt = prompt_of(REPLY, question, history=[Turned("customer", before)])
    system, user = prompt.messages
    assert json.loads(user["content"]) == {"conversation_so_far": [{"from": "customer", "text": before}], "message": question}
    assert system == prompt_of(REPLY, "Something else").messages[0]


def test_a_prompt_holds_texts_choices_and_instructions_and_can_be_asked_again():
    system = prompt_of(Told("Be brief.", REPLY.texts, longest=90), "?", "Gold plan").messages[0]["content"]
    assert '{"title": "Shipping", "text": "We ship to the EU."}' in system
    assert "Be brief." in system
    assert "Gold plan" not in system
    assert "at most 90 characters" in system
    choosing = prompt_of(CHOOSE, "?")
    assert '{"id": "order", "title": "Order", "description": "An order", "examples": ["where is it"]}' in str(
        choosing.messages[0]["content"]
    )
    assert [each["role"] for each in once_more(choosing, CHOOSE, "Dunno").messages] == ["system", "user", "assistant", "user"]


def test_a_call_survives_its_json():
    question = AiQuestion(3, "answer", 5, "Open?", "Gold plan")
    assert load_question(json.loads(json.dumps({**dump_question(question), "tries": 3}))) == question
