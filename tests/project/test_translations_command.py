"""`postdog translations`: out of a flow file into a translator's, and back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polib
import pytest
from typer.testing import CliRunner

from app.command.translations import translations
from schemas.error import Invalid

FLOW: dict[str, Any] = {
    "name": "F",
    "language": "en",
    "nodes": [
        {"id": "start", "type": "trigger", "config": {"on": {"kind": "message"}}},
        {"id": "hi", "type": "send_message", "config": {"text": "Hi {{contact.name}}", "buttons": [{"id": "y", "title": "Yes"}]}},
    ],
    "edges": [{"from": "start", "to": "hi"}],
}


def run(*arguments: str) -> Any:
    return CliRunner().invoke(translations, list(arguments), catch_exceptions=True)


def test_a_flow_file_is_translated(tmp_path: Path) -> None:
    flow = tmp_path / "hello.json"
    flow.write_text(json.dumps(FLOW))
    out = run("export", str(flow), "--language", "de")
    assert (out.exit_code, out.stdout) == (0, f"{tmp_path}/hello.de.po: 2 texts, 2 not translated, 0 stale\n")
    po = tmp_path / "hello.de.po"
    file = polib.pofile(str(po))
    file[0].msgstr, file[1].msgstr = "Hallo", "Ja"
    file.save()
    taken = run("import", str(flow), str(po), "-l", "de")
    assert taken.exit_code == 1
    assert taken.stdout == f"{flow}: 1 taken, 0 unchanged, 0 without a translation\n"
    assert taken.stderr == "  refused /nodes/hi/config/text: It lacks {{contact.name}}.\n"
    yes = {"/nodes/hi/config/buttons/y/title": {"text": "Ja", "source": "Yes"}}
    assert json.loads(flow.read_text()) == {"schema": 1, **FLOW, "translations": {"de": yes}}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("export", "{flow}", "-l", "de", "-o", "{flow}"), "neither .po nor .csv"),
        (("export", "{flow}", "-l", "../x"), "is no language"),
        (("export", "{gone}", "-l", "de"), "can't be read"),
        (("import", "{flow}", "{gone}", "-l", "de"), "can't be read"),
        (("export", "{flow}", "-l", "en"), "written in en"),
    ],
)
def test_trouble_is_said_in_words(tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    flow = tmp_path / "hello.json"
    flow.write_text(json.dumps(FLOW))
    result = run(*(each.format(flow=flow, gone=tmp_path / "gone.po") for each in arguments))
    assert isinstance(result.exception, Invalid)
    assert says in str(result.exception)
    assert json.loads(flow.read_text()) == FLOW
