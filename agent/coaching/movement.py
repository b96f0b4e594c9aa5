"""Movement and outcomes of a workspace: stored facts into the statistics, and what missing movement may be due to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.app.rulebook import Rulebook
from agent.calls.model import Deal
from agent.coaching.model import Baseline
from agent.core.statistic import Statistic, Undefined
from agent.profiles.season_frames import Cycles, baseline_tally, cycle_tally, score_pair, win_counts
from agent.stats.diagnosis import Diagnosis, diagnose, gather
from agent.stats.frame import RatingFrame
from agent.stats.outcomes import OutcomeReport, outcome_links
from agent.stats.trends import Movement, MovementTable, movement


def movement_table(frame: RatingFrame, baselines: Sequence[Baseline], cycles: Cycles, rules: Rulebook) -> MovementTable:
    """Each cycle of each rep against the recorded baseline calls."""
    now = cycle_tally(frame, cycles.windows)
    return movement(baseline_tally(frame, baselines), now, cycles.names, cycles.coached, rules.movement)


@dataclass(frozen=True)
class Reliability:
    """What is known of the raters, by criterion: agreement, and how often repeated readings change."""

    agreement: Mapping[str, Statistic]
    flip_rate: Mapping[str, Statistic]


_NO_AGREEMENT = Undefined(undefined="no calibration round has measured it")
_NO_FLIPS = Undefined(undefined="no call was read twice by a model")


def diagnoses(
    table: MovementTable, rows: Sequence[Movement], known: Reliability, rules: Rulebook
) -> dict[tuple[str, str], Diagnosis]:
    """For each coached rep and criterion whose last cycle has not moved, and where the question has come up: whether
    the definition or the approach is at fault."""
    last = {(row.rep, row.criterion): row for row in rows if row.coached}
    found = {}
    for (rep, criterion), row in last.items():
        if row.verdict == "moved":
            continue
        evidence = gather(
            table,
            rep,
            criterion,
            known.agreement.get(criterion, _NO_AGREEMENT),
            known.flip_rate.get(criterion, _NO_FLIPS),
        )
        diagnosis = diagnose(evidence, rules.diagnosis)
        if diagnosis.fault != "too_early":
            found[rep, criterion] = diagnosis
    return found


def outcome_report(
    frame: RatingFrame,
    baselines: Sequence[Baseline],
    cycles: Cycles,
    deals: Sequence[Deal],
    stages: Sequence[str],
    rules: Rulebook,
) -> OutcomeReport:
    """Movement of every criterion against the change of the win rate, over reps."""
    wins = win_counts(frame, deals, stages, cycles, rules.outcomes.window_days)
    return outcome_links(frame.measures, score_pair(frame, baselines, cycles), wins, rules.outcomes)
