"""`closeread patterns`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.app.cli.context import (
    Budget,
    Concurrency,
    DryRun,
    Json,
    console,
    print_json,
    run,
    say,
    table,
    workspace,
)
from agent.app.cli.views import pattern_rows
from agent.app.shapes import pattern_data

if TYPE_CHECKING:
    from agent.interviews.model import Extraction
    from agent.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Behaviors that separate won deals from lost ones.")


@app.command()
def extract(
    ctx: typer.Context,
    adjudicate: Annotated[
        Literal["model", "person"], typer.Option(help="Who decides where the two analysts differ.")
    ] = "model",
    concurrency: Concurrency = None,
    budget: Budget = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Two analysts read all interviews, their notes become a codebook, both apply it, code counts."""
    space = workspace(ctx)
    if dry_run:
        _plan(space, json)
        return
    extraction = run(lambda: extracted(space, adjudicate, concurrency or space.concurrency, budget))
    if json:
        print_json(pattern_data(extraction.patterns))
    else:
        show_patterns(extraction)


async def extracted(space: Workspace, adjudicated_by: str, concurrency: int, budget: float | None) -> Extraction:
    """Extract under a progress bar."""
    from agent.app.cli.progress import phases
    from agent.patterns.verbs import extract_patterns

    with phases() as phase:
        return await extract_patterns(space, adjudicated_by, concurrency, budget, phase)


def _plan(space: Workspace, json: bool) -> None:
    """The first reading is exact; what follows depends on its replies, so it is counted from the same texts."""
    from agent.app.cli.plan import show_plan
    from agent.patterns.verbs import first_reading

    note = (
        "This is the first reading. The second, with the codebook, takes about as much again; merging, checking and "
        "adjudicating together about half as much."
    )
    show_plan(space, first_reading(space), json, note)


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All patterns with prevalence, contrast and verdict."""
    from agent.patterns.verbs_edits import current

    extraction = current(workspace(ctx)).extraction
    if json:
        print_json(pattern_data(extraction.patterns))
    else:
        show_patterns(extraction)


def show_patterns(extraction: Extraction) -> None:
    """The table of patterns with what its verdicts are worth."""
    from agent.patterns.verbs import moments_line, patterns_worth

    found = extraction.patterns
    figures = ["won", "lost", "P(won)", "Holm p"]
    for verdict, rows in pattern_rows(found).items():
        table(verdict, ["id", *figures, "moment"], rows, right=figures)
    console().print(patterns_worth(found))
    console().print(moments_line(found))


@app.command()
def show(ctx: typer.Context, pattern: str, json: Json = False) -> None:
    """One pattern with every interview's quote, and where the two analysts differed."""
    from agent.app.cli.views import pattern_detail
    from agent.patterns.verbs import pattern_with_differences

    data = pattern_with_differences(workspace(ctx), pattern)
    if json:
        print_json(data)
    else:
        pattern_detail(data)


@app.command()
def adjudicate(
    ctx: typer.Context,
    pattern: str,
    interview: str,
    decision: Annotated[str, typer.Argument(help="present or absent")],
    reason: Annotated[str, typer.Option(help="Why; kept with the decision.")],
) -> None:
    """Decide by hand whether a pattern is present in an interview; it wins over both analysts and the model."""
    from agent.core.errors import UsageError
    from agent.patterns.verbs import decide
    from agent.patterns.verbs_edits import current

    if decision not in ("present", "absent"):
        raise UsageError(f"the decision is present or absent, not {decision!r}")
    space = workspace(ctx)
    decide(space, pattern, interview, present=decision == "present", reason=reason)
    say(f"{pattern} is {decision} in {interview}; the counts are new")
    show_patterns(current(space).extraction)
