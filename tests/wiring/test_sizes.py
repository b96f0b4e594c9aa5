"""A file is read from top to bottom in one sitting, and a function on one screen."""

from __future__ import annotations

import ast

import pytest

from tests.builders import ROOT

FILES = sorted(path for path in (ROOT / "agent").rglob("*.py") if "migrations" not in path.parts)


@pytest.mark.parametrize("limit", [600])
def test_no_file_is_longer(limit):
    lengths = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert {name: lines for name, lines in lengths.items() if lines > limit} == {}


@pytest.mark.parametrize("limit", [80])
def test_no_function_is_longer(limit):
    long = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= limit:
                long[f"{path.relative_to(ROOT)}:{node.lineno}"] = node.end_lineno - node.lineno + 1
    assert long == {}
