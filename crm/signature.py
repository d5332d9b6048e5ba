"""Signs what webhooks are told: Standard Webhooks 1.0, and the two older headers that our documents name."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Sequence
from hashlib import sha256

SECRET_BYTES = 32
PREFIX = "whsec_"


def make_secret(random: bytes) -> str:
    """A secret's text: `whsec_` and the bytes in base64. `random` are `SECRET_BYTES` bytes.

    >>> make_secret(bytes(32))[:12]
    'whsec_AAAAAA'
    """
    return PREFIX + base64.b64encode(random).decode()


def signed_headers(secrets: Sequence[str], key: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers by which a receiver knows that the body is ours and new.

    `webhook-signature` has one signature for each secret, so that receivers may change over at their leisure; the older headers
    are made with the first one alone. `timestamp` is in seconds.
    """
    signed = f"{key}.{timestamp}.".encode() + body
    standard = " ".join("v1," + base64.b64encode(_hmac(_bytes(secret), signed)).decode() for secret in secrets)
    text = secrets[0].encode()
    return {
        "webhook-id": key,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": standard,
        "X-Webhook-Signature": "sha256=" + _hmac(text, body).hex(),
        "X-PostDodo-Signature": f"t={timestamp},v1=" + _hmac(text, f"{timestamp}.".encode() + body).hex(),
    }


def _bytes(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX))


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, sha256)
