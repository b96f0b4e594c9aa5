"""`closeread patterns`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from agent.cli.context import Budget, Concurrency, DryRun, Json, console, print_json, run, say, table, workspace
from agent.cli.views import pattern_data, pattern_rows

if TYPE_CHECKING:
    from agent.domain.interview import Extraction
    from agent.wiring import Workspace

app = typer.Typer(no_args_is_help=True, help="Behaviors that separate won deals from lost ones.")
PROMPTS = ("code_interview", "merge_patterns", "check_criterion", "apply_codebook", "adjudicate_coding")


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
    extraction = run(lambda: extract_patterns(space, adjudicate, concurrency or space.concurrency, budget))
    if json:
        print_json(pattern_data(extraction.patterns))
    else:
        show_patterns(extraction)


async def extract_patterns(space: Workspace, adjudicated_by: str, concurrency: int, budget: float | None) -> Extraction:
    """Extract, and store the result."""
    from agent.analysis.extraction import Readers, extract
    from agent.cli.progress import phases

    prompts = {name: space.prompt(name) for name in PROMPTS}
    interviews = space.store.interviews.all()
    with phases() as phase:
        async with space.roles("analyst_a", "analyst_b", "drafter", budget_usd=budget) as roles:
            readers = Readers(roles["analyst_a"], roles["analyst_b"], roles["drafter"])
            extraction = await extract(interviews, readers, prompts, space.moments, concurrency, phase, adjudicated_by)
    space.store.extractions.add(extraction)
    return extraction


def _plan(space: Workspace, json: bool) -> None:
    """The first reading is exact; what follows depends on its replies, so it is counted from the same texts."""
    from agent.analysis.coding import noting_requests
    from agent.analysis.extraction import ANALYSTS
    from agent.cli.plan import show_plan

    prompt = space.prompt("code_interview")
    interviews = space.store.interviews.all()
    requests = [
        request
        for analyst in ANALYSTS
        for interview in interviews
        for request in noting_requests(interview, analyst, space.planned_role(analyst), prompt, space.moments)
    ]
    note = (
        "This is the first reading. The second, with the codebook, takes about as much again; merging, checking and "
        "adjudicating together about half as much."
    )
    show_plan(space, requests, json, note)


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All patterns with prevalence, contrast and verdict."""
    extraction = workspace(ctx).store.extractions.newest()
    if json:
        print_json(pattern_data(extraction.patterns))
    else:
        show_patterns(extraction)


def show_patterns(extraction: Extraction) -> None:
    """The table of patterns with what its verdicts are worth."""
    from agent.cli.views import moments_line, patterns_worth

    found = extraction.patterns
    figures = ["won", "lost", "P(won)", "Holm p"]
    for verdict, rows in pattern_rows(found).items():
        table(verdict, ["id", *figures, "moment"], rows, right=figures)
    console().print(patterns_worth(found))
    console().print(moments_line(found))


@app.command()
def show(ctx: typer.Context, pattern: str, json: Json = False) -> None:
    """One pattern with every interview's quote, and where the two analysts differed."""
    from agent.analysis.patterns import by_cell, differ
    from agent.cli.views import pattern_detail
    from agent.errors import NotFound

    extraction = workspace(ctx).store.extractions.newest()
    found = next((p for p in extraction.patterns.patterns if p.id == pattern), None)
    if found is None:
        raise NotFound(f"there is no pattern {pattern!r}; see: closeread patterns list")
    cells = {interview: cell for (entry, interview), cell in by_cell(extraction.codings).items() if entry == pattern}
    differing: list[dict[str, Any]] = [
        {
            "interview": interview,
            **{
                reader: {
                    "present": c.present,
                    "reason": c.reason,
                    "problem": c.problem,
                    "quotes": [q.text for q in c.quotes],
                }
                for reader, c in cell.items()
            },
        }
        for interview, cell in sorted(cells.items())
        if differ(cell)
    ]
    data = next(d for d in pattern_data(extraction.patterns) if d["id"] == pattern) | {"differences": differing}
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
    from agent.analysis.patterns import decide_by_person
    from agent.errors import UsageError

    if decision not in ("present", "absent"):
        raise UsageError(f"the decision is present or absent, not {decision!r}")
    store = workspace(ctx).store
    extraction = store.extractions.newest()
    interviews = store.interviews.all(extraction.patterns.interviews)
    decided = decide_by_person(extraction, interviews, pattern, interview, decision == "present", reason)
    store.extractions.add(decided)
    say(f"{pattern} is {decision} in {interview}; the counts are new")
    show_patterns(decided)
