"""Runs, baselines and gate verdicts as JSON files below one folder of the workspace.

runs/<run>.json        the run and its report
baselines/<suite>.json which run was accepted, by whom, when and why; earlier ones stay in its history
gates/<candidate>-<baseline>.json
"""

import json
import os
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, Field, ValidationError

from agent.core.errors import Advice, ConfigError, NotFound
from agent.core.language import _
from agent.evals.gating import Verdict
from agent.evals.report import Report
from agent.evals.run import Run
from agent.evals.suite_files import FilePart

P = TypeVar("P", bound=BaseModel)


class Stored(FilePart):
    """A run with its report."""

    run: Run
    report: Report


class Accepted(FilePart):
    """A baseline: which run was accepted, by whom, when and why."""

    run: str
    suite: str
    suite_id: str
    model: str
    prompt: str
    by: str
    reason: str
    at: datetime


class Baseline(FilePart):
    """The accepted run of a suite, and the runs it replaced, newest first."""

    now: Accepted
    before: list[Accepted] = Field([])


class Archive:
    """The folder `evals` of a workspace, with its runs, baselines and verdicts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def suites(self) -> Path:
        """The folder of the team's own suites."""
        return self.folder / "suites"

    def keep(self, run: Run, report: Report) -> None:
        """Store a run. A stored run with the same id is replaced only if latency was measured this time."""
        path = self._path("runs", run.id)
        if path.exists() and run.spending.seconds is None:
            return
        _write(path, Stored(run=run, report=report))

    def run(self, ident: str) -> Stored:
        """The run with that id. NotFound says how to list them all."""
        path = self._path("runs", ident)
        if not path.exists():
            raise NotFound(
                _("there is no run {ident} in this workspace", ident=repr(ident)), advice=Advice("eval runs", "/evals")
            )
        return _read(path, Stored)

    def runs(self, suite: str = "") -> list[Stored]:
        """All runs, or those of one suite, newest first."""
        runs = [_read(path, Stored) for path in sorted((self.folder / "runs").glob("*.json"))]
        return sorted((s for s in runs if not suite or s.run.suite == suite), key=lambda s: s.run.at, reverse=True)

    def newest(self, suite: str) -> Stored:
        """The newest run of a suite."""
        runs = self.runs(suite)
        if not runs:
            raise NotFound(
                f"suite {suite} has not been run in this workspace",
                advice=Advice(f"eval run {suite}", f"/evals/{suite}"),
            )
        return runs[0]

    def accept(self, accepted: Accepted) -> None:
        """Make a run its suite's baseline."""
        old = self.baseline(accepted.suite)
        before = [] if old is None else [old.now, *old.before]
        _write(self._path("baselines", accepted.suite), Baseline(now=accepted, before=before))

    def baseline(self, suite: str) -> Baseline | None:
        """The accepted baseline of a suite, if there is one."""
        path = self._path("baselines", suite)
        return _read(path, Baseline) if path.exists() else None

    def keep_verdict(self, verdict: Verdict) -> None:
        _write(self._path("gates", f"{verdict.candidate}-{verdict.baseline}"), verdict)

    def verdicts(self) -> list[Verdict]:
        """All stored verdicts of the gate."""
        return [_read(path, Verdict) for path in sorted((self.folder / "gates").glob("*.json"))]

    def _path(self, kind: str, name: str) -> Path:
        if not name or not all(c.isalnum() or c in "-_." for c in name) or name.startswith("."):
            raise NotFound(f"{name!r} is not the name of a run or a suite")
        return self.folder / kind / f"{name}.json"


def read_stored(path: Path) -> Stored:
    """The run and its report in the file at `path`. ConfigError if another version wrote it."""
    return _read(path, Stored)


def _write(path: Path, value: BaseModel) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    text = json.dumps(value.model_dump(mode="json"), ensure_ascii=False, indent=1, allow_nan=False)
    draft.write_text(text + "\n", encoding="utf-8")
    draft.replace(path)


def _read(path: Path, shape: type[P]) -> P:
    try:
        return shape.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{path}: {place}: {first['msg']}; it was written by another version: run again") from error
