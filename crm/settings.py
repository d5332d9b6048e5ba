"""The settings of a workspace: what holds for all of its flows and channels."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from sqlmodel import Session

from crm.world_number import raise_world
from schemas.error import NotFound
from schemas.hours import ZoneName
from schemas.language import LanguageTag
from storage.table import TenantRow

MOST_WORDS = 50
LONGEST_TEXT = 1_000

Country = Annotated[
    str, Field(pattern=r"^[A-Z]{2}$", description="ISO 3166, two letters: for numbers without a country code.", examples=["DE"])
]
Word = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(str.strip)]
Words = Annotated[tuple[Word, ...], Field(min_length=1, max_length=MOST_WORDS)]
Reply = Annotated[str, Field(min_length=1, max_length=LONGEST_TEXT)]


class WorkspaceSettings(BaseModel):
    """What a workspace may set; what is null takes the default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    timezone: ZoneName | None = Field(default=None, description="For times of flows and contacts without their own; else UTC.")
    language: LanguageTag | None = Field(
        default=None, description="The language for contacts in whose own a flow has no texts; else the flow's own."
    )
    country: Country | None = None
    opt_out_words: Words | None = Field(default=None, description="Words by which a contact says: no more messages.")
    opt_in_words: Words | None = Field(default=None, description="Words by which a contact comes back.")
    opt_out_text: Reply | None = Field(default=None, description="The answer to an opt-out word.")
    opt_in_text: Reply | None = Field(default=None, description="The answer to an opt-in word.")
    no_agent_text: Reply | None = Field(default=None, description="Said when nobody can take a conversation.")
    brand: Annotated[str, Field(max_length=100)] | None = Field(default=None, description="The name that visitors see.")


def read_settings(session: Session, tenant: int) -> tuple[TenantRow, WorkspaceSettings]:
    """The workspace and its settings; what it may not set itself, such as its plan, is left out."""
    row = session.get(TenantRow, tenant)
    if row is None:
        raise NotFound("There is no such workspace.")
    known = {key: value for key, value in row.settings.items() if key in WorkspaceSettings.model_fields}
    return row, WorkspaceSettings.model_validate(known)


def update_settings(
    session: Session, tenant: int, changes: WorkspaceSettings, name: str | None = None
) -> tuple[TenantRow, WorkspaceSettings]:
    """Take over the fields that `changes` sets; null brings a default back."""
    row, _ = read_settings(session, tenant)
    settings: dict[str, Any] = dict(row.settings)
    for key, value in changes.model_dump(mode="json", by_alias=True, exclude_unset=True).items():
        if value is None:
            settings.pop(key, None)
        else:
            settings[key] = value
    row.settings = settings
    row.name = name or row.name
    session.add(row)
    raise_world(session, tenant)
    return read_settings(session, tenant)
