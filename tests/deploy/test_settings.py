"""docs/operations/settings.md against the code."""

import re
import subprocess
import sys

import pytest

from agent.settings import Environment
from tests.deploy.files import ROOT
from tests.deploy.keys import FILES, keys

PAGE = (ROOT / "docs/operations/settings.md").read_text()
SOURCE = {path: path.read_text() for path in (ROOT / "agent").rglob("*.py")}


def table(heading: str) -> list[list[str]]:
    """Cells of the rows of the first table below a heading."""
    below = PAGE.split(f"\n{heading}\n", 1)[1]
    rows = re.search(r"(?:^\|.*\n?)+", below, re.MULTILINE)
    assert rows is not None
    return [[cell.strip() for cell in row.strip("|").split(" | ")] for row in rows.group().splitlines()[2:]]


def test_a_variable_that_is_read_anywhere_is_one_of_the_environment():
    read = {name for text in SOURCE.values() for name in re.findall(r'"(CLOSEREAD_[A-Z_]+)"', text)}
    assert "CLOSEREAD_LOG" in read
    assert read <= Environment.names().keys()


def test_the_tables_made_from_the_code_are_as_the_code_has_them():
    program = [sys.executable, ROOT / "docs/operations/tables.py", "--check"]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr + "write them: python docs/operations/tables.py"


def test_variables_of_others_are_read_too():
    others = PAGE.split("without being ours", 1)[1].split("## Files", 1)[0]
    named = set(re.findall(r"^\| (`[A-Z_`, ]+`)", others, re.MULTILINE))
    names = {name for cell in named for name in re.findall(r"[A-Z_]+", cell)} - {"OPENAI_API_KEY", "ANTHROPIC_API_KEY"}
    assert {"OTEL_EXPORTER_OTLP_ENDPOINT", "PROMETHEUS_MULTIPROC_DIR"} <= names
    everything = "".join(SOURCE.values())
    assert [name for name in names if f'"{name}"' not in everything] == []


@pytest.mark.parametrize("name", FILES)
def test_keys_and_defaults_of_files(name):
    assert {row[0].strip("`"): row[1] for row in table(f"### `{name}`")} == keys(name)


def test_every_shipped_file_is_here():
    shipped = {path.name for path in (ROOT / "config").glob("*.yaml")}
    assert {name for name in FILES if "/" not in name} | {"guide.yaml", "compliance.yaml"} == shipped
