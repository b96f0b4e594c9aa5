"""Turns what people settled in calibration rounds and disputes into cases of a suite."""

from collections import defaultdict
from typing import Any

from agent.app.verb import Who, verb
from agent.calibration.report import RatedRound
from agent.calibration.rounds import counting_rounds
from agent.calls.store import Calls
from agent.core.errors import Advice, InputError
from agent.disputes.model import DisputeRow
from agent.disputes.store import Disputes
from agent.disputes.verbs import same_words
from agent.evals.lists import archive
from agent.evals.loading import read_suite
from agent.evals.writing import calibrated_case, cases_suite_file, write_case, write_suite
from agent.ratings.model import Failed, Judgement
from agent.ratings.rule import newest
from agent.ratings.store import Ratings
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics
from agent.workspace import Workspace

CHOSEN = "these ratings were chosen by how the raters agreed on them, so their agreement here says nothing"


Settled = dict[str, dict[str, "Judgement"]]  # call -> criterion -> what is right


Humans = dict[str, dict[str, dict[str, "Judgement"]]]  # call -> criterion -> rater -> own rating


@verb("ops_lead", audit="cases_added", facts=lambda added: {"cases": added["cases"]})
def add_cases(who: Who, name: str, disputes_only: bool, split: str) -> dict[str, Any]:
    """Write one case for each call into the workspace's suite `name`, which is made if it does not exist.

    The rounds are those of the rubric of the newest counting round. With `disputes_only`: what their raters disagreed
    on, and what managers decided on reps' disputes about the same criteria. A call that is added again replaces its
    earlier case. InputError if nothing is settled.
    """
    space = who.space
    rounds = counting_rounds(space)
    answered = answered_disputes(space) if disputes_only else []
    if not rounds and not answered:
        raise InputError("no calibration round has a result yet", advice=Advice(command="calibrate status"))
    rubric = rounds[-1].rubric if rounds else space.store[Rubrics].get(answered[-1].rubric)
    settled, humans = gathered([r for r in rounds if r.rubric.id == rubric.id], disputes_only)
    _add_answered(space, rubric, answered, settled, humans)
    note = "settled after a difference" if disputes_only else "agreed by all raters, or settled afterwards"
    return _write(space, name, rubric, settled, humans, split, note)


@verb("ops_lead", audit="cases_added", facts=lambda added: {"cases": added["cases"]})
def add_dispute_cases(who: Who, suite: str, split: str) -> dict[str, Any]:
    """The same for answered disputes alone. InputError if none is answered."""
    space = who.space
    answered = answered_disputes(space)
    if not answered:
        raise InputError("no dispute is answered yet, so there is nothing to make cases of")
    rubric = space.store[Rubrics].get(answered[-1].rubric)
    settled: Settled = {}
    humans: Humans = defaultdict(lambda: defaultdict(dict))
    _add_answered(space, rubric, answered, settled, humans)
    return _write(space, suite, rubric, settled, humans, split, "settled by a manager's answer to a dispute")


def answered_disputes(space: Workspace) -> list[DisputeRow]:
    """Disputes with an answer, oldest first."""
    return space.store[Disputes].answered(viewer=space.store.scope.name)


def _add_answered(
    space: Workspace, rubric: Rubric, answered: list[DisputeRow], settled: Settled, humans: Humans
) -> None:
    """Add the decision on each disputed rating: a declined dispute confirms the rating, an upheld one replaced it."""
    calls = sorted({row.dispute.call for row in answered})
    history = space.store[Ratings].look(calls, viewer=space.store.scope.name, with_superseded=True).ratings
    by_id = {rating.id: rating for rating in history}
    for row in answered:
        dispute, wanted = row.dispute, rubric.criterion(row.dispute.criterion)
        if wanted is None or not same_words(wanted, space.store[Rubrics].get(row.rubric).criterion(dispute.criterion)):
            continue
        stands = by_id.get(newest(dispute.rating, history))
        if stands is None or isinstance(stands.judgement, Failed):
            continue
        settled.setdefault(dispute.call, {})[dispute.criterion] = stands.judgement
        humans[dispute.call][dispute.criterion][row.answer.by if row.answer else stands.rater] = stands.judgement


def _write(
    space: Workspace, name: str, rubric: Rubric, settled: Settled, humans: Humans, split: str, note: str
) -> dict[str, Any]:
    settled = {
        call: judgements for call, judgements in settled.items() if space.store[Calls].about(call).has_transcript
    }
    if not settled:
        raise InputError("nothing is settled: raters agreed on nothing, or nobody adjudicated what split them")
    folder = archive(space).suites / name
    cases = [
        calibrated_case(folder, space.store[Calls].get(call), right, humans[call], split, note)  # type: ignore[arg-type]
        for call, right in settled.items()
    ]
    if (folder / "suite.yaml").exists():
        for case in cases:
            write_case(folder, case)
        read_suite(folder)
    else:
        about = f"Calls rated against {rubric.label}: {note}."
        write_suite(folder, cases_suite_file(about, no_ceiling=CHOSEN), rubric, cases)
    return {"suite": name, "folder": str(folder), "cases": len(cases), "ratings": sum(len(s) for s in settled.values())}


def gathered(rounds: list[RatedRound], disputes_only: bool) -> tuple[Settled, Humans]:
    """What is settled, and each person's rating behind it. An adjudication wins over ratings, and a later round over
    an earlier one."""
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
                elif (
                    not disputes_only
                    and len(said) > 1
                    and len({(j.status, j.value) for j in said}) == 1
                    and not isinstance(said[0], Failed)
                ):
                    settled[call][criterion.id] = max(said, key=lambda judgement: len(judgement.quotes))
    return dict(settled), humans
