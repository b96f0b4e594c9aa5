"""`closeread criteria`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.app.cli.context import Budget, Concurrency, DryRun, Json, console, print_json, run, say, workspace

if TYPE_CHECKING:
    from agent.rubrics.model import Rubric
    from agent.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Criteria made from patterns.")


@app.command()
def draft(
    ctx: typer.Context,
    label: Annotated[str, typer.Option(help="Label of the new rubric; default: v1, v2 …")] = "",
    leaning: Annotated[bool, typer.Option("--leaning", help="Also draft for patterns that only lean.")] = False,
    concurrency: Concurrency = None,
    budget: Budget = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Draft one criterion for each distinguishing pattern, with examples quoted from calls and interviews."""
    from agent.app.cli.views import rubric_lines

    space = workspace(ctx)
    if dry_run:
        _plan(space, leaning, json)
        return
    rubric = run(lambda: drafted(space, label, leaning, concurrency or space.concurrency, budget))
    if json:
        print_json({"id": rubric.id, **rubric.model_dump(mode="json")})
        return
    for line in rubric_lines(rubric):
        console().print(line)
    say(f"edit it with: closeread rubric export {rubric.label} --out {rubric.label}.yaml")


async def drafted(space: Workspace, label: str, leaning: bool, concurrency: int, budget: float | None) -> Rubric:
    """Draft under a progress bar."""
    from agent.app.cli.progress import phases
    from agent.rubrics.criteria import draft_criteria

    with phases() as phase:
        return await draft_criteria(space, label, leaning, concurrency, budget, phase)


def _plan(space: Workspace, leaning: bool, json: bool) -> None:
    from agent.app.cli.plan import show_plan
    from agent.rubrics.criteria import draft_requests

    requests = draft_requests(space, leaning)
    show_plan(space, requests, json, "Each draft is also checked once or twice, with short requests.")
