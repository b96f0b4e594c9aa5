"""`closeread eval import`: suites from elsewhere, into the workspace."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.app.cli.context import console, workspace

if TYPE_CHECKING:
    from agent.evals.suite import Suite

app = typer.Typer(no_args_is_help=True, help="Make a suite in the workspace from manual scores.")

Name = Annotated[str, typer.Option("--name", help="Name of the suite.")]


@app.command()
def annomi(
    ctx: typer.Context,
    directory: Annotated[Path, typer.Argument(help="Folder with conversations.jsonl, tasks.jsonl, ratings.csv.")],
    dev: Annotated[
        int, typer.Option(min=0, help="Conversations of the development half, beside the ten-rater seven.")
    ] = 20,
    name: Name = "annomi",
) -> None:
    """AnnoMI: counselling conversations labelled by experts, seven of them by ten."""
    from agent.evals.annomi import import_annomi
    from agent.evals.verbs import archive

    _say(import_annomi(directory, archive(workspace(ctx)).suites / name, dev))


@app.command()
def csv(
    ctx: typer.Context,
    scores: Annotated[Path, typer.Argument(help="CSV with one manual score a row.")],
    calls: Annotated[Path, typer.Option("--calls", help="Folder with the transcripts.")],
    manifest: Annotated[Path, typer.Option("--manifest", help="CSV that says what each transcript is.")],
    rubric: Annotated[Path, typer.Option("--rubric", help="File with the criteria.")],
    humans: Annotated[Path | None, typer.Option("--humans", help="CSV with every person's own rating.")] = None,
    renames: Annotated[
        list[str] | None,
        typer.Option("--map", help="Their column = our field (call, criterion, value, quotes, split, rater)."),
    ] = None,
    split: Annotated[str, typer.Option(help="Split of all cases, where no column says it: dev or test.")] = "dev",
    name: Name = "own",
) -> None:
    """Anybody's manually scored calls. The files stay where they are; the suite points at them."""
    from agent.core.errors import UsageError
    from agent.evals.verbs import archive
    from agent.evals.writing import suite_from_csv
    from agent.text.manifest import pairs

    if split not in ("dev", "test"):
        raise UsageError("--split is dev or test")
    columns = {field: column for column, field in pairs("--map", renames or []).items()}
    folder = archive(workspace(ctx)).suites / name
    _say(suite_from_csv(folder, scores, calls, manifest, rubric, columns, humans, split))  # type: ignore[arg-type]


def _say(suite: Suite) -> None:
    ratings = sum(len(case.references) for case in suite.cases)
    console().print(f"{suite.folder}: {len(suite.cases)} cases, {ratings} manual ratings", markup=False)
    console().print(f"next: closeread eval run {suite.name} --split dev --dry-run", markup=False)
