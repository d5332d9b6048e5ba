"""AI choose: a model says which of the choices a message means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from engine.core.build import Build
from engine.core.node import Behaviour, Fail, Go, Look, NodeType, Outcome, Port, Probe, Uses
from engine.core.scope import Scope
from engine.core.visit import Visit
from nodes.ai import FAILED, RESERVED, SLOWEST, UNSURE, alike, asked_sources, asking, failing, provider_problems
from nodes.ai_config import AiChooseConfig
from nodes.finding import field_references, id_problems, text_problems, text_reads
from schemas.ai import GivenChoice, Told
from schemas.problem import Problem, pointer


class AiChoose(NodeType[AiChooseConfig]):
    """A model reads the contact's message and takes one of the ways, or says that it is not sure.

    ```json
    {"choices": [{"id": "order", "title": "An order", "description": "Where a parcel is, or a change of an order",
                  "examples": ["Where is my parcel?"]},
                 {"id": "returns", "title": "Returns", "examples": ["I want my money back"]}],
     "confidence": 0.7}
    ```

    Ports: one per choice; `unsure` where none is meant, or the model is less sure than `confidence`; `failed` with a code where
    the provider doesn't answer or the budget is used up (see docs/ai.md). A way that nobody offered is never taken.
    """

    name = "ai_choose"
    Config = AiChooseConfig
    look = Look(
        label="AI choose",
        group="logic",
        icon="sparkles",
        colour="grape",
        description="A model decides which way a message means.",
        card="",
    )
    starter: Mapping[str, Any] = {
        "choices": [{"id": "order", "title": "An order"}, {"id": "question", "title": "A question"}],
    }
    example: Mapping[str, Any] = {
        "choices": [
            {
                "id": "order",
                "title": "An order",
                "description": "Where a parcel is, or a change of an order",
                "examples": ["Where is my parcel?"],
            },
            {"id": "returns", "title": "Returns", "examples": ["I want my money back"]},
        ],
        "confidence": 0.7,
    }

    def ports(self, config: AiChooseConfig) -> tuple[Port, ...]:
        """One per choice, and where none is taken."""
        ways = tuple(Port(each.id, each.title, "branch") for each in config.choices)
        return (*ways, Port(UNSURE, "Unsure", "branch"), Port(FAILED, "Failed", "error"))

    def compile(self, config: AiChooseConfig, build: Build) -> Behaviour:
        """Takes the way that the model names, if there is one and it is sure enough."""
        titles = {each.id: each.title for each in config.choices}

        def answered(visit: Visit, data: Mapping[str, Any]) -> Outcome:
            chosen, confidence = data.get("choice"), data.get("confidence", 0)
            if not isinstance(confidence, int | float) or not isinstance(chosen, str):
                return Fail(FAILED, "ai_bad_answer", "the answer holds no choice")
            title = titles.get(chosen)
            if title is None:
                return Go(UNSURE, "none of the choices")
            if confidence < config.confidence:
                return Go(UNSURE, f"{title}, but only {confidence:.2f} sure")
            if config.save_as:
                visit.set(config.save_as, title)
            return Go(chosen, f"{title}, {confidence:.2f} sure")

        return asking(config, build, answered)

    def told(self, config: AiChooseConfig) -> Told:
        """The same each time, but for the message."""
        choices = tuple(GivenChoice(each.id, each.title, each.description, each.examples) for each in config.choices)
        return Told(config.instructions.strip(), choices=choices, history=config.history)

    def writes(self, config: AiChooseConfig) -> tuple[str, ...]:
        """The variable for the choice."""
        return (config.save_as,) if config.save_as else ()

    def uses(self, config: AiChooseConfig, build: Build) -> Uses:
        """The merge fields of what the model is told."""
        reads = text_reads(asked_sources(config), build)
        return Uses(reads=reads, references=field_references(reads))

    def check(self, config: AiChooseConfig, scope: Scope) -> Iterable[Problem]:
        """No provider, nothing to choose from, ids that two have, choices that only their title explains."""
        yield from provider_problems(scope)
        yield from text_problems(asked_sources(config), scope)
        if not config.choices:
            yield Problem("no_choices", "error", "/choices", "There is nothing to choose from.", "Add at least one choice.")
        yield from id_problems({pointer("choices", at, "id"): each.id for at, each in enumerate(config.choices)}, RESERVED)
        for at, each in enumerate(config.choices):
            if not each.description.strip() and not each.examples:
                hint = "Add a sentence or an example message: the model guesses less."
                where = pointer("choices", at, "description")
                yield Problem("thin_choice", "info", where, f"The model knows “{each.title[:60]}” by its title only.", hint)

    def elapsed(self, config: AiChooseConfig, port: str) -> timedelta | None:
        """What a model takes, with all tries."""
        return SLOWEST

    def probes(self, config: AiChooseConfig) -> tuple[Probe, ...]:
        """Each choice; none of them, and trouble."""
        ways = (Probe("call", {"choice": each.id, "confidence": 1.0}, each.id) for each in config.choices)
        return (*ways, Probe("call", {"choice": "", "confidence": 0.0}, UNSURE), failing(), Probe("timeout"))

    def answers(self, config: AiChooseConfig, data: Mapping[str, Any]) -> str:
        """The choice whose title or example this is; none of them: unsure."""
        asked = str(data.get("question", ""))
        meant = (each.id for each in config.choices if any(alike(text, asked) for text in (each.title, *each.examples)))
        return next(meant, UNSURE)
