"""The documentation site: built strictly, nothing fetched from elsewhere, its reference as long as the code has it."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from agent.main import COMMANDS
from agent.text.importers import FORMATS
from agent.webhooks.model import EVENTS
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
def test_no_page_holds_a_control_character_and_examples_stand_line_by_line(site: Path) -> None:
    odd = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
    assert [page.name for page in site.rglob("*.html") if odd.search(page.read_text())] == []
    begin = (site / "reference" / "commands.html").read_text().partition('id="closeread-init"')[2]
    block = re.sub(r"<[^>]+>", "", begin.partition("<pre>")[2].partition("</pre>")[0])
    assert [line.split()[:2] for line in block.splitlines() if line.strip()] == [["closeread", "init"]] * 5


@pytest.mark.slow
def test_every_page_is_in_the_menu_but_decisions(site: Path) -> None:
    menu = (site / "index.html").read_text()
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    missing = {page for page in pages if f'href="{page}"' not in menu and not page.startswith("adr/")}
    assert missing <= {"404.html", "index.html"}


@pytest.mark.slow
def test_each_event_of_a_webhook_has_a_body(site: Path) -> None:
    page = (site / "reference" / "webhooks.html").read_text()
    shown = [re.sub(r"<[^>]+>", "", block) for block in re.findall(r"<pre>(.*?)</pre>", page, re.DOTALL)]
    bodies = [json.loads(html.unescape(block)) for block in shown if block.lstrip().startswith("{")]
    assert [body["event"] for body in bodies] == list(EVENTS)


def test_what_pip_is_told_to_install_is_where_it_looks() -> None:
    """This distribution is on no index: it is named by its wheel, and other packages as pyproject.toml has them."""
    needed = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    allowed = {one.partition(";")[0].strip() for extra in needed.values() for one in extra} | {"pandas"}
    texts = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / "agent" / "library.py"]
    written = re.compile(r'pip3? install ((?:"[^"]*"|[^\s`"#;]+)(?: (?:"[^"]*"|[^\s`"#;]+))*)')
    asked = [
        (path.name, word.strip('"'))
        for path in texts
        for line in written.findall(path.read_text())
        for word in re.findall(r'"[^"]*"|\S+', line.partition(" with ")[0])
        if not word.startswith("-")
    ]
    assert len(asked) >= 5
    wheel = re.compile(r"\./closeread-[\d.]+-py3-none-any\.whl(\[[a-z,]+\])?")
    assert [one for one in asked if one[1] not in allowed and not wheel.fullmatch(one[1])] == []


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
