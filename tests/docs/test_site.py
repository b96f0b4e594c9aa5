"""The documentation site: built strictly, nothing fetched from elsewhere, its reference as long as the code has it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from agent.main import COMMANDS
from agent.text.importers import FORMATS
from tests.builders import ROOT

_FETCHED = re.compile(
    r"""<(?:script|img|iframe)[^>]+src=["']?(?:https?:)?//|<link[^>]+rel=["']?(?:stylesheet|preconnect)["']?[^>]+https?://"""
)


@pytest.fixture(scope="module", name="site")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return folder


@pytest.mark.slow
def test_nothing_on_a_page_is_fetched_from_elsewhere(site: Path) -> None:
    pages = sorted(site.rglob("*.html"))
    assert len(pages) > 30
    found = [(page.name, hit[0]) for page in pages if (hit := _FETCHED.search(page.read_text()))]
    assert not found


@pytest.mark.slow
def test_the_reference_has_every_command_format_and_route(site: Path) -> None:
    def text(name: str) -> str:
        return (site / "reference" / f"{name}.html").read_text()

    assert [name for name in COMMANDS if f">{name}<" not in text("commands")] == []
    assert [one.name for one in FORMATS if f"<code>{one.name}</code>" not in text("formats")] == []
    for route in ("GET /api/v1/calls", "GET /api/v1/next"):
        assert route in text("api")
    assert "BudgetExceeded" in text("errors")
    assert "dispute.opened" in text("webhooks")


@pytest.mark.slow
def test_every_decision_and_method_page_is_reached(site: Path) -> None:
    decisions = (site / "reference" / "decisions.html").read_text()
    assert [
        path.stem for path in (ROOT / "docs" / "adr").glob("*.md") if f"adr/{path.stem}.html" not in decisions
    ] == []
    menu = (site / "index.html").read_text()
    assert [
        path.stem for path in (ROOT / "docs" / "method").glob("*.md") if f"method/{path.stem}.html" not in menu
    ] == []
