"""Drafting criteria from patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.app.telling import Phase, unseen
from agent.calls.store import Calls
from agent.interviews.store import Interviews
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.llm.model import Request
    from agent.patterns.model import Pattern
    from agent.rubrics.drafting import Sources
    from agent.rubrics.model import Rubric
    from agent.workspace import Workspace


def chosen(space: Workspace, leaning: bool) -> list[Pattern]:
    """The patterns that become criteria: as people edited them, without those they rejected."""
    from agent.patterns.verbs import current

    patterns = current(space).extraction.patterns.patterns
    return [p for p in patterns if p.distinguishing or (leaning and p.leaning)]


async def draft_criteria(
    space: Workspace,
    label: str,
    leaning: bool,
    concurrency: int,
    budget: float | None,
    phase: Phase = unseen,
    job: str = "",
) -> Rubric:
    """Draft one criterion for each distinguishing pattern (and each that leans, if asked for); the rubric is stored.

    What it takes is booked on `job`.
    """
    from agent.rubrics.drafting import draft_rubric

    patterns = chosen(space, leaning)
    async with space.roles("drafter", budget_usd=budget, job=job) as roles:
        rubric = await draft_rubric(
            patterns,
            sources(space, roles["drafter"].context_tokens),
            roles["drafter"],
            (space.prompt("draft_criteria"), space.prompt("check_criterion")),
            label,
            concurrency,
            phase("drafting criteria", len(patterns)),
        )
    return space.store[Rubrics].add(rubric)


def sources(space: Workspace, context_tokens: int) -> Sources:
    """The calls and interviews that examples are quoted from."""
    from agent.rubrics.drafting import MOST_CALLS, Sources, choose_calls

    first = space.store[Calls].in_turn(MOST_CALLS)
    return Sources(
        calls=choose_calls(space.store[Calls].all(first) if first else [], context_tokens),
        interviews=tuple(space.store[Interviews].all()),
        stages=tuple({"id": s.id, "won": s.won} for s in space.stages.stages),
    )


def draft_requests(space: Workspace, leaning: bool) -> list[Request[Any]]:
    """The first request of each draft; each draft is also checked once or twice, with short requests."""
    from agent.rubrics.drafting import draft_request

    role, prompt = space.planned_role("drafter"), space.prompt("draft_criteria")
    found = sources(space, role.context_tokens)
    return [draft_request(pattern, found, role, prompt) for pattern in chosen(space, leaning)]
