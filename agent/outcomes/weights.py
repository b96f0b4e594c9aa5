"""Proposing and accepting weights."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from agent.core.errors import GateClosed, InputError, UsageError
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.app.telling import Note
    from agent.profiles.season import Loaded
    from agent.rubrics.model import Rubric
    from agent.stats.weights import WeightProposal
    from agent.workspace import Workspace


Link = Literal["calls", "time"]


def proposal_of(
    space: Workspace, note: Note, rubric: str = "", link: Link = "calls", viewer: str = ""
) -> tuple[Loaded, WeightProposal]:
    """The proposal. InputError where no call names a deal."""
    from agent.profiles.season import load

    loaded = load(space, note, rubric, viewer=viewer)
    return loaded, proposal_from(space, loaded, link)


def proposal_from(space: Workspace, loaded: Loaded, link: Link) -> WeightProposal:
    """The proposal from ratings that are loaded. InputError where no call names a deal."""
    from agent.outcomes.deal_scores import deal_scores
    from agent.outcomes.verbs import the_deals
    from agent.stats.weights import propose_weights

    deals = the_deals(space)
    named = loaded.columns.places.deal_of
    if link == "calls" and not any(call in named for call in loaded.frame.calls):
        raise InputError(
            "no rated call names its deal; import ratings or calls with a column deal, or use the rep's calls while the "
            "deal was open: --link time"
        )
    scores = deal_scores(loaded.frame, deals, named, link)
    return propose_weights(scores, space.rules.weights)


TIED = {
    "calls": "Each deal has the scores of the calls that name it.",
    "time": "Each deal has the scores of its rep's calls while it was open: deals of one time share them, so the link "
    "is less sure than its interval says.",
}


def proposal_data(rubric: Rubric, proposal: WeightProposal, link: Link) -> dict[str, Any]:
    """As JSON data."""
    from agent.app.shapes import statistic_data

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
    viewer: str = "",
) -> Rubric:
    """A new version with the proposed weights, a person's own before them. GateClosed where nothing is proposed."""
    loaded, proposal = proposal_of(space, note, rubric, link, viewer)
    old = loaded.rubric
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
