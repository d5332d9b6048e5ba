"""/settings/ai: the workspace's AI provider."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sqlmodel import Session

from api.http.model import Input, Output
from api.http.request import Request
from api.http.route import Route
from api.services import Services
from crm.ai import LONGEST_KEY, SLOWEST, AiSettings, Key, delete_ai, read_ai, save_ai
from crm.ai_budget import EVERYBODY, Spent, spent, today
from schemas.error import NotFound

TAGS = ("Settings",)
EDITORS = ("owner", "editor")


class SaveAi(AiSettings):
    """The provider to ask. Everything is set at once; a key that isn't given stays, while the address has the same host."""

    key: Annotated[
        Key | None, Field(description=f"Never shown again; at most {LONGEST_KEY} characters. Empty: the server wants none.")
    ] = None


class AiAnswer(Output):
    """The provider; `settings` is null while AI is off."""

    settings: AiSettings | None
    has_key: bool
    calls_today: int
    tokens_today: int
    cost_today: float


class TryAi(Input):
    """A question for the model."""

    question: Annotated[str, Field(min_length=1, max_length=500)] = "Say hello, and which model you are."


class AiTried(Output):
    """What came of one real call: the answer, or what is wrong and what to do."""

    ok: bool
    answer: str
    problem: str
    model: str
    tokens: int
    seconds: float


class AiRoutes:
    """Setting up and trying the AI provider."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def read_ai_settings(self, request: Request) -> AiAnswer:
        """Read the AI provider and what it was used for today; never its key."""
        return await self._services.store.read(lambda session: _shown(session, request))

    async def save_ai_settings(self, request: Request[SaveAi]) -> AiAnswer:
        """Set the AI provider: any server with OpenAI's chat completions."""
        body = request.body
        settings = AiSettings.model_validate(body.model_dump(exclude={"key"}))

        def work(session: Session) -> AiAnswer:
            save_ai(session, request.tenant, settings, body.key, self._services.secrets, request.now)
            session.flush()
            return _shown(session, request)

        answer = await self._services.store.write(work)
        self._services.worlds.changed(request.tenant)
        return answer

    async def delete_ai_settings(self, request: Request) -> None:
        """Switch AI off and forget the key. AI nodes then leave by `failed`."""
        await self._services.store.write(lambda session: delete_ai(session, request.tenant))
        self._services.worlds.changed(request.tenant)

    async def try_ai(self, request: Request[TryAi]) -> AiTried:
        """Ask the saved provider once, for real. It counts in the day's budget."""
        started = self._services.clock.now()
        tried = await self._services.try_ai(request.tenant, request.body.question)
        return AiTried(
            ok=not tried.problem,
            answer=tried.answer,
            problem=tried.problem,
            model=tried.model,
            tokens=tried.tokens,
            seconds=round((self._services.clock.now() - started).total_seconds(), 2),
        )

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        write = "settings:write"
        patience = SLOWEST + 5.0
        return (
            Route("GET", "/settings/ai", self.read_ai_settings, TAGS, scope="settings:read"),
            Route("PUT", "/settings/ai", self.save_ai_settings, TAGS, scope=write, roles=EDITORS),
            Route("DELETE", "/settings/ai", self.delete_ai_settings, TAGS, scope=write, roles=EDITORS, errors=(NotFound,)),
            Route(
                "POST", "/settings/ai/try", self.try_ai, TAGS, scope=write, roles=EDITORS, timeout=patience, idempotency="off"
            ),
        )


def _shown(session: Session, request: Request[SaveAi] | Request) -> AiAnswer:
    found = read_ai(session, request.tenant)
    used: Spent = spent(session, request.tenant, EVERYBODY, today(session, request.tenant, request.now))
    settings, has_key = found if found is not None else (None, False)
    return AiAnswer(
        settings=settings, has_key=has_key, calls_today=used.calls, tokens_today=used.tokens, cost_today=used.cost
    )
