"""The media store as a channel sees it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class StoredMedia:
    """A file of ours with its bytes. `sha256` is lower-case hex."""

    media: str
    data: bytes
    mime: str
    filename: str
    sha256: str

    def __repr__(self) -> str:
        return f"StoredMedia({self.media!r}, {len(self.data)} bytes, {self.mime!r})"


class MediaStore(Protocol):
    """Where files are kept, and what each channel's provider calls them. Every call is scoped by the tenant."""

    async def open(self, tenant: int, media: str) -> StoredMedia | None:
        """The file with this public id (`med_…`); None if there is none."""
        ...

    async def save(self, tenant: int, data: bytes, *, mime: str, filename: str) -> str:
        """Keep a file and give its public id; the same bytes of the same tenant may give the same id."""
        ...

    async def attach(self, tenant: int, message: int, media: str) -> None:
        """The message whose content names the provider's file shows ours from now on."""
        ...

    async def uploaded(self, tenant: int, channel: int, media: str, now: datetime) -> str | None:
        """The provider's id of the file, uploaded over this channel and still good at `now`; else None."""
        ...

    async def remember_upload(self, tenant: int, channel: int, media: str, provider_id: str, until: datetime) -> None:
        """The provider knows the file by this id until then. Files with the same bytes share what is remembered."""
        ...

    async def forget_upload(self, tenant: int, channel: int, media: str) -> None:
        """The provider doesn't know the file any more."""
        ...
