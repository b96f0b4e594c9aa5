"""Disputes: opening one, answering it, and what many upheld ones say about a criterion."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.app.events import Happened, tell
from agent.calls.store import Calls
from agent.core.errors import InputError
from agent.disputes.store import Disputes
from agent.ratings.overriding import Given, corrected
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.core.statistic import Statistic
    from agent.disputes.model import Dispute, DisputeAnswer
    from agent.disputes.store import DisputeRow
    from agent.ratings.model import Judgement, Rating
    from agent.rubrics.model import Criterion, Rubric
    from agent.settings import DisputeRules
    from agent.workspace import Workspace


def open_dispute(space: Workspace, by: str, rating: str, comment: str, own: str = "") -> Dispute:
    """A rep says that a rating of an own call is wrong; `own` is the level they would give, if they say one.

    InputError for an empty comment, a level that is none or the same, or a rating that failed; NotFound where the rep
    may not see the rating; Conflict where it is disputed already. Tells the webhooks.
    """
    from datetime import UTC, datetime
    from uuid import uuid4

    from agent.disputes.model import Dispute

    disputed = space.store[Ratings].get(rating, viewer=by)
    _check_disputable(space, disputed, own)
    if not comment.strip():
        raise InputError("say in a sentence what is wrong with the rating")
    dispute = Dispute(
        id=f"di-{uuid4().hex[:12]}",
        rating=rating,
        call=disputed.call,
        criterion=disputed.criterion,
        rep=space.store[Calls].about(disputed.call).rep,
        by=by,
        comment=comment.strip(),
        own=own.strip(),
        at=datetime.now(UTC),
    )
    stored = space.store[Disputes].open(dispute)
    tell(space, Happened("dispute.opened", stored.id, {"call": stored.call, "criterion": stored.criterion}))
    return stored


def _check_disputable(space: Workspace, disputed: Rating, own: str) -> None:
    from agent.calibration.rounds import criterion_of
    from agent.ratings.human import human_judgement
    from agent.ratings.model import Failed

    if isinstance(disputed.judgement, Failed):
        raise InputError("this rating failed, so there is no result to dispute; ask your manager to rate it")
    if own.strip():
        criterion = criterion_of(space.store[Rubrics].get(disputed.provenance.rubric), disputed.criterion)
        if _level(human_judgement(criterion, None, own)) == _level(disputed.judgement):
            raise InputError(f"{own} is what the rating says already; choose another level, or none")


def answer_dispute(space: Workspace, by: str, ident: str, verdict: str, given: Given) -> DisputeAnswer:
    """A manager's answer. `declined`: the rating stays, with the reason. `upheld`: a new rating supersedes it.

    InputError for what does not fit (an upheld dispute changes the level), NotFound where `by` may not see the
    dispute, Conflict where somebody was faster. Tells the webhooks.
    """
    from datetime import UTC, datetime

    from agent.disputes.model import DisputeAnswer

    if not given.reason.strip():
        raise InputError("say why in a sentence: the rep reads it")
    row = space.store[Disputes].get(ident, viewer=by)
    if verdict not in ("upheld", "declined"):
        raise InputError("an answer is upheld or declined")
    correction = _correction(space, by, row, given) if verdict == "upheld" else None
    answer = DisputeAnswer(
        dispute=ident,
        verdict="declined" if correction is None else "upheld",
        by=by,
        reason=given.reason.strip(),
        rating="" if correction is None else correction.id,
        at=datetime.now(UTC),
    )
    space.store[Disputes].answer(answer, correction)
    data = {"call": row.dispute.call, "criterion": row.dispute.criterion, "verdict": answer.verdict}
    tell(space, Happened("dispute.answered", ident, data))
    return answer


def _correction(space: Workspace, by: str, row: DisputeRow, given: Given) -> Rating:
    from agent.ratings.counting import newest

    disputed = space.store[Ratings].get(row.dispute.rating, viewer=by)
    history = space.store[Ratings].look([row.dispute.call], viewer=by, with_superseded=True).ratings
    stands = space.store[Ratings].get(newest(disputed.id, history), viewer=by)
    named = Given(given.value, f"Dispute {row.dispute.id} upheld: {given.reason.strip()}", given.turn, given.words)
    found = corrected(space, by, stands, named)
    if _level(found.judgement) == _level(disputed.judgement):
        raise InputError("upholding a dispute changes the rating; choose another level, or decline the dispute")
    return found


def _level(judgement: Judgement) -> tuple[str, int | None]:
    return judgement.status, getattr(judgement, "value", None)


@dataclass(frozen=True)
class CriterionDisputes:
    """One criterion as it is worded now, and the disputes about it. `mark` is empty unless it is to be calibrated."""

    criterion: Criterion
    open: int
    upheld: int
    declined: int
    share: Statistic
    mark: str


def dispute_counts(space: Workspace, rubric: Rubric | None = None) -> list[CriterionDisputes]:
    """Disputes by criterion of `rubric` (default: the newest), whatever rubric the rating was made with as long as the
    criterion was worded the same. Criteria nobody disputed are left out."""
    from agent.core.errors import NotFound

    store, rules = space.store, space.settings.disputes()
    counts = store[Disputes].counts(viewer=store.scope.name)
    if not counts:
        return []
    newest = rubric or store[Rubrics].get()
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for found in counts:
        try:
            then = store[Rubrics].get(found.rubric).criterion(found.criterion)
        except NotFound:  # ratings out of a file may name a rubric that is not here
            continue
        if then is not None and same_words(then, newest.criterion(found.criterion)):
            sums[found.criterion] += Counter(open=found.open, upheld=found.upheld, declined=found.declined)
    return [_counted(c, sums[c.id], rules) for c in newest.criteria if c.id in sums]


def _counted(criterion: Criterion, sums: Counter[str], rules: DisputeRules) -> CriterionDisputes:
    from agent.stats.intervals import clopper_pearson

    upheld, declined = sums["upheld"], sums["declined"]
    share, mark = clopper_pearson(upheld, upheld + declined), _mark(criterion, upheld, upheld + declined, rules)
    return CriterionDisputes(criterion, sums["open"], upheld, declined, share, mark)


def same_words(one: Criterion, other: Criterion | None) -> bool:
    """Whether raters are shown the same, apart from weight and where the criterion came from."""
    shown = {"id", "name", "description", "scale", "anchors", "not_applicable_when", "speaker"}
    return other is not None and one.model_dump(include=shown) == other.model_dump(include=shown)


def marked_for_calibration(space: Workspace, rubric: Rubric | None = None) -> dict[str, str]:
    """By criterion id, why it should be calibrated again, in a sentence; criteria without a reason are left out.

    The rule stands in `config/disputes.yaml`.
    """
    return {found.criterion.id: found.mark for found in dispute_counts(space, rubric) if found.mark}


def _mark(criterion: Criterion, upheld: int, answered: int, rules: DisputeRules) -> str:
    from agent.stats.intervals import exact_lower_bound

    if upheld < rules.least_upheld or exact_lower_bound(upheld, answered, rules.error) <= rules.upheld_share:
        return ""
    return (
        f"{upheld} of {answered} answered disputes about “{criterion.name}” were upheld: certainly more than "
        f"{round(100 * rules.upheld_share)} %, so it is read in different ways. Calibrate it before you coach on it."
    )
