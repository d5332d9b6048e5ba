"""Problems as text and as JSON."""

import json

from engine.core.check_text import problem_json, problem_line, summary
from schemas.problem import Problem

FOUND = [
    Problem("missing", "error", "/name", "“name” is missing.", "Fill it in."),
    Problem("unreachable", "warning", "/nodes/2", "“b” can't be reached from any trigger."),
    Problem("dead_end", "info", "", "The flow ends here."),
]


def test_lines():
    assert [problem_line(problem) for problem in FOUND] == [
        "error /name: “name” is missing. Fill it in. [missing]",
        "warning /nodes/2: “b” can't be reached from any trigger. [unreachable]",
        "info the document: The flow ends here. [dead_end]",
    ]


def test_json():
    assert json.loads(json.dumps(problem_json(FOUND[0]))) == {
        "code": "missing", "level": "error", "pointer": "/name", "message": "“name” is missing.", "hint": "Fill it in.",
    }  # fmt: skip


def test_summary():
    assert summary(FOUND) == "1 error, 1 warning and 1 remark."
    assert summary(FOUND[:1] * 1200) == "1,200 errors."
