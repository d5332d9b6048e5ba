"""What a file is, told by its first bytes, and how large it may be. The name and the sender's word don't count."""

from __future__ import annotations

from typing import Literal

from schemas.error import Invalid

Kind = Literal["image", "video", "audio", "document", "sticker"]

KB, MB = 1024, 1024 * 1024
LIMITS: dict[Kind, int] = {"image": 5 * MB, "video": 16 * MB, "audio": 16 * MB, "document": 100 * MB, "sticker": 500 * KB}
"""WhatsApp's own (Cloud API, supported media types); web chat shows the same, so that every flow works on both."""
LARGEST = max(LIMITS.values())
HEAD_BYTES = 4096
"""How much of a file is looked at."""
UNKNOWN = "application/octet-stream"

STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
    (b"#!AMR", "audio/amr"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\xff\xf3", "audio/mpeg"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
)
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OFFICE = {"doc": "application/msword", "xls": "application/vnd.ms-excel", "ppt": "application/vnd.ms-powerpoint"}
OPEN_OFFICE = {
    b"word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    b"xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    b"ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
SHOWN = frozenset({"image/jpeg", "image/png", "image/webp", "video/mp4", "video/3gpp", "application/pdf", "text/plain"})
"""What a browser may show by itself; audio too. Everything else is a download: it might be a page with a script."""


class FileTooLarge(Invalid):
    """This file is too large."""

    code = "file_too_large"


def sniff(head: bytes, filename: str = "") -> str:
    """The media type of a file with these first bytes; UNKNOWN for what we don't know.

    >>> sniff(b"\\x89PNG\\r\\n\\x1a\\n..."), sniff(b"<html>", "cat.png")
    ('image/png', 'application/octet-stream')
    """
    for start, mime in STARTS:
        if head.startswith(start):
            return mime
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _iso(head[8:12])
    if head.startswith(b"PK\x03\x04"):
        return next((mime for mark, mime in OPEN_OFFICE.items() if mark in head), UNKNOWN)
    if head.startswith(OLD_OFFICE):
        return OFFICE.get(filename.rpartition(".")[2].lower(), UNKNOWN)
    return "text/plain" if _is_text(head) else UNKNOWN


def kind_of(mime: str) -> Kind:
    """As what a file is sent."""
    if mime == "image/webp":
        return "sticker"
    match mime.partition("/")[0]:
        case "image":
            return "image"
        case "video":
            return "video"
        case "audio":
            return "audio"
        case _:
            return "document"


def require_size(mime: str, size: int) -> None:
    """Raises FileTooLarge, which names the limit, and Invalid for an empty file."""
    kind = kind_of(mime)
    if not size:
        raise Invalid("The file is empty. Choose another one.")
    if size > LIMITS[kind]:
        limit = f"{LIMITS[kind] // MB} MB" if LIMITS[kind] >= MB else f"{LIMITS[kind] // KB} kB"
        article = "an" if kind[0] in "aeiou" else "a"
        raise FileTooLarge(f"This file is too large for {article} {kind}: at most {limit} are taken. Make it smaller.")


def is_shown(mime: str) -> bool:
    """Whether a browser may show it in place; else it is a download."""
    return mime in SHOWN or mime.startswith("audio/")


def _iso(brand: bytes) -> str:
    if brand.startswith(b"3g"):
        return "video/3gpp"
    if brand in (b"M4A ", b"M4B "):
        return "audio/mp4"
    return UNKNOWN if brand in (b"heic", b"heix", b"mif1", b"avif") else "video/mp4"


def _is_text(head: bytes) -> bool:
    if not head or b"\0" in head or head.lstrip()[:1] == b"<":  # a page or a picture with scripts is no plain text
        return False
    try:
        head[: max(len(head) - 3, 1)].decode("utf-8", "strict") if len(head) == HEAD_BYTES else head.decode()
    except UnicodeDecodeError as error:
        return len(head) == HEAD_BYTES and error.start >= HEAD_BYTES - 6
    return True
