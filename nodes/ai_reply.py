"""AI reply: a model answers what the contact asked, out of given texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from engine.core.build import Build
from engine.core.node import Behaviour, Fail, Go, Look, NodeType, Outcome, Port, Probe, Uses
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.ai import FAILED, SLOWEST, UNSURE, alike, asked_sources, asking, failing, provider_problems
from nodes.ai_config import MAX_KNOWLEDGE, AiReplyConfig
from nodes.finding import field_references, text_problems, text_reads
from nodes.message import fitted
from nodes.reply import MAX_SHOWN
from schemas.ai import GivenText, Told
from schemas.content import Text
from schemas.problem import Problem, pointer

MAX_NAME = 200
"""Characters of an example's question by which scenarios name it."""


class AiReply(NodeType[AiReplyConfig]):
    """A model answers the contact's question from the texts that are given here, and says when it doesn't know.

    ```json
    {"texts": [{"title": "Delivery", "text": "We deliver within the EU in 3 to 5 days. Delivery costs 4.90."}],
     "instructions": "Be friendly and brief.", "save_as": "answer",
     "examples": [{"message": "How long does it take?", "answer": "3 to 5 days within the EU."}]}
    ```

    Ports: `next` with an answer, which is sent and saved; `unsure` where the texts don't say it; `failed` with a code where the
    provider doesn't answer or the budget is used up (see docs/ai.md).
    """

    name = "ai_reply"
    Config = AiReplyConfig
    look = Look(
        label="AI reply",
        group="messages",
        icon="sparkles",
        colour="violet",
        description="A model answers, only from your texts.",
        card="{instructions}",
    )
    starter: Mapping[str, Any] = {"texts": [{"title": "Opening hours", "text": ""}]}
    example: Mapping[str, Any] = {
        "texts": [{"title": "Delivery", "text": "We deliver within the EU in 3 to 5 days. Delivery costs 4.90."}],
        "instructions": "Be friendly and brief.",
        "save_as": "answer",
        "examples": [{"message": "How long does it take?", "answer": "3 to 5 days within the EU."}],
    }

    def ports(self, config: AiReplyConfig) -> tuple[Port, ...]:
        """An answer, none in the texts, or trouble."""
        return (Port("next", "Answered"), Port(UNSURE, "Doesn't know", "branch"), Port(FAILED, "Failed", "error"))

    def compile(self, config: AiReplyConfig, build: Build) -> Behaviour:
        """Sends and saves an answer of which the model is sure."""

        def answered(visit: Visit, data: Mapping[str, Any]) -> Outcome:
            answer = data.get("answer")
            if not isinstance(answer, str):
                return Fail(FAILED, "ai_bad_answer", "the answer holds no text")
            if data.get("confident") is not True or not answer.strip():
                return Go(UNSURE, "the texts don't say it")
            if config.send:
                shown = fitted(visit, Text(answer), FAILED)
                if isinstance(shown, Fail):
                    return shown
                if not visit.window_open():
                    return Fail(FAILED, "window_closed", "the 24-hour window is closed")
                visit.send(shown)
            if config.save_as:
                visit.set(config.save_as, answer)
            return Go("next", answer[:MAX_SHOWN])

        return asking(config, build, answered, speaks=config.send)

    def told(self, config: AiReplyConfig) -> Told:
        """The same each time, but for the question."""
        texts = tuple(GivenText(each.title, each.text) for each in config.texts if each.text.strip())
        return Told(config.instructions.strip(), texts, history=config.history, longest=config.longest)

    def writes(self, config: AiReplyConfig) -> tuple[str, ...]:
        """The variable for the answer."""
        return (config.save_as,) if config.save_as else ()

    def uses(self, config: AiReplyConfig, build: Build) -> Uses:
        """The merge fields of what the model is told."""
        reads = text_reads(asked_sources(config), build)
        return Uses(reads=reads, references=field_references(reads), free_text=config.send)

    def check(self, config: AiReplyConfig, scope: Scope) -> Iterable[Problem]:
        """No provider, nothing to answer from, too much of it, an answer that nobody gets."""
        yield from provider_problems(scope)
        yield from text_problems(asked_sources(config), scope)
        empty = [at for at, each in enumerate(config.texts) if not each.text.strip()]
        if len(empty) == len(config.texts):
            hint = "Write down what is true: the model answers from nothing else."
            yield Problem("no_texts", "error", "/texts", "There is nothing to answer from.", hint)
        else:
            for at in empty:
                yield Problem("empty_text", "warning", pointer("texts", at, "text"), "This text is empty.", "Fill or remove it.")
        whole = sum(len(each.title) + len(each.text) for each in config.texts)
        if whole > MAX_KNOWLEDGE:
            message = f"The texts have {whole:,} characters; at most {MAX_KNOWLEDGE:,} can be given with a question."
            hint = "Shorten them, or let AI choose lead to steps with fewer."
            yield Problem("texts_too_long", "error", "/texts", message, hint)
        if not config.send and not config.save_as:
            hint = "Send it, or save it in a variable."
            yield Problem("answer_unused", "warning", "/send", "The answer is neither sent nor saved.", hint)
        for channel, capabilities in scope.channels.items() if config.send else ():
            if config.longest > capabilities.text:
                message = f"An answer may have {config.longest} characters; {channel} shows at most {capabilities.text}."
                yield Problem("text_too_long", "warning", "/longest", message, "Allow fewer characters.")

    def elapsed(self, config: AiReplyConfig, port: str) -> timedelta | None:
        """What a model takes, with all tries."""
        return SLOWEST

    def probes(self, config: AiReplyConfig) -> tuple[Probe, ...]:
        """The author's examples; an answer where there are none; not knowing, and trouble."""
        said = [Probe("call", _answer(each.answer), each.message[:MAX_NAME]) for each in config.examples]
        if not any(each.answer for each in config.examples):
            about = config.texts[0].title if config.texts else "nothing"
            said.insert(0, Probe("call", _answer(f"(An answer out of your texts, such as “{about}”.)"), "an answer"))
        return (*said, Probe("call", _answer(""), UNSURE), failing(), Probe("timeout"))

    def answers(self, config: AiReplyConfig, data: Mapping[str, Any]) -> str:
        """The example with this question; none of them: it doesn't know."""
        asked = str(data.get("question", ""))
        meant = next((each.message[:MAX_NAME] for each in config.examples if alike(each.message, asked)), "")
        return meant or (UNSURE if config.examples else "")


def _answer(text: str) -> dict[str, Any]:
    return {"answer": text, "confident": bool(text)}
