"""Suites and runs as lists show them. Files are read again only where they changed since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from agent.core.errors import ImportProblem
from agent.evals.verbs import archive, suite_folders

if TYPE_CHECKING:
    from agent.evals.archive import Accepted
    from agent.evals.suite import Suite
    from agent.workspace import Workspace


@dataclass(frozen=True)
class RunLine:
    """A run without its answers. `accepted`: it is its suite's baseline. `usd` is the list price, None if unknown."""

    id: str
    suite: str
    split: str
    model: str
    prompt: str
    mode: str
    draws: int
    cases: int
    unanswered: int
    failures: int
    usd: float | None
    at: datetime
    accepted: bool = False


@dataclass(frozen=True)
class SuiteLine:
    """A suite with its newest run and the accepted baseline. `problem` says why it cannot be read."""

    name: str
    kind: str
    about: str
    prompt: str
    cases: int
    must_pass: int
    newest: RunLine | None
    baseline: Accepted | None
    problem: str = ""


def run_lines(space: Workspace, suite: str = "") -> list[RunLine]:
    """All runs (of one suite), newest first."""
    files = sorted((archive(space).folder / "runs").glob("*.json"))
    found = [_run_line(*_stamp_of(path)) for path in files]
    accepted = {a.run for line in found if (a := baseline_of(space, line.suite)) is not None}
    chosen = [replace(r, accepted=r.id in accepted) for r in found if not suite or r.suite == suite]
    return sorted(chosen, key=lambda r: r.at, reverse=True)


def suite_lines(space: Workspace) -> list[SuiteLine]:
    """All suites, those that cannot be read included."""
    newest: dict[str, RunLine] = {}
    for run in run_lines(space):
        newest.setdefault(run.suite, run)
    return [_suite_line(space, name, folder, newest.get(name)) for name, folder in suite_folders(space).items()]


def baseline_of(space: Workspace, suite: str) -> Accepted | None:
    """The accepted baseline of a suite."""
    kept = archive(space).baseline(suite)
    return None if kept is None else kept.now


def read_kept(folder: Path) -> Suite:
    """The suite in that folder. ImportProblem where it cannot be read."""
    return _suite(str(folder), tuple(map(_stamp_of, _files(folder))))


def _suite_line(space: Workspace, name: str, folder: Path, newest: RunLine | None) -> SuiteLine:
    baseline = baseline_of(space, name)
    try:
        suite = read_kept(folder)
    except ImportProblem as problem:
        return SuiteLine(name, "", "", "", 0, 0, newest, baseline, str(problem))
    file, must = suite.file, sum(case.must_pass for case in suite.cases)
    return SuiteLine(name, file.kind, file.about, file.prompt, len(suite.cases), must, newest, baseline)


@lru_cache(maxsize=32)
def _suite(folder: str, stamp: tuple[tuple[str, int, int], ...]) -> Suite:
    from agent.evals.loading import read_suite

    return read_suite(Path(folder))


@lru_cache(maxsize=2_000)
def _run_line(path: str, changed: int, size: int) -> RunLine:
    from agent.evals.archive import read_stored

    stored = read_stored(Path(path))
    run = stored.run
    return RunLine(
        id=run.id,
        suite=run.suite,
        split=run.split or "all",
        model=run.model,
        prompt=run.prompt.partition("#")[0],
        mode=run.mode,
        draws=run.draws,
        cases=len(run.cases),
        unanswered=len(run.unanswered),
        failures=len(stored.report.failures),
        usd=run.spending.usd,
        at=run.at,
    )


def _files(folder: Path) -> Iterator[Path]:
    """The suite's own files and those that its suite.yaml names."""
    from agent.evals.suite import read_yaml, validated
    from agent.evals.suite_files import SuiteFile

    yield from sorted(path for path in folder.rglob("*") if path.is_file())
    path = folder / "suite.yaml"
    file = validated(path, SuiteFile, read_yaml(path))
    named = [file.rubric, *(part.file for part in (file.scores, file.humans) if part is not None)]
    if file.calls is not None:
        named.append(file.calls.manifest)
        yield from sorted(p for p in (folder / file.calls.directory).resolve().glob("*") if p.is_file())
    yield from (there for name in named if name and (there := (folder / name).resolve()).is_file())


def _stamp_of(path: Path) -> tuple[str, int, int]:
    seen = path.stat()
    return str(path), seen.st_mtime_ns, seen.st_size
