"""Collects `*.test.yaml` files, plays each with `postdog test --json` when its first test runs, and shows failures as chats."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ENDING = ".test.yaml"
COMMAND = "postdog_command"
SECONDS = 300.0
"""How long one file may take; a hundred long scenarios take a few."""
WHOLE_FILE = "the file"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one setting: how PostDog is called."""
    parser.addini(COMMAND, "How to call PostDog, such as /opt/postdog/bin/postdog; without it, the one of this environment.")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """A file of scenarios."""
    return ScenarioFile.from_parent(parent, path=file_path) if file_path.name.endswith(ENDING) else None


class ScenarioFailed(Exception):
    """A scenario failed; the text is its transcript."""


class ScenarioFile(pytest.File):
    """The scenarios of one file. All are played at once, when the first of them is run."""

    _told: dict[str, Any] | None = None

    def collect(self) -> Iterator[pytest.Item]:
        """One test for each scenario; one for the whole file, where its scenarios can't be read."""
        for name, line in list(scenarios_in(self.path)) or [(WHOLE_FILE, 1)]:
            yield ScenarioItem.from_parent(self, name=name, line=line)

    def played(self) -> dict[str, Any]:
        """What `postdog test --json` says of this file. Raises ScenarioFailed where it says nothing."""
        if self._told is None:
            self._told = play(self.config.getini(COMMAND), self.path)
        return self._told


class ScenarioItem(pytest.Item):
    """One scenario."""

    def __init__(self, *, line: int, **more: Any) -> None:
        super().__init__(**more)
        self._line = line

    def runtest(self) -> None:
        """Fails with the transcript."""
        assert isinstance(self.parent, ScenarioFile)
        file = self.parent.played()
        if file["trouble"]:
            raise ScenarioFailed("\n".join(file["trouble"]))
        scenario = next((each for each in file["scenarios"] if each["line"] == self._line), None)
        if scenario is None:
            raise ScenarioFailed("The file was changed while the tests ran. Run them again.")
        if not scenario["passed"]:
            raise ScenarioFailed(failure_text(scenario))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The transcript instead of a traceback."""
        if isinstance(excinfo.value, ScenarioFailed):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the scenario stands."""
        return self.path, self._line - 1, f"scenario: {self.name}"


def scenarios_in(path: Path) -> Iterator[tuple[str, int]]:
    """The names of a file's scenarios, each with the line in which it begins; nothing where that can't be read."""
    try:
        root = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        return
    several = _value(root, "scenarios")
    for each in several.value if isinstance(several, yaml.SequenceNode) else ():
        name = _value(each, "name")
        yield str(name.value) if isinstance(name, yaml.ScalarNode) else WHOLE_FILE, each.start_mark.line + 1


def _value(node: yaml.Node | None, key: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for name, value in pairs if name.value == key), None)


def play(command: str, path: Path) -> dict[str, Any]:
    """What PostDog says of a file. Raises ScenarioFailed with its own words where it can't play it."""
    words = shlex.split(command) if command else [sys.executable, "-P", "-m", "app.main"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    try:
        done = subprocess.run(
            [*words, "test", "--json", str(path)],
            cwd=path.parent,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=False,
        )
        (file,) = json.loads(done.stdout)["files"]
    except OSError as error:
        raise ScenarioFailed(f"PostDog can't be called as {words[0]!r}: {error.strerror}. See the setting {COMMAND}.") from error
    except subprocess.TimeoutExpired as error:
        raise ScenarioFailed(f"The scenarios of this file took longer than {SECONDS:.0f} seconds.") from error
    except (ValueError, KeyError) as error:
        raise ScenarioFailed(f"postdog test failed:\n{done.stderr.strip() or done.stdout.strip()}") from error
    return dict(file)


def failure_text(scenario: dict[str, Any]) -> str:
    """A failed scenario for people: what is wrong, then the chat.

    >>> line = {"mark": "+", "voice": "bot", "text": "Hello!"}
    >>> print(failure_text({"failures": ["step 2 (expect): expected 'Hi'"], "chat": [{**line, "mark": "-", "text": "Hi"}, line]}))
    step 2 (expect): expected 'Hi'
    <BLANKLINE>
    -     bot: Hi
    +     bot: Hello!
    """
    lines = [*scenario["failures"], ""]
    for line in scenario["chat"]:
        text = str(line["text"]).replace("\n", "\n" + " " * 11)
        lines.append(f"{line['mark'] or ' '} {line['voice']:>7}: {text}")
    return "\n".join(lines)
