"""Services neither print nor know a terminal."""

import ast
from pathlib import Path

import pytest

from agent import services

FOLDER = Path(services.__file__).parent
TERMINAL = {"typer", "rich", "click", "sys"}


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_no_service_reaches_a_terminal(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    imported |= {(node.module or "").split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert not imported & TERMINAL
    assert not called & {"print", "input"}
