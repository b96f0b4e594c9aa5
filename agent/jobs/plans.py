"""Estimates what finding patterns, drafting criteria or scoring calls would take before it starts, and tells whether
it can start."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any

from agent.app.planning import planned
from agent.calls.store import Calls
from agent.core.language import _
from agent.db.computed import Computed
from agent.db.ledger import SqlLedger
from agent.db.overview import Overview
from agent.interviews.sides import sided
from agent.interviews.store import Interviews
from agent.jobs.views import JobPlanView, Work
from agent.llm.model import Request
from agent.patterns.store import Extractions
from agent.patterns.verbs import first_reading
from agent.rubrics.drafting import draft_requests, draft_sources, trial_estimate
from agent.rubrics.in_use import rubric_in_use
from agent.rubrics.proposal import Only
from agent.rubrics.store import Rubrics
from agent.scoring.running import Scoring
from agent.workspace import Workspace

_ROLES: dict[Work, tuple[str, ...]] = {
    "extract": ("analyst_a", "analyst_b", "drafter"),
    "draft": ("drafter",),
    "score": ("rater",),
}
# All input tokens over those of the first requests, on the sample (18 interviews, 9 drafts; ledger of
# `closeread demo`): 257,000 to 88,000 for extracting, 78,000 to 65,000 for drafting; no call of the sample
# had to be asked about twice.
_TIMES: dict[Work, float] = {"extract": 2.9, "draft": 1.2, "score": 1.0}
# Calls and interviews whose requests are made for an estimate, as far as their words are not more than so many
# characters together: the others are taken to be as long on average, and to need as many tokens for their length.
_COUNTED, _COUNTED_INTERVIEWS, _COUNTED_CHARACTERS = 40, 20, 200_000


@dataclass(frozen=True)
class Readiness:
    """Whether the work can start: the roles without a model, and what is missing in the workspace. `failed` counts
    calls that lack nothing but ratings that failed; it is counted only if every other call is rated."""

    work: Work
    unbound: tuple[str, ...]
    missing: str
    subjects: int
    failed: int = 0

    @property
    def ready(self) -> bool:
        """Whether nothing is missing."""
        return not self.unbound and not self.missing


def can_begin(space: Workspace, work: Work) -> Readiness:
    """Whether the work can start. It asks no model and counts no tokens, so it is fast."""
    unbound = tuple(role for role in _ROLES[work] if not space.model and space.settings.binding(role) is None)
    if work == "extract":
        outcomes = [side for side, _ in sided(space)]
        missing = "" if outcomes else _("there are no interviews yet")
        if outcomes and len(set(outcomes)) < 2:
            missing = (
                _("all {n} interviews are won: nothing can separate won from lost", n=len(outcomes))
                if outcomes[0] == "won"
                else _("all {n} interviews are lost: nothing can separate won from lost", n=len(outcomes))
            )
        return Readiness(work, unbound, missing, len(outcomes))
    if work == "score":
        return _can_score(space, unbound)
    chosen = patterns_to_draft(space)
    if chosen is None:
        return Readiness(work, unbound, "no patterns have been found yet", 0)
    distinguishing, leaning = chosen
    missing = "" if distinguishing or leaning else "no pattern separates won from lost, not even by leaning"
    return Readiness(work, unbound, missing, distinguishing)


def _can_score(space: Workspace, unbound: tuple[str, ...]) -> Readiness:
    stored = space.store[Rubrics].all()
    if not stored:
        return Readiness("score", unbound, "there is no rubric yet", 0)
    left = 0 if unbound else _scoring(space).count_missing(retry_failed=False)
    failed = 0 if left or unbound else _scoring(space).count_missing(retry_failed=True)
    missing = (
        "" if left or unbound or failed else f"every call is scored against {rubric_in_use(space.store).label} already"
    )
    return Readiness(
        "score", unbound, missing if space.store[Calls].count() else "there are no calls yet", left, failed
    )


def _scoring(space: Workspace) -> Scoring:
    """A scoring by the bound model against the rubric in use."""
    return Scoring(space, rubric_in_use(space.store), space.prompt("rate_call"), 0)


@dataclass(frozen=True)
class _First:
    """Some of the requests, by how much all of them are more in number, and by how much they are longer on average."""

    requests: list[Request[Any]]
    times: float = 1.0
    longer: float = 1.0


def _scoring_requests(space: Workspace) -> _First:
    """The requests for the first calls that are left."""
    scoring, role = _scoring(space), space.planned_role("rater")
    left = scoring.missing([], retry_failed=False).ids
    some, longer = _short_enough(space.store[Calls].lengths(left[:_COUNTED]))
    calls = space.store[Calls].all(some) if some else []
    asked = [request for call in calls for request in scoring.reading(call).requests(role)]
    return _First(asked, len(left) / max(1, len(calls)), longer)


def _extracting_requests(space: Workspace) -> _First:
    """The requests of the first reading of some interviews, taken from all parts of the list."""
    there = space.store[Interviews].heard()
    spread = there[:: -(-len(there) // _COUNTED_INTERVIEWS)] if there else []
    some, longer = _short_enough(space.store[Interviews].lengths(spread))
    return _First(first_reading(space, some) if some else [], len(there) / max(1, len(some)), longer)


def _short_enough(lengths: dict[str, int]) -> tuple[list[str], float]:
    """As many of the documents as may be counted (at least one), and how many times as long all of them are on
    average."""
    so_far = accumulate(lengths.values())
    some = [
        ident
        for at, (ident, sum_) in enumerate(zip(lengths, so_far, strict=True))
        if not at or sum_ <= _COUNTED_CHARACTERS
    ]
    counted = sum(lengths[ident] for ident in some)
    return some, sum(lengths.values()) / len(lengths) / (counted / len(some)) if counted else 1.0


def patterns_to_draft(space: Workspace) -> tuple[int, int] | None:
    """How many patterns distinguish and how many only lean; None if none were extracted.

    The result is cached, because an extraction never changes and reading a long one takes time.
    """
    newest = space.store[Overview].newest_extraction()
    if not newest:
        return None
    kept = space.store[Computed].get("verdicts", str(newest))
    if kept is None:
        patterns = space.store[Extractions].newest().patterns.patterns
        counted = [sum(p.distinguishing for p in patterns), sum(p.leaning for p in patterns)]
        if space.store[Overview].newest_extraction() == newest:  # else what was read is another one's
            space.store[Computed].put("verdicts", str(newest), json.dumps(counted))
        return counted[0], counted[1]
    distinguishing, leaning = json.loads(kept)
    return distinguishing, leaning


def plan(space: Workspace, work: Work, only: Only = "") -> JobPlanView:
    """The estimate. It makes the first requests (of at most 40 calls or 20 interviews, fewer if they are long) and
    counts their tokens.

    RoleUnbound where a role has no model.
    """
    bound = [space.binding(role).model for role in _ROLES[work]]
    trial = ""
    match work:
        case "score":
            first = _scoring_requests(space)
        case "extract":
            first = _extracting_requests(space)
        case "draft":
            texts = draft_sources(space)
            first = _First(draft_requests(space, only, texts=texts))
            trial = trial_estimate(texts, len(first.requests))
    estimate: dict[str, Any] = planned(space, first.requests)
    times, longer = first.times, first.longer
    usd, tokens = estimate["usd_estimated"], round(estimate["input_tokens_estimated"] * times * longer)
    begin = datetime.now(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    spent = space.store[SqlLedger].spent_usd(begin.isoformat())
    return JobPlanView(
        work=work,
        models=tuple(dict.fromkeys(bound)),
        requests=round(estimate["requests"] * times),
        cached=round(estimate["cached"] * times),
        tokens=tokens,
        counted=estimate["tokens_counted"] == "tiktoken" and times == 1,
        tokens_in_all=round(tokens * _TIMES[work]),
        trial=trial,
        usd=None if usd is None else usd * times * longer * _TIMES[work],
        monthly_budget_usd=space.settings.models().monthly_budget_usd,
        spent_this_month_usd=spent,
    )
