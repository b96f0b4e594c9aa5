"""The demo's calibration: two finished rounds of two managers, from the sample. Nothing here asks a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agent.app.cli.context import console, table

if TYPE_CHECKING:
    from agent.calibration.report import RoundReport
    from agent.stats.reliability import Reliability


def show_calibration(reports: list[RoundReport]) -> None:
    """The verdicts of all rounds of one rubric, side by side, and what they are worth."""
    if not reports:
        return
    last, columns = reports[-1], ["criterion"]
    by_round = [{c.criterion.id: c.reliability for c in report.criteria} for report in reports]
    for report in reports:
        columns += [f"round {report.round.number}", "agree", "alpha"]
    rows = []
    for criterion in last.rubric.criteria:
        row: list[object] = [criterion.id]
        for found in by_round:
            row += _cells(found.get(criterion.id))
        rows.append(row)
    people, calls = ", ".join(last.round.people), ", ".join(str(len(r.round.calls)) for r in reports)
    console().print(f"\nCalibration of {last.rubric.label}: {people} on {calls} calls, each alone", markup=False)
    table("", columns, rows)
    short = sum(c.reliability.verdict != "passed" for c in last.criteria)
    if short:
        console().print(
            f"{short} of {len(last.criteria)} criteria are not calibrated yet: it takes {last.calls_next} or more calls "
            "a round to pass one, so the rubric may not be deployed (closeread calibrate report)"
        )


def _cells(found: Reliability | None) -> list[str]:
    from agent.calibration.cli_views import value_text

    if found is None:
        return ["–", "–", "–"]
    return [found.verdict, value_text(found.agreement, "{:.0%}"), value_text(found.chance_corrected, "{:.2f}")]
