"""One suite over every store."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.conformance.scene import Scene
from tests.conformance.stores import FACTORIES
from tests.storage.subject import sqlite

STORES = {**FACTORIES, "sqlite": sqlite}


@pytest.fixture(params=list(STORES))
async def scene(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Scene]:
    async with STORES[request.param](tmp_path) as subject:
        yield Scene(subject)
