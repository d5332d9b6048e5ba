"""Saved paths are scenarios that pass, cover what the exploration covered, and fail where the flow changes."""

from __future__ import annotations

from pathlib import Path

import orjson
from typer.testing import CliRunner

from app.command.scenarios import run_file
from app.main import app
from tests.simulator.explore.flow import ask, flow, fork, say, start, when

DOCUMENT = flow(
    [
        start(),
        say("hi", "{Hi|Hello}! How many?"),
        ask("count", "count", expect={"kind": "number"}, timeout="PT1H"),
        fork("many", when("count", "gte", 10)),
        say("yes", "Many."),
        say("no", "Few."),
        {"id": "agent", "type": "assign_agent", "config": {"timeout": "PT5M"}},
    ],
    [
        *("start hi", "hi count", "hi.failed no", "count many", "count.invalid agent"),
        *("many.b0 yes", "many.else no", "agent.no_agent no"),
    ],
)


def test_saved_paths_pass_and_fail_with_the_flow(tmp_path: Path) -> None:
    file, saved = tmp_path / "count.json", tmp_path / "count.paths.test.yaml"
    file.write_bytes(orjson.dumps(DOCUMENT.model_dump(mode="json", by_alias=True)))
    result = CliRunner().invoke(app, ["explore", str(file), "--save", str(saved), "--min-coverage", "100"])
    assert result.exit_code == 0, result.output
    tested = run_file(saved)
    assert tested.passed, [each.failures for each in tested.played]
    assert tested.covered == tested.ports
    file.write_text(file.read_text().replace('"value":10', '"value":11'))
    assert not run_file(saved).passed


def test_too_little_coverage_exits_with_1(tmp_path: Path) -> None:
    document = flow([start(), say("a"), say("b"), say("c")], ["start a", "b c"])
    file = tmp_path / "half.json"
    file.write_bytes(orjson.dumps(document.model_dump(mode="json", by_alias=True)))
    assert CliRunner().invoke(app, ["explore", str(file), "--min-coverage", "90"]).exit_code == 1
    assert CliRunner().invoke(app, ["explore", str(file), "--min-coverage", "40"]).exit_code == 0


def test_a_flow_with_errors_is_not_explored(tmp_path: Path) -> None:
    file = tmp_path / "broken.json"
    file.write_text('{"name": "Broken", "nodes": []}')
    result = CliRunner().invoke(app, ["explore", str(file)])
    assert result.exit_code == 1
    assert "Nothing starts this flow" in result.output
