"""Checking the criteria of a rubric: rules first, then the model's three tests where a drafter is bound."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.llm.model import Request
    from agent.llm.roles import Role
    from agent.rubrics.model import Criterion, Rubric
    from agent.workspace import Workspace

KIND = "Criterion for rating sales calls"


@dataclass(frozen=True)
class CriterionCheck:
    """What was found wrong with one criterion. `tests` is None where no model was asked."""

    criterion: str
    rules: list[str]
    tests: list[str] | None
    rewrite: str


def _request(criterion: Criterion, role: Role, space: Workspace) -> Request[Any]:
    from agent.patterns.checking import check_request

    return check_request(KIND, criterion.name, criterion.description, role, space.prompt("check_criterion"))


def check_requests(space: Workspace, rubric: Rubric) -> list[Request[Any]]:
    """What checking would ask."""
    role = space.planned_role("drafter")
    return [_request(criterion, role, space) for criterion in rubric.criteria]


async def check_criteria(space: Workspace, rubric: Rubric, budget: float | None = None) -> list[CriterionCheck]:
    """A check for each criterion, in the rubric's order."""
    from agent.patterns.checking import flaws_of
    from agent.rubrics.lint import rule_findings

    if space.settings.binding("drafter") is None:
        return [CriterionCheck(c.id, list(rule_findings(c)), None, "") for c in rubric.criteria]
    checks = []
    async with space.roles("drafter", budget_usd=budget) as roles:
        for c in rubric.criteria:
            reply = await roles["drafter"].ask(_request(c, roles["drafter"], space))
            flaws, rewrite = list(flaws_of(reply.value)), reply.value.rewrite
            checks.append(CriterionCheck(c.id, list(rule_findings(c)), flaws, rewrite))
    return checks


def checks_data(checks: Sequence[CriterionCheck]) -> list[dict[str, Any]]:
    """The checks as JSON data."""
    return [asdict(check) for check in checks]
