"""Proposing and accepting weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from agent.cli.context import console, table
from agent.errors import GateClosed, InputError, UsageError

if TYPE_CHECKING:
    from agent.cli.season import Loaded
    from agent.domain.rubric import Rubric
    from agent.stats.weights import WeightProposal
    from agent.wiring import Workspace

Link = Literal["calls", "time"]


def proposal_of(space: Workspace, rubric: str, link: Link, viewer: str) -> tuple[Loaded, WeightProposal]:
    """The proposal. InputError where no call names a deal."""
    from agent.analysis.deal_scores import deal_scores
    from agent.cli.outcomes import the_deals
    from agent.cli.season import load
    from agent.stats.weights import propose_weights

    loaded, deals = load(space, rubric, viewer=viewer), the_deals(space)
    named = loaded.columns.deal_of
    if link == "calls" and not any(call in named for call in loaded.frame.calls):
        raise InputError(
            "no rated call names its deal; import ratings or calls with a column deal, or use the rep's calls while the "
            "deal was open: --link time"
        )
    scores = deal_scores(loaded.frame, deals, named, link)
    return loaded, propose_weights(scores, space.rules.weights)


_TIED = {
    "calls": "Each deal has the scores of the calls that name it.",
    "time": "Each deal has the scores of its rep's calls while it was open: deals of one time share them, so the link "
    "is less sure than its interval says.",
}


def proposal_data(rubric: Rubric, proposal: WeightProposal, link: Link) -> dict[str, Any]:
    """For --json."""
    from agent.cli.views import statistic_data

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


def show_proposal(rubric: Rubric, proposal: WeightProposal, link: Link) -> None:
    """On the terminal."""
    from agent.report.words import number

    if not proposal.proposed:
        console().print(f"No weights are proposed: {proposal.reason}. {_TIED[link]}", markup=False)
        return
    now = {c.id: c.weight for c in rubric.criteria}
    rows = [
        [w.criterion, f"{now[w.criterion]:g}", f"{w.weight:.2f}", number(w.log_odds), w.reason]
        for w in proposal.weights
    ]
    table("", ["criterion", "now", "proposed", "log odds of winning", "reason"], rows, right=["now", "proposed"])
    console().print(f"{proposal.reason}. {_TIED[link]} To take them over: closeread weights accept", markup=False)


def accept_weights(space: Workspace, rubric: str, link: Link, label: str, own: list[str], viewer: str) -> Rubric:
    """A new version with the proposed weights, a person's own before them. GateClosed where nothing is proposed."""
    from agent.domain.rubric import Rubric

    given = _own(own)
    loaded, proposal = proposal_of(space, rubric, link, viewer)
    old = loaded.rubric
    unknown = sorted(set(given) - {c.id for c in old.criteria})
    if unknown:
        raise UsageError(f"--weight names {unknown[0]!r}, which is no criterion of {old.label}")
    if not proposal.proposed and set(given) != {c.id for c in old.criteria}:
        raise GateClosed(
            f"no weights are proposed: {proposal.reason}; give --weight for every criterion to set your own"
        )
    weights = {w.criterion: round(w.weight, 3) for w in proposal.weights} | given
    criteria = tuple(c.model_copy(update={"weight": weights[c.id]}) for c in old.criteria)
    return space.store.rubrics.add(Rubric(criteria=criteria, label=label or f"{old.label}-weighted"))


def _own(written: list[str]) -> dict[str, float]:
    from agent.text.manifest import pairs

    found = {}
    for criterion, value in pairs("--weight", written).items():
        try:
            found[criterion] = float(value)
        except ValueError:
            raise UsageError(f"--weight {criterion}={value}: {value!r} is not a number") from None
    return found
