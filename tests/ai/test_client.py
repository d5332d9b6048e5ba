"""Whatever a provider does, the client gives an answer or says what is wrong in a sentence, without the key."""

from __future__ import annotations

import aiohttp
import pytest

from app.ai.client import AiClient, AiTrouble
from app.ai.prompt import prompt_of
from app.ai.read import read_answer
from channels.outside import public_session
from crm.ai import AiProvider, AiSettings
from schemas.ai import GivenText, Told
from tests.ai.provider import LOOPBACK, SECRET, faked

TOLD = Told(texts=(GivenText("Delivery", "We deliver abroad within a week."),))
PROMPT = prompt_of(TOLD, "Do you deliver abroad?")
ANSWER = {"answer": "We deliver abroad within a week.", "confident": True}


async def test_an_answer_comes_with_what_it_took():
    async with faked() as fake:
        completion = await fake.client.complete(fake.provider(), PROMPT)
        assert read_answer(TOLD, completion.text) == ANSWER
        assert completion.model == "tiny"
        assert completion.tokens_in == sum(len(each["content"]) for each in PROMPT.messages) // 4
        assert completion.tokens_out > 10


async def test_a_server_that_knows_less_is_asked_with_less_and_remembered():
    async with faked() as fake:
        fake.goes("plain")
        for _ in range(2):
            completion = await fake.client.complete(fake.provider(), PROMPT)
            assert read_answer(TOLD, completion.text) == ANSWER
        assert completion.tokens_in > 100  # estimated: this server doesn't count
        assert len(fake.state.requests) == 5
        assert set(fake.state.requests[-1]) == {"model", "messages", "max_completion_tokens"}


@pytest.mark.parametrize(
    ("mode", "code", "again", "after"),
    [
        ("busy", "ai_busy", True, 1.0),
        ("broke", "ai_quota", False, None),
        ("broken", "ai_unavailable", True, None),
        ("hang", "ai_timeout", True, None),
        ("huge", "ai_bad_answer", False, None),
        ("no_json", "ai_bad_answer", False, None),
        ("elsewhere", "ai_unavailable", False, None),
    ],
)
async def test_what_goes_wrong_has_a_code_and_says_whether_to_try_again(mode, code, again, after):
    async with faked() as fake:
        fake.goes(mode)
        patience = 0.2 if mode == "hang" else 30
        provider = AiProvider(fake.settings.model_construct(**{**dict(fake.settings), "timeout": patience}), SECRET)
        with pytest.raises(AiTrouble) as caught:
            await fake.client.complete(provider, PROMPT)
        assert (caught.value.reason, caught.value.again, caught.value.after) == (code, again, after)
        assert caught.value.message.startswith("The AI provider")
        assert len(fake.state.requests) == 1


async def test_a_wrong_key_is_refused_and_repeated_nowhere():
    async with faked() as fake:
        with pytest.raises(AiTrouble) as caught:
            await fake.client.complete(fake.provider("sk-wrong-key"), PROMPT)
        assert caught.value.reason == "ai_key_refused"
        assert "sk-wrong-key" not in repr(caught.value) + caught.value.message + repr(fake.provider("sk-wrong-key"))


async def test_a_server_that_is_not_there():
    async with aiohttp.ClientSession() as session:
        provider = AiProvider(AiSettings(base_url="http://127.0.0.1:9/v1", model="tiny"), SECRET)
        with pytest.raises(AiTrouble) as caught:
            await AiClient(lambda: session, LOOPBACK).complete(provider, PROMPT)
        assert (caught.value.reason, caught.value.again) == ("ai_unavailable", True)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "10.0.0.1", "169.254.169.254", "[::ffff:127.0.0.1]"])
async def test_a_private_address_is_refused_unless_the_operator_allows_it(host):
    async with public_session() as session:
        provider = AiProvider(AiSettings(base_url=f"http://{host}:9/v1", model="tiny"), SECRET)
        with pytest.raises(AiTrouble) as caught:
            await AiClient(lambda: session).complete(provider, PROMPT)
        assert "POSTDOG_CALL_ALLOW" in caught.value.message


async def test_an_allowed_network_is_reached_by_number_and_by_name():
    async with faked() as fake, public_session(LOOPBACK) as session:
        for host in ("127.0.0.1", "localhost"):
            settings = fake.settings.model_copy(update={"base_url": fake.settings.base_url.replace("127.0.0.1", host)})
            completion = await AiClient(lambda: session, LOOPBACK).complete(AiProvider(settings, SECRET), PROMPT)
            assert completion.text


@pytest.mark.parametrize(
    "address",
    ["ftp://example.com", "example.com/v1", "http://", "https://user:secret@example.com", "https://example.com/v1?key=secret",
     "http://example.com:99999/v1", "https://example.com/v1#x"],
)  # fmt: skip
def test_addresses_that_are_none(address):
    with pytest.raises(ValueError):
        AiSettings(base_url=address, model="tiny")


def test_an_address_may_be_given_with_a_slash_or_the_whole_path():
    assert AiSettings(base_url="http://127.0.0.1:11434/v1/", model="m").base_url == "http://127.0.0.1:11434/v1"
    assert AiSettings(base_url="https://example.com/v1/chat/completions", model="m").base_url == "https://example.com/v1"
