"""An OpenAI-compatible server without a model: it answers with the reference text that shares words with the question.

`POST /_control/mode {"mode": "busy", "times": 2}` makes the next answers go wrong, for ever without `times`; `GET
/_control/requests` gives what was asked. Modes: see `MODES`.
"""

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

WORD = re.compile(r"\w{4,}")
HUGE = 3 * 1024 * 1024
KNOWN = {"model", "messages", "max_tokens", "temperature", "response_format"}


@dataclass
class State:
    """What it was told to do, and what it was asked."""

    key: str
    mode: str = "ok"
    times: int = -1
    requests: list[dict[str, Any]] = field(default_factory=list)


STATE = web.AppKey("state", State)


def create_app(key: str = "") -> web.Application:
    """The whole fake as an aiohttp application."""
    app = web.Application(client_max_size=4 * HUGE)
    app[STATE] = State(key)
    app.router.add_post("/v1/chat/completions", complete)
    app.router.add_post("/_control/mode", set_mode)
    app.router.add_get("/_control/requests", requests)
    return app


async def set_mode(request: web.Request) -> web.Response:
    state, body = request.app[STATE], await request.json()
    state.mode, state.times = body["mode"], body.get("times", -1)
    return web.json_response({})


async def requests(request: web.Request) -> web.Response:
    return web.json_response(request.app[STATE].requests)


async def complete(request: web.Request) -> web.StreamResponse:
    """One completion, or whatever the mode says."""
    state = request.app[STATE]
    body = await request.json()
    state.requests.append(body)
    if state.key and request.headers.get("Authorization") != f"Bearer {state.key}":
        return error(401, f"Incorrect API key provided: {request.headers.get('Authorization', '')}", "invalid_api_key")
    mode = state.mode if state.times else "ok"
    state.times -= state.times > 0
    return await MODES[mode](request, body)


async def ok(request: web.Request, body: dict[str, Any]) -> web.Response:
    return completion(body, json.dumps(answer(body)))


async def prose(request: web.Request, body: dict[str, Any]) -> web.Response:
    thought = "<think>They want {\"json\": 1}, I think.</think>"
    return completion(body, f"{thought}Sure! Here it is:\n```json\n{json.dumps(answer(body), indent=1)}\n```\nAnything else?")


async def garbage(request: web.Request, body: dict[str, Any]) -> web.Response:
    return completion(body, "I am sorry, Dave.")


async def no_json(request: web.Request, body: dict[str, Any]) -> web.Response:
    return web.Response(text="<html>hello</html>", content_type="text/html")


async def busy(request: web.Request, body: dict[str, Any]) -> web.Response:
    return error(429, "Rate limit reached", "rate_limit_exceeded", {"Retry-After": "1"})


async def broke(request: web.Request, body: dict[str, Any]) -> web.Response:
    return error(429, "You exceeded your current quota", "insufficient_quota")


async def broken(request: web.Request, body: dict[str, Any]) -> web.Response:
    return error(500, "The server had an error", "server_error")


async def hang(request: web.Request, body: dict[str, Any]) -> web.Response:
    await asyncio.sleep(3600)
    return await ok(request, body)


async def huge(request: web.Request, body: dict[str, Any]) -> web.Response:
    return completion(body, "x" * HUGE)


async def elsewhere(request: web.Request, body: dict[str, Any]) -> web.Response:
    return web.Response(status=307, headers={"Location": "/v1/chat/completions"})


async def plain(request: web.Request, body: dict[str, Any]) -> web.Response:
    """Knows neither response_format nor temperature, calls the limit by its newer name, and doesn't count tokens."""
    for name in ("response_format", "temperature", "max_tokens"):
        if name in body:
            return error(400, f"Unsupported parameter: '{name}'", "unsupported_parameter")
    return web.json_response({"choices": [{"message": {"content": [{"type": "text", "text": json.dumps(answer(body))}]}}]})


async def strange(request: web.Request, body: dict[str, Any]) -> web.Response:
    """An id that nobody offered, and a confidence above 1."""
    return completion(body, json.dumps({"choice": "delete_everything", "confidence": 7, "answer": 3, "confident": "yes"}))


MODES = {
    each.__name__: each
    for each in (ok, prose, garbage, no_json, busy, broke, broken, hang, huge, elsewhere, plain, strange)
}


def error(status: int, message: str, code: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": message, "code": code}}, status=status, headers=headers)


def completion(body: dict[str, Any], text: str) -> web.Response:
    asked = sum(len(each["content"]) for each in body["messages"])
    return web.json_response(
        {
            "model": body["model"],
            "choices": [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": asked // 4, "completion_tokens": len(text) // 4 + 1},
        }
    )


def answer(body: dict[str, Any]) -> dict[str, Any]:
    """What a model would say, by the words that texts or choices share with the question."""
    system = body["messages"][0]["content"]
    asked = next((json.loads(each["content"]) for each in body["messages"] if each["role"] == "user"), {})
    words = set(WORD.findall(asked.get("message", "").casefold()))
    scored = [(len(words & set(WORD.findall(json.dumps(each, ensure_ascii=False).casefold()))), each) for each in given(system)]
    score, best = max(scored, key=lambda each: each[0], default=(0, {}))
    if "id" in (scored[0][1] if scored else {}):
        return {"choice": best["id"], "confidence": 0.9} if score else {"choice": None, "confidence": 0.0}
    return {"answer": best["text"], "confident": True} if score else {"answer": "", "confident": False}


def given(system: str) -> Iterator[dict[str, Any]]:
    """The texts or choices of the prompt: its lines of JSON."""
    for line in system.splitlines():
        if line.startswith('{"title"') or line.startswith('{"id"'):
            yield json.loads(line)
