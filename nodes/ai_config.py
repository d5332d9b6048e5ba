"""The configs of AI reply and AI choose: what the model is told, and examples for trying the flow."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from engine.core.node import NodeConfig
from engine.core.text import MAX_SOURCE
from nodes.form import Line, Number, OptionalLine, PortId, Switch, VariableName, Whole

MAX_TEXTS = 20
"""Texts of one step: more are a search engine's work."""
MAX_KNOWLEDGE = 60_000
"""Characters of all texts of one step: some 15,000 tokens, that are paid for with every question."""
MAX_CHOICES = 30
"""Ways out of one step: beyond them models mix them up, and nobody sees through the canvas."""
MAX_HISTORY = 20
"""Messages of the conversation that are given along."""
MAX_EXAMPLES = 20
MAX_DESCRIPTION = 2_000
"""Characters that say when a choice is meant."""
MAX_INSTRUCTIONS = 4_000
SHORTEST, LONGEST = 50, 4_000
"""Characters of an answer: less is no sentence; more than WhatsApp's 4,096 can't be sent."""

PlainText = Annotated[str, Field(max_length=MAX_SOURCE)]


class GivenTextConfig(NodeConfig):
    """A text from which is answered, as it stands: nothing is filled in."""

    title: Line = Field(description="What the text is about.", json_schema_extra={"ui": "plain"})
    text: PlainText = Field(default="", description="What is true, in plain words.", json_schema_extra={"ui": "plain"})


class AnswerExampleConfig(NodeConfig):
    """A question with its answer, for trying the flow without a model."""

    message: Line = Field(title="Question", description="What the contact asks.", json_schema_extra={"ui": "plain"})
    answer: OptionalLine = Field(
        default="", description="The answer; empty: the model doesn't know.", json_schema_extra={"ui": "plain"}
    )


class ChoiceConfig(NodeConfig):
    """Something that a message may mean: a way out of its own."""

    id: PortId
    title: Line = Field(description="What it is called.", json_schema_extra={"ui": "plain"})
    description: Annotated[str, Field(max_length=MAX_DESCRIPTION)] = Field(
        default="", description="When it is meant, in a sentence for the model.", json_schema_extra={"ui": "plain"}
    )
    examples: tuple[Line, ...] = Field(
        default=(),
        max_length=MAX_EXAMPLES,
        description="Messages that mean it. The model sees them, and trying the flow goes by them.",
        json_schema_extra={"ui": "words", "placeholder": "Where is my parcel?"},
    )


class AskedConfig(NodeConfig):
    """What both say to the model."""

    question: OptionalLine = Field(
        title="What is read",
        default="",
        description="A text with merge fields; empty: the contact's last message.",
        json_schema_extra={"ui": "line", "placeholder": "The contact's last message", "advanced": True},
    )
    about: OptionalLine = Field(
        title="About the contact",
        default="",
        description="What the model is told about the contact, such as {{contact.fields.plan}}.",
        json_schema_extra={"ui": "line", "advanced": True},
    )


class AiReplyConfig(AskedConfig):
    """What is answered, out of which texts."""

    texts: tuple[GivenTextConfig, ...] = Field(
        default=(),
        max_length=MAX_TEXTS,
        description="The model answers from these only; what is not in them it doesn't know.",
        json_schema_extra={"ui": "items"},
    )
    instructions: Annotated[str, Field(max_length=MAX_INSTRUCTIONS)] = Field(
        default="",
        description="How to answer: tone, what not to say.",
        json_schema_extra={"ui": "plain", "placeholder": "Be friendly and brief. Never promise a date."},
    )
    send: Switch = Field(
        title="Send the answer", default=True, description="Off: it is only saved.", json_schema_extra={"ui": "switch"}
    )
    save_as: VariableName | None = Field(
        title="Save answer as", default=None, description="The variable for the answer.", json_schema_extra={"ui": "variable"}
    )
    longest: Annotated[Whole, Field(ge=SHORTEST, le=LONGEST)] = Field(
        title="Longest answer",
        default=600,
        description="Characters of an answer.",
        json_schema_extra={"ui": "number", "advanced": True},
    )
    history: Annotated[Whole, Field(ge=0, le=MAX_HISTORY)] = Field(
        title="Earlier messages",
        default=6,
        description="How many of the conversation's last messages the model reads, so that “and on Sunday?” is understood.",
        json_schema_extra={"ui": "number", "advanced": True},
    )
    examples: tuple[AnswerExampleConfig, ...] = Field(
        default=(),
        max_length=MAX_EXAMPLES,
        description="For trying the flow: it asks no model, these are its answers.",
        json_schema_extra={"ui": "items", "advanced": True},
    )


class AiChooseConfig(AskedConfig):
    """Between what is chosen, and how sure the model must be."""

    choices: tuple[ChoiceConfig, ...] = Field(
        default=(), max_length=MAX_CHOICES, description="What a message may mean.", json_schema_extra={"ui": "items"}
    )
    instructions: Annotated[str, Field(max_length=MAX_INSTRUCTIONS)] = Field(
        default="", description="What else helps to tell them apart.", json_schema_extra={"ui": "plain", "advanced": True}
    )
    confidence: Annotated[Number, Field(ge=0, le=1)] = Field(
        title="Sure enough",
        default=0.6,
        description="From 0 to 1: a choice of which the model is less sure leaves by Unsure.",
        json_schema_extra={"ui": "number"},
    )
    save_as: VariableName | None = Field(
        title="Save choice as", default=None, description="The variable for its title.", json_schema_extra={"ui": "variable"}
    )
    history: Annotated[Whole, Field(ge=0, le=MAX_HISTORY)] = Field(
        title="Earlier messages",
        default=0,
        description="How many of the conversation's last messages the model reads.",
        json_schema_extra={"ui": "number", "advanced": True},
    )
