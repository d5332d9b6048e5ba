"""`postdog translations`: a flow file's texts for translators, and their work back into it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import orjson
import typer

from app.installed import installed_node_types
from crm.flows import dump_document, read_document
from crm.translation import rows_of, take_in
from crm.translation_file import Format, read, write
from engine.core.check_json import read_document as read_json
from schemas.error import Invalid
from schemas.flow import FlowDocument
from schemas.language import TAG
from schemas.problem import Problem

translations = typer.Typer(help="Give a flow's texts to translators, and take their work in.", no_args_is_help=True)
Flow = Annotated[Path, typer.Argument(help="The flow file.")]
Language = Annotated[str, typer.Option("--language", "-l", help="The language, such as de or pt-BR.")]
FORMATS: dict[str, Format] = {".csv": "csv", ".po": "po"}


@translations.command("export")
def export(
    flow: Flow,
    language: Language,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="A .po or .csv file; else FLOW.LANGUAGE.po.")] = None,
) -> None:
    """Write the texts of a flow into a file for a translator: gettext PO, or CSV."""
    document = _document(flow)
    path = output or flow.with_name(f"{flow.stem}.{_tag(language)}.po")
    rows = rows_of(dump_document(document), installed_node_types(), _tag(language))
    path.write_bytes(write(rows, _format(path), flow=document.name, language=language))
    missing = sum(row.status == "missing" for row in rows)
    stale = sum(row.status == "stale" for row in rows)
    typer.echo(f"{path}: {len(rows):,} texts, {missing:,} not translated, {stale:,} stale")


@translations.command("import")
def take(
    flow: Flow,
    file: Annotated[Path, typer.Argument(help="What the translator gave back: .po or .csv.")],
    language: Language,
) -> None:
    """Take a translator's file into a flow file. Exits with 1 if a text was refused; the others are taken."""
    document = _document(flow)
    taken = take_in(document, installed_node_types(), _tag(language), read(_bytes(file), _format(file), language=language))
    if taken.document != document:
        flow.write_bytes(orjson.dumps(dump_document(taken.document), option=orjson.OPT_INDENT_2) + b"\n")
    typer.echo(f"{flow}: {taken.applied:,} taken, {taken.unchanged:,} unchanged, {taken.missing:,} without a translation")
    for place in taken.stale:
        typer.echo(f"  stale {place}: the text has changed since the file was made.")
    for place in taken.unknown:
        typer.echo(f"  unknown {place}: there is no such text in the flow.")
    for place, reason in taken.refused.items():
        typer.echo(f"  refused {place}: {reason}", err=True)
    if taken.refused:
        raise typer.Exit(1)


def _document(path: Path) -> FlowDocument:
    found = read_json(_bytes(path))
    if isinstance(found, Problem):
        raise Invalid(f"{path}: {found.message}")
    if not isinstance(found, dict):
        raise Invalid(f"{path} is no flow: a flow is an object with keys.")
    try:
        return read_document(found)
    except Invalid as error:
        raise Invalid(f"{path} has mistakes. See them with: postdog validate {path}") from error


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path} can't be read: {error.strerror}.") from error


def _format(path: Path) -> Format:
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        raise Invalid(f"{path} is neither .po nor .csv. Name it so that it says which it is.")
    return found


def _tag(language: str) -> str:
    if not re.fullmatch(TAG, language):
        raise Invalid(f"“{language}” is no language. Write it like de or pt-BR.")
    return language
