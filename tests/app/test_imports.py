"""Every import of `agent/` stands on top of its file; libraries that take long to load are behind `lazy`."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.core.lazy import lazy

AGENT = Path(__file__).parents[2] / "agent"
TREES = {path.relative_to(AGENT).as_posix(): ast.parse(path.read_text("utf-8")) for path in sorted(AGENT.rglob("*.py"))}
IN_FUNCTIONS = {
    # Windows has none; the file is also read by the process that starts the one which needs it.
    ("text/importers/apart.py", "resource"),
    # The file behind it is written in the terms of the extra `mcp`; where that is missing, the command says how to get it.
    ("connections/cli.py", "agent.connections"),
}
# A library as first loaded on an idle machine, seconds of CPU: litellm 6.3, sklearn 3.9, openai 1.7, dbos 1.6, alembic 1.0,
# opentelemetry's exporter .5, openpyxl .5, pypdf .3, httpx .3, py3langid .3 and 60 MB, docx .2, filelock .1, jinja2 .1,
# prometheus_client .1, pysubs2 .1, cryptography .05, lxml .05. Others are parts of one of those, or installed by those who
# want them.
LAZY = {
    "alembic",
    "cryptography",
    "dbos",
    "docx",
    "faster_whisper",
    "filelock",
    "httpx",
    "instructor",
    "jinja2",
    "litellm",
    "lxml",
    "openai",
    "openpyxl",
    "opentelemetry",
    "pandas",
    "prometheus_client",
    "py3langid",
    "pypdf",
    "pysubs2",
    "sklearn",
    "threadpoolctl",
}


def imports_in_functions(tree: ast.AST) -> Iterator[str]:
    """Modules that functions import."""
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import):
                    yield from (alias.name for alias in node.names)
                elif isinstance(node, ast.ImportFrom):
                    yield node.module or "."


def lazily(tree: ast.AST) -> set[str]:
    """Modules behind `lazy`."""
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "lazy"
        if isinstance(node.args[0], ast.Constant)
    }


def test_no_function_imports() -> None:
    found = {(file, module) for file, tree in TREES.items() for module in imports_in_functions(tree)}
    assert found == IN_FUNCTIONS


def test_only_heavy_libraries_are_behind_lazy() -> None:
    tops = {file: {module.partition(".")[0] for module in lazily(tree)} for file, tree in TREES.items()}
    assert set().union(*tops.values()) == LAZY
    # What import-linter forbids statistics to import, they may not take this way either.
    assert set().union(*(names for file, names in tops.items() if file.startswith("stats/"))) == {"sklearn"}


def test_a_lazy_module_is_loaded_at_its_first_use(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "slow_to_load.py").write_text(
        "import sys\nsys.loaded = True\nsetting = 1\ndef told(): return setting\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "loaded", False, raising=False)
    library = lazy("slow_to_load")
    assert "slow_to_load" not in sys.modules
    library.setting = 2  # is set in the library itself, not beside it
    assert library.told() == 2
    assert sys.loaded  # type: ignore[attr-defined]
    del sys.modules["slow_to_load"]


def test_a_lazy_module_that_is_missing_says_so_when_it_is_used() -> None:
    missing = lazy("no_such_library_anywhere")
    with pytest.raises(ModuleNotFoundError, match="no_such_library_anywhere"):
        missing.something()


def test_heavy_libraries_are_not_imported_on_top() -> None:
    """Where a library is behind `lazy` in one file, it is in all: otherwise the one import makes all others useless."""
    on_top = {
        (file, module)
        for file, tree in TREES.items()
        if not file.startswith("db/migrations/")  # alembic loads those
        for module in _on_top(tree)
        if module.partition(".")[0] in LAZY - {"instructor"}  # instructor loads its own parts lazily
    }
    # What makes pages needs both from the first page on.
    assert {
        (file, top) for file, top in on_top if not file.startswith(("app/web/", "documents/", "evals/page"))
    } == set()


def _on_top(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "."
