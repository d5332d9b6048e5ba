"""`make install` says in plain words what a machine lacks."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# Stand-ins for `python3`; the Makefile asks each one for its version and for venv.
OLD = """#!/bin/sh
case "$*" in *version_info*) exit 1 ;; *-V*) echo Python 3.9.2 ;; esac
"""
WITHOUT_VENV = """#!/bin/sh
case "$*" in *ensurepip*) exit 1 ;; esac
"""


def install(python: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", "install", f"PYTHON={python}", f"VENV={folder / 'venv'}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=20,
    )


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (None, ("was not found", "apt install python3 python3-venv")),
        (OLD, ("needs Python 3.11 or newer", "is Python 3.9.2", "make PYTHON=")),
        (WITHOUT_VENV, ("cannot create virtual environments", "apt install python3-venv")),
    ],
    ids=["no python", "old python", "no venv"],
)
def test_what_is_missing_is_named(tmp_path: Path, script: str | None, words: tuple[str, ...]) -> None:
    python = tmp_path / "python"
    if script is not None:
        python.write_text(script)
        python.chmod(0o755)
    result = install(python, tmp_path)
    assert result.returncode != 0
    assert [word for word in words if word not in result.stderr] == []
    assert not (tmp_path / "venv").exists()
