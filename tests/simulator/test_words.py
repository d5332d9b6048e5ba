"""Words that a contact may always say: for a person, and to be left alone; as people write them."""

from __future__ import annotations

import pytest

from tests.simulator.small import played

ASKED = {"expect": ["Tea or coffee?"]}


@pytest.mark.parametrize("word", ["agent", "Agent!", " AGENT. ", "agent 🙏"])
async def test_a_handoff_word_brings_in_a_person(word: str) -> None:
    steps = ({"say": "hi"}, ASKED, {"say": word}, {"owner": "AGENT"})
    assert (await played(*steps, settings={"handoff_words": ["agent"]})).failures == ()


async def test_a_sentence_with_the_word_in_it_is_an_answer() -> None:
    steps = ({"say": "hi"}, ASKED, {"say": "a secret agent drinks tea"}, {"owner": "NONE"})
    assert (await played(*steps, settings={"handoff_words": ["agent"]})).failures == ()


@pytest.mark.parametrize("word", ["stop", "STOP.", "Stop!!"])
async def test_an_opt_out_word_is_honoured(word: str) -> None:
    confirmed = {"expect": [{"voice": "system"}]}
    result = await played({"say": "hi"}, ASKED, {"say": word}, confirmed, {"contact": {"opted_out": True}}, {"ended": "stopped"})
    assert result.failures == ()

