"""Each of Meta's codes has its remedy, for answers and statuses alike."""

from typing import get_args

import pytest

from channels.whatsapp.errors import STALE_MEDIA, TRIES, VERDICTS, Note, verdict
from engine.runtime.protocol import Remedy
from tests.fakes.graph.errors import CODES

CLASSES: dict[str, tuple[int, ...]] = {
    "retry": (1, 2, 131000, 131016, 131057, 135000),
    "throttle_channel": (130429, 80007, 4, 133016),
    "throttle_contact": (131056,),
    "window_closed": (131047,),
    "never": (
        *(131048, 131064, 368, 131031, 130497),
        *(131049, 130472, 131050),
        *(131026, 131030, 131021, 131062, 137000),
        *(100, 131008, 131009, 131051, 132000, 132001, 132005, 132007, 132008, 132012, 132018, 132068, 132069, 132015, 132016),
        *(131052, 131053),
    ),
    "channel_broken": (0, 3, 10, 190, 200, 299, 131005, 131037, 131042, 131045, 33),
}


@pytest.mark.parametrize(("remedy", "code"), [(remedy, code) for remedy, codes in CLASSES.items() for code in codes])
def test_remedy(remedy: str, code: int) -> None:
    assert verdict(code, status=400).remedy == remedy


def test_every_code_is_tested_and_every_code_of_the_fake_is_known() -> None:
    tested = {code for codes in CLASSES.values() for code in codes}
    assert set(VERDICTS) <= tested
    assert {code for code in CODES if code not in VERDICTS and not 200 <= code <= 299} == set()


def test_every_verdict_says_what_to_do() -> None:
    for found in VERDICTS.values():
        assert found.remedy in get_args(Remedy)
        assert found.note in get_args(Note)
        assert found.advice.endswith(".")
        assert found.advice[0].isupper()


@pytest.mark.parametrize(
    ("code", "note"),
    [
        (131050, "opt_out"),
        (131026, "bad_address"),
        (131048, "pause_campaigns"),
        (132015, "template"),
        (131053, "media"),
        (132000, "author"),
        (190, "attention"),
    ],
)
def test_note(code: int, note: str) -> None:
    assert verdict(code).note == note


@pytest.mark.parametrize(
    ("status", "remedy"),
    [
        (500, "retry"),
        (502, "retry"),
        (503, "retry"),
        (408, "retry"),
        (429, "throttle_channel"),
        (401, "channel_broken"),
        (403, "channel_broken"),
        (302, "channel_broken"),
        (400, "never"),
        (413, "never"),
    ],
)
def test_without_a_code_the_status_decides(status: int, remedy: str) -> None:
    assert verdict(None, status=status).remedy == remedy
    if status >= 400:
        assert verdict(999999, status=status).remedy == remedy


def test_the_code_goes_before_the_status() -> None:
    assert verdict(131047, status=500).remedy == "window_closed"


def test_an_unknown_object_means_that_the_number_is_not_ours() -> None:
    assert verdict(100, status=400, subcode=33).remedy == "channel_broken"


def test_side_tables_name_known_codes() -> None:
    assert set(VERDICTS) >= STALE_MEDIA | set(TRIES)
