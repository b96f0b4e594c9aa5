"""What people settled in calibration rounds becomes cases of a suite."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from agent.errors import InputError

if TYPE_CHECKING:
    from agent.analysis.calibrating import RatedRound
    from agent.domain.rating import Judgement
    from agent.wiring import Workspace


CHOSEN = "these ratings were chosen by how the raters agreed on them, so their agreement here says nothing"


Settled = dict[str, dict[str, "Judgement"]]  # call -> criterion -> what is right


Humans = dict[str, dict[str, dict[str, "Judgement"]]]  # call -> criterion -> rater -> own rating


def add_cases(space: Workspace, name: str, disputes_only: bool, split: str) -> dict[str, Any]:
    """Write one case a call into the workspace's suite `name`, made where it is not there yet.

    Rounds of the newest counting round's rubric are used. A call that is added again takes its own place.
    """
    from agent.evaluation.loading import read_suite
    from agent.evaluation.writing import calibrated_case, cases_suite_file, write_case, write_suite
    from agent.services.evaluating import archive
    from agent.services.rounds import counting_rounds

    rounds = counting_rounds(space)
    if not rounds:
        raise InputError("no calibration round has a result yet; see: closeread calibrate status")
    rubric = rounds[-1].rubric
    settled, humans = gathered([r for r in rounds if r.rubric.id == rubric.id], disputes_only)
    if not settled:
        raise InputError("nothing is settled: raters agreed on nothing, or nobody adjudicated what split them")
    folder = archive(space).suites / name
    note = "settled after a difference" if disputes_only else "agreed by all raters, or settled afterwards"
    cases = [
        calibrated_case(folder, space.store.calls.get(call), right, humans[call], split, note)  # type: ignore[arg-type]
        for call, right in settled.items()
    ]
    if (folder / "suite.yaml").exists():
        for case in cases:
            write_case(folder, case)
        read_suite(folder)
    else:
        about = f"Calibration rounds on {rubric.label}: {note}."
        write_suite(folder, cases_suite_file(about, no_ceiling=CHOSEN), rubric, cases)
    return {"suite": name, "folder": str(folder), "cases": len(cases), "ratings": sum(len(s) for s in settled.values())}


def gathered(rounds: list[RatedRound], disputes_only: bool) -> tuple[Settled, Humans]:
    """What is settled, and each person's rating behind it. An adjudication wins over ratings, a later round over an
    earlier one."""
    from agent.domain.rating import Failed

    settled: Settled = defaultdict(dict)
    humans: Humans = defaultdict(lambda: defaultdict(dict))
    for rated in rounds:
        for criterion in rated.rubric.criteria:
            for (call, rater), rating in rated.by(criterion.id, people=True).items():
                humans[call][criterion.id][rater] = rating.judgement
            for call in rated.round.calls:
                decided = rated.adjudications.get((call, criterion.id))
                said = list(humans[call][criterion.id].values())
                if decided is not None:
                    settled[call][criterion.id] = decided.judgement
                elif not disputes_only and len(said) > 1 and _alike(said) and not isinstance(said[0], Failed):
                    settled[call][criterion.id] = _with_most_quotes(said)
    return dict(settled), humans


def _alike(said: list[Judgement]) -> bool:
    return len({(j.status, getattr(j, "value", None)) for j in said}) == 1


def _with_most_quotes(said: list[Judgement]) -> Judgement:
    return max(said, key=lambda judgement: len(getattr(judgement, "quotes", ())))
