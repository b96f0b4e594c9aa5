"""Weights learned from deals: a proposal, and a version of the rubric with other weights."""

from collections.abc import Mapping, Sequence
from typing import Literal

from agent.core.base import Frozen
from agent.core.errors import Advice, GateClosed, InputError, UsageError
from agent.core.language import N_, _
from agent.outcomes.deal_scores import deal_scores
from agent.outcomes.funnels import opened_words, the_deals
from agent.profiles.season import Season
from agent.rubrics.model import Rubric
from agent.stats.weights import WeightProposal, propose_weights
from agent.text.manifest import pairs

Link = Literal["calls", "time"]
TIED: dict[Link, str] = {
    "calls": N_("Each deal has the scores of the calls that name it."),
    "time": N_(
        "Each deal has the scores of its rep's calls while it was open: deals of one time share them, "
        "so the link is less sure than its range says."
    ),
}


class Proposal(Frozen):
    """Proposed weights (or none, and why), how calls were tied to deals, and which deals these are."""

    proposal: WeightProposal
    link: Link
    population: str


def proposal_of(season: Season, link: Link | None = None) -> Proposal:
    """The proposal from what counts. Without `link`, calls that name their deals are used if there are any. InputError
    without deals, or if `link` asks for named deals and no call names one."""
    deals = the_deals(season.space)
    named = any(call in season.deals for call in season.frame.calls)
    chosen: Link = link or ("calls" if named else "time")
    if chosen == "calls" and not named:
        raise InputError(
            "no rated call names its deal; import ratings or calls with a column deal, "
            "or use the rep's calls while the deal was open",
            advice=Advice(option="--link time"),
        )
    scores, used = deal_scores(season.frame, deals, season.deals, chosen)
    return Proposal(
        proposal=propose_weights(scores, season.space.rules.weights),
        link=chosen,
        population=_("{used} decided deals with rated calls, {used_2}", used=len(used), used_2=opened_words(used))
        if used
        else N_("no deals"),
    )


def own_weights(written: Sequence[str]) -> dict[str, float]:
    """The weights of --weight CRITERION=NUMBER. UsageError if one is no number."""
    weights = {}
    for criterion, value in pairs("--weight", written).items():
        try:
            weights[criterion] = float(value)
        except ValueError:
            raise UsageError(
                _("the weight of {criterion} is {value}, which is not a number", criterion=criterion, value=repr(value))
            ) from None
    return weights


def weights_to_take(rubric: Rubric, proposal: WeightProposal, own: Mapping[str, float]) -> dict[str, float]:
    """The proposed weights, overridden by a person's own. GateClosed if nothing is proposed and some are missing."""
    ids = {criterion.id for criterion in rubric.criteria}
    if unknown := sorted(set(own) - ids):
        raise UsageError(
            _(
                "a weight is given for {unknown}, which is no criterion of {label}",
                unknown=repr(unknown[0]),
                label=rubric.label,
            )
        )
    if not proposal.proposed and set(own) != ids:
        raise GateClosed(
            _("no weights are proposed: {reason}; set your own for every criterion", reason=proposal.reason),
            advice=Advice(option="--weight"),
        )
    return {one.criterion: round(one.weight, 3) for one in proposal.weights} | dict(own)
