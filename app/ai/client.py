"""Asks an OpenAI-compatible server, whichever of its parameters it knows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import orjson

from app.ai.prompt import Prompt
from channels.outside import NOTHING_PRIVATE, Guard, PrivateAddress, is_private_literal, read_bounded
from crm.ai import AiProvider
from schemas.error import PostDogError

MAX_BYTES = 1024 * 1024
"""Of an answer: a thousand times what is asked for."""
CHARACTERS_A_TOKEN = 4
"""Where a server doesn't count: about so many in English."""
THOUGHT_TOKENS = 4_000
"""What models that think first may use beside their answer; they count it as written."""
MAX_DETAIL = 300
MAX_DIALECTS = 4
"""Tries to find out which parameters a server takes."""
LONGEST_RETRY = 60.0
"""Seconds: who must wait longer than this is told that it failed."""


PRIVATE = "The AI provider is in a private network. Whoever runs this server can allow it: see POSTDOG_CALL_ALLOW in docs/ai.md."


class AiTrouble(PostDogError):
    """The AI provider could not answer."""

    code = "ai_unavailable"

    def __init__(self, code: str, message: str, *, again: bool = False, after: float | None = None) -> None:
        super().__init__(message)
        self.reason = code
        self.again = again
        """A later try may help."""
        self.after = after


@dataclass(frozen=True, slots=True)
class Completion:
    """What a model said, and what that took."""

    text: str
    tokens_in: int
    tokens_out: int
    model: str


@dataclass(frozen=True, slots=True)
class Dialect:
    """Which parameters a server takes: not all know them all."""

    json_mode: bool = True
    limit: str = "max_tokens"
    temperature: bool = True

    def body(self, provider: AiProvider, prompt: Prompt) -> dict[str, Any]:
        """The request."""
        body: dict[str, Any] = {"model": provider.settings.model, "messages": list(prompt.messages)}
        if self.limit:
            body[self.limit] = prompt.tokens + (THOUGHT_TOKENS if self.limit == "max_completion_tokens" else 0)
        if self.temperature:
            body["temperature"] = 0
        if self.json_mode:
            body["response_format"] = {"type": "json_object"}
        return body

    def without(self, complaint: str) -> Dialect | None:
        """The dialect for a server that complained about one of our parameters; None: it complained about something else."""
        if self.limit == "max_tokens" and "max_tokens" in complaint:
            return Dialect(self.json_mode, "max_completion_tokens", self.temperature)
        if self.limit and self.limit in complaint:
            return Dialect(self.json_mode, "", self.temperature)
        if self.json_mode and ("response_format" in complaint or "json_object" in complaint):
            return Dialect(False, self.limit, self.temperature)
        if self.temperature and "temperature" in complaint:
            return Dialect(self.json_mode, self.limit, False)
        return None


class AiClient:
    """One server's worth of knowledge: which dialect each (address, model) speaks."""

    def __init__(self, session: Callable[[], aiohttp.ClientSession], guard: Guard = NOTHING_PRIVATE) -> None:
        """`session` refuses names of private addresses, `guard` judges those that are written as numbers."""
        self._session = session
        self._guard = guard
        self._dialects: dict[tuple[str, str], Dialect] = {}

    async def complete(self, provider: AiProvider, prompt: Prompt) -> Completion:
        """What the model says. Raises AiTrouble; the key is in no error."""
        place = provider.settings.base_url, provider.settings.model
        dialect = self._dialects.get(place, Dialect())
        for _ in range(MAX_DIALECTS):
            status, headers, data = await self._post(provider, dialect.body(provider, prompt))
            told = _told(data)
            other = dialect.without(told) if status in (400, 422) else None
            if other is None:
                if status == 200:
                    self._dialects[place] = dialect
                    return _completion(data, prompt)
                raise _trouble(status, headers, told, provider)
            dialect = other
        raise AiTrouble("ai_refused", f"The AI provider refuses the request: {_safe(told, provider)}")

    async def _post(self, provider: AiProvider, body: dict[str, Any]) -> tuple[int, Mapping[str, str], bytes]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if provider.key:
            headers["Authorization"] = f"Bearer {provider.key}"
        timeout = aiohttp.ClientTimeout(total=provider.settings.timeout)
        url = provider.settings.base_url + "/chat/completions"
        if is_private_literal(urlsplit(url).hostname or "", self._guard):
            raise AiTrouble("ai_unavailable", PRIVATE)
        try:
            async with self._session().post(
                url, data=json.dumps(body).encode(), headers=headers, timeout=timeout, allow_redirects=False
            ) as answer:
                data = await read_bounded(answer, MAX_BYTES)
                if data is None:
                    raise AiTrouble("ai_bad_answer", "The AI provider's answer is longer than 1 MB.")
                return answer.status, answer.headers, data
        except TimeoutError as error:
            message = f"The AI provider did not answer within {provider.settings.timeout} seconds."
            raise AiTrouble("ai_timeout", message, again=True) from error
        except aiohttp.ClientConnectorError as error:
            if isinstance(error.os_error, PrivateAddress):
                raise AiTrouble("ai_unavailable", PRIVATE) from error
            message = f"Nobody answers at {error.host}:{error.port}. Is the AI provider running, and is the address right?"
            raise AiTrouble("ai_unavailable", message, again=True) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            message = f"The AI provider can't be reached: {_safe(str(error), provider)}"
            raise AiTrouble("ai_unavailable", message, again=True) from error


def _completion(data: bytes, prompt: Prompt) -> Completion:
    """The first choice's text."""
    try:
        answer = orjson.loads(data)
        choice = answer["choices"][0]
        content = choice["message"]["content"]
        if isinstance(content, list):  # parts, as some servers give them
            content = "".join(part.get("text", "") for part in content)
        text = content if isinstance(content, str) else ""
        usage = answer.get("usage") or {}
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise AiTrouble("ai_bad_answer", "The AI provider's answer is not in OpenAI's form.") from error
    asked = sum(len(message["content"]) for message in prompt.messages)
    return Completion(
        text,
        _count(usage, "prompt_tokens", asked),
        _count(usage, "completion_tokens", len(text)),
        str(answer.get("model") or "")[:200],
    )


def _count(usage: Any, name: str, characters: int) -> int:
    """Tokens as the server counted them, else as many as the characters may be."""
    count = usage.get(name) if isinstance(usage, dict) else None
    if isinstance(count, int) and not isinstance(count, bool) and count >= 0:
        return count
    return -(-characters // CHARACTERS_A_TOKEN)


def _told(data: bytes) -> str:
    """What a server says of an error: `{"error": {"message", "code"}}`, or whatever it wrote."""
    try:
        answer = orjson.loads(data)
    except ValueError:
        return data[:MAX_DETAIL].decode("utf-8", "replace")
    error = answer.get("error", answer) if isinstance(answer, dict) else answer
    if isinstance(error, dict):
        error = " ".join(str(error[key]) for key in ("message", "detail", "code", "param") if error.get(key))
    return str(error)


def _trouble(status: int, headers: Mapping[str, str], told: str, provider: AiProvider) -> AiTrouble:
    detail = _safe(told, provider)
    if status in (401, 403):  # such an answer may repeat a part of the key
        return AiTrouble("ai_key_refused", "The AI provider refuses the key. Enter it again in Settings → AI.")
    if status == 404:
        return AiTrouble("ai_unknown_model", f"The AI provider knows no such address or model: {detail}")
    if status == 402 or (status == 429 and "insufficient_quota" in told):
        return AiTrouble("ai_quota", "The AI provider's credit is used up.")
    if status == 429:
        after = _seconds(headers.get("Retry-After", ""))
        return AiTrouble("ai_busy", "The AI provider takes no more questions now.", again=after <= LONGEST_RETRY, after=after)
    if status in (408, 409, 425) or status >= 500:
        return AiTrouble("ai_unavailable", f"The AI provider answered {status}: {detail}", again=True)
    if 300 <= status < 400:
        return AiTrouble("ai_unavailable", "The AI provider's address leads elsewhere. Enter the address itself.")
    return AiTrouble("ai_refused", f"The AI provider refuses the request ({status}): {detail}")


def _seconds(text: str) -> float:
    """Retry-After in seconds; where it is a date or missing, two."""
    return float(text) if text.isdecimal() and len(text) < 9 else 2.0


def _safe(text: str, provider: AiProvider) -> str:
    """Without the key, on one line, and short."""
    if provider.key:
        text = text.replace(provider.key, "…")
    return " ".join(text.split())[:MAX_DETAIL]
