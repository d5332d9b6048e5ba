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

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from schemas.duration import Duration
from schemas.hours import Hours


class Part(BaseModel):
    """Base of the parts of a scenario: frozen, and unknown words are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(Part):
    """Who writes."""

    name: str | None = None
    phone: str = "+15550100001"
    """Empty: nobody knows it, as in web chat."""
    language: str | None = None
    timezone: str | None = None
    tags: tuple[str, ...] = ()
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


class Start(Part):
    """Start the flow without a message: as the API, a schedule or a webhook does."""

    variables: dict[str, Any] = Field(default_factory=dict)
    node: str = ""


class Named(Part):
    """A named event for the contact."""

    name: str
    data: dict[str, Any] = Field(default_factory=dict)


class Where(Part):
    """A point on the map."""

    latitude: float
    longitude: float


class Step(Part):
    """One step; exactly one word of it is given."""

    say: str | None = None
    press: str | None = None
    """Title or id of a button or row of the last message that has it."""
    media: Literal["image", "video", "audio", "document"] | None = None
    location: Where | None = None
    start: Start | None = None
    event: Named | None = None
    tag: str | None = None
    """The contact gets this tag."""
    wait: Duration | None = None
    until: datetime | None = None
    fail: str | None = None
    """The next message is refused by the provider with this code, such as `131026` or `window_closed`."""
    agent: Literal["online", "busy", "offline", "claims", "resolves", "returns"] | None = None
    agent_says: str | None = None
    expect: Annotated[tuple[str | Expected, ...], Field(description="All messages since the last expect.")] | None = None
    variables: dict[str, Any] | None = None
    contact: dict[str, Any] | None = None
    """Facts of the contact: name, language, tags, or fields by their key."""
    at_node: str | None = None
    owner: Literal["BOT", "QUEUE", "AGENT", "NONE"] | None = None
    ended: Literal["completed", "expired", "interrupted", "failed", "stopped"] | None = None

    @model_validator(mode="after")
    def _one(self) -> Step:
        if len(self.model_fields_set) != 1:
            raise ValueError("a step has exactly one word, such as `say: hi` or `expect: [...]`")
        return self

    @property
    def word(self) -> str:
        """Which word it is."""
        return next(iter(self.model_fields_set))


class Template(Part):
    """A WhatsApp template that exists in the scenario."""

    name: str
    language: str = "en"
    body: str
    status: str = "approved"


class Scenario(Part):
    """One conversation. Time stands still but for `wait` and `until`."""

    name: str
    channel: Literal["whatsapp", "webchat"] = "whatsapp"
    at: datetime = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)
    contact: Person = Person()
    agents: Literal["online", "busy", "offline"] = "online"
    """Busy ones keep what they have and take nothing new: conversations wait in the queue."""
    timezone: str = "UTC"
    hours: Hours | None = None
    """When the business is open; without it, always."""
    templates: tuple[Template, ...] = ()
    steps: tuple[Step, ...] = Field(min_length=1)


class ScenarioFile(Part):
    """The scenarios of one flow. `flow` is the file of the flow, beside this one; empty: the same name with .json."""

    flow: str = ""
    scenarios: tuple[Scenario, ...] = Field(min_length=1)
