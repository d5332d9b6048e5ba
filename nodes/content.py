"""The config of Send Message: text, buttons, list, media, template, location."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from engine.core.degrade import OPEN_LIST
from engine.core.node import NodeConfig
from nodes.form import Degrees, Line, LongText, OptionalLine, PortId, VariableName
from schemas.duration import Duration
from schemas.effect import OnUnknown

MAX_BUTTONS = 3
"""Reply buttons of a message: WhatsApp's bound (Cloud API, interactive reply buttons)."""
MAX_ROWS = 10
"""Rows of a list, over all its sections: WhatsApp's bound (Cloud API, interactive list)."""
MAX_PARAMETERS = 50  # placeholders of a template's part; more than any that Meta approves


class ButtonConfig(NodeConfig):
    """A button to tap. Its id is the port that it leads to."""

    id: PortId
    title: Line = Field(description="What the button says.", json_schema_extra={"ui": "line", "translate": True})


class RowConfig(NodeConfig):
    """A row of a list. Its id is the port that it leads to."""

    id: PortId
    title: Line = Field(description="What the row says.", json_schema_extra={"ui": "line", "translate": True})
    description: OptionalLine = Field(
        default="", description="A second, smaller line.", json_schema_extra={"ui": "line", "translate": True}
    )


class SectionConfig(NodeConfig):
    """Some rows of a list under a title."""

    title: OptionalLine = Field(
        default="",
        description="Needed where a list has more than one section.",
        json_schema_extra={"ui": "line", "translate": True},
    )
    rows: tuple[RowConfig, ...] = Field(
        min_length=1,
        max_length=MAX_ROWS,
        description="What can be chosen; each row is a port.",
        json_schema_extra={"ui": "items"},
    )


class ListConfig(NodeConfig):
    """A list that opens when its button is tapped: at most 10 rows in all."""

    button: Line = Field(
        default=OPEN_LIST,
        description="What opens the list; left as it is, it says so in the contact's language.",
        json_schema_extra={"ui": "line", "translate": True, "phrase": "open_list"},
    )
    sections: tuple[SectionConfig, ...] = Field(
        min_length=1, max_length=MAX_ROWS, description="The rows, in groups.", json_schema_extra={"ui": "group"}
    )


class MediaConfig(NodeConfig):
    """An image, video, audio or document, from our media store or from an https address."""

    kind: Literal["image", "video", "audio", "document"] = Field(
        title="Kind", description="What it is.", json_schema_extra={"ui": "choice"}
    )
    media: str = Field(
        title="File",
        default="",
        max_length=64,
        description="The id of an uploaded file.",
        examples=["med_4f"],
        json_schema_extra={"ui": "media"},
    )
    url: str = Field(
        title="Web address",
        default="",
        max_length=2_000,
        description="Or an https address, which may hold merge fields.",
        examples=["https://example.com/menu.pdf"],
        json_schema_extra={"ui": "line", "advanced": True},
    )
    caption: str = Field(
        default="", max_length=10_000, description="Text below it.", json_schema_extra={"ui": "text", "translate": True}
    )
    filename: OptionalLine = Field(
        title="File name",
        default="",
        description="A document's name.",
        examples=["Menu.pdf"],
        json_schema_extra={"ui": "line", "advanced": True},
    )


class TemplateConfig(NodeConfig):
    """An approved WhatsApp template with what fills it. It may be sent when the 24-hour window is closed."""

    name: str = Field(
        title="Template",
        pattern=r"^[a-z0-9_]{1,512}$",
        description="The template's name.",
        examples=["appointment_reminder"],
        json_schema_extra={"ui": "template"},
    )
    language: str = Field(
        pattern=r"^[a-z]{2,3}(_[A-Za-z]{2,4})?$",
        description="The language in which it was approved.",
        examples=["en", "en_US"],
        json_schema_extra={"ui": "line"},
    )
    parameters: tuple[LongText, ...] = Field(
        title="Values",
        default=(),
        max_length=MAX_PARAMETERS,
        description="What fills {{1}}, {{2}} …, in order.",
        json_schema_extra={"ui": "line", "translate": True},
    )
    named: dict[str, LongText] = Field(
        title="Named values",
        default_factory=dict,
        max_length=MAX_PARAMETERS,
        description="What fills named placeholders such as {{customer}}.",
        json_schema_extra={"ui": "line", "advanced": True, "translate": True},
    )
    header: tuple[LongText, ...] = Field(
        title="Header value",
        default=(),
        max_length=1,
        description="What fills {{1}} of the header.",
        json_schema_extra={"ui": "line", "advanced": True, "translate": True},
    )
    header_media: MediaConfig | None = Field(
        title="Header picture or file",
        default=None,
        description="The header's image, video or document.",
        json_schema_extra={"ui": "group", "advanced": True},
    )
    buttons: dict[str, Line] = Field(
        title="Button values",
        default_factory=dict,
        max_length=10,
        description="The parameter of each button that takes one, by the button's place: 0, 1 …",
        json_schema_extra={"ui": "line", "advanced": True},
    )


class LocationConfig(NodeConfig):
    """A point on the map."""

    latitude: Degrees = Field(ge=-90, le=90, description="Degrees north.", examples=[52.52], json_schema_extra={"ui": "number"})
    longitude: Degrees = Field(
        ge=-180, le=180, description="Degrees east.", examples=[13.405], json_schema_extra={"ui": "number"}
    )
    name: OptionalLine = Field(default="", description="What is there.", json_schema_extra={"ui": "line", "translate": True})
    address: OptionalLine = Field(default="", description="Its address.", json_schema_extra={"ui": "line", "translate": True})


class SendMessageConfig(NodeConfig):
    """What is said: a text (alone, or with buttons or a list), or media, or a template, or a location."""

    text: str = Field(
        title="Message",
        default="",
        max_length=10_000,
        description="The text, with merge fields.",
        json_schema_extra={"ui": "text", "placeholder": "What would you like to say?", "translate": True},
    )
    buttons: tuple[ButtonConfig, ...] = Field(
        default=(),
        max_length=MAX_BUTTONS,
        description="Up to 3 buttons below the text; each is a port.",
        json_schema_extra={"ui": "items"},
    )
    list: ListConfig | None = Field(
        title="List", default=None, description="Or a list of up to 10 rows; each is a port.", json_schema_extra={"ui": "group"}
    )
    header: OptionalLine = Field(
        default="",
        description="A line above buttons or a list.",
        json_schema_extra={"ui": "line", "advanced": True, "translate": True},
    )
    footer: OptionalLine = Field(
        default="",
        description="A line below buttons or a list.",
        json_schema_extra={"ui": "line", "advanced": True, "translate": True},
    )
    media: MediaConfig | None = Field(
        title="Picture or file",
        default=None,
        description="An image, video, audio or document; above buttons it is their header.",
        json_schema_extra={"ui": "group"},
    )
    template: TemplateConfig | None = Field(
        title="WhatsApp template", default=None, description="An approved WhatsApp template.", json_schema_extra={"ui": "group"}
    )
    location: LocationConfig | None = Field(
        title="Location", default=None, description="A point on the map.", json_schema_extra={"ui": "group", "advanced": True}
    )
    timeout: Duration | None = Field(
        title="Wait for the choice",
        default=None,
        description="How long to wait for the choice; without it, as the flow says, else until the run expires.",
        json_schema_extra={"ui": "duration", "setting": "reply_timeout", "advanced": True},
    )
    save_as: VariableName | None = Field(
        title="Save the choice as",
        default=None,
        description="The variable that takes the title of what was chosen; by the port other, what was written.",
        json_schema_extra={"ui": "variable", "advanced": True},
    )
    fallback: TemplateConfig | None = Field(
        title="Template for a closed 24-hour window",
        default=None,
        description="The template that is sent instead when the 24-hour window is closed.",
        json_schema_extra={"ui": "group", "advanced": True},
    )
    on_unknown: OnUnknown = Field(
        title="When it is unclear whether it arrived",
        default="resend",
        description="When a provider's answer was lost: resend (may arrive twice) or keep (may not arrive).",
        json_schema_extra={"ui": "choice", "advanced": True, "labels": {"resend": "Send again", "keep": "Leave it"}},
    )

    @property
    def choices(self) -> tuple[tuple[str, str], ...]:
        """What can be chosen: (id, title)."""
        rows = (row for section in self.list.sections for row in section.rows) if self.list else ()
        return (*((each.id, each.title) for each in self.buttons), *((each.id, each.title) for each in rows))

    @property
    def free(self) -> bool:
        """True for what may only be said within the 24-hour window."""
        return self.template is None
