"""What all tests share: hypothesis profiles, values that can't be written to, and the browser that browser tests drive."""

import os
import shutil
from dataclasses import FrozenInstanceError, is_dataclass

import pytest
from hypothesis import HealthCheck, settings

from engine.core import decide
from engine.core import evolve as evolving
from engine.runtime import runtime
from storage import store

# A shared or loaded machine must not fail a property for being slow, and CI must not fail by luck:
# there the examples are derived from the test, elsewhere they are new each time.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")



def _write_once(value: object, name: str, written: object) -> None:
    if hasattr(value, name):
        raise FrozenInstanceError(f"cannot assign to field {name!r} of {type(value).__name__}")
    object.__setattr__(value, name, written)


def _seal_values() -> None:
    """Make the values of `schemas.value` as frozen as they say: while tests run, a field is written once."""
    assert all((decide, runtime, store))  # their import has made every class of values
    vars(evolving)["put"] = object.__setattr__
    for kind in object.__subclasses__():
        if is_dataclass(kind) and kind.__dataclass_params__.unsafe_hash:  # type: ignore[attr-defined]
            kind.__setattr__ = _write_once  # type: ignore[assignment]


_seal_values()

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of an installed Chromium. Without one the test is skipped; in CI it fails."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    message = "No browser was found. On Debian or Ubuntu: apt install chromium"
    if os.environ.get("CI"):
        pytest.fail(message)
    pytest.skip(message)
