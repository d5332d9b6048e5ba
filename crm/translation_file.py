"""Translations as files: CSV for spreadsheets, gettext PO for translators' tools."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Literal

import polib

from crm.translation import Entry, Row
from engine.core.translate import merge_fields
from schemas.error import Invalid
from schemas.language import primary

Format = Literal["csv", "po"]
MEDIA_TYPES: dict[Format, str] = {"csv": "text/csv", "po": "text/x-gettext-translation"}
MAX_FILE_BYTES = 20_000_000
"""Each text stands up to three times in a file of the largest flow, beside its place."""
MAX_ROWS = 50_000
COLUMNS = ("id", "node", "source", "translation", "status")
FORMULA = "=+-@\t\r\n＝＋－＠"
"""What makes a cell a formula for a spreadsheet (OWASP, CSV injection)."""
BOM = "\ufeff"

_BREAKS = "\x1c\x1d\x1e\x85\u2028\u2029"
"""What Python takes for line ends and PO files don't; polib splits lines at them."""
_HIDE = {ord(each): chr(0x10FF00 + index) for index, each in enumerate(_BREAKS)}
_SHOW = {0x10FF00 + index: each for index, each in enumerate(_BREAKS)}


class BadFile(Invalid):
    """This file can't be read. Export the texts again, translate them in that file, and keep its columns."""

    code = "bad_file"


def write(rows: Iterable[Row], format: Format, *, flow: str, language: str) -> bytes:
    """The file for a translator, in UTF-8."""
    return (_write_csv(rows) if format == "csv" else _write_po(rows, flow, language)).encode("utf-8", "replace")


def read(data: bytes, format: Format, *, language: str) -> tuple[Entry, ...]:
    """What a translator's file holds. Raises BadFile, with what is wrong."""
    if len(data) > MAX_FILE_BYTES:
        raise BadFile(f"This file has {len(data):,} bytes; at most {MAX_FILE_BYTES:,} are taken.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        words = f"The file is not UTF-8 (the byte at position {error.start:,}). Save it as “CSV UTF-8”, or in UTF-8."
        raise BadFile(words) from error
    entries = tuple(_read_csv(text) if format == "csv" else _read_po(text, language))
    if len(entries) > MAX_ROWS:
        raise BadFile(f"This file has {len(entries):,} texts; at most {MAX_ROWS:,} are taken.")
    return entries


# --- CSV ---------------------------------------------------------------------------------------------------------------------
def _write_csv(rows: Iterable[Row]) -> str:
    """With a byte order mark, without which Excel takes UTF-8 for something else."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([_guarded(cell) for cell in (row.place, row.title, row.source, row.translation, row.status)])
    return BOM + file.getvalue()


def _guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before what would be one, or begins with one already."""
    return "'" + cell if cell.lstrip("'")[:1] in tuple(FORMULA) and cell else cell


def _bare(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _guarded(cell[1:]) == cell else cell


def _read_csv(text: str) -> Iterator[Entry]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise BadFile(f"The file is no CSV: {error}.") from error
    header = [name.strip().lower() for name in rows[0]] if rows else []
    if "id" not in header or "translation" not in header:
        raise BadFile(f"The first line must name the columns {', '.join(COLUMNS)}; id and translation are needed.")
    for row in rows[1:]:
        cells = dict(zip(header, (_bare(cell) for cell in row), strict=False))
        if cells.get("id"):
            as_before = cells.get("status", "").strip().lower() in ("stale", "unused")
            yield Entry(cells["id"], cells.get("translation", ""), cells.get("source"), "unless_changed" if as_before else "")


# --- PO ----------------------------------------------------------------------------------------------------------------------
def _write_po(rows: Iterable[Row], flow: str, language: str) -> str:
    file = polib.POFile()
    file.metadata = {
        "Project-Id-Version": _one_line(flow),
        "Language": language.replace("-", "_"),
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Transfer-Encoding": "8bit",
        "X-Generator": "PostDog",
    }
    for row in rows:
        keep = " ".join(sorted(merge_fields(row.source)))
        file.append(
            polib.POEntry(
                msgctxt=row.place,
                msgid=row.source.translate(_HIDE),
                msgstr=row.translation.translate(_HIDE),
                comment="\n".join(filter(None, (_one_line(row.title), keep and f"Keep {keep} as it is."))),
                flags=["fuzzy"] if row.status == "stale" else [],
                previous_msgid=row.before.translate(_HIDE) or None,
                obsolete=row.status == "unused",
            )
        )
    return f"{file}\n".translate(_SHOW)


def _read_po(text: str, language: str) -> Iterator[Entry]:
    try:
        # The line break before it keeps polib from taking a text that is a path for the file of that name.
        file = polib.pofile("\n" + text.translate(_HIDE))
        found = list(file)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise BadFile("The file is no PO file, or it is broken. Check it with msgfmt, or export it again.") from error
    if not found:
        raise BadFile("There is no translation in this file. Export the texts as PO, and translate them there.")
    written = file.metadata.get("Language", "").strip()
    if written and primary(written) != primary(language):
        raise BadFile(f"This file is for the language {written[:40]}, not for {language}. Choose its language.")
    for entry in found:
        if entry.msgctxt and not entry.obsolete:
            msgid, msgstr = entry.msgid.translate(_SHOW), entry.msgstr.translate(_SHOW)
            yield Entry(entry.msgctxt, msgstr, msgid, "unsure" if "fuzzy" in entry.flags else "")


def _one_line(text: str) -> str:
    return " ".join(text.split())
