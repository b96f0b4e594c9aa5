"""Suites and runs for lists. A file is read again only if it has changed."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from agent.core.errors import ImportProblem, NotFound
from agent.core.yaml_files import read_document
from agent.evals.archive import Archive, read_stored
from agent.evals.loading import read_suite
from agent.evals.suite import Suite
from agent.evals.suite_files import SuiteFile
from agent.evals.views import AcceptedView, RunView, SuiteView
from agent.settings import shipped
from agent.workspace import Workspace

Stamp = tuple[str, int, int]
"""A file's path, when it was changed (ns) and its size: as long as these stay, so does what was read from it."""


def archive(space: Workspace, *, writing: bool = False) -> Archive:
    """The workspace's runs, baselines and gate verdicts; `writing` if something will be added to them."""
    return Archive((space.there if writing else space.settings).workspace / "evals")


def suite_folders(space: Workspace) -> dict[str, Path]:
    """All suites by name: the workspace's own, then the shipped ones."""
    folders: dict[str, Path] = {}
    for root in (archive(space).suites, shipped("evals")):
        for path in sorted(root.glob("*/suite.yaml")):
            folders.setdefault(path.parent.name, path.parent)
    return folders


def find_suite(space: Workspace, name: str) -> Suite:
    """The suite in the folder `name`, else the workspace's or the shipped suite with that name. For the command
    line."""
    if (Path(name) / "suite.yaml").is_file():
        return read_suite(Path(name).resolve())
    try:
        return named_suite(space, name)
    except NotFound as error:
        raise NotFound(f"{error} (or give the suite's folder)") from error


def named_suite(space: Workspace, name: str) -> Suite:
    """The suite with that name, never a folder: for names that come over the network."""
    folders = suite_folders(space)
    if name not in folders:
        raise NotFound(f"there is no suite {name!r}; there are {', '.join(folders)}")
    return read_kept(folders[name])


def read_kept(folder: Path) -> Suite:
    """The suite in that folder, cached. ImportProblem if it cannot be read."""
    return _suite(str(folder), tuple(map(_stamp, _files_of_suite(folder))))


def run_views(space: Workspace, suite: str = "") -> list[RunView]:
    """All runs (of one suite), newest first."""
    runs = [_run_view(*_stamp(path)) for path in sorted((archive(space).folder / "runs").glob("*.json"))]
    baselines = {name: baseline_of(space, name) for name in {run.suite for run in runs}}
    accepted = {baseline.run for baseline in baselines.values() if baseline is not None}
    chosen = [run.model_copy(update={"accepted": run.id in accepted}) for run in runs if suite in ("", run.suite)]
    return sorted(chosen, key=lambda run: run.at, reverse=True)


def suite_views(space: Workspace) -> list[SuiteView]:
    """All suites, including those that cannot be read."""
    newest: dict[str, RunView] = {}
    for run in run_views(space):
        newest.setdefault(run.suite, run)
    views = []
    for name, folder in suite_folders(space).items():
        view = SuiteView(name=name, newest=newest.get(name), baseline=baseline_of(space, name))
        try:
            suite = read_kept(folder)
        except ImportProblem as problem:
            views.append(view.model_copy(update={"problem": str(problem)}))
            continue
        must_pass = sum(case.must_pass for case in suite.cases)
        told = {"kind": suite.file.kind, "about": suite.file.about, "prompt": suite.file.prompt}
        views.append(view.model_copy(update=told | {"cases": len(suite.cases), "must_pass": must_pass}))
    return views


def suite_view(space: Workspace, name: str) -> SuiteView:
    """One suite. NotFound if there is none of that name."""
    views = {view.name: view for view in suite_views(space)}
    if name not in views:
        raise NotFound(f"there is no suite {name!r}; there are {', '.join(views)}")
    return views[name]


def baseline_of(space: Workspace, suite: str) -> AcceptedView | None:
    """The accepted baseline of a suite."""
    kept = archive(space).baseline(suite)
    return None if kept is None else AcceptedView.of(kept.now)


@lru_cache(maxsize=32)
def _suite(folder: str, stamps: tuple[Stamp, ...]) -> Suite:
    return read_suite(Path(folder))


@lru_cache(maxsize=2_000)
def _run_view(path: str, changed: int, size: int) -> RunView:
    return RunView.of(read_stored(Path(path)))


def _files_of_suite(folder: Path) -> Iterator[Path]:
    """The suite's own files and those that its suite.yaml names."""
    yield from sorted(path for path in folder.rglob("*") if path.is_file())
    path = folder / "suite.yaml"
    file: SuiteFile = read_document(path).read_as(SuiteFile)
    named = [file.rubric, *(part.file for part in (file.scores, file.humans) if part is not None)]
    if file.calls is not None:
        named.append(file.calls.manifest)
        yield from sorted(p for p in (folder / file.calls.directory).resolve().glob("*") if p.is_file())
    yield from (there for name in named if name and (there := (folder / name).resolve()).is_file())


def _stamp(path: Path) -> Stamp:
    seen = path.stat()
    return str(path), seen.st_mtime_ns, seen.st_size
