"""docs/tour.md, docs/cookbook.md and docs/operations/deploy.md, run as they stand: every command of every console block, in
order, in one directory. Blocks of commands that are no console blocks are listed, with what runs them or why nothing does.

A block begins a command with `$ `, goes on with `> ` and shows what it printed. `# exit code N` in a command says what
it ends with, otherwise 0. `$ cat FILE` of a file that is not there makes the file, so that a reader sees what to write.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
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


@pytest.fixture
def recorded(tmp_path: Path) -> Iterator[dict[str, str]]:
    """What the cookbook's reader has: a folder of recordings, and an account with a provider that hears."""
    from tests.speech.ears import service
    from tests.speech.saying import missing, talk

    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    folder = tmp_path / "recordings"
    folder.mkdir()
    talk(folder / "call.mp3")
    (folder / "manifest.csv").write_text("file,date,rep,customer\ncall.mp3,2026-03-01,Rae,Cleo\n")
    with service() as ear:
        yield {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": f"{ear.address}/v1"}


@pytest.fixture
def team(tmp_path: Path) -> dict[str, str]:
    """What the reader of the page on backups has: a workspace, and a key to encrypt with."""
    step = Step("", "closeread --workspace closeread-workspace init --provider none --start sample", [])
    made = run(step, tmp_path, visitor(tmp_path))
    assert made.returncode == 0, made.stdout
    (tmp_path / "KEYFILE").write_text("a key of this test")
    (tmp_path / "sample").unlink()
    return {"GNUPGHOME": str(tmp_path)}


def lasting(line: str) -> str:
    """A line without what passes, and without the widths that come of it."""
    return " ".join(_PASSING.sub("·", line).split())


@pytest.mark.slow
@pytest.mark.parametrize(
    ("page", "commands", "given"),
    [("tour", 40, ""), ("cookbook", 15, "recorded"), ("operations/deploy", 3, "team")],
)
def test_every_command_of_a_page_runs_and_prints_what_the_page_shows(
    tmp_path: Path, page: str, commands: int, given: str, request: pytest.FixtureRequest
) -> None:
    more = request.getfixturevalue(given) if given else {}
    environment = visitor(tmp_path) | more
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


_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROGRAM = re.compile(
    r"^(closeread|docker|buildah|python3?|pip|gpg|sf|uv|systemctl|make|cp|install|\d+ \d+ \* \* \*) ", re.MULTILINE
)
_ASKS = "asks a model; tests/evals runs each of these commands on recorded replies"
OTHERS = {
    ("cookbook", "closeread mcp --http"): "test_the_server_for_assistants_of_the_cookbook_answers",
    ("cookbook", "sf data upsert"): "Salesforce's program and an account; docs say that it was not tried",
    ("cookbook", "15 3 * * *"): "cron's table: its commands are those of the block before it",
    ("operations/deploy", "cp deploy/postgres.env.example"): "Docker: tests/deploy/test_files.py reads what it starts",
    ("operations/deploy", "buildah bud"): "tests/deploy/test_container.py",
    (
        "operations/deploy",
        "python3 -m venv /opt/closeread",
    ): "systemd; tests/deploy/test_wheel.py installs as its first line",
    ("method/evals", "closeread prompts new"): _ASKS,
    ("method/evals", "closeread eval run ledgerline"): _ASKS,
    ("method/evals", "closeread eval import csv"): _ASKS,
}
"""Blocks of commands that are no console blocks, by page and beginning: what runs them, or why nothing does.
tests/cli/test_said_commands.py looks at each `closeread` command in them: it exists, with these options."""


def test_each_other_block_of_commands_is_run_elsewhere_or_said_why_not() -> None:
    found, docs = set(), ROOT / "docs"
    for path in sorted(docs.rglob("*.md")):
        page = path.relative_to(docs).as_posix().removesuffix(".md")
        for language, block in _FENCE.findall(path.read_text()):
            if language in ("", "sh", "bash", "text") and _PROGRAM.search(block):
                known = [key for key in OTHERS if key[0] == page and block.startswith(key[1])]
                assert known, f"{page}: nothing runs the block that begins {block[:60]!r}"
                found.add(known[0])
    assert found == OTHERS.keys()
    named = {word for why in OTHERS.values() for word in re.findall(r"tests/[\w/]+(?:\.py)?|test_\w{30,}", why)}
    here = Path(__file__).read_text()
    assert [one for one in named if not (ROOT / one).exists() and f"def {one}(" not in here] == []


@pytest.mark.slow
def test_the_server_for_assistants_of_the_cookbook_answers(tmp_path: Path) -> None:
    """The line as it stands, on a port that is free, asked with a token that the command before it makes."""
    from tests.core.test_privacy import free_port

    line = next(
        block for _, block in _FENCE.findall((ROOT / "docs" / "cookbook.md").read_text()) if "mcp --http" in block
    )
    port = free_port()
    environment = visitor(tmp_path) | {"CLOSEREAD_WORKSPACE": "cookbook"}
    begun = run(Step("", "closeread init --provider none --start sample", []), tmp_path, environment)
    assert begun.returncode == 0, begun.stdout
    made = run(Step("", "closeread token create --role viewer 2>/dev/null", []), tmp_path, environment)
    command = ["bash", "-c", "exec " + line.partition("#")[0].strip().replace("8765", str(port))]
    server = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert server.stderr is not None
        assert f"http://127.0.0.1:{port}/mcp" in server.stderr.readline()
        asked = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
        headers = {"Authorization": f"Bearer {made.stdout.strip()}", "Accept": "application/json, text/event-stream"}
        for attempt in range(100):
            try:
                answer = httpx2.post(f"http://127.0.0.1:{port}/mcp", json=asked, headers=headers)
                break
            except httpx2.ConnectError:
                assert attempt < 99
                time.sleep(0.1)
        assert answer.status_code == 200, answer.text
        assert "find_ratings" in answer.text
    finally:
        server.terminate()
        server.wait(20)
        server.stderr.close()
