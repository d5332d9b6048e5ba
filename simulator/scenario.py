"""A scripted conversation with what it must answer: a test of a flow, written in YAML beside it.

```yaml
scenarios:
  - name: A customer asks for the opening hours
    contact: {name: Ann Example, phone: "+4915112345678"}
    steps:
      - say: hi
      - expect: ["Hi Ann! What can we do for you?"]
      - press: Opening hours
      - expect: [{contains: "9:00"}]
      - ended: completed
```
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from engine.core.world import BUSINESS
from schemas.duration import Duration
from schemas.hours import Hours, HoursKey, ZoneName

EARLIEST, LATEST = 1971, 2200
"""Years in which a simulation may take place."""
Agents = Literal["online", "busy", "offline", "closed"]


class Part(BaseModel):
    """Base of the parts of a scenario: frozen, and unknown words are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(Part):
    """Who writes."""

    name: Annotated[str, Field(max_length=200)] | None = None
    phone: Annotated[str, Field(pattern=r"^(\+[1-9][0-9]{6,14})?$")] = "+15550100001"
    """With its country code; empty: nobody knows it, as in web chat."""
    language: Annotated[str, Field(max_length=35)] | None = None
    timezone: ZoneName | None = None
    tags: tuple[Annotated[str, Field(min_length=1, max_length=100)], ...] = ()
    fields: dict[str, Any] = Field(default_factory=dict)


class Expected(Part):
    """What one message must be. Everything that is named must hold; a plain string in `expect` means `text`."""

    text: str | None = None
    contains: str | None = None
    kind: str | None = None
    buttons: tuple[str, ...] | None = None
    """Titles of its buttons or rows, in order."""
    template: str | None = None
    voice: str | None = None


class ToldEvent(Part):
    """What one emitted event must be, as far as it is named; a plain string in `emitted` means `event`."""

    event: str | None = None
    data: dict[str, Any] | None = None
    node: str | None = None


class ToldNotice(Part):
    """What one notice must be. Everything that is named must hold; a plain string in `notified` means `text`."""

    text: str | None = None
    contains: str | None = None
    team: str | None = None
    address: str | None = None
    node: str | None = None


class Start(Part):
    """Start the flow without a message: as the API, a schedule or a webhook does, or in its midst, at any node."""

    variables: dict[str, Any] = Field(default_factory=dict)
    node: str = ""


class Named(Part):
    """A named event for the contact."""

    name: str
    data: dict[str, Any] = Field(default_factory=dict)


class Where(Part):
    """A point on the map."""

    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Refusal(Part):
    """The provider refuses the message after the next `after` ones."""

    code: Annotated[str, Field(min_length=1, max_length=100)]
    after: Annotated[int, Field(ge=0, le=100)] = 0


class Hook(Part):
    """A call of a webhook trigger: by its node, where the flow has several, with the JSON that another system sends."""

    node: str = ""
    body: dict[str, Any] = Field(default_factory=dict)


def _written(value: Any) -> Any:
    """Let pass what is written as a date and time, so that 12 is not read as 12 seconds after 1970."""
    if isinstance(value, str | datetime):
        return value
    raise ValueError("write a date and time, such as 2026-03-03T09:00:00Z")


def _near(value: datetime) -> datetime:
    """Keep away from both ends of the calendar, so that a wait of a year still leads somewhere."""
    if not EARLIEST <= value.year <= LATEST:
        raise ValueError(f"must lie between {EARLIEST} and {LATEST}")
    return value


Time = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_near), Field(strict=False)]


class Act(Part):
    """One thing that happens in a simulation; exactly one word of it is given."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    say: Annotated[str, Field(max_length=10_000)] | None = None
    """The contact writes."""
    press: Annotated[str, Field(max_length=200)] | None = None
    """Title or id of a button or row of the last message that has it."""
    media: Literal["image", "video", "audio", "document"] | None = None
    location: Where | None = None
    start: Start | None = None
    event: Named | None = None
    answer: Annotated[str, Field(max_length=200)] | dict[str, Any] | None = None
    """What the call answers that waits: `example`, the name of one of its node's examples, or `{status: 404, body: {…}}`;
    `later`: nothing until another `answer`."""
    webhook: Hook | None = None
    tag: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    """The contact gets this tag."""
    wait: Duration | None = None
    until: Time | None = None
    skip: Literal["wait"] | None = None
    """Go to the next instant at which something happens."""
    fail: Annotated[str, Field(min_length=1, max_length=100)] | Refusal | None = None
    """The next message, or a later one, is refused by the provider with this code, such as `131026` or `window_closed`."""
    agent: Literal["online", "busy", "offline", "closed", "claims", "resolves", "returns"] | None = None
    agent_says: Annotated[str, Field(max_length=10_000)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if len(self.model_fields_set) != 1:
            raise ValueError("a step has exactly one word, such as `say: hi` or `expect: [...]`")
        if getattr(self, self.word) is None:
            raise ValueError(f"{self.word} says nothing; give it a value")
        return self

    @property
    def word(self) -> str:
        """Which word it is."""
        return next(iter(self.model_fields_set))


class Step(Act):
    """One step of a scenario: what happens, or what must be; exactly one word of it is given."""

    expect: Annotated[tuple[str | Expected, ...], Field(description="All messages since the last expect.")] | None = None
    asked: dict[str, Any] | None = None
    """What the last call (of `node`) must have asked, as far as it is named."""
    emitted: Annotated[tuple[str | ToldEvent, ...], Field(description="All events since the last emitted.")] | None = None
    notified: Annotated[tuple[str | ToldNotice, ...], Field(description="All notices since the last notified.")] | None = None
    variables: dict[str, Any] | None = None
    contact: dict[str, Any] | None = None
    """Facts of the contact: name, language, tags, or fields by their key."""
    at_node: str | None = None
    owner: Literal["BOT", "QUEUE", "AGENT", "NONE"] | None = None
    closed: bool | None = None
    """The conversation is marked as resolved."""
    ended: Literal["completed", "expired", "interrupted", "failed", "stopped"] | None = None
    outcome: Annotated[str, Field(max_length=64)] | None = None
    """The word that the run's End has for how it went; empty: it ended without one."""


class ScenarioTemplate(Part):
    """A WhatsApp template that exists in the scenario."""

    name: str
    language: str = "en"
    body: str
    status: str = "approved"


class Scenario(Part):
    """One conversation. Time stands still but for `wait` and `until`."""

    name: str
    channel: Literal["whatsapp", "webchat"] = "whatsapp"
    at: Time = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    contact: Person = Person()
    agents: Agents = "online"
    """Busy ones keep what they have and take nothing new: conversations wait in the queue. Closed: no team has hours now."""
    timezone: ZoneName = "UTC"
    hours: Hours | dict[HoursKey, Hours] | None = None
    """When the business is open, or hours by their key; without them, always."""
    globals: dict[str, Any] = Field(default_factory=dict)
    """The workspace's global variables, by key."""
    splits: dict[str, str] = Field(default_factory=dict)
    """The arm that a Split takes, by its node; without it, whichever the contact belongs to."""
    calls: dict[str, str | dict[str, Any]] = Field(default_factory=dict)
    """What the calls of a node answer, by the node; without it, as its first example."""
    templates: tuple[ScenarioTemplate, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)


    @property
    def named_hours(self) -> Mapping[str, Hours]:
        """The hours by name."""
        given = self.hours or {}
        return {BUSINESS: given} if isinstance(given, Hours) else given


class ScenarioFile(Part):
    """The scenarios of one flow. `flow` is the file of the flow, beside this one; empty: the same name with .json."""

    flow: str = ""
    scenarios: tuple[Scenario, ...] = Field(min_length=1)
