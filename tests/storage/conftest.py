"""A migrated file, a store on it, and a clock that stands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.store import Store
from tests.storage.world import Standing, new_file


@pytest.fixture
def url(tmp_path: Path) -> str:
    return new_file(tmp_path)


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    opened = await Store.open(url, Standing())
    yield opened
    await opened.close()
