"""The partition of a contact: one of 256, for ever."""

from __future__ import annotations

from hashlib import blake2b

from schemas.contact import Identity

PARTS = 256
"""Fixed: the number is stored in every contact. 256 is enough for as many workers as one database can feed."""


def part_of(tenant: int, identity: Identity) -> int:
    """The partition of the contact that this identity first makes.

    >>> part_of(1, Identity("phone", "+49301234")) == part_of(1, Identity("phone", "+49301234"))
    True
    """
    return _part(f"{tenant}\0{identity.kind}\0{identity.value}")


def part_of_team(tenant: int, team: int) -> int:
    """The partition in which a team's lane lives.

    >>> 0 <= part_of_team(1, 2) < PARTS
    True
    """
    return _part(f"{tenant}\0team\0{team}")


def part_of_contact(tenant: int, contact: int) -> int:
    """The partition of a contact that was made without any identity."""
    return _part(f"{tenant}\0contact\0{contact}")


def _part(text: str) -> int:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=1).digest()[0]
