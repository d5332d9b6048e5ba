"""Texts for translators and back: what is exported, what an import takes, and that files come back as they went."""

from __future__ import annotations

import contextlib
import csv
import io
from typing import Any

import polib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.translation import Entry, NoLanguage, Row, Taken, rows_of, take_in
from crm.translation_file import BadFile, read, write
from nodes import node_types
from schemas.error import Invalid
from schemas.flow import MAX_LANGUAGES, FlowDocument

TYPES = node_types()
HI, YES, OLD = "/nodes/hi/config/text", "/nodes/hi/config/buttons/y/title", "/nodes/old/config/text"


def flow(**translations: Any) -> dict[str, Any]:
    buttons = [{"id": "y", "title": "Yes"}, {"id": "n", "title": "👎"}]
    config = {"text": "Hi {{contact.name}}", "buttons": buttons}
    nodes = [{"id": "hi", "type": "send_message", "label": "Greet", "config": config}]
    return {"name": "F", "language": "en", "nodes": nodes, "translations": translations}


def put(text: str, source: str) -> dict[str, str]:
    return {"text": text, "source": source}


def took(*entries: Entry, language: str = "de", **translations: Any) -> Taken:
    return take_in(FlowDocument.model_validate(flow(**translations)), TYPES, language, entries)


def kept(taken: Taken, language: str = "de") -> dict[str, tuple[str, str]]:
    return {place: (each.text, each.source) for place, each in taken.document.translations[language].items()}


# --- export ------------------------------------------------------------------------------------------------------------------
def test_each_text_is_a_row_with_its_state() -> None:
    document = flow(de={HI: put("Hallo", "Hello"), OLD: put("Weg", "Gone")})
    assert rows_of(document, TYPES, "de") == (
        Row(HI, "Greet", "Hi {{contact.name}}", "Hallo", "stale", "Hello"),
        Row(YES, "Greet", "Yes", "", "missing"),
        Row(OLD, "", "Gone", "Weg", "unused"),
    )


def test_a_language_that_the_flow_does_not_have_yet_is_all_gaps() -> None:
    assert [row.status for row in rows_of(flow(), TYPES, "fr")] == ["missing", "missing"]


def test_there_is_nothing_to_translate_into_the_flows_own_language_or_out_of_none() -> None:
    with pytest.raises(Invalid, match="written in en"):
        rows_of(flow(), TYPES, "EN")
    with pytest.raises(NoLanguage):
        rows_of({"name": "F"}, TYPES, "de")


def test_rows_of_a_broken_draft_are_those_that_can_be_read() -> None:
    document = flow()
    document["nodes"].append({"id": "x", "type": "send_message", "config": {"text": 5}})
    assert len(rows_of(document, TYPES, "de")) == 2


# --- import ------------------------------------------------------------------------------------------------------------------
def test_a_translation_is_taken_with_the_text_that_it_was_made_from() -> None:
    taken = took(Entry(HI, "Hallo {{contact.name}}", "Hi {{contact.name}}"), Entry(YES, "Ja"))
    assert kept(taken) == {HI: ("Hallo {{contact.name}}", "Hi {{contact.name}}"), YES: ("Ja", "Yes")}
    assert (taken.applied, taken.unchanged, taken.stale, taken.refused) == (2, 0, (), {})


def test_one_of_an_older_text_is_taken_as_stale() -> None:
    taken = took(Entry(HI, "Hallo {{contact.name}}", "Hello {{contact.name}}"))
    assert (taken.applied, taken.stale) == (1, (HI,))
    assert kept(taken) == {HI: ("Hallo {{contact.name}}", "Hello {{contact.name}}")}


def test_an_empty_translation_removes_nothing() -> None:
    taken = took(Entry(YES, " "), de={YES: put("Ja", "Yes")})
    assert kept(taken) == {YES: ("Ja", "Yes")}
    assert (taken.missing, taken.applied) == (1, 0)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (Entry(HI, "Hallo"), "It lacks {{contact.name}}."),
        (Entry(HI, "Hallo {{name}}"), "It lacks {{contact.name}}."),
        (Entry(YES, "J" * 1_001), "This text is too long; at most 1,000 characters are allowed."),
        (Entry(YES, "J" * 10_001), "It is too long; at most 10,000 characters are allowed."),
    ],
)
def test_a_row_that_breaks_something_is_refused_alone(entry: Entry, reason: str) -> None:
    other = Entry(HI, "Hallo {{contact.name|du}}") if entry.place == YES else Entry(YES, "Ja")
    taken = took(entry, other)
    assert taken.refused == {entry.place: reason}
    assert kept(taken).keys() == {other.place}


def test_unknown_places_and_doubled_ones_are_told() -> None:
    taken = took(Entry(OLD, "Weg"), Entry(YES, "Ja"), Entry(YES, "Jo"))
    assert taken.unknown == (OLD,)
    assert taken.refused == {YES: "It is in the file twice; the first one was taken."}
    assert kept(taken) == {YES: ("Ja", "Yes")}


def test_what_is_there_already_is_unchanged_whatever_ends_its_lines() -> None:
    taken = took(Entry(YES, "Ja", "Yes"), de={YES: put("Ja", "Yes"), OLD: put("Weg", "Gone")})
    assert (taken.applied, taken.unchanged) == (0, 1)
    assert OLD in kept(taken)


@pytest.mark.parametrize(
    ("doubt", "text", "source", "applied"),
    [
        ("", "Ja", "Yes", 1),  # marked as still right
        ("unsure", "Ja", "Yess", 0),  # a fuzzy one that nobody touched
        ("unless_changed", "Ja", "Yess", 0),  # a stale row that nobody touched
        ("unless_changed", "Jo", "Yes", 1),
        ("unsure", "Jo", "Yess", 1),  # still fuzzy: taken, and still stale
    ],
)
def test_a_stale_translation_becomes_fresh_only_by_somebodys_hand(doubt: Any, text: str, source: str, applied: int) -> None:
    taken = took(Entry(YES, text, "Yes", doubt), de={YES: put("Ja", "Yess")})
    assert kept(taken) == {YES: (text, source)}
    assert taken.applied == applied


def test_the_tag_is_written_as_the_flow_writes_it() -> None:
    assert took(Entry(YES, "Sim"), language="pt-br", **{"pt-BR": {}}).document.translations.keys() == {"pt-BR"}


def test_a_flow_has_so_many_languages() -> None:
    tags = {f"{chr(97 + at)}{chr(98 + at)}a": {} for at in range(MAX_LANGUAGES)}
    with pytest.raises(Invalid, match="at most 20"):
        took(Entry(YES, "Ja"), **tags)


# --- files -------------------------------------------------------------------------------------------------------------------
ROWS = (
    Row(HI, 'A “label”,\nwith "quotes"', "Hi {{contact.name}}\n\nHow\tare you? 🌻", "Hallo {{contact.name}}", "stale", "Hey"),
    Row(YES, "=1+1", "=cmd|' /C calc'!A0", "-2", "translated"),
    Row(OLD, "", "Gone", "'Weg", "unused"),
)
SAFE = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
TEXT = st.text(SAFE, min_size=1, max_size=40).filter(lambda text: text.strip())


@pytest.mark.parametrize("format", ["csv", "po"])
@given(sources=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=5))
def test_files_come_back_exactly(format: Any, sources: list[tuple[str, str]]) -> None:
    rows = [Row(f"/settings/t{at}", text, source, text, "translated") for at, (source, text) in enumerate(sources)]
    entries = read(write(rows, format, flow="F", language="de"), format, language="de")
    assert entries == tuple(Entry(row.place, row.translation, row.source) for row in rows)


def test_no_cell_of_a_csv_is_a_formula() -> None:
    text = write(ROWS, "csv", flow="F", language="de").decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r\n")] == []
    assert [each.text for each in read(text.encode(), "csv", language="de")] == ["Hallo {{contact.name}}", "-2", "'Weg"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_may_come_from_any_spreadsheet(delimiter: str) -> None:
    lines = (f"ID{delimiter}Translation", f"{YES}{delimiter}Ja", "", f"{delimiter}x")
    assert read("\ufeff".encode() + "\r\n".join(lines).encode(), "csv", language="de") == (Entry(YES, "Ja"),)


def test_a_po_says_what_translators_need() -> None:
    file = polib.pofile(write(ROWS, "po", flow="My\nflow", language="pt-BR").decode())
    assert (file.metadata["Language"], file.metadata["Project-Id-Version"]) == ("pt_BR", "My flow")
    first, second, gone = file
    assert (first.msgctxt, first.fuzzy, first.previous_msgid) == (HI, True, "Hey")
    assert first.comment == 'A “label”, with "quotes"\nKeep {{contact.name}} as it is.'
    assert (second.fuzzy, gone.obsolete) == (False, True)


@pytest.mark.parametrize(
    ("format", "data", "says"),
    [
        ("csv", b"\xff\xfe", "not UTF-8"),
        ("csv", b"", "first line must name"),
        ("csv", b"id,text\na,b", "first line must name"),
        ("csv", b'id,translation\n"a', "is no CSV"),
        ("po", b"", "no translation in this file"),
        ("po", b"/etc/hostname", "is no PO file|no translation"),
        ("po", b'msgid "a\nmsgstr', "is no PO file"),
        ("po", b'msgid ""\nmsgstr "Language: fr\\n"\n\nmsgctxt "a"\nmsgid "b"\nmsgstr "c"\n', "for the language fr"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(format: Any, data: bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        read(data, format, language="de")


ALMOST_PO = st.text('msgidctxtr "\\\n#~', max_size=80)
BYTES = st.binary(max_size=200) | st.text(max_size=200).map(str.encode) | ALMOST_PO.map(str.encode)


@given(BYTES)
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    for format in ("csv", "po"):
        with contextlib.suppress(BadFile):
            read(data, format, language="de")
