"""Opening a dispute, answering it, and what many upheld ones say about a criterion."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime
from uuid import uuid4

from agent.app.events import Happened, tell
from agent.app.verb import Who, verb
from agent.calls.store import Calls
from agent.core.errors import InputError, NotFound
from agent.disputes.model import Dispute, DisputeAnswer, DisputeRow
from agent.disputes.store import Disputes
from agent.disputes.views import CriterionDisputes
from agent.ratings.human import human_judgement
from agent.ratings.model import Failed, Judgement
from agent.ratings.overriding import Given, corrected
from agent.ratings.rule import newest
from agent.ratings.store import Ratings
from agent.rubrics.model import Criterion, Rubric
from agent.rubrics.store import Rubrics
from agent.settings import DisputeRules
from agent.stats.intervals import clopper_pearson, exact_lower_bound
from agent.workspace import Workspace


@verb(
    "rep",
    audit="dispute_opened",
    subject=lambda made: made.dispute.id,
    facts=lambda made: {"call": made.dispute.call, "criterion": made.dispute.criterion},
)
def open_dispute(who: Who, rating: str, comment: str, own: str = "") -> DisputeRow:
    """A rep says that a rating of an own call is wrong; `own` is the level they would give, if they say one.

    InputError for an empty comment, a level that is none or the same, or a rating that failed; NotFound where the rep
    may not see the rating; Conflict where it is disputed already.
    """
    store = who.space.store
    disputed = store[Ratings].get(rating, viewer=who.name)
    if isinstance(disputed.judgement, Failed):
        raise InputError("this rating failed, so there is no result to dispute; ask your manager to rate it")
    rubric = store[Rubrics].get(disputed.provenance.rubric)
    criterion = rubric.criterion(disputed.criterion)
    if (
        criterion is not None
        and own.strip()
        and _level(human_judgement(criterion, None, own)) == _level(disputed.judgement)
    ):
        raise InputError(f"{own} is what the rating says already; choose another level, or none")
    if not comment.strip():
        raise InputError("say in a sentence what is wrong with the rating")
    dispute = Dispute(
        id=f"di-{uuid4().hex[:12]}",
        rating=rating,
        call=disputed.call,
        criterion=disputed.criterion,
        rep=store[Calls].about(disputed.call).rep,
        by=who.name,
        comment=comment.strip(),
        own=own.strip(),
        at=datetime.now(UTC),
    )
    store[Disputes].open(dispute)
    tell(who.space, Happened("dispute.opened", dispute.id, {"call": dispute.call, "criterion": dispute.criterion}))
    return DisputeRow(dispute, None, rubric.id)


@verb("ops_lead", "manager", audit="dispute_answered")
def answer_dispute(who: Who, ident: str, verdict: str, given: Given) -> DisputeRow:
    """A manager's answer. `declined`: the rating stays, with the reason. `upheld`: a new rating supersedes it.

    InputError for what does not fit (an upheld dispute changes the level), NotFound where `who` may not see the
    dispute, Conflict where somebody was faster.
    """
    store, by = who.space.store, who.name
    if not given.reason.strip():
        raise InputError("say why in a sentence: the rep reads it")
    row = store[Disputes].get(ident, viewer=by)
    correction = None
    if verdict == "upheld":
        history = store[Ratings].look([row.dispute.call], viewer=by, with_superseded=True).ratings
        by_id = {rating.id: rating for rating in history}
        disputed, current = by_id[row.dispute.rating], by_id[newest(row.dispute.rating, history)]
        named = Given(given.value, f"Dispute {ident} upheld: {given.reason.strip()}", given.turn, given.words)
        correction = corrected(who.space, by, current, named)
        if _level(correction.judgement) == _level(disputed.judgement):
            raise InputError("upholding a dispute changes the rating; choose another level, or decline the dispute")
    elif verdict != "declined":
        raise InputError("an answer is upheld or declined")
    answer = DisputeAnswer(
        dispute=ident,
        verdict="declined" if correction is None else "upheld",
        by=by,
        reason=given.reason.strip(),
        rating="" if correction is None else correction.id,
        at=datetime.now(UTC),
    )
    answered = store[Disputes].answer(answer, correction)
    told = {"call": row.dispute.call, "criterion": row.dispute.criterion, "verdict": answer.verdict}
    tell(who.space, Happened("dispute.answered", ident, told))
    return answered


def _level(judgement: Judgement) -> tuple[str, int | None]:
    return judgement.status, getattr(judgement, "value", None)


def dispute_counts(space: Workspace, rubric: Rubric | None = None) -> list[CriterionDisputes]:
    """Disputes by criterion of `rubric` (default: the newest), whatever rubric the rating was made with as long as the
    criterion was worded the same. Criteria nobody disputed are left out."""
    store, rules = space.store, space.settings.disputes()
    counts = store[Disputes].counts(viewer=store.scope.name)
    if not counts:
        return []
    newest_rubric = rubric or store[Rubrics].get()
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for one in counts:
        try:
            then = store[Rubrics].get(one.rubric).criterion(one.criterion)
        except NotFound:  # ratings out of a file may name a rubric that is not here
            continue
        if then is not None and same_words(then, newest_rubric.criterion(one.criterion)):
            sums[one.criterion] += Counter(open=one.open, upheld=one.upheld, declined=one.declined)
    return [_counted(c, sums[c.id], rules) for c in newest_rubric.criteria if c.id in sums]


def _counted(criterion: Criterion, sums: Counter[str], rules: DisputeRules) -> CriterionDisputes:
    upheld, answered = sums["upheld"], sums["upheld"] + sums["declined"]
    mark = ""
    if upheld >= rules.least_upheld and exact_lower_bound(upheld, answered, rules.error) > rules.upheld_share:
        mark = (
            f"{upheld} of {answered} answered disputes about “{criterion.name}” were upheld: certainly more than "
            f"{round(100 * rules.upheld_share)} %, so it is read in different ways. Calibrate it before you coach on it."
        )
    return CriterionDisputes.of(criterion, sums, clopper_pearson(upheld, answered), mark)


def same_words(one: Criterion, other: Criterion | None) -> bool:
    """Whether raters are shown the same, apart from weight and where the criterion came from."""
    shown = {"id", "name", "description", "scale", "anchors", "not_applicable_when", "speaker"}
    return other is not None and one.model_dump(include=shown) == other.model_dump(include=shown)


def marked_for_calibration(space: Workspace, rubric: Rubric | None = None) -> dict[str, str]:
    """By criterion id, why it should be calibrated again, in a sentence; criteria without a reason are left out.

    The rule stands in `config/disputes.yaml`.
    """
    return {count.criterion: count.mark for count in dispute_counts(space, rubric) if count.mark}
