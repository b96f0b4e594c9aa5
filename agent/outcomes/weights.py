"""Proposing and accepting weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from agent.core.errors import GateClosed, InputError, UsageError
from agent.core.statistic import statistic_data
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.app.telling import Note
    from agent.profiles.season import Season
    from agent.rubrics.model import Rubric
    from agent.stats.weights import WeightProposal
    from agent.workspace import Workspace


Link = Literal["calls", "time"]


def proposal_of(space: Workspace, note: Note, rubric: str = "", link: Link = "calls") -> tuple[Season, WeightProposal]:
    """The proposal. InputError where no call names a deal."""
    from agent.profiles.season import rated_season

    season = rated_season(space, note, rubric)
    return season, proposal_from(season, link)


def proposal_from(season: Season, link: Link) -> WeightProposal:
    """The proposal from what counts. InputError where no call names a deal."""
    from agent.outcomes.deal_scores import deal_scores
    from agent.outcomes.verbs import the_deals
    from agent.stats.weights import propose_weights

    deals = the_deals(season.space)
    if link == "calls" and not names_deals(season):
        raise InputError(
            "no rated call names its deal; import ratings or calls with a column deal, or use the rep's calls while the "
            "deal was open: --link time"
        )
    scores = deal_scores(season.frame, deals, season.deals, link)
    return propose_weights(scores, season.space.rules.weights)


def names_deals(season: Season) -> bool:
    """Whether any rated call names its deal."""
    return any(call in season.deals for call in season.frame.calls)


TIED = {
    "calls": "Each deal has the scores of the calls that name it.",
    "time": "Each deal has the scores of its rep's calls while it was open: deals of one time share them, so the link "
    "is less sure than its interval says.",
}


def proposal_data(rubric: Rubric, proposal: WeightProposal, link: Link) -> dict[str, Any]:
    """As JSON data."""
    return {
        "rubric": rubric.label,
        "proposed": proposal.proposed,
        "reason": proposal.reason,
        "link": link,
        "deals": proposal.deals,
        "won": proposal.won,
        "gain": statistic_data(proposal.gain),
        "penalty": proposal.penalty,
        "weights": [
            {
                "criterion": w.criterion,
                "weight": w.weight,
                "now": now.weight if (now := rubric.criterion(w.criterion)) else None,
                "log_odds": statistic_data(w.log_odds),
                "reason": w.reason,
            }
            for w in proposal.weights
        ],
    }


def accept_weights(
    space: Workspace,
    note: Note,
    own: Mapping[str, float],
    rubric: str = "",
    link: Link = "calls",
    label: str = "",
) -> Rubric:
    """A new version with the proposed weights, a person's own before them. GateClosed where nothing is proposed."""
    season, proposal = proposal_of(space, note, rubric, link)
    old = season.rubric
    unknown = sorted(set(own) - {c.id for c in old.criteria})
    if unknown:
        raise UsageError(f"--weight names {unknown[0]!r}, which is no criterion of {old.label}")
    if not proposal.proposed and set(own) != {c.id for c in old.criteria}:
        raise GateClosed(
            f"no weights are proposed: {proposal.reason}; give --weight for every criterion to set your own"
        )
    return reweighted(space, old, {w.criterion: round(w.weight, 3) for w in proposal.weights} | dict(own), label)


def reweighted(space: Workspace, old: Rubric, weights: Mapping[str, float], label: str = "") -> Rubric:
    """A new version of `old` with a weight for each of its criteria. Conflict where another has the label."""
    from agent.rubrics.model import Rubric

    criteria = tuple(c.model_copy(update={"weight": weights[c.id]}) for c in old.criteria)
    return space.store[Rubrics].add(Rubric(criteria=criteria, label=label or f"{old.label}-weighted"))
