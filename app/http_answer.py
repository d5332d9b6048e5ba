"""An HTTP answer as flows get it: bounded, unpacked with bounds, JSON where it is JSON, and without our own secrets in it."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

import aiohttp
import orjson

from engine.runtime.protocol import CallAnswer

MAX_ANSWER = 256 * 1024
"""Bytes of an answer, packed and unpacked: the event and the run's history keep it."""
MAX_HEADERS = 60
MAX_HEADER = 1_000
SHORTEST = 4
"""Characters of a secret that is looked for in answers: shorter ones are no secrets, and stand everywhere."""
MASK = "•••"
PACKED = {"gzip": 47, "x-gzip": 47, "deflate": 47}
"""zlib's window bits for what is unpacked; 32 more than 15, so that it sees itself what it is."""


class TooLarge(Exception):
    """The answer is longer than we take."""


async def read_answer(answer: aiohttp.ClientResponse) -> CallAnswer:
    """The answer. Raises TooLarge, before more than a little of it is in memory."""
    raw = await _bounded(answer)
    packed = answer.headers.get("Content-Encoding", "").strip().lower()
    data: dict[str, Any] = {"status": answer.status, "headers": _headers(answer), "body": None}
    if packed in PACKED:
        try:
            raw = _unpacked(raw, PACKED[packed])
        except zlib.error:
            return CallAnswer(data, ok=False, code="bad_encoding", detail="the answer can't be unpacked")
    elif packed not in ("", "identity"):
        detail = f"the answer is packed as {packed[:40]}, which was not asked for"
        return CallAnswer(data, ok=False, code="bad_encoding", detail=detail)
    kind = answer.content_type.lower()
    if not raw.strip():
        return CallAnswer(data)
    try:
        data["body"] = orjson.loads(raw)
    except orjson.JSONDecodeError:
        if kind == "application/json" or kind.endswith("+json"):
            return CallAnswer(data, ok=False, code="bad_json", detail="the answer says that it is JSON, and is none")
        data["body"] = raw.decode("utf-8", "replace")
    return CallAnswer(data)


def retry_after(text: str, now: datetime) -> float | None:
    """The seconds of a `Retry-After`, which is a number or a date; None where it says nothing that can be read."""
    if text.strip().isdigit():
        return float(text.strip()[:9]) or None
    try:
        at = parsedate_to_datetime(text)
        return max((at - now).total_seconds(), 0.0) or None
    except (TypeError, ValueError, IndexError):
        return None


def masked(answer: CallAnswer, secrets: Sequence[str]) -> CallAnswer:
    """The answer with our secrets covered, where the other side repeats them."""
    forms = {form for secret in secrets if len(secret) >= SHORTEST for form in (secret, quote(secret, safe=""))}
    if not forms:
        return answer
    return CallAnswer(_covered(dict(answer.data), sorted(forms, key=len, reverse=True)), answer.ok, answer.code, answer.detail)


def _covered(found: Any, secrets: Sequence[str]) -> Any:
    match found:
        case str():
            for secret in secrets:
                found = found.replace(secret, MASK)
            return found
        case dict():
            return {_covered(key, secrets): _covered(each, secrets) for key, each in found.items()}
        case list():
            return [_covered(each, secrets) for each in found]
        case int() | float() if not isinstance(found, bool) and str(found) in secrets:
            return MASK
        case _:
            return found


async def _bounded(answer: aiohttp.ClientResponse) -> bytes:
    if (answer.content_length or 0) > MAX_ANSWER:
        raise TooLarge(f"the answer is longer than {MAX_ANSWER // 1024} KB")
    parts: list[bytes] = []
    size = 0
    async for part in answer.content.iter_chunked(65_536):
        size += len(part)
        if size > MAX_ANSWER:
            raise TooLarge(f"the answer is longer than {MAX_ANSWER // 1024} KB")
        parts.append(part)
    return b"".join(parts)


def _unpacked(raw: bytes, bits: int) -> bytes:
    unpacker = zlib.decompressobj(bits)
    found = unpacker.decompress(raw, MAX_ANSWER + 1)
    if len(found) > MAX_ANSWER:
        raise TooLarge(f"the answer is longer than {MAX_ANSWER // 1024} KB when it is unpacked")
    return found


def _headers(answer: aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): text[:MAX_HEADER] for name, text in list(answer.headers.items())[:MAX_HEADERS]}
