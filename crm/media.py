"""Files: taken in, kept under the data folder, found again, linked."""

from __future__ import annotations

import hashlib
import hmac
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import Session, col, func, select

from crm.media_type import HEAD_BYTES, LARGEST, FileTooLarge, require_size, sniff
from crm.own import own
from crm.used_by import refuse_if_used
from crm.world_number import raise_world
from engine.core.program import NodeTypes
from schemas.error import NotFound
from schemas.public_id import public_id
from storage.table import MediaRow

SALT_BYTES = 16
LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file on the disk that no row names yet. `path` is relative to the data folder."""

    path: str
    mime: str
    size: int
    sha256: str
    filename: str


class Incoming:
    """A file on its way in: bytes are written as they come, `finish` gives it its place, `drop` forgets it.

    `random` are SALT_BYTES bytes: they make the place unguessable, since the link's signature hangs on it.
    """

    def __init__(self, data_dir: Path, random: bytes, filename: str = "") -> None:
        self._data_dir = data_dir
        self._salt = random.hex()
        self._filename = clean_name(filename)
        self._digest = hashlib.sha256()
        self._head = b""
        self._size = 0
        folder = data_dir / "media" / "incoming"
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / self._salt
        self._file = self._path.open("xb")

    def write(self, chunk: bytes) -> None:
        """Take some bytes. Raises FileTooLarge beyond what any kind of file may have."""
        self._size += len(chunk)
        if self._size > LARGEST:
            raise FileTooLarge(f"This file is too large: at most {LARGEST // 1024 // 1024} MB are taken. Make it smaller.")
        if len(self._head) < HEAD_BYTES:
            self._head += chunk[: HEAD_BYTES - len(self._head)]
        self._digest.update(chunk)
        self._file.write(chunk)

    def finish(self) -> StoredFile:
        """The file in its place, safe on the disk. Raises FileTooLarge for its kind, and Invalid for an empty file."""
        mime = sniff(self._head, self._filename)
        require_size(mime, self._size)
        sha256 = self._digest.hexdigest()
        path = f"media/{sha256[:2]}/{sha256[2:4]}/{sha256}-{self._salt}"
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        target = self._data_dir / path
        target.parent.mkdir(parents=True, exist_ok=True)
        self._path.rename(target)
        return StoredFile(path, mime, self._size, sha256, self._filename)

    def drop(self) -> None:
        """Forget what came, as far as it was not finished."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def save_bytes(data_dir: Path, random: bytes, data: bytes, filename: str = "") -> StoredFile:
    """A file from bytes in memory, such as one that a provider gave us."""
    incoming = Incoming(data_dir, random, filename)
    try:
        incoming.write(data)
        return incoming.finish()
    finally:
        incoming.drop()


def keep(session: Session, tenant: int, file: StoredFile, now: datetime) -> tuple[MediaRow, bool]:
    """The row of a stored file, and whether it is new. The same bytes under the same name are kept once for each tenant.

    Where it isn't new, the file that just came is not needed: `remove_file` it.
    """
    known = select(MediaRow).where(
        MediaRow.tenant == tenant, MediaRow.sha256 == file.sha256, MediaRow.filename == file.filename
    )
    row = session.exec(known).first()
    if row is not None:
        return row, False
    row = MediaRow(
        tenant=tenant,
        mime=file.mime,
        size=file.size,
        sha256=file.sha256,
        filename=file.filename,
        path=file.path,
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row, True


def get_media(session: Session, tenant: int, media: int) -> MediaRow:
    """The file's row. Raises NotFound."""
    return own(session, MediaRow, tenant, media, "media file")


def list_media(session: Session, tenant: int, offset: int, limit: int) -> tuple[list[MediaRow], int]:
    """A page of the files, the newest first, and how many there are."""
    total = session.exec(select(func.count()).select_from(MediaRow).where(MediaRow.tenant == tenant)).one()
    wanted = select(MediaRow).where(MediaRow.tenant == tenant).order_by(col(MediaRow.id).desc())
    return list(session.exec(wanted.offset(offset).limit(limit))), total


def delete_media(session: Session, tenant: int, media: int, node_types: NodeTypes) -> str:
    """Forget a file; `remove_file` the path that is given, after the commit. Raises InUse."""
    row = get_media(session, tenant, media)
    named = f"The file “{row.filename or public_id('med', media)}”"
    refuse_if_used(session, tenant, node_types, "media", (public_id("med", media),), named)
    session.delete(row)
    raise_world(session, tenant)
    return row.path


def remove_file(data_dir: Path, path: str) -> None:
    """Take a file off the disk; nothing happens if it is gone."""
    (data_dir / path).unlink(missing_ok=True)


def link(row: MediaRow) -> str:
    """The public address of a file, below the server's own: whoever has it may read the file, nobody can guess it."""
    return f"/media/{public_id('med', row.id)}/{signature(row)}"


def signature(row: MediaRow) -> str:
    """What a public link must hold: an HMAC under the file's secret place."""
    return hmac.digest(row.path.encode(), f"media:{row.tenant}:{row.id}".encode(), "sha256").hex()[:32]


def linked_media(session: Session, media: int, signed: str) -> MediaRow:
    """The file behind a public link. Raises NotFound, for a wrong signature too."""
    row = session.get(MediaRow, media)
    if row is None or not hmac.compare_digest(signature(row).encode(), signed.encode("utf-8", "surrogatepass")):
        raise NotFound("There is no such file. The link may be cut off.")
    return row


def clean_name(name: str) -> str:
    """A file name that can stand in a header and in a folder.

    >>> clean_name("../../etc/pass wd\\n.txt")
    'pass wd.txt'
    """
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(character for character in last if character.isprintable() and character not in '"<>:|?*')
    return kept[:LONGEST_NAME].strip()
