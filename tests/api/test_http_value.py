"""Public ids and API keys: what is written can be read, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.http.request import Request
from api.http.route import signature
from schemas.api_key import RANDOM_BYTES, InvalidKey, hash_key, make_key, parse_key, same_key
from schemas.public_id import LARGEST_ID, InvalidId, public_id, read_id


@given(st.integers(1, LARGEST_ID))
def test_both_forms_of_an_id_are_read(number):
    assert read_id("ct", public_id("ct", number)) == number
    assert read_id("ct", str(number)) == number


@given(st.text(max_size=25) | st.from_regex(r"(ct_)?[0-9A-Za-z]{1,22}", fullmatch=True))
def test_an_id_has_one_text_in_each_form(text):
    try:
        number = read_id("ct", text)
    except InvalidId:
        return
    assert text in (public_id("ct", number), str(number))


@pytest.mark.parametrize(
    "text", ["", "ct_", "_1", "msg_1", "0", "01", "ct_0", "-1", "+1", " 1", "١", str(LARGEST_ID + 1)]
)
def test_odd_ids_are_refused(text):
    with pytest.raises(InvalidId, match="contact"):
        read_id("ct", text)


@given(st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES), st.data())
def test_a_key_is_read_and_a_mistyped_one_is_not(random, data):
    key = make_key(random)
    assert parse_key(key.text) == key
    assert len(key.text) == 65
    assert key.text not in repr(key)
    assert same_key(key.text, hash_key(key.text))
    at = data.draw(st.integers(8, 64))
    wrong = key.text[:at] + ("a" if key.text[at] != "a" else "b") + key.text[at + 1 :]
    assert not same_key(wrong, hash_key(key.text))
    with pytest.raises(InvalidKey):
        parse_key(wrong)


@pytest.mark.parametrize("text", ["", "pd_live_", "pd_live_" + "a" * 56, "sk_live_" + "a" * 57])
def test_another_form_is_no_key(text):
    with pytest.raises(InvalidKey):
        parse_key(text)


def test_a_badly_written_handler_is_told_how():
    async def silent(request: Request) -> None: ...

    async def bare(request) -> None:
        """Do something."""

    async def loose(request: Request[int]) -> None:
        """Do something."""

    with pytest.raises(TypeError, match="needs a docstring"):
        signature(silent)
    with pytest.raises(TypeError, match="must be written: async def bare"):
        signature(bare)
    with pytest.raises(TypeError, match="pydantic models"):
        signature(loose)
