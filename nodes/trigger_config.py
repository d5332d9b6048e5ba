"""The configs of Trigger: what starts a run, and how often."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from engine.core.node import NodeConfig
from nodes.form import MAX_MAPPED, JsonPath, Switch, VariableName, Whole
from schemas.duration import Duration
from schemas.hours import HoursKey
from schemas.rule import Rule

MAX_WORDS = 200  # keywords of one trigger
MAX_CHANNELS = 100
CHANNEL = r"^(ch_[1-9A-Za-z][0-9A-Za-z]{0,10}|[1-9][0-9]{0,18})$"
TAG = Annotated[str, Field(max_length=100)]

IdentityKind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]


class OnMessageConfig(NodeConfig):
    """Any message of a contact that no other flow takes."""

    kind: Literal["message"] = Field(description="Any message.", json_schema_extra={"ui": "choice"})


class OnKeywordConfig(NodeConfig):
    """A message that holds one of some words, whatever its case and accents."""

    kind: Literal["keyword"] = Field(description="A message with a keyword.", json_schema_extra={"ui": "choice"})
    words: tuple[Annotated[str, Field(min_length=1, max_length=1_000)], ...] = Field(
        min_length=1,
        max_length=MAX_WORDS,
        description="Words, phrases or, with match pattern, regular expressions (RE2).",
        json_schema_extra={"ui": "words"},
    )
    match: Literal["exact", "word", "contains", "starts_with", "pattern"] = Field(
        title="The message",
        default="word",
        description="exact: the message is the word; word: the word stands in it; contains: even inside other words.",
        json_schema_extra={
            "ui": "choice",
            "labels": {
                "exact": "Is the word exactly",
                "word": "Has the word in it",
                "contains": "Contains it, even inside words",
                "starts_with": "Begins with it",
                "pattern": "Matches a pattern",
            },
        },
    )


class OnWebhookConfig(NodeConfig):
    """A call of this trigger's own secret address. Says which part of the JSON body is who and what."""

    kind: Literal["webhook"] = Field(description="A call from another system.", json_schema_extra={"ui": "choice"})
    identity: dict[IdentityKind, JsonPath] = Field(
        min_length=1,
        max_length=10,
        description="Where the contact's address stands in the body: phone, email, whatsapp or another kind.",
        examples=[{"phone": "customer.phone", "email": "customer.email"}],
        json_schema_extra={"ui": "mapping"},
    )
    name: JsonPath | None = Field(
        default=None,
        description="Where the contact's name stands.",
        examples=["customer.name"],
        json_schema_extra={"ui": "json_path"},
    )
    variables: dict[VariableName, JsonPath] = Field(
        default_factory=dict,
        max_length=MAX_MAPPED,
        description="Which variables take which part of the body.",
        examples=[{"item": "items[0].name"}],
        json_schema_extra={"ui": "mapping"},
    )


class OnApiConfig(NodeConfig):
    """The API, a person in the contact list, or another flow."""

    kind: Literal["api"] = Field(description="By the API or by hand.", json_schema_extra={"ui": "choice"})


class OnContactCreatedConfig(NodeConfig):
    """A contact is new."""

    kind: Literal["contact_created"] = Field(description="A new contact.", json_schema_extra={"ui": "choice"})


class OnTagAddedConfig(NodeConfig):
    """A contact got a tag."""

    kind: Literal["tag_added"] = Field(description="A tag was added.", json_schema_extra={"ui": "choice"})
    tag: TAG = Field(min_length=1, description="The tag.", json_schema_extra={"ui": "tag"})


class OnScheduleConfig(NodeConfig):
    """At times, for the contacts with a tag, or that fulfil a rule."""

    kind: Literal["schedule"] = Field(description="At times.", json_schema_extra={"ui": "choice"})
    cron: str = Field(
        title="When",
        min_length=1,
        max_length=100,
        description="Minute, hour, day of month, month, weekday.",
        examples=["0 9 * * mon-fri"],
        json_schema_extra={"ui": "cron"},
    )
    timezone: str = Field(
        title="Time zone",
        default="",
        max_length=64,
        description="The time zone of these times; empty: the workspace's.",
        examples=["Europe/Berlin"],
        json_schema_extra={"ui": "timezone", "advanced": True},
    )
    tag: TAG = Field(default="", description="Only contacts with this tag.", json_schema_extra={"ui": "tag"})
    rule: Rule | None = Field(
        default=None, description="Only contacts for whom this holds then.", json_schema_extra={"ui": "rule"}
    )


On = Annotated[
    OnMessageConfig
    | OnKeywordConfig
    | OnWebhookConfig
    | OnApiConfig
    | OnContactCreatedConfig
    | OnTagAddedConfig
    | OnScheduleConfig,
    Field(discriminator="kind"),
]


class TriggerConfig(NodeConfig):
    """What starts a run, and how often."""

    on: On = Field(title="Starts with", description="What starts the flow.", json_schema_extra={"ui": "group"})
    channels: tuple[Annotated[str, Field(pattern=CHANNEL)], ...] = Field(
        default=(), max_length=MAX_CHANNELS, description="Only on these channels; none means all.",
        json_schema_extra={"ui": "channels", "advanced": True},
    )  # fmt: skip
    priority: Whole = Field(
        default=0,
        ge=-100,
        le=100,
        description="Among equal matches the higher one starts.",
        json_schema_extra={"ui": "number", "advanced": True},
    )
    interrupts: Switch = Field(
        title="May interrupt another flow",
        default=False,
        description="Starts even while another flow waits for an answer.",
        json_schema_extra={"ui": "switch", "advanced": True},
    )
    once: Switch = Field(
        title="Only once for each contact",
        default=False,
        description="At most once for each contact.",
        json_schema_extra={"ui": "switch", "advanced": True},
    )
    again_after: Duration | None = Field(
        title="Not again before",
        default=None,
        description="Not again for a contact before this much time.",
        json_schema_extra={"ui": "duration", "advanced": True},
    )
    hours: HoursKey | None = Field(
        title="Only by these hours",
        default=None,
        description="Hours of the workspace; without them, at all times.",
        json_schema_extra={"ui": "hours_key", "advanced": True},
    )
    when: Literal["open", "closed"] = Field(
        default="open",
        description="Starts while they are open, or while they are closed.",
        json_schema_extra={
            "ui": "choice",
            "advanced": True,
            "labels": {"open": "While they are open", "closed": "While they are closed"},
        },
    )
