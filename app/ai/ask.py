"""Asks the workspace's AI provider on a contact's behalf: within the budgets, and once more where the answer can't be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from api.services import Tried
from app.ai.client import AiClient, AiTrouble, Completion
from app.ai.prompt import Prompt, Turned, once_more, prompt_of
from app.ai.read import read_answer
from app.tables import Tables
from crm.ai import AiProvider, open_ai
from crm.ai_budget import EVERYBODY, over_budget, record_spend
from crm.ai_question import told_at
from crm.messages import said_lately
from engine.core.program import NodeTypes
from engine.runtime.protocol import CallAnswer, CallClaim, CallFailed, Clock
from schemas.ai import AiQuestion, GivenText, Told, load_question
from storage.secret import SecretBox, UnreadableSecret

MAX_TURN = 1_000
"""Characters of an earlier message that are given along."""
TRYING = Told(
    "Somebody tries whether you can be reached. Answer in one sentence, and be confident.",
    (GivenText("Test", "This is a test. Any answer is right."),),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """An answer in our form (see `app.ai.read`), and what it took."""

    answer: Mapping[str, Any]
    model: str
    tokens_in: int
    tokens_out: int
    history: int = 0
    """Earlier messages that were given along."""


class AiAsking:
    """Everything between a call of kind `ai` and the provider."""

    def __init__(self, tables: Tables, box: SecretBox, client: AiClient, node_types: NodeTypes, clock: Clock) -> None:
        self._tables = tables
        self._box = box
        self._client = client
        self._node_types = node_types
        self._clock = clock

    async def handle(self, claim: CallClaim) -> CallAnswer:
        """The answer to a call that a run made. Raises CallFailed; nothing of the prompt or the key is in it."""
        try:
            asked = await self.ask(claim.tenant, claim.call.contact, load_question(claim.call.data))
        except AiTrouble as trouble:
            raise CallFailed(trouble.reason, reason=trouble.message, again=trouble.again, after=trouble.after) from trouble
        took = {"model": asked.model, "tokens_in": asked.tokens_in, "tokens_out": asked.tokens_out, "history": asked.history}
        return CallAnswer({**asked.answer, **took})

    async def ask(self, tenant: int, contact: int, question: AiQuestion) -> Asked:
        """The answer. Raises AiTrouble."""

        def work(session: Session) -> tuple[AiProvider, Told, list[Turned]]:
            provider = self._ready(session, tenant, contact)
            told = told_at(session, tenant, question, self._node_types)
            if told is None:
                raise AiTrouble("ai_refused", "The step that asked is not there any more.")
            return provider, told, _history(session, tenant, question, told)

        provider, told, history = await self._tables.read(work)
        prompt = prompt_of(told, question.question, question.about, history)
        return await self._answer(tenant, contact, provider, told, prompt, len(history))

    async def try_out(self, tenant: int, question: str) -> Tried:
        """What the saved provider says to a question, for whoever sets it up; it is asked as AI reply asks."""
        try:
            provider = await self._tables.read(lambda session: self._ready(session, tenant, EVERYBODY))
            asked = await self._answer(tenant, EVERYBODY, provider, TRYING, prompt_of(TRYING, question))
        except AiTrouble as trouble:
            return Tried(problem=trouble.message)
        answer = asked.answer["answer"] or "The model answered in the right form, and that it does not know."
        return Tried(answer=answer, model=asked.model, tokens=asked.tokens_in + asked.tokens_out)

    def _ready(self, session: Session, tenant: int, contact: int) -> AiProvider:
        """The provider, if it may be asked now. Raises AiTrouble."""
        try:
            provider = open_ai(session, tenant, self._box)
        except UnreadableSecret as error:
            raise AiTrouble("ai_key_refused", error.message) from error
        if provider is None:
            raise AiTrouble("ai_not_configured", "No AI provider is set up. Enter one in Settings → AI.")
        over = over_budget(session, tenant, contact, provider.settings, self._clock.now())
        if over:
            raise AiTrouble("ai_budget", f"The AI budget is used up: {over}.")
        return provider

    async def _answer(
        self, tenant: int, contact: int, provider: AiProvider, told: Told, prompt: Prompt, history: int = 0
    ) -> Asked:
        """Ask, and once more if the answer can't be read."""
        completions = [await self._complete(tenant, contact, provider, prompt)]
        answer = read_answer(told, completions[0].text)
        if answer is None:
            again = once_more(prompt, told, completions[0].text)
            completions.append(await self._complete(tenant, contact, provider, again))
            answer = read_answer(told, completions[1].text)
        if answer is None:
            raise AiTrouble("ai_bad_answer", "The model did not answer in the form that was asked for, twice.")
        return Asked(answer, completions[0].model, _sum(completions, "tokens_in"), _sum(completions, "tokens_out"), history)

    async def _complete(self, tenant: int, contact: int, provider: AiProvider, prompt: Prompt) -> Completion:
        """Ask, and book what it took at once: it is paid for, whatever becomes of the answer."""
        completion = await self._client.complete(provider, prompt)
        now, settings, took = self._clock.now(), provider.settings, (completion.tokens_in, completion.tokens_out)
        await self._tables.write(lambda session: record_spend(session, tenant, contact, settings, *took, now))
        return completion


def _history(session: Session, tenant: int, question: AiQuestion, told: Told) -> list[Turned]:
    """What was said before the question."""
    if not told.history:
        return []
    said = said_lately(session, tenant, question.conversation, told.history + 1)
    if said and said[-1] == ("in", question.question):
        said.pop()  # the question itself
    return [Turned("customer" if way == "in" else "business", text[:MAX_TURN]) for way, text in said[-told.history :]]


def _sum(completions: Sequence[Completion], name: str) -> int:
    return sum(getattr(each, name) for each in completions)
