"""The demo's calibration: three finished rounds of two managers, from the sample. Nothing here asks a model."""

from agent.app.cli.context import console, table
from agent.calibration.report import RoundReport
from agent.rubrics.model import RubricState


def show_calibration(reports: list[RoundReport], state: RubricState) -> None:
    """The rounds of one rubric side by side, the verdict after all of them, and where the rubric stands now."""
    if not reports:
        return
    last = reports[-1]
    by_round = [{c.criterion.id: c for c in report.criteria} for report in reports]
    rows = []
    for criterion in last.rubric.criteria:
        given = [one.get(criterion.id) for one in by_round]
        now = by_round[-1][criterion.id].state
        agreed = [one.counted if one else "–" for one in given]
        rows.append([criterion.id, *agreed, now.counted, now.verdict])
    people, calls = ", ".join(last.round.people), ", ".join(str(len(r.round.calls)) for r in reports)
    console().print(f"\nCalibration of {last.rubric.label}: {people} on {calls} calls, each alone", markup=False)
    rounds = [f"round {report.round.number}" for report in reports]
    table("On how many calls they agree", ["criterion", *rounds, "on this wording", "verdict"], rows)
    console().print(f"{last.rubric.label}: {state.sentence}", markup=False)
