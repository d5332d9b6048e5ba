"""The door for Meta: the handshake of a new webhook address, and the signature of each body."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from channels.error import SignatureMissing, SignatureWrong
from channels.whatsapp.config import WhatsAppConfig

SIGNATURE = "x-hub-signature-256"
PREFIX = "sha256="
MAX_CHALLENGE = 1000  # Meta sends about ten digits


def handshake(query: Mapping[str, str], config: WhatsAppConfig) -> str | None:
    """The challenge to answer, bare and as text, if the verify token is ours ("Webhooks: verification requests")."""
    token = query.get("hub.verify_token", "").encode("utf-8", "replace")
    ours = config.verify_token.get_secret_value().encode("utf-8", "replace")
    challenge = query.get("hub.challenge", "")
    matches = hmac.compare_digest(token, ours)
    if query.get("hub.mode") != "subscribe" or not matches or not 0 < len(challenge) <= MAX_CHALLENGE:
        return None
    return challenge


def verify(headers: Mapping[str, str], body: bytes, config: WhatsAppConfig) -> None:
    """Check `X-Hub-Signature-256` over the raw bytes: Meta escapes what it signs, so a body written anew would not match.

    Raises SignatureMissing and SignatureWrong.
    """
    given = (headers.get(SIGNATURE) or _among(headers)).strip()
    if not given:
        raise SignatureMissing
    expected = PREFIX + hmac.digest(config.app_secret.get_secret_value().encode(), body, "sha256").hex()
    if not hmac.compare_digest(given.lower().encode("utf-8", "replace"), expected.encode()):
        raise SignatureWrong


def _among(headers: Mapping[str, str]) -> str:
    """The signature in a mapping that tells capital letters from small ones."""
    return next((value for name, value in headers.items() if name.lower() == SIGNATURE), "")
