"""After cycles without movement: is the criterion's definition at fault, or the approach with this rep?"""

from __future__ import annotations

from typing import Literal

import numpy as np
from pydantic import Field

from agent.core.base import Frozen
from agent.core.statistic import Estimate, Statistic
from agent.stats.rules import DiagnosisRules
from agent.stats.trends import MOVED, MovementTable

Fault = Literal["definition", "approach", "both", "cannot_tell", "too_early"]


class Evidence(Frozen):
    """What is known about one rep on one criterion that has not moved.

    `agreement` is the share of equal ratings between raters, `flip_rate` the share of ratings that change between a
    model's repeated readings; either may be `Undefined`. `peers` counts other reps coached on the same criterion.
    """

    cycles_without_movement: int = Field(ge=0)
    agreement: Statistic
    flip_rate: Statistic
    peers: int = Field(ge=0)
    peers_moved: int = Field(ge=0)


class Diagnosis(Frozen):
    """Where the fault lies so far as evidence goes, each piece as a sentence, and what to do next."""

    fault: Fault
    because: tuple[str, ...]
    next_step: str


_NEXT: dict[Fault, str] = {
    "definition": "sharpen the criterion and calibrate it again before coaching it further",
    "approach": "keep the criterion; change how this rep is coached on it, or coach another criterion",
    "both": "sharpen and recalibrate the criterion first, then change the approach with this rep",
    "cannot_tell": "measure raters' agreement on this criterion, and coach a second and third rep on it",
    "too_early": "coach on; the question comes up after more cycles",
}


def diagnose(evidence: Evidence, rules: DiagnosisRules) -> Diagnosis:
    """The fault named by the evidence.

    Definition: agreement below the floor, a flip rate above the ceiling, or none of `min_peers` coached peers moved.
    Approach: a coached peer moved.
    """
    if evidence.cycles_without_movement < rules.after_cycles:
        seen = f"{evidence.cycles_without_movement} cycles without movement; asked after {rules.after_cycles}"
        return Diagnosis(fault="too_early", because=(seen,), next_step=_NEXT["too_early"])
    against_definition, against_approach = _definition(evidence, rules), _approach(evidence)
    match bool(against_definition), bool(against_approach):
        case True, True:
            fault: Fault = "both"
        case True, False:
            fault = "definition"
        case False, True:
            fault = "approach"
        case _:
            fault = "cannot_tell"
    because = (*against_definition, *against_approach, *_unknown(evidence))
    return Diagnosis(fault=fault, because=because, next_step=_NEXT[fault])


def gather(table: MovementTable, rep: str, criterion: str, agreement: Statistic, flip_rate: Statistic) -> Evidence:
    """Counts from the movement table: the rep's latest cycles without `moved`, and how coached peers fared."""
    at, on = list(table.reps).index(rep), [m.id for m in table.measures].index(criterion)
    moved = table.verdict == MOVED
    with_calls = table.known[:, at, on]
    run = moved[with_calls, at, on][::-1]
    peers = table.coached[:, on] & (np.arange(len(table.reps)) != at)
    return Evidence(
        cycles_without_movement=int(np.argmax(run)) if run.any() else len(run),
        agreement=agreement,
        flip_rate=flip_rate,
        peers=int(peers.sum()),
        peers_moved=int(moved[:, peers, on].any(axis=0).sum()),
    )


def _definition(evidence: Evidence, rules: DiagnosisRules) -> tuple[str, ...]:
    found = []
    if isinstance(evidence.agreement, Estimate) and evidence.agreement.value < rules.agreement_floor:
        found.append(f"raters agree on {_share(evidence.agreement)}, below {rules.agreement_floor:.0%}")
    if isinstance(evidence.flip_rate, Estimate) and evidence.flip_rate.value > rules.flip_rate_ceiling:
        found.append(f"repeated readings change {_share(evidence.flip_rate)}, above {rules.flip_rate_ceiling:.0%}")
    if evidence.peers >= rules.min_peers and evidence.peers_moved == 0:
        found.append(f"none of {evidence.peers} other reps coached on it moved")
    return tuple(found)


def _approach(evidence: Evidence) -> tuple[str, ...]:
    if not evidence.peers_moved:
        return ()
    return (f"{evidence.peers_moved} of {evidence.peers} other reps coached on it moved",)


def _unknown(evidence: Evidence) -> tuple[str, ...]:
    parts = (("agreement of raters", evidence.agreement), ("flip rate", evidence.flip_rate))
    return tuple(f"{name} is not known: {s.undefined}" for name, s in parts if not isinstance(s, Estimate))


def _share(estimate: Estimate) -> str:
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.0%} (n={estimate.n})"
    return f"{estimate.value:.0%} ({estimate.low:.0%} to {estimate.high:.0%}, n={estimate.n})"
