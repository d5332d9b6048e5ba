"""`make bench` still works: small runs add up and give their figures, and what does not add up is said."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from benchmarks import row, scale, stage
from benchmarks.__main__ import main
from engine.runtime.metric import Counters

ROWS = ("interpreter", "expressions", "pipeline", "latency", "scale", "memory", "waits", "simulate")
"""All kinds of rows. `http` and `graph` play the same as `memory`, with more processes."""
FIGURES = {
    "interpreter",
    "visit.expression",
    "interpreter.decide",
    "visit.wait",
    "floor",
    "writes",
    "pipeline.floor",
    "latency",
    "scale.200",
    "scale.1000",
    "memory",
    "waits.taken",
    "simulate",
    "simulate.runtime",
}


def bench(monkeypatch: pytest.MonkeyPatch, folder: Path, *words: str) -> tuple[int, dict[str, float]]:
    results = folder / "results.jsonl"
    monkeypatch.setattr(sys, "argv", ["benchmarks", *words, "--folder", str(folder), "--results", str(results)])
    code = main()
    lines = [json.loads(line) for line in results.read_text().splitlines()]
    return code, {line["name"]: line["value"] for line in lines}


@pytest.mark.slow
def test_a_small_run_gives_its_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = [word for row in ROWS for word in ("--only", row)]
    code, figures = bench(monkeypatch, tmp_path, "--quick", *words)
    assert code == 0
    assert figures.keys() >= FIGURES
    assert all(value > 0 for value in figures.values())


@pytest.mark.slow
def test_rows_that_do_not_add_up_print_no_figure_and_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "COUNTED", "SELECT 1 + ?, 1 + ?")
    assert bench(monkeypatch, tmp_path, "--quick", "--only", "scale") == (1, {})


def test_without_the_extra_expressions_are_skipped_with_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(row, "is_there", lambda module: False)
    assert bench(monkeypatch, tmp_path, "--quick", "--only", "expressions") == (0, {})
    assert "cel-expr-python" in "".join(capsys.readouterr())


async def test_a_message_that_is_lost_ends_the_row_instead_of_holding_it_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "PATIENCE_S", 0.01)
    counters = Counters()
    counters.count("sends_accepted", 1)
    await stage.all_sent(counters, 1)
    with pytest.raises(TimeoutError):
        await stage.all_sent(counters, 2)
