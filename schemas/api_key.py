"""The form of our API keys: `pd_live_`, 8 characters that name the key, 43 of secret, 6 of checksum.

The checksum lets secret scanners and us tell a mistyped key from a foreign one without a look into the database.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import zlib
from dataclasses import dataclass, field
from typing import Literal

from schemas.base62 import encode
from schemas.error import Invalid

Mode = Literal["live", "test"]

ID_LENGTH = 8
SECRET_BYTES = 32
SECRET_LENGTH = 43
"""62**43 is the first power of 62 above 2**256."""
CHECKSUM_LENGTH = 6
RANDOM_BYTES = 8 + SECRET_BYTES
"""How many random bytes `make_key` takes: 8 for the id, 32 for the secret."""

PATTERN = re.compile(r"pd_(live|test)_([0-9A-Za-z]{8})([0-9A-Za-z]{43})([0-9A-Za-z]{6})")


class InvalidKey(Invalid):
    """This is not an API key of PostDog."""

    code = "invalid_api_key"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key in full. Shown once, never stored: keep `id` and `hash_key(text)`. Its repr hides the secret."""

    mode: Mode
    id: str
    text: str = field(repr=False)


def make_key(random: bytes, mode: Mode = "live") -> ApiKey:
    """A new key out of RANDOM_BYTES bytes from the system's randomness. Raises ValueError for another count.

    >>> make_key(bytes(40)).id
    '00000000'
    """
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"A key is made of {RANDOM_BYTES} random bytes, not {len(random)}.")
    identity = encode(int.from_bytes(random[:8], "big") % 62**ID_LENGTH, ID_LENGTH)
    secret = encode(int.from_bytes(random[8:], "big"), SECRET_LENGTH)
    start = f"pd_{mode}_{identity}{secret}"
    return ApiKey(mode, identity, start + _checksum(start))


def parse_key(text: str) -> ApiKey:
    """The parts of a key. Raises InvalidKey when its form or its checksum is wrong; it says nothing of validity.

    >>> parse_key(make_key(bytes(40), "test").text).mode
    'test'
    """
    found = PATTERN.fullmatch(text)
    if not found:
        raise InvalidKey
    if not hmac.compare_digest(_checksum(text[:-CHECKSUM_LENGTH]), found[4]):
        raise InvalidKey("The API key is mistyped or cut off: its checksum is wrong.")
    return ApiKey("live" if found[1] == "live" else "test", found[2], text)


def hash_key(text: str) -> str:
    """What is stored of a key: SHA-256 in hex. Enough, since the secret has 256 bits of randomness.

    >>> len(hash_key("pd_live_…"))
    64
    """
    return hashlib.sha256(text.encode()).hexdigest()


def same_key(text: str, stored_hash: str) -> bool:
    """Whether the key is the stored one, in constant time."""
    return hmac.compare_digest(hash_key(text), stored_hash)


def _checksum(text: str) -> str:
    return encode(zlib.crc32(text.encode()), CHECKSUM_LENGTH)
