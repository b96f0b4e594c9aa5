"""Interview guides: drafting and checking questions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from agent.core.errors import UsageError
from agent.interviews.store import Interviews
from agent.patterns.store import Extractions

if TYPE_CHECKING:
    from agent.guides.model import Finding, Guide
    from agent.guides.review import GuideReview
    from agent.llm.model import Request
    from agent.workspace import Workspace


def stages_of(space: Workspace, wanted: Sequence[str] = ()) -> list[dict[str, str]]:
    """The stages asked for (none named: all), in the order of the deal. UsageError for one that is not configured."""
    known = [{"id": s.id, "name": s.name, "won": s.won} for s in space.stages.stages]
    unknown = sorted(set(wanted) - {stage["id"] for stage in known})
    if unknown:
        listed = ", ".join(stage["id"] for stage in known)
        raise UsageError(f"there is no stage {unknown[0]!r}; {space.settings.config_path('stages.yaml')} has {listed}")
    return [stage for stage in known if not wanted or stage["id"] in wanted]


def template_guides(space: Workspace, stages: Sequence[dict[str, str]]) -> list[Guide]:
    """The shipped questions for these stages, one guide for each outcome. Asks no model."""
    from agent.guides.file import from_template, read_guides

    names = {stage["id"]: stage["name"] for stage in stages}
    return [from_template(guide, names) for guide in read_guides(space.settings.config_path("guide.yaml"))]


async def draft_guide(
    space: Workspace,
    outcome: Literal["won", "lost"],
    stages: Sequence[dict[str, str]],
    there: Sequence[Guide] = (),
    budget: float | None = None,
) -> Guide:
    """Questions for buyers of one outcome, by the model bound as drafter; `there` holds the other outcome's, if any."""
    from agent.guides import drafting

    other = next((g for g in there if g.outcome != outcome), None)
    async with space.roles("drafter", budget_usd=budget) as roles:
        return await drafting.draft_guide(outcome, list(stages), other, roles["drafter"], space.prompt("guide_draft"))


def draft_request(
    space: Workspace, outcome: Literal["won", "lost"], stages: Sequence[dict[str, str]], there: Sequence[Guide] = ()
) -> Request[Any]:
    """What a draft would ask first; a second request follows where the rules find fault with it."""
    from agent.guides import drafting

    other = next((g for g in there if g.outcome != outcome), None)
    role = space.planned_role("drafter")
    return drafting.draft_request(outcome, list(stages), other, role, space.prompt("guide_draft"))


async def check_questions(
    space: Workspace, questions: Sequence[str], budget: float | None = None, *, model: bool = False
) -> list[list[Finding]]:
    """What is wrong with each question, by the rules; with `model` the drafter's model adds to it."""
    from agent.guides.lint import findings
    from agent.guides.model_checks import findings_with_model

    if not model:
        return [findings(text) for text in questions]
    async with space.roles("drafter", budget_usd=budget) as roles:
        return await findings_with_model(list(questions), roles["drafter"], space.prompt("guide_lint"))


def review_guides(space: Workspace, guides: Sequence[Guide]) -> GuideReview:
    """Which questions brought behaviors in the interviews of the newest extraction, and which brought opinions."""
    from agent.guides.review import review

    extraction = space.store[Extractions].newest()
    interviews = space.store[Interviews].all(extraction.patterns.interviews)
    return review(list(guides), interviews, extraction.observations)


def question_data(line: int, question: str, findings: list[Finding]) -> dict[str, Any]:
    """A question's findings as JSON data. `line` is the line of a text file; in a guide, the question's number."""
    listed = [finding.model_dump(mode="json") for finding in findings]
    return {"line": line, "question": question, "findings": listed}
