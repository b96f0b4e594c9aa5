"""Movement on the terminal: each criterion over all reps coached on it, then rep by rep."""

from collections import Counter
from collections.abc import Sequence

from agent.app.cli.context import console, say, table
from agent.app.cli.parts import print_parts
from agent.app.web.wording import plain
from agent.coaching.parts import criteria_part, decided_words
from agent.coaching.views import MovementOut, MovementRow
from agent.core.direction import Direction
from agent.core.figures import read
from agent.core.marks import verdict_in_words
from agent.core.statistic import Estimate, Statistic
from agent.rubrics.model import Criterion, Rubric

_BARS = "▁▂▃▄▅▆▇█"


def show_tracking(found: MovementOut, rubric: Rubric) -> None:
    """Whether coaching on each criterion works; the last cycle of each rep with the way there as a sparkline; then what
    to do about the rest."""
    criteria = {criterion.id: criterion for criterion in rubric.criteria}
    for note in found.notes:
        say(note)
    if found.criteria:
        print_parts(criteria_part(found.criteria, rubric))
    by_pair: dict[tuple[str, str], list[MovementRow]] = {}
    for row in found.items:
        by_pair.setdefault((row.rep, row.criterion), []).append(row)
    lines: list[list[object]] = []
    for (rep, criterion), own in by_pair.items():
        if [rep, *[""] * 7] not in lines:
            lines.append([rep, *[""] * 7])
        lines.append(_cells(own, criteria[criterion]))
    columns = ["", "way", "was", "now", "change (range)", "by itself", "verdict", "calls"]
    names = ", ".join(dict.fromkeys(plain(row.cycle) for row in found.items))
    table(f"\nLast cycle of each rep against the baseline ({names})", columns, lines, [*columns[2:4], "calls"])
    verdicts = Counter(_newest(own).verdict for own in by_pair.values())
    said = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(verdicts.items()))
    console().print(
        f"{said}. A verdict allows for every criterion and planned cycle of a rep's plan, and moved once given stays; "
        f"over all plans at most {found.false_moved or 0:.2f} reps are expected to be called moved by luck. "
        "By itself: the change to expect without coaching, for who was picked because a dozen calls looked worst was "
        "partly unlucky. The worse end of a range allows for all of this: it lies beyond 0 in the cycle in which "
        "somebody moved; was, now and change are of that cycle, and what a later one shows stands after it. Calls: "
        f"how many in baseline and cycle each would show a change worth having ({_worth(found.items, criteria)}).",
        markup=False,
    )
    _show_diagnoses(found.items, criteria)


def _worth(rows: Sequence[MovementRow], criteria: dict[str, Criterion]) -> str:
    """The smallest change worth having, for each scale that the rows are on."""
    scales = {(criteria[row.criterion].scale, row.smallest_change) for row in rows}
    each = {Direction(False, scale).far(change / scale.span) for scale, change in scales}
    return " or ".join(sorted(each, reverse=True))


def _newest(own: Sequence[MovementRow]) -> MovementRow:
    """The last cycle with rated calls."""
    return next((row for row in own if row.last), own[-1])


def _show_diagnoses(rows: Sequence[MovementRow], criteria: dict[str, Criterion]) -> None:
    """Criterion by criterion: what missing movement may be due to, whom it concerns, the evidence, the next step."""
    alike: dict[tuple[str, str], list[MovementRow]] = {}
    for row in rows:
        if row.diagnosis is not None:
            alike.setdefault((row.criterion, row.diagnosis.fault), []).append(row)
    if alike:
        console().print("\nTwo cycles or more, and a change worth having is ruled out:", style="bold")
    for (criterion, fault), concerned in sorted(alike.items()):
        diagnosis = concerned[0].diagnosis
        if diagnosis is not None:
            console().print(
                f"{Direction.of(criteria[criterion]).named(criterion)}: {', '.join(row.rep for row in concerned)}. "
                f"At fault: {fault.replace('_', ' ')} ({'; '.join(diagnosis.because)}). Next: {diagnosis.next_step}.",
                markup=False,
            )


def _cells(own: Sequence[MovementRow], criterion: Criterion) -> list[object]:
    last, say = _newest(own), Direction.of(criterion)
    since, binary = say.since(last.reached, last.now), criterion.scale.binary
    was, now = (read(found, "counted" if binary else "level", "call").main for found in (last.baseline, last.reached))
    return [
        f"  {say.named(last.criterion)}",
        sparkline([own[0].baseline, *(row.now for row in own)], criterion.levels[0], criterion.levels[-1]),
        was,
        now,
        decided_words(last.difference, last.today, say, ""),
        read(last.expected_rise, "points" if binary else "levels").main,
        verdict_in_words(last.verdict)
        + (f" in {plain(last.moved_in)}" if last.moved_in else "")
        + (f"; {since}" if last.moved_in and since else ""),
        last.calls_needed or "",
    ]


def sparkline(values: Sequence[Statistic], low: float, high: float) -> str:
    """One bar a value, on the criterion's own scale; a dot where there is none."""
    bars = []
    for value in values:
        part = (value.value - low) / (high - low) if isinstance(value, Estimate) else None
        bars.append("·" if part is None else _BARS[min(int(part * len(_BARS)), len(_BARS) - 1)])
    return "".join(bars)
