"""A tenant's own rows, and words for their addresses. Another tenant's id is as unknown as one that was never given."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import Protocol, TypeVar

from sqlmodel import Session

from schemas.error import NotFound

LONGEST_KEY = 64
UNFIT = re.compile(r"[^a-z0-9]+")


class Owned(Protocol):
    """A row with an id that belongs to a tenant."""

    id: int
    tenant: int


R = TypeVar("R", bound=Owned)


def own(session: Session, kind: type[R], tenant: int, id: int, noun: str) -> R:
    """The tenant's row with this id. Raises NotFound, also where the row is another tenant's."""
    row = session.get(kind, id)
    if row is None or row.tenant != tenant:
        raise NotFound(f"There is no {noun} with this id.")
    return row


def slug(text: str) -> str:
    """A stable word for files and references out of a name; "" where nothing of it is left.

    >>> slug("Überweisung & Status!")
    'uberweisung-status'
    """
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return UNFIT.sub("-", plain).strip("-")[:LONGEST_KEY].strip("-")


def free_key(wanted: str, taken: Collection[str], fallback: str) -> str:
    """The word itself where it is free, else with the first number that makes it so.

    >>> free_key("sales", {"sales", "sales-2"}, "team")
    'sales-3'
    """
    word = wanted or fallback
    if word not in taken:
        return word
    number = 2
    while f"{word}-{number}" in taken:
        number += 1
    return f"{word}-{number}"
