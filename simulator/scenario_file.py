"""Writes scenarios as a file that people read and `postdog test` plays."""

from __future__ import annotations

from typing import Any

import yaml

from simulator.scenario import ScenarioFile

WIDTH = 120
"""Characters of a line before YAML folds a text."""


def scenario_file_text(file: ScenarioFile, comment: str = "") -> str:
    """The file as YAML, without what goes without saying; `comment` stands above it.

    >>> from simulator.scenario import Scenario, Step
    >>> hello = Scenario(name="Hello", steps=(Step(say="hi"), Step(expect=("Hi there!",))))
    >>> print(scenario_file_text(ScenarioFile(scenarios=(hello,))), end="")
    scenarios:
    - name: Hello
      steps:
      - say: hi
      - expect:
        - Hi there!
    """
    above = "".join(f"# {line}\n" for line in comment.splitlines())
    data = file.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return above + yaml.safe_dump(_plain(data), sort_keys=False, allow_unicode=True, width=WIDTH)


def _plain(value: Any) -> Any:
    """Without what YAML would write as anchors and aliases."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value] if isinstance(value, list) else value
