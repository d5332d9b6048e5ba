"""The wheel carries the packages, the ready-made flows and the browser files, and nothing else.

The browser part is in it as it was built, if it was: building takes Node and npm's registry, which tests must not need.
"""

import os
import subprocess
import sys
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = {"app", "api", "crm", "simulator", "channels", "storage", "nodes", "engine", "schemas", "flows", "postdog_pytest"}

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=60,
        env={**os.environ, "POSTDOG_WEB": "skip"},
    )
    (built,) = folder.glob("postdog_server-*.whl")
    return built


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_it_holds_our_packages_and_no_other_folder(names: set[str]) -> None:
    assert {name.split("/")[0] for name in names} == PACKAGES


def test_it_holds_every_file_of_them(names: set[str]) -> None:
    files = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }
    assert names == files


@pytest.mark.parametrize(
    "pattern",
    [
        "flows/*.json",
        "flows/*.yaml",
        "channels/webchat/static/*.js",
        "schemas/flow.schema.json",
        "storage/*/versions/*.py",
    ],
)
def test_it_holds_the_data(names: set[str], pattern: str) -> None:
    assert any(fnmatch(name, pattern) for name in names)


def test_the_command_is_postdog(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (entry_points,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
        named = archive.read(entry_points).decode()
    assert "[console_scripts]\npostdog = app.main:main" in named
    assert "[pytest11]\npostdog = postdog_pytest.plugin" in named


def test_flows_are_found_as_resources(wheel: Path, names: set[str], tmp_path: Path) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(wheel)!r})\n"
        "from importlib.resources import files\n"
        "print(*sorted(entry.name for entry in files('flows').iterdir()))"
    )
    command = [sys.executable, "-I", "-S", "-c", program]
    found = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True, timeout=20)
    assert set(found.stdout.split()) == {name.split("/")[1] for name in names if name.startswith("flows/")}
