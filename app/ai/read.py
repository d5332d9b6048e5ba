"""Reads what a model answered: the JSON object that was asked for, wherever in its words it stands."""

from __future__ import annotations

import json
from typing import Any

from schemas.ai import Told

MAX_READ = 50_000
"""Characters of an answer that are looked at."""
MAX_STARTS = 200
"""Braces that are tried: prose around an answer has few."""
UNSURE: dict[str, Any] = {"choice": "", "confidence": 0.0}

_decoder = json.JSONDecoder()


def read_answer(told: Told, text: str) -> dict[str, Any] | None:
    """The answer in our form; None where the model said something else.

    `{"answer": text, "confident": bool}`, or of choices `{"choice": id or "", "confidence": number}`. Strict: an id that is
    none of the choices, a confidence of 90 or a yes in quotes is no answer. Prose, code fences and a chain of thought around
    the object are passed over; the last object that fits counts.

    >>> read_answer(Told(), 'Sure! ```json\\n{"answer": "Hello.", "confident": true}\\n```')
    {'answer': 'Hello.', 'confident': True}
    """
    found = None
    for value in _objects(text[-MAX_READ:]):
        read = _choice(told, value) if told.choices else _reply(told, value)
        found = read or found
    return found


def _objects(text: str) -> list[dict[str, Any]]:
    """The JSON objects in a text, outermost ones only."""
    found: list[dict[str, Any]] = []
    at = text.find("{")
    for _ in range(MAX_STARTS):
        if at < 0:
            break
        try:
            value, end = _decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            end = at + 1
        else:
            found.append(value)
        at = text.find("{", end)
    return found


def _reply(told: Told, value: dict[str, Any]) -> dict[str, Any] | None:
    answer, confident = value.get("answer"), value.get("confident")
    if answer is None:
        answer = ""
    if not isinstance(answer, str) or not isinstance(confident, bool):
        return None
    answer = answer.replace("\x00", "").strip()
    return {"answer": _cut(answer, told.longest), "confident": confident and bool(answer)}


def _choice(told: Told, value: dict[str, Any]) -> dict[str, Any] | None:
    if "choice" not in value:
        return None
    choice, confidence = value["choice"], value.get("confidence")
    if choice is None:
        return UNSURE
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
        return None
    if choice not in [each.id for each in told.choices]:
        return None
    return {"choice": choice, "confidence": float(confidence)}


def _cut(text: str, longest: int) -> str:
    """At most so many characters, ending with a sentence or a word where one can be kept."""
    if len(text) <= longest:
        return text
    head = text[:longest]
    sentence = max(head.rfind(mark) for mark in (". ", "! ", "? ", ".\n", "。"))
    if sentence > longest // 2:
        return head[: sentence + 1]
    word = head[: longest - 1].rfind(" ")
    return head[: word if word > longest // 2 else longest - 1] + "…"
