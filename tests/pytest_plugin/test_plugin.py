"""The pytest plugin in a project of somebody else, whose own modules have the names of ours."""

from __future__ import annotations

import doctest
import json
import shlex
import sys
from pathlib import Path

import pytest

import postdog_pytest.plugin
from tests.simulator.small import DOCUMENT

pytest_plugins = ["pytester"]

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
GOOD = """
scenarios:
  - name: Tea is served
    steps:
      - say: hi
      - expect: ["Tea or coffee?"]
      - press: Tea
      - expect: ["Tea it is, friend."]
"""
WRONG = """
  - name: Milk is served
    steps:
      - say: hi
      - expect: ["Tea or milk?"]
"""
UNPLAYABLE = {
    "cut": ("scenarios: [", "this is no YAML"),
    "typo": (GOOD.replace("press", "pres"), "this word is not known here. Did you mean press?"),
    "elsewhere": (GOOD + "flow: other.json\n", "other.json"),
    "empty": ("{}", "scenarios: Field required"),
}
THEIRS = """
import schemas

def test_it_is_the_projects_own():
    assert schemas.OWN == "ours is not this one"
"""


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A project with flows, scenarios, and modules called `schemas` and `app`; only the plugin can be imported beside them."""
    seen = pytester.mkdir("site")
    (seen / "postdog_pytest").symlink_to(ROOT / "postdog_pytest")
    monkeypatch.setenv("PYTHONPATH", f"{seen}:{pytester.path}")
    us = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from app.main import main; main()"
    pytester.makeini(f"[pytest]\npostdog_command = {shlex.join([sys.executable, '-P', '-c', us])}\n")
    for name in ("schemas", "app", "engine"):
        (pytester.path / f"{name}.py").write_text('OWN = "ours is not this one"\n')
    (pytester.path / "test_theirs.py").write_text(THEIRS)
    (pytester.path / "flows").mkdir()
    (pytester.path / "flows" / "tea.json").write_text(json.dumps(DOCUMENT))
    (pytester.path / "flows" / "tea.test.yaml").write_text(GOOD)
    return pytester


def run(project: pytest.Pytester, *more: str) -> pytest.RunResult:
    return project.runpytest_subprocess("-p", "no:postdog", "-p", "postdog_pytest.plugin", "-p", "no:cacheprovider", *more)


def test_scenarios_are_tests_and_a_failure_shows_the_chat(project: pytest.Pytester) -> None:
    (project.path / "flows" / "tea.test.yaml").write_text(GOOD + WRONG)
    for name, (text, _) in UNPLAYABLE.items():
        (project.path / "flows" / f"{name}.test.yaml").write_text(text)
    result = run(project, "-v")
    result.assert_outcomes(passed=2, failed=1 + len(UNPLAYABLE))
    result.stdout.fnmatch_lines_random(["*flows/tea.test.yaml::Tea is served PASSED*", "*test_it_is_the_projects_own PASSED*"])
    result.stdout.fnmatch_lines(
        [
            "*scenario: Milk is served*",
            "step 2 (expect): message 1: expected 'Tea or milk?', got 'Tea or coffee?'",
            "  contact: hi",
            "-     bot: Tea or milk?",
            "+     bot: Tea or coffee? [[]Tea[]] [[]Coffee[]] [[]A person[]]",
        ]
    )
    told = result.stdout.str()
    for _, words in UNPLAYABLE.values():
        assert words in told
    assert "Traceback" not in told
    assert "plugin.py" not in told


def test_one_scenario_can_be_chosen(project: pytest.Pytester) -> None:
    (project.path / "flows" / "tea.test.yaml").write_text(GOOD + WRONG)
    run(project, "-k", "Milk").assert_outcomes(failed=1, deselected=2)


def test_a_command_that_is_not_there_is_named(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\npostdog_command = /nowhere/postdog\n")
    result = run(project)
    result.assert_outcomes(passed=1, failed=1)
    said = "PostDog can't be called as '/nowhere/postdog': No such file or directory. See the setting postdog_command."
    assert said in result.stdout.str()


def test_without_a_setting_the_installed_one_is_called(project: pytest.Pytester) -> None:
    project.makeini("[pytest]\n")
    run(project).assert_outcomes(passed=2)


def test_its_examples_hold() -> None:
    assert doctest.testmod(postdog_pytest.plugin).failed == 0
