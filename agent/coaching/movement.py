"""Why a criterion may not have moved: its definition, or the approach with this rep."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from agent.core.language import N_
from agent.core.statistic import Statistic, Undefined
from agent.stats.diagnosis import Diagnosis, diagnose, gather
from agent.stats.rules import Rulebook
from agent.stats.trends import Movement, MovementTable


@dataclass(frozen=True)
class Reliability:
    """What is known about the raters, by criterion: agreement, and how often repeated readings change."""

    agreement: Mapping[str, Statistic]
    flip_rate: Mapping[str, Statistic]


_NO_AGREEMENT = Undefined(undefined=N_("no calibration round has measured it"))
_NO_FLIPS = Undefined(undefined=N_("no call was read twice by a model"))


def diagnoses(
    table: MovementTable,
    rows: Sequence[Movement],
    known: Reliability,
    rules: Rulebook,
    moved: Collection[str] = (),
) -> dict[tuple[str, str], Diagnosis]:
    """For each coached rep and criterion that has not moved in its last cycle, once the question arises: whether the
    definition or the approach is at fault. `moved` are the criteria that moved over all reps coached on them."""
    last = {(row.rep, row.criterion): row for row in rows if row.coached}
    by_criterion = {}
    for (rep, criterion), row in last.items():
        if row.verdict == "moved":
            continue
        evidence = gather(
            table,
            rep,
            criterion,
            known.agreement.get(criterion, _NO_AGREEMENT),
            known.flip_rate.get(criterion, _NO_FLIPS),
            criterion_moved=criterion in moved,
        )
        diagnosis = diagnose(evidence, rules.diagnosis)
        if diagnosis.fault != "too_early":
            by_criterion[rep, criterion] = diagnosis
    return by_criterion
