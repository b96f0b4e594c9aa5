"""Proposing and accepting weights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.app.cli.context import console, table
from agent.core.errors import UsageError

if TYPE_CHECKING:
    from agent.outcomes.weights import Link
    from agent.rubrics.model import Rubric
    from agent.stats.weights import WeightProposal


def show_proposal(rubric: Rubric, proposal: WeightProposal, link: Link) -> None:
    """On the terminal."""
    from agent.app.documents.words import number
    from agent.outcomes.weights import TIED

    if not proposal.proposed:
        console().print(f"No weights are proposed: {proposal.reason}. {TIED[link]}", markup=False)
        return
    now = {c.id: c.weight for c in rubric.criteria}
    rows = [
        [w.criterion, f"{now[w.criterion]:g}", f"{w.weight:.2f}", number(w.log_odds), w.reason]
        for w in proposal.weights
    ]
    table("", ["criterion", "now", "proposed", "log odds of winning", "reason"], rows, right=["now", "proposed"])
    console().print(f"{proposal.reason}. {TIED[link]} To take them over: closeread weights accept", markup=False)


def own_weights(written: list[str]) -> dict[str, float]:
    """The weights of --weight CRITERION=NUMBER. UsageError for what is no number."""
    from agent.text.manifest import pairs

    found = {}
    for criterion, value in pairs("--weight", written).items():
        try:
            found[criterion] = float(value)
        except ValueError:
            raise UsageError(f"--weight {criterion}={value}: {value!r} is not a number") from None
    return found
