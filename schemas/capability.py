"""What a channel can show and how long things may be: the one value that checker, simulator and sender read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from schemas.content import MediaKind


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Limits of one kind of channel, in characters, counts and bytes; 0 buttons or rows means that it has none.

    `window` is how long after the contact's last message free text may be sent (None: always). `idempotent` says whether the
    provider takes our key, so that an ambiguous send may be repeated without doubling.
    """

    text: int = 4096
    caption: int = 1024
    buttons: int = 0
    button_title: int = 20
    rows: int = 0
    row_title: int = 24
    row_description: int = 72
    list_button: int = 20
    interactive_text: int = 1024
    header: int = 60
    footer: int = 60
    media: tuple[MediaKind, ...] = ("image", "video", "audio", "document")
    media_bytes: dict[str, int] = field(default_factory=dict)
    location: bool = True
    templates: bool = False
    window: timedelta | None = None
    idempotent: bool = True
    per_second: float | None = None
    """Messages a second that one channel may send; None: as fast as it goes."""
    at_once: int = 16
    """Requests of one channel in flight: at 200 ms each, 16 reach 80 a second."""
    identities: tuple[str, ...] = ()
    """Kinds of identity by which this channel can address somebody, the best first."""
