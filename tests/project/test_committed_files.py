"""Committed files name no package registry: where packages come from is the machine's business."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# In two parts, so that this file does not find itself.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("anaconda", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("npmmirror", "com"),
        ("yarnpkg", "com"),
        ("debian", "org"),
        ("ubuntu", "com"),
    )
)


def committed() -> list[Path]:
    """Files that git tracks, and new ones that it would."""
    if not (ROOT / ".git").exists():
        pytest.skip("Not a git checkout.")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=20,
    )
    names = listed.stdout.decode().split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).is_file()]


def test_no_committed_file_names_a_registry() -> None:
    found = [
        f"{path.relative_to(ROOT)} names {host}"
        for path in committed()
        for host in REGISTRIES
        if host.encode() in path.read_bytes()
    ]
    assert found == []


def test_the_list_of_committed_files_is_not_empty() -> None:
    assert {ROOT / "Makefile", ROOT / "requirements.lock"} <= set(committed())
