"""docs/tour.md and docs/cookbook.md, run as they stand: every command of every console block, in order, in one directory.

A block begins a command with `$ `, goes on with `> ` and shows what it printed. `# exit code N` in a command says what
it ends with, otherwise 0. `$ cat FILE` of a file that is not there makes the file, so that a reader sees what to write.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.builders import ROOT
from tests.tour.unlogged import state, unlogged

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_EXIT = re.compile(r"# exit code (\d+)")
_CAT = re.compile(r"cat (\S+)")
# What another day, or another run, prints differently.
_PASSING = re.compile(r"\d{4}-\d{2}-\d{2}( \d{2}:\d{2}(:\d{2})?)?|\b\d{1,2} [A-Z][a-z]+ \d{4}\b|\bra-[0-9a-f]{12}\b")


@dataclass
class Step:
    """One command of the tour and what the page says it prints."""

    section: str
    command: str
    shown: list[str]

    @property
    def exit_code(self) -> int:
        found = _EXIT.search(self.command)
        return int(found[1]) if found else 0


def steps(text: str) -> list[Step]:
    """The commands of the page, in order."""
    found: list[Step] = []
    section, at = "", 0
    for block in _BLOCK.finditer(text):
        # Headings inside a block are what a command printed.
        section = next(reversed(_HEADING.findall(text, at, block.start())), section)
        found += _of_block(section, block[1].splitlines())
        at = block.end()
    return found


def _of_block(section: str, lines: list[str]) -> list[Step]:
    found: list[Step] = []
    for line in lines:
        if line.startswith("$ "):
            found.append(Step(section, line[2:], []))
        elif (line.startswith("> ") or line == ">") and not found[-1].shown:
            found[-1].command += f"\n{line[2:]}"
        else:
            found[-1].shown.append(line)
    return found


def run(step: Step, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """The command in bash; what it exports is there for the next one."""
    named = _CAT.fullmatch(step.command)
    if named and not (folder / named[1]).exists():
        (folder / named[1]).write_text("\n".join(step.shown) + "\n")
    kept = folder / ".exported"
    script = f"{step.command}\ncode=$?; env -0 > {kept}; exit $code"
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )
    environment |= dict(entry.split("=", 1) for entry in kept.read_text().split("\0") if entry)
    return done


def visitor(folder: Path) -> dict[str, str]:
    """The directory of somebody who has the repository and nothing else, and that person's environment."""
    (folder / "sample").symlink_to(ROOT / "sample")
    path = f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "COLUMNS": "100", "LC_ALL": "C.UTF-8"}


def lasting(line: str) -> str:
    """A line without what passes, and without the widths that come of it."""
    return " ".join(_PASSING.sub("·", line).split())


@pytest.mark.slow
@pytest.mark.parametrize(("page", "commands"), [("tour", 40), ("cookbook", 10)])
def test_every_command_of_a_page_runs_and_prints_what_the_page_shows(tmp_path: Path, page: str, commands: int) -> None:
    environment = visitor(tmp_path)
    walked = steps((ROOT / "docs" / f"{page}.md").read_text())
    assert len(walked) > commands
    wrong, before = [], {}
    for step in walked:
        done = run(step, tmp_path, environment)
        after = state(tmp_path)
        if changed := unlogged(before, after):
            wrong.append(f"[{step.section}] {step.command}\nleaves no line in the audit log, but changed {changed}")
        before = after
        if done.returncode != step.exit_code:
            wrong.append(f"[{step.section}] {step.command}\nexit code {done.returncode}:\n{done.stdout}")
        printed = {lasting(line) for line in done.stdout.splitlines()}
        missing = [line for line in step.shown if line != "…" and lasting(line) not in printed]
        if missing:
            wrong.append(f"[{step.section}] {step.command}\ndoes not print: {missing}\nbut:\n{done.stdout}")
    assert not wrong, "\n\n".join(wrong)
