"""After cycles without movement: is the criterion's definition at fault, or the approach with this rep?"""

from typing import Literal

import scipy
from pydantic import Field

from agent.core.base import Frozen
from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, percent
from agent.stats.rules import DiagnosisRules
from agent.stats.trends import MovementTable, MovementVerdict

FALSE_MOVED = 0.025  # of reps who have not risen, called moved by luck at most
SELDOM = 0.05

Fault = Literal["definition", "approach", "both", "cannot_tell", "too_early"]


class Evidence(Frozen):
    """What is known about one rep on one criterion.

    `verdict` is that of the latest of `cycles` coaching cycles with calls. `agreement` is the share of equal
    ratings between raters, `flip_rate` the share of ratings that change between a model's repeated readings;
    either may be `Undefined`. `peers` counts other reps coached on the same criterion, of whom `peers_moved` have
    moved and `peers_not_moved` surely have not; of the others it cannot be told. `criterion_moved`: all coached
    reps together, against the others.
    """

    verdict: MovementVerdict
    cycles: int = Field(ge=0)
    agreement: Statistic
    flip_rate: Statistic
    peers: int = Field(ge=0)
    peers_moved: int = Field(ge=0)
    peers_not_moved: int = Field(ge=0)
    criterion_moved: bool = False


class Diagnosis(Frozen):
    """Where the fault lies, as far as the evidence goes; each piece of evidence as a sentence; and what to do next."""

    fault: Fault
    because: tuple[str, ...]
    next_step: str


_NEXT: dict[Fault, str] = {
    "definition": N_("sharpen the criterion and calibrate it again before coaching it further"),
    "approach": N_("keep the criterion; change how this rep is coached on it, or coach another criterion"),
    "both": N_("sharpen and recalibrate the criterion first, then change the approach with this rep"),
    "cannot_tell": N_("measure raters' agreement on this criterion, and coach a second and third rep on it"),
    "too_early": N_("coach on; the question comes up after more cycles"),
}


def diagnose(evidence: Evidence, rules: DiagnosisRules) -> Diagnosis:
    """The fault named by the evidence.

    The question comes up only where it is sure that the rep has not moved: the interval excludes the smallest
    change worth having. `cannot tell` is no evidence of anything. Definition: agreement surely below the floor, a
    flip rate surely above the ceiling, or `min_peers` coached peers who surely have not moved and none who has.
    Approach: the criterion moved over all reps coached on it, or two peers or more did and luck alone would
    hardly call so many of them moved.
    """
    if evidence.verdict != "not_moved":
        why = N_("movement cannot be told yet") if evidence.verdict == "cannot_tell" else N_("the rep has moved")
        return Diagnosis(fault="too_early", because=(why,), next_step=_NEXT["too_early"])
    if evidence.cycles < rules.after_cycles:
        early = N_("not moved after {n} cycle(s); asked after {after}")
        seen = early.format(n=evidence.cycles, after=rules.after_cycles)
        return Diagnosis(fault="too_early", because=(seen,), next_step=_NEXT["too_early"])
    against_definition, against_approach = _against_definition(evidence, rules), _approach(evidence)
    match bool(against_definition), bool(against_approach):
        case True, True:
            fault: Fault = "both"
        case True, False:
            fault = "definition"
        case False, True:
            fault = "approach"
        case _:
            fault = "cannot_tell"
    because = (*against_definition, *against_approach, *_what_is_unknown(evidence))
    return Diagnosis(fault=fault, because=because, next_step=_NEXT[fault])


def gather(
    table: MovementTable,
    rep: str,
    criterion: str,
    agreement: Statistic,
    flip_rate: Statistic,
    *,
    criterion_moved: bool = False,
) -> Evidence:
    """The evidence that the movement table holds: the rep's latest verdict, and how the coached peers did."""
    at, on = list(table.reps).index(rep), [m.id for m in table.measures].index(criterion)
    latest = table.all_latest(on)
    peers = [v for other, v in enumerate(latest) if other != at and table.coached[other, on]]
    return Evidence(
        verdict=latest[at],
        cycles=int(table.known[:, at, on].sum()),
        agreement=agreement,
        flip_rate=flip_rate,
        peers=len(peers),
        peers_moved=peers.count("moved"),
        peers_not_moved=peers.count("not_moved"),
        criterion_moved=criterion_moved,
    )


def _against_definition(evidence: Evidence, rules: DiagnosisRules) -> tuple[str, ...]:
    against, agreement, flips = [], evidence.agreement, evidence.flip_rate
    if isinstance(agreement, Estimate) and agreement.high is not None and agreement.high < rules.agreement_floor:
        said = N_("raters agree on {share}, surely below {floor}")
        against.append(said.format(share=_share(agreement), floor=percent(rules.agreement_floor)))
    if isinstance(flips, Estimate) and flips.low is not None and flips.low > rules.flip_rate_ceiling:
        said = N_("repeated readings change {share}, surely above {ceiling}")
        against.append(said.format(share=_share(flips), ceiling=percent(rules.flip_rate_ceiling)))
    if evidence.peers_not_moved >= rules.min_peers and not evidence.peers_moved:
        said = N_("{n} of {peers} other reps coached on it have not moved either")
        against.append(said.format(n=evidence.peers_not_moved, peers=evidence.peers))
    return tuple(against)


def _approach(evidence: Evidence) -> tuple[str, ...]:
    counts = {"n": evidence.peers_moved, "peers": evidence.peers}
    if evidence.criterion_moved:
        said = N_("the reps coached on it moved beyond the others; {n} of {peers} other reps coached on it moved")
        return (said.format(**counts),)
    moved = N_("{n} of {peers} other reps coached on it moved").format(**counts)
    return (moved,) if evidence.peers_moved >= 2 and not _peers_by_luck(evidence) else ()


def _peers_by_luck(evidence: Evidence) -> bool:
    """Whether that many false verdicts among the peers would occur more often than in one team out of twenty."""
    return float(scipy.special.bdtrc(evidence.peers_moved - 1, evidence.peers, FALSE_MOVED)) > SELDOM


def _what_is_unknown(evidence: Evidence) -> tuple[str, ...]:
    parts = (
        (N_("agreement of raters is not known: {why}"), evidence.agreement),
        (N_("how often a second reading differs is not known: {why}"), evidence.flip_rate),
    )
    unknown = tuple(said.format(why=s.undefined) for said, s in parts if not isinstance(s, Estimate))
    if evidence.peers_moved and not _approach(evidence):
        few = N_("only {n} of {peers} other reps coached on it moved, which luck alone may do")
        return (*unknown, few.format(n=evidence.peers_moved, peers=evidence.peers))
    return unknown


def _share(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return f"{percent(estimate.value)} (n={estimate.n})"
    return f"{percent(estimate.value)} ({percent(estimate.low)} to {percent(estimate.high)}, n={estimate.n})"
