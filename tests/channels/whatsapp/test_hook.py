"""The handshake and the signature."""

import hashlib
import hmac

import pytest

from channels.error import SignatureMissing, SignatureWrong
from channels.whatsapp.hook import handshake, verify
from tests.channels.whatsapp.sample import config, hook, message
from tests.fakes.graph import hooks

GOOD = {"hub.mode": "subscribe", "hub.verify_token": "our words", "hub.challenge": "1158201444"}


def test_the_challenge_comes_back() -> None:
    assert handshake(GOOD, config()) == "1158201444"


@pytest.mark.parametrize(
    "change",
    [
        {"hub.verify_token": "other"},
        {"hub.verify_token": ""},
        {"hub.verify_token": "our words\ud800ü"},
        {"hub.mode": "unsubscribe"},
        {"hub.challenge": ""},
        {"hub.challenge": "1" * 5000},
    ],
)
def test_the_handshake_is_refused(change: dict[str, str]) -> None:
    assert handshake({**GOOD, **change}, config()) is None


def test_an_empty_request_is_refused() -> None:
    assert handshake({}, config()) is None


def test_metas_signature_is_taken_over_the_raw_bytes() -> None:
    raw = hooks.encode({"text": "Grüße </a> 100% @home"})
    signed = hooks.signature("app-secret", raw)
    for name in ("X-Hub-Signature-256", "x-hub-signature-256"):
        verify({name: signed}, raw, config())
    with pytest.raises(SignatureWrong):
        verify({"X-Hub-Signature-256": signed}, raw.replace(b"\\/", b"/"), config())


def test_the_signature_is_hmac_sha256() -> None:
    raw = hook(message())
    digest = hmac.new(b"app-secret", raw, hashlib.sha256).hexdigest()
    verify({"X-Hub-Signature-256": f"sha256={digest}"}, raw, config())


@pytest.mark.parametrize("headers", [{}, {"X-Hub-Signature-256": ""}, {"X-Hub-Signature": "sha1=ab"}])
def test_a_missing_signature(headers: dict[str, str]) -> None:
    with pytest.raises(SignatureMissing):
        verify(headers, b"{}", config())


@pytest.mark.parametrize("given", ["sha256=", "sha256=" + "0" * 64, "sha1=ab", "nonsense", "sha256=ü\ud800"])
def test_a_wrong_signature(given: str) -> None:
    with pytest.raises(SignatureWrong):
        verify({"X-Hub-Signature-256": given}, b"{}", config())


def test_another_apps_secret_is_wrong() -> None:
    raw = hook(message())
    with pytest.raises(SignatureWrong):
        verify({"X-Hub-Signature-256": hooks.signature("other", raw)}, raw, config())
