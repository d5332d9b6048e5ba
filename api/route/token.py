"""Tokens that tell one call of a handler from another, as external ids of the events that it appends."""

from __future__ import annotations

from collections.abc import Callable

TOKEN_BYTES = 12


def fresh_token(random: Callable[[int], bytes]) -> str:
    """A token that never comes twice: 96 random bits in hex."""
    return random(TOKEN_BYTES).hex()
