"""Meta's numbers for WhatsApp, in one table: the checker, the simulator and the sender read the same ones.

Sources are pages of Meta's Cloud API documentation unless said otherwise; read in 2026-11.
"""

from __future__ import annotations

from datetime import timedelta

from schemas.capability import Capabilities
from schemas.content import MediaKind

KIB = 1024
MIB = 1024 * KIB

# Text, in characters.
TEXT_BODY = 4096  # "Text messages"
CAPTION = 1024  # "Image messages"
INTERACTIVE_BODY = 1024  # "Interactive reply buttons messages"; lists may have 4096 since 2025-11, older pages say 1024
HEADER = 60
FOOTER = 60
CALLBACK_DATA = 512  # `biz_opaque_callback_data`, "Messages reference"

# Reply buttons: "Interactive reply buttons messages".
BUTTONS = 3
BUTTON_TITLE = 20
BUTTON_ID = 256

# Lists: "Interactive list messages".
LIST_BUTTON = 20
SECTIONS = 10
ROWS = 10  # over all sections
ROW_ID = 200
ROW_TITLE = 24
ROW_DESCRIPTION = 72
SECTION_TITLE = 24  # required if there is more than one section

# Templates: "Template components".
TEMPLATE_NAME = 512  # [a-z0-9_]
TEMPLATE_BODY = 1024
TEMPLATE_BUTTONS = 10

# Time.
WINDOW = timedelta(hours=24)  # "Customer service windows"
AD_WINDOW_HOURS = 72  # "Free entry point conversations": after a message from a click-to-WhatsApp ad
MEDIA_LIFE = timedelta(days=30)  # "Media": an uploaded id lives 30 days; one from a webhook 7, its address 5 minutes
TYPING_S = 25  # the dots go with the reply or after 25 s

# Media: "Supported media types". mime type -> (kinds that may carry it, bytes)
_DOCUMENT: tuple[MediaKind, ...] = ("document",)
_DOCUMENT_BYTES = 100 * MIB
MEDIA: dict[str, tuple[tuple[MediaKind, ...], int]] = {
    "image/jpeg": (("image", "document"), 5 * MIB),
    "image/png": (("image", "document"), 5 * MIB),
    "image/webp": (("sticker",), 500 * KIB),  # animated; 100 KiB where nothing moves
    "video/mp4": (("video", "document"), 16 * MIB),
    "video/3gpp": (("video", "document"), 16 * MIB),
    "audio/aac": (("audio", "document"), 16 * MIB),
    "audio/amr": (("audio", "document"), 16 * MIB),
    "audio/mpeg": (("audio", "document"), 16 * MIB),
    "audio/mp4": (("audio", "document"), 16 * MIB),
    "audio/ogg": (("audio", "document"), 16 * MIB),  # OPUS in one channel only
    "text/plain": (_DOCUMENT, _DOCUMENT_BYTES),
    "application/pdf": (_DOCUMENT, _DOCUMENT_BYTES),
    "application/msword": (_DOCUMENT, _DOCUMENT_BYTES),
    "application/vnd.ms-excel": (_DOCUMENT, _DOCUMENT_BYTES),
    "application/vnd.ms-powerpoint": (_DOCUMENT, _DOCUMENT_BYTES),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (_DOCUMENT, _DOCUMENT_BYTES),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (_DOCUMENT, _DOCUMENT_BYTES),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (_DOCUMENT, _DOCUMENT_BYTES),
}
MEDIA_BYTES: dict[str, int] = {
    "image": 5 * MIB,
    "video": 16 * MIB,
    "audio": 16 * MIB,
    "document": _DOCUMENT_BYTES,
    "sticker": 500 * KIB,
}
INBOUND_BYTES = 100 * MIB

CAPABILITIES = Capabilities(
    text=TEXT_BODY,
    caption=CAPTION,
    buttons=BUTTONS,
    button_title=BUTTON_TITLE,
    rows=ROWS,
    row_title=ROW_TITLE,
    row_description=ROW_DESCRIPTION,
    list_button=LIST_BUTTON,
    interactive_text=INTERACTIVE_BODY,
    header=HEADER,
    footer=FOOTER,
    media=("image", "video", "audio", "document", "sticker"),
    media_bytes=MEDIA_BYTES,
    location=True,
    templates=True,
    window=WINDOW,
    idempotent=False,  # Meta takes no idempotency key
    per_second=80.0,  # messages of one number, in and out, before Meta upgrades it
    identities=("whatsapp", "bsuid", "phone"),
)


def media_problem(kind: MediaKind, mime: str, size: int) -> str:
    """Why WhatsApp won't take a file as this kind of message; "" if it will.

    >>> media_problem("image", "image/gif", 10)
    'WhatsApp takes no image/gif. Use another format.'
    """
    kinds, most = MEDIA.get(mime, ((), 0))
    if not kinds:
        return f"WhatsApp takes no {mime or 'file without a type'}. Use another format."
    if kind not in kinds:
        return f"WhatsApp doesn't take {mime} as {kind}. Send it as {kinds[0]}."
    if size > most:
        return f"This {kind} has {size / MIB:.1f} MB; WhatsApp takes at most {most / MIB:.1f} MB. Make it smaller."
    if size == 0:
        return "This file is empty. Upload it again."
    return ""
