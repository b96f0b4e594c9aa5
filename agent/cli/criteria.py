"""`closeread criteria`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.context import Budget, Concurrency, DryRun, Json, console, print_json, run, say, workspace

if TYPE_CHECKING:
    from agent.domain.interview import Pattern
    from agent.domain.rubric import Rubric
    from agent.wiring import Workspace

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
    from agent.cli.views import rubric_lines

    space = workspace(ctx)
    if dry_run:
        _plan(space, leaning, json)
        return
    rubric = run(lambda: draft_criteria(space, label, leaning, concurrency or space.concurrency, budget))
    if json:
        print_json({"id": rubric.id, **rubric.model_dump(mode="json")})
        return
    for line in rubric_lines(rubric):
        console().print(line)
    say(f"edit it with: closeread rubric export {rubric.label} --out {rubric.label}.yaml")


def chosen(space: Workspace, leaning: bool) -> list[Pattern]:
    """The patterns that become criteria."""
    verdicts = ("distinguishing", "leaning") if leaning else ("distinguishing",)
    patterns = space.store.extractions.newest().patterns.patterns
    return [p for p in patterns if p.verdict.startswith(verdicts)]


async def draft_criteria(space: Workspace, label: str, leaning: bool, concurrency: int, budget: float | None) -> Rubric:
    """Draft, and store the rubric."""
    from agent.analysis.drafting import draft_rubric
    from agent.cli.progress import phases

    patterns = chosen(space, leaning)
    with phases() as phase:
        async with space.roles("drafter", budget_usd=budget) as roles:
            rubric = await draft_rubric(
                patterns,
                sources(space, roles["drafter"].context_tokens),
                roles["drafter"],
                (space.prompt("draft_criteria"), space.prompt("check_criterion")),
                label,
                concurrency,
                phase("drafting criteria", len(patterns)),
            )
    return space.store.rubrics.add(rubric)


def sources(space: Workspace, context_tokens: int):  # type: ignore[no-untyped-def]
    """The calls and interviews that examples are quoted from."""
    from agent.analysis.drafting import Sources, choose_calls

    return Sources(
        calls=choose_calls(space.store.calls.all(), context_tokens),
        interviews=tuple(space.store.interviews.all()),
        stages=tuple({"id": s.id, "won": s.won} for s in space.stages.stages),
    )


def _plan(space: Workspace, leaning: bool, json: bool) -> None:
    from agent.analysis.drafting import draft_request
    from agent.cli.plan import show_plan

    role, prompt = space.planned_role("drafter"), space.prompt("draft_criteria")
    found = sources(space, role.context_tokens)
    requests = [draft_request(pattern, found, role, prompt) for pattern in chosen(space, leaning)]
    show_plan(space, requests, json, "Each draft is also checked once or twice, with short requests.")
