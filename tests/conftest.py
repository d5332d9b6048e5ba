"""What all tests share: hypothesis profiles, and the browser that browser tests drive."""

import os
import shutil

import pytest
from hypothesis import HealthCheck, settings

# A shared or loaded machine must not fail a property for being slow, and CI must not fail by luck:
# there the examples are derived from the test, elsewhere they are new each time.
settings.register_profile("local", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", parent=settings.get_profile("local"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

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
