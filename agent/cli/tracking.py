"""Movement as the terminal and --json show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.cli.context import console, table

if TYPE_CHECKING:
    from agent.analysis.movement import Reliability
    from agent.cli.season import Loaded
    from agent.domain.rubric import Rubric
    from agent.domain.statistic import Statistic
    from agent.stats.diagnosis import Diagnosis
    from agent.stats.frame import Measure
    from agent.stats.trends import Movement, MovementTable
    from agent.wiring import Workspace

_BARS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, eq=False)
class Tracking:
    """Movement of a workspace and, where it is missing, what it may be due to."""

    loaded: Loaded
    table: MovementTable
    diagnoses: dict[tuple[str, str], Diagnosis]


def tracking_of(space: Workspace, rubric: str = "", viewer: str = "") -> Tracking:
    """Movement against the recorded baselines. InputError without coaching."""
    from agent.analysis.movement import diagnoses, movement_table
    from agent.analysis.season import cycles_of
    from agent.cli.season import baselines, load

    loaded = load(space, rubric, viewer=viewer)
    cycles = cycles_of(loaded.frame, space.store.coaching.periods())
    found = movement_table(loaded.frame, baselines(space, loaded), cycles, space.rules)
    return Tracking(loaded, found, diagnoses(found, found.rows(), _reliability(space, loaded.rubric), space.rules))


def _reliability(space: Workspace, rubric: Rubric) -> Reliability:
    """Agreement from calibration rounds of this rubric, flip rates from repeated readings."""
    from agent.analysis.movement import Reliability
    from agent.cli.standing import current_standings
    from agent.stats.intervals import wilson

    standings = current_standings(space, rubric) if space.store.rounds.all() else []
    agreement = {s.criterion.id: s.reliability.agreement for s in standings if s.reliability is not None}
    repeated = space.store.rating_columns.repeated(rubric.id)
    return Reliability(agreement, {name: wilson(changed, pairs) for name, (pairs, changed) in repeated.items()})


def track_data(row: Movement, diagnosis: Diagnosis | None) -> dict[str, Any]:
    """One row as the CLI contract has it."""
    from agent.cli.views import statistic_data

    difference = statistic_data(row.difference)
    ends = {name: difference.get(name) for name in ("value", "low", "high")}
    return {
        "rep": row.rep,
        "criterion": row.criterion,
        "cycle": row.cycle,
        "baseline": statistic_data(row.baseline),
        "now": statistic_data(row.now),
        "difference": difference | ends,
        "verdict": row.verdict,
        "calls_needed": row.calls_needed,
        "p": row.p,
        "p_family": row.p_family,
        "expected_rise": statistic_data(row.expected_rise),
        "uncoached": statistic_data(row.uncoached),
        "coached": row.coached,
        "diagnosis": None if diagnosis is None else diagnosis.model_dump(mode="json"),
    }


def show_tracking(found: Tracking, rows: Sequence[Movement]) -> None:
    """The last cycle of each rep and criterion with the way there as a sparkline, then what to do about the rest."""
    by_pair: dict[tuple[str, str], list[Movement]] = {}
    for row in rows:
        by_pair.setdefault((row.rep, row.criterion), []).append(row)
    measures = {m.id: m for m in found.table.measures}
    lines: list[list[object]] = []
    for (rep, criterion), own in by_pair.items():
        if [rep, *[""] * 7] not in lines:
            lines.append([rep, *[""] * 7])
        lines.append(_cells(own, measures[criterion]))
    columns = ["", "way", "was", "now", "change, 95 %", "by itself", "verdict", "calls"]
    table(
        f"Last cycle against the baseline ({', '.join(found.table.cycles)})", columns, lines, [*columns[2:4], "calls"]
    )
    verdicts = Counter(own[-1].verdict for own in by_pair.values())
    said = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(verdicts.items()))
    console().print(
        f"{said}. A verdict allows for every criterion and planned cycle of a rep's plan; over all plans at most "
        f"{found.table.false_moved:.2f} reps are expected to be called moved by chance. By itself: the change to "
        "expect without coaching, for who was picked because a dozen calls looked worst was partly unlucky. "
        "Calls: how many in baseline and cycle each would tell.",
        markup=False,
    )
    _show_diagnoses({pair: d for pair, d in found.diagnoses.items() if pair in by_pair})


def _show_diagnoses(found: dict[tuple[str, str], Diagnosis]) -> None:
    """Criterion by criterion: what missing movement may be due to, whom it concerns, the evidence, the next step."""
    alike: dict[tuple[str, str], list[str]] = {}
    for (rep, criterion), diagnosis in found.items():
        alike.setdefault((criterion, diagnosis.fault), []).append(rep)
    if alike:
        console().print("\nTwo cycles or more without movement:", style="bold")
    for (criterion, fault), reps in sorted(alike.items()):
        diagnosis = found[reps[0], criterion]
        console().print(
            f"{criterion}: {', '.join(reps)}. At fault: {fault.replace('_', ' ')} ({'; '.join(diagnosis.because)}). "
            f"Next: {diagnosis.next_step}.",
            markup=False,
        )


def _cells(own: Sequence[Movement], measure: Measure) -> list[object]:
    last = own[-1]
    return [
        f"  {last.criterion}",
        sparkline([own[0].baseline, *(row.now for row in own)], measure.levels[0], measure.levels[-1]),
        _value(last.baseline, ".2f"),
        _value(last.now, ".2f"),
        _interval(last.difference),
        _value(last.expected_rise, "+.2f"),
        last.verdict.replace("_", " "),
        last.calls_needed or "",
    ]


def sparkline(values: Sequence[Statistic], low: float, high: float) -> str:
    """One bar a value, on the criterion's own scale; a dot where there is none."""
    from agent.domain.statistic import Estimate

    bars = []
    for value in values:
        part = (value.value - low) / (high - low) if isinstance(value, Estimate) else None
        bars.append("·" if part is None else _BARS[min(int(part * len(_BARS)), len(_BARS) - 1)])
    return "".join(bars)


def _value(found: Statistic, form: str) -> str:
    from agent.domain.statistic import Estimate

    return format(found.value, form) if isinstance(found, Estimate) else "–"


def _interval(found: Statistic) -> str:
    from agent.domain.statistic import Estimate

    if not isinstance(found, Estimate):
        return found.undefined
    return f"{found.low:+.2f} to {found.high:+.2f}"
