"""The flow document: what an author draws, as frozen models. Node configs stay JSON here; node types own their shape."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from schemas.duration import Duration
from schemas.language import LanguageTag

MAX_NODES = 1_000
"""More than any flow seen in 114 public ones (largest 129); bounds check time and the canvas."""
MAX_EDGES = 10_000
MAX_VARIABLES = 200
MAX_NOTES = 200
MAX_LANGUAGES = 20
"""Languages beside the first: each is a behaviour of its own for every node that says something."""
MAX_TRANSLATIONS = 10_000
"""Translated texts of one language: ten for each of the most nodes."""
MAX_TRANSLATED = 10_000
"""Characters of a translation: as many as of the longest text that it may stand for."""
FAR = 1_000_000
"""Pixels from the middle of the canvas that a node may stand at: browsers draw nothing sensible much further out."""
MAX_DOCUMENT_BYTES = 2_000_000
"""1,000 nodes of 2 kB each; a larger body is refused before it is parsed."""

ID = r"^[A-Za-z0-9_-]{1,64}$"
PLACE = r"^/(nodes/[A-Za-z0-9_-]{1,64}/config|settings)(/[^/\n]{1,64}){1,10}$"
NAME = r"^[A-Za-z_][A-Za-z0-9_]{0,63}$"

VariableType = Literal["text", "number", "boolean", "date", "list", "object"]


class Model(BaseModel):
    """Base of the documents: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Node(Model):
    """A step: a type of the registry with its config. The id never changes, the label is free."""

    id: str = Field(pattern=ID, description="Stable id; never changes once made.")
    type: str = Field(pattern=r"^[a-z][a-z0-9_.]{0,63}$", description="A node type's name, such as send_message.")
    label: str = Field(default="", max_length=200, description="A name for people.")
    config: dict[str, Any] = Field(default_factory=dict, description="The node type's own settings.")


class Edge(Model):
    """The link (node, port) -> node, stored once."""

    from_: str = Field(alias="from", pattern=ID)
    port: str = Field(default="next", pattern=ID)
    to: str = Field(pattern=ID)


class Variable(Model):
    """A variable of the run, with its type and what it starts as."""

    name: str = Field(pattern=NAME)
    type: VariableType = "text"
    default: Any = None
    input: bool = Field(default=False, description="A flow that runs this one may give its value.")
    output: bool = Field(default=False, description="Its value is given back to a flow that ran this one.")


class Settings(Model):
    """What holds for the whole flow."""

    expires_after: Duration = Field(default="P30D", description="A run that is older ends as expired.")
    on_error: Literal["end", "handoff"] = Field(
        default="end", description="What an unwired failed, invalid or no-agent port does."
    )
    on_timeout: Literal["end", "handoff"] = Field(default="end", description="What an unwired timeout port does.")
    on_no_match: Literal["error", "end", "handoff", "repeat"] = Field(
        default="error",
        description="What an unwired port for an answer that doesn't fit does: as on_error, end, hand over, or ask anew.",
    )
    reply_timeout: Duration | None = Field(
        default=None, description="How long a question waits that says nothing itself; without it, until the run expires."
    )
    retry_text: str = Field(
        default="",
        max_length=1000,
        description="What a question says, with merge fields, to an answer that doesn't fit, where it has no words of its own.",
        json_schema_extra={"translate": True},
    )
    error_flow: str | None = Field(
        default=None,
        max_length=64,
        description="A flow that starts when a run of this one fails, with what failed as its inputs.",
    )
    handoff_words: tuple[str, ...] = Field(
        default=(), max_length=50, description="Words that bring in a person while the flow waits for a reply."
    )
    handoff_after_invalid: int | None = Field(
        default=None, ge=1, le=20, description="This many invalid replies in a row bring in a person."
    )
    handoff_text: str = Field(
        default="",
        max_length=1000,
        description="What is said when these settings bring in a person, with merge fields; empty: nothing.",
        json_schema_extra={"translate": True},
    )
    handoff_team: str | None = Field(default=None, description="The team that hand-overs go to; empty: everyone.")


class Point(Model):
    """Where a node stands on the canvas."""

    x: float = Field(ge=-FAR, le=FAR)
    y: float = Field(ge=-FAR, le=FAR)


class Note(Point):
    """A sticky note on the canvas. It does nothing."""

    id: str = Field(pattern=ID)
    text: str = Field(default="", max_length=2_000)
    width: float = Field(default=220, ge=80, le=2_000)
    height: float = Field(default=120, ge=40, le=2_000)
    colour: str = Field(default="yellow", pattern=r"^[a-z]{1,20}$")


class Translation(Model):
    """A text in another language, with the text that it was made from: where that is another one now, it is stale."""

    text: str = Field(min_length=1, max_length=MAX_TRANSLATED)
    source: str = Field(max_length=MAX_TRANSLATED, description="What it translates, as it was then.")


Place = Annotated[str, Field(pattern=PLACE)]
Own = Annotated[LanguageTag | None, Field(description="The language of the texts in the nodes.")]
Others = Annotated[
    dict[LanguageTag, Annotated[dict[Place, Translation], Field(max_length=MAX_TRANSLATIONS)]],
    Field(
        max_length=MAX_LANGUAGES,
        description="The other languages: in each, translations by the place of the text, such as /nodes/hi/config/text. "
        "A place is a JSON pointer in which nodes, and items of lists that have ids, are named by their id.",
    ),
]


class Languages(Model):
    """The languages of a flow, as a part of its document."""

    language: Own = None
    translations: Others = Field(default_factory=dict)


class FlowDocument(Model):
    """A flow as it is saved. The layout and the notes are not part of its content hash."""

    schema_: Literal[1] = Field(default=1, alias="schema")
    name: str = Field(min_length=1, max_length=200)
    nodes: tuple[Node, ...] = Field(default=(), max_length=MAX_NODES)
    edges: tuple[Edge, ...] = Field(default=(), max_length=MAX_EDGES)
    variables: tuple[Variable, ...] = Field(default=(), max_length=MAX_VARIABLES)
    settings: Settings = Settings()
    language: Own = None
    translations: Others = Field(default_factory=dict)
    layout: dict[str, Point] = Field(default_factory=dict)
    notes: tuple[Note, ...] = Field(default=(), max_length=MAX_NOTES)
