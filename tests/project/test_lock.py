"""The lock files pin and hash everything that pyproject.toml asks for, and name no place to get it from."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def entries(lock: str) -> list[str]:
    """One logical line per requirement, with its hashes."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def pins(lock: str) -> dict[str, set[str]]:
    """The versions of each locked distribution; more than one where they depend on the platform."""
    found: dict[str, set[str]] = {}
    for entry in entries(lock):
        name, _, rest = entry.partition("==")
        found.setdefault(canonicalize_name(name), set()).add(rest.split()[0])
    return found


def wanted(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lines = list(project["dependencies"])
    for extra in extras:
        lines += project["optional-dependencies"][extra]
    return [Requirement(line) for line in lines]


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_pinned_and_hashed(lock: str) -> None:
    pinned = re.compile(r"[A-Za-z0-9._-]+==\S+ .*--hash=sha256:[0-9a-f]{64}")
    assert [entry for entry in entries(lock) if not pinned.match(entry)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_entry_says_where_to_get_it(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert [word for word in ("://", "--index-url", "--extra-index-url", "--find-links", " @ ") if word in text] == []


@pytest.mark.parametrize(("lock", "extras"), [(LOCKS[0], ("build",)), (LOCKS[1], ("build", "dev"))])
def test_the_lock_satisfies_pyproject(lock: str, extras: tuple[str, ...]) -> None:
    locked = pins(lock)
    unmet = [
        str(requirement)
        for requirement in wanted(*extras)
        if not any(
            requirement.specifier.contains(version) for version in locked.get(canonicalize_name(requirement.name), ())
        )
    ]
    assert unmet == [], "Run `make lock`."


def test_development_uses_the_versions_that_users_get() -> None:
    runtime, development = pins(LOCKS[0]), pins(LOCKS[1])
    assert {name: development.get(name) for name in runtime} == runtime
