"""What an AI node asks of the workspace's AI provider, and what the model is told for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from schemas.value import value

AI = "ai"
"""The kind of call."""


@value(frozen=True, slots=True)
class AiQuestion:
    """The data of a call of kind `ai`: what a contact asks at a node of a version.

    The texts of the node stay in the version: a call is kept in each run's history, and they may be long.
    """

    version: int
    node: str
    conversation: int
    question: str
    """What the contact wrote, or was made of it: data, never an instruction."""
    about: str = ""
    """What the model is told about the contact; data as well."""


def dump_question(question: AiQuestion) -> dict[str, Any]:
    """The data of the call, as JSON."""
    return asdict(question)


def load_question(data: Mapping[str, Any]) -> AiQuestion:
    """What `dump_question` wrote; how often the call is tried, which stands beside it, is left out.

    >>> load_question(dump_question(AiQuestion(3, "answer", 5, "Open?")) | {"tries": 3}).question
    'Open?'
    """
    return AiQuestion(data["version"], data["node"], data["conversation"], data["question"], data["about"])


@value(frozen=True, slots=True)
class GivenText:
    """A text from which questions are answered."""

    title: str
    text: str


@value(frozen=True, slots=True)
class GivenChoice:
    """One of the answers that may be chosen."""

    id: str
    title: str
    description: str = ""
    examples: tuple[str, ...] = ()


@value(frozen=True, slots=True)
class Told:
    """What a node tells the model each time. With `choices` one of them is chosen, else an answer is written out of `texts`."""

    instructions: str = ""
    texts: tuple[GivenText, ...] = ()
    choices: tuple[GivenChoice, ...] = ()
    history: int = 0
    """How many of the conversation's last messages are given along."""
    longest: int = 600
    """Characters of the answer."""
