"""The config of Call API: what is asked, what its answer means, and what it brings."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from engine.core.node import NodeConfig
from nodes.form import MAX_MAPPED, Line, OptionalLine, PortId, Switch, VariableName, Whole
from schemas.duration import Duration

MAX_URL = 2_000
"""Characters of an address: what servers and proxies commonly take."""
MAX_PAIRS = 30
"""Headers, and fields of a query or form: more is no request that people write."""
MAX_BODY = 10_000
"""Characters of a body's text, as of any text; what merge fields bring comes on top."""
MAX_ANSWERS = 20
MAX_EXAMPLES = 20
MAX_EXPRESSION = 500
"""Characters of a JMESPath expression: one that is longer is a program."""
MAX_TIMEOUT = timedelta(seconds=45)
"""Of one try: below the 60 s after which a call is given back, with time left to say why."""
MAX_PATIENCE = timedelta(hours=1)
"""Of all tries: who asks for longer means the call-back."""
MAX_CALLBACK = timedelta(days=7)
"""Until the call-back: a call that is done is kept for 8 days, and its address with it."""
STATUS = r"^([1-5][0-9][0-9]|[1-5]xx)$"

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
HeaderName = Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}$")]
Expression = Annotated[str, Field(min_length=1, max_length=MAX_EXPRESSION)]


class StatusConfig(NodeConfig):
    """A status, or a range of it, that is a way out of its own."""

    id: PortId
    status: Annotated[str, Field(pattern=STATUS)] = Field(
        description="A status such as 404, or a range such as 4xx.",
        json_schema_extra={"ui": "plain", "placeholder": "404"},
    )
    title: OptionalLine = Field(default="", description="A name for people.", json_schema_extra={"ui": "plain"})


class ExampleConfig(NodeConfig):
    """An answer that the other side may give: tests and the simulator use it in its place."""

    name: Line = Field(description="A name for people.", json_schema_extra={"ui": "plain"})
    status: Annotated[Whole, Field(ge=100, le=599)] = Field(
        default=200, description="The status.", json_schema_extra={"ui": "number"}
    )
    body: Annotated[str, Field(max_length=MAX_BODY)] = Field(
        default="", description="The answer: JSON or text.", json_schema_extra={"ui": "plain"}
    )


class CallApiConfig(NodeConfig):
    """A request, what its answer means, and what it brings."""

    method: Method = Field(
        default="GET",
        description="What is asked.",
        json_schema_extra={"ui": "choice", "labels": {each: each for each in ("GET", "POST", "PUT", "PATCH", "DELETE")}},
    )
    url: Annotated[str, Field(min_length=1, max_length=MAX_URL)] = Field(
        title="Address",
        description="The address, with merge fields; their values are encoded.",
        examples=["https://api.example.com/slots?day={{day}}"],
        json_schema_extra={"ui": "line", "placeholder": "https://api.example.com/slots?day={{day}}", "secrets": True},
    )
    query: dict[Line, OptionalLine] = Field(
        title="Query",
        default_factory=dict,
        max_length=MAX_PAIRS,
        description="Parts of the address after the question mark, with merge fields.",
        json_schema_extra={"ui": "line", "placeholder": "{{day}}", "advanced": True, "secrets": True},
    )
    headers: dict[HeaderName, OptionalLine] = Field(
        default_factory=dict,
        max_length=MAX_PAIRS,
        description="Headers, with merge fields and secrets, such as Authorization: Bearer {{secret.API}}.",
        json_schema_extra={"ui": "line", "placeholder": "Bearer {{secret.API}}", "secrets": True},
    )
    send: Literal["nothing", "json", "form"] = Field(
        title="Sends",
        default="nothing",
        description="What the request carries.",
        json_schema_extra={"ui": "choice", "labels": {"nothing": "Nothing", "json": "JSON", "form": "A form"}},
    )
    json_: Annotated[str, Field(max_length=MAX_BODY)] = Field(
        alias="json",
        title="JSON",
        default="",
        description="JSON with merge fields: one that stands alone keeps its type.",
        examples=['{"day": "{{day}}", "people": {{people}}}'],
        json_schema_extra={
            "ui": "text",
            "show_if": {"send": ["json"]},
            "placeholder": '{"day": "{{day}}"}',
            "secrets": True,
        },
    )
    form: dict[Line, OptionalLine] = Field(
        title="Form fields",
        default_factory=dict,
        max_length=MAX_PAIRS,
        description="Fields of a form, with merge fields.",
        json_schema_extra={"ui": "line", "placeholder": "{{day}}", "show_if": {"send": ["form"]}, "secrets": True},
    )
    save: dict[VariableName, Expression] = Field(
        title="Keeps",
        default_factory=dict,
        max_length=MAX_MAPPED,
        description="Variables, each with the JMESPath of its part of the answer: of status, headers and body.",
        examples=[{"slot": "body.slots[0].id"}],
        json_schema_extra={"ui": "mapping", "placeholder": "body.slots[0].id", "trial": "examples"},
    )
    answers: tuple[StatusConfig, ...] = Field(
        title="Ways out by status",
        default=(),
        max_length=MAX_ANSWERS,
        description="Statuses that have a way out of their own; of the others 200 to 299 is ok.",
        json_schema_extra={"ui": "items"},
    )
    examples: tuple[ExampleConfig, ...] = Field(
        title="Examples of answers",
        default=(),
        max_length=MAX_EXAMPLES,
        description="What tests and the simulator answer in its place; the first is the usual one.",
        json_schema_extra={"ui": "items", "advanced": True},
    )
    callback: Switch = Field(
        title="The answer comes later",
        default=False,
        description="The other side posts its answer to {{callback.url}}, which the request brings it.",
        json_schema_extra={"ui": "switch", "advanced": True},
    )
    callback_timeout: Duration = Field(
        title="Wait for it at most",
        default="PT1H",
        description="How long the flow waits for the other side's post, up to 7 days.",
        json_schema_extra={"ui": "duration", "show_if": {"callback": [True]}},
    )
    timeout: Duration = Field(
        title="One try takes at most",
        default="PT10S",
        description="How long one try may take, up to 45 seconds.",
        json_schema_extra={"ui": "duration", "advanced": True},
    )
    tries: Annotated[Whole, Field(ge=1, le=8)] = Field(
        default=3,
        description="How often it is tried where the other side is busy or can't be reached.",
        json_schema_extra={"ui": "number", "advanced": True},
    )
    patience: Duration = Field(
        title="All tries take at most",
        default="PT5M",
        description="After that the flow goes on by failed, up to an hour.",
        json_schema_extra={"ui": "duration", "advanced": True},
    )
