"""A real server killed with -9 while its sends are in flight: the provider, which outlives it, is the judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.kills.judge import Verdict, count
from tests.kills.kills import IN_FLIGHT, kills

TIMES = 10
WELL = Verdict(10, 8, (60,) * 10, 2_000, 2_000, 0, 0, 0, 600)


@pytest.mark.slow
async def test_ten_kills_lose_double_and_reorder_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    verdict = await kills(tmp_path, TIMES)
    with capsys.disabled():
        print(f"\n{verdict}")
    assert (verdict.lost, verdict.doubled, verdict.reordered) == (0, 0, 0), verdict
    assert verdict.unknown <= sum(verdict.in_flight), verdict
    assert verdict.kills == TIMES
    assert min(verdict.in_flight) >= IN_FLIGHT, verdict
    assert verdict.after_accept >= 3
    assert verdict.answered == verdict.acknowledged  # and nobody got what was never acknowledged
    assert verdict.well


@pytest.mark.parametrize(
    ("got", "numbers"),
    [
        ([("a", 1), ("b", 1), ("a", 2)], (0, 0, 0)),
        ([("a", 1), ("b", 1)], (1, 0, 0)),
        ([("a", 1), ("b", 1), ("a", 2), ("b", 1)], (0, 1, 0)),
        ([("a", 2), ("b", 1), ("a", 1)], (0, 0, 1)),
        ([("a", 2), ("a", 2), ("a", 1), ("a", 2)], (1, 2, 1)),
    ],
)
def test_the_judge_sees_what_is_lost_doubled_and_reordered(got: list[tuple[str, int]], numbers: tuple[int, int, int]) -> None:
    assert tuple(count([("a", 1), ("a", 2), ("b", 1)], got).values()) == numbers


@pytest.mark.parametrize("change", [{"lost": 1}, {"doubled": 1}, {"reordered": 1}, {"unknown": 601}])
def test_a_verdict_is_well_only_if_all_holds(change: dict[str, int]) -> None:
    assert WELL.well
    assert not Verdict(**{**{name: getattr(WELL, name) for name in Verdict.__slots__}, **change}).well
