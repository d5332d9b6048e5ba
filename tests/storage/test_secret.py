"""Secrets are readable with their key, for their row, and otherwise not; answers to repeated requests are kept."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from storage.idempotency import KEPT_FOR, LEASE, Remembered
from storage.secret import InvalidSecretKey, SecretBox, UnreadableSecret, key_beside, read_key
from storage.store import Store
from tests.storage.world import NOW

KEY, OTHER = bytes(32), bytes([1]) * 32


def test_a_secret_comes_back_for_its_row_only() -> None:
    box = SecretBox(KEY)
    sealed = box.seal(b"token", tenant=1, owner="channel:7")
    assert b"token" not in sealed
    assert sealed != box.seal(b"token", tenant=1, owner="channel:7")
    assert box.open(sealed, tenant=1, owner="channel:7") == b"token"
    assert SecretBox(OTHER, KEY).open(sealed, tenant=1, owner="channel:7") == b"token", "an old key still opens"
    for tenant, owner in ((2, "channel:7"), (1, "channel:8")):
        with pytest.raises(UnreadableSecret):
            box.open(sealed, tenant=tenant, owner=owner)
    with pytest.raises(UnreadableSecret):
        SecretBox(OTHER).open(sealed, tenant=1, owner="channel:7")


def test_every_changed_byte_is_noticed() -> None:
    box = SecretBox(KEY)
    sealed = box.seal(b"token", tenant=1, owner="channel:7")
    for place in range(len(sealed)):
        damaged = bytearray(sealed)
        damaged[place] ^= 1
        with pytest.raises(UnreadableSecret):
            box.open(bytes(damaged), tenant=1, owner="channel:7")
    for length in range(len(sealed)):
        with pytest.raises(UnreadableSecret):
            box.open(sealed[:length], tenant=1, owner="channel:7")


def test_the_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    made = key_beside(tmp_path / "data" / "postdog.db")
    assert key_beside(tmp_path / "data" / "postdog.db") == made
    assert os.stat(tmp_path / "data" / "secret.key").st_mode & 0o777 == 0o600


@pytest.mark.parametrize("text", ["", "short", "é", "A" * 44 + "AAAA"])
def test_a_wrong_key_is_refused(text: str) -> None:
    with pytest.raises(InvalidSecretKey):
        read_key(text)


async def test_of_two_requests_with_one_key_the_first_counts(store: Store) -> None:
    scope = (1, "key", "POST", "/v1/messages", "abc")
    keeper = store.idempotency
    assert await keeper.begin(scope, "print", NOW) is None
    assert await keeper.begin(scope, "print", NOW) == Remembered("print")
    await keeper.finish(scope, Remembered("print", 201, {"ETag": "x"}, b"{}"), NOW)
    assert await keeper.begin(scope, "other", NOW) == Remembered("print", 201, {"ETag": "x"}, b"{}")
    assert await keeper.begin((2, *scope[1:]), "print", NOW) is None, "another tenant's"
    assert await keeper.begin(scope, "print", NOW + KEPT_FOR) is None, "forgotten after its time"
    await keeper.finish(scope, None, NOW)
    assert await keeper.begin(scope, "print", NOW) is None
    assert await keeper.begin(scope, "print", NOW + LEASE + timedelta(seconds=1)) is None, "its process died"
