"""Secrets at rest: AES-GCM under a key that is kept beside the database, bound to the tenant and the owner of the secret."""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.error import Invalid

KEY_BYTES = 32
NONCE_BYTES = 12
SIGNATURE_DIGITS = 32
ID_BYTES = 4
"""Of the key's hash, in front of each sealed secret, so that the right key of several is found."""


class InvalidSecretKey(Invalid):
    """POSTDOG_SECRET_KEY must be 32 random bytes in base64. Leave it empty to have a key made."""

    code = "invalid_secret_key"


class UnreadableSecret(Invalid):
    """A stored secret can't be read with this key. Restore the key file, or enter the secret again."""

    code = "unreadable_secret"


class SecretBox:
    """Seals and opens. The first key seals; all of them open, so that keys can be changed."""

    def __init__(self, *keys: bytes) -> None:
        self._keys = {sha256(key).digest()[:ID_BYTES]: AESGCM(key) for key in keys}
        self._signing = [sha256(b"postdog signs" + key).digest() for key in keys]
        self._first = sha256(keys[0]).digest()[:ID_BYTES]

    def __repr__(self) -> str:
        return "SecretBox(...)"

    def sign(self, text: str) -> str:
        """What proves that we wrote the text, in 32 hexadecimal digits: for addresses that nobody may guess."""
        return _signature(self._signing[0], text)

    def signed(self, text: str, signature: str) -> bool:
        """True if one of our keys signed the text so."""
        return any(hmac.compare_digest(_signature(key, text).encode(), signature.encode()) for key in self._signing)

    def seal(self, plain: bytes, *, tenant: int, owner: str) -> bytes:
        """The sealed form: key id, nonce, ciphertext with tag. `owner` names the row, such as `channel:7`."""
        nonce = os.urandom(NONCE_BYTES)
        return self._first + nonce + self._keys[self._first].encrypt(nonce, plain, _bound(tenant, owner))

    def open(self, sealed: bytes, *, tenant: int, owner: str) -> bytes:
        """What was sealed for this tenant and owner. Raises UnreadableSecret for another row, another key, or damage."""
        cipher = self._keys.get(sealed[:ID_BYTES])
        if cipher is None:
            raise UnreadableSecret
        nonce = sealed[ID_BYTES : ID_BYTES + NONCE_BYTES]
        try:
            return cipher.decrypt(nonce, sealed[ID_BYTES + NONCE_BYTES :], _bound(tenant, owner))
        except (InvalidTag, ValueError) as error:
            raise UnreadableSecret from error


def _signature(key: bytes, text: str) -> str:
    return hmac.new(key, text.encode(), sha256).hexdigest()[:SIGNATURE_DIGITS]


def read_key(text: str) -> bytes:
    """The key in a setting. Raises InvalidSecretKey."""
    try:
        key = base64.urlsafe_b64decode(text.strip().replace("+", "-").replace("/", "_"))
    except (binascii.Error, ValueError) as error:
        raise InvalidSecretKey from error
    if len(key) != KEY_BYTES:
        raise InvalidSecretKey
    return key


def key_beside(database: Path) -> bytes:
    """The key in `secret.key` beside the database; made on the first start, readable by its owner only."""
    path = database.with_name("secret.key")
    try:
        return read_key(path.read_text())
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    key = os.urandom(KEY_BYTES)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was faster
        return read_key(path.read_text())
    with os.fdopen(descriptor, "w") as file:
        file.write(base64.urlsafe_b64encode(key).decode() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def _bound(tenant: int, owner: str) -> bytes:
    return f"{tenant}:{owner}".encode()
