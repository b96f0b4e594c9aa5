"""Movement as the terminal and --json show it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.app.cli.context import console, table

if TYPE_CHECKING:
    from agent.coaching.tracking import Tracking
    from agent.core.statistic import Statistic
    from agent.stats.diagnosis import Diagnosis
    from agent.stats.frame import Measure
    from agent.stats.trends import Movement

_BARS = "▁▂▃▄▅▆▇█"


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
        sparkline([own[0].baseline, *(row.now for row in own)], measure.scale.lowest, measure.scale.highest),
        _value(last.baseline, ".2f"),
        _value(last.now, ".2f"),
        _interval(last.difference),
        _value(last.expected_rise, "+.2f"),
        last.verdict.replace("_", " "),
        last.calls_needed or "",
    ]


def sparkline(values: Sequence[Statistic], low: float, high: float) -> str:
    """One bar a value, on the criterion's own scale; a dot where there is none."""
    from agent.core.statistic import Estimate

    bars = []
    for value in values:
        part = (value.value - low) / (high - low) if isinstance(value, Estimate) else None
        bars.append("·" if part is None else _BARS[min(int(part * len(_BARS)), len(_BARS) - 1)])
    return "".join(bars)


def _value(found: Statistic, form: str) -> str:
    from agent.core.statistic import Estimate

    return format(found.value, form) if isinstance(found, Estimate) else "–"


def _interval(found: Statistic) -> str:
    from agent.core.statistic import Estimate

    if not isinstance(found, Estimate):
        return found.undefined
    return f"{found.low:+.2f} to {found.high:+.2f}"
