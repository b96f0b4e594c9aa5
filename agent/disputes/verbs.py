"""Opening a dispute, answering it, and what many upheld ones say about a criterion."""

from collections import Counter, defaultdict
from datetime import UTC, datetime
from statistics import median
from typing import cast
from uuid import uuid4

from agent.app.events import Happened, tell
from agent.app.verb import Who, verb
from agent.calibration.choosing import possible_raters
from agent.calls.store import Calls
from agent.core.errors import InputError, NotFound
from agent.disputes.model import Dispute, DisputeAnswer, DisputeRow, DisputeVerdict
from agent.disputes.store import Disputes
from agent.disputes.views import CriterionDisputes, DisputeCounts, ReviewerDisputes
from agent.ratings.human import human_judgement
from agent.ratings.model import Failed, Judgement
from agent.ratings.overriding import Given, corrected
from agent.ratings.results import rubric_of
from agent.ratings.rule import newest
from agent.ratings.store import Ratings
from agent.rubrics.model import Criterion, Rubric
from agent.rubrics.store import Rubrics
from agent.rubrics.views import RubricName
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
    """A manager's answer. `declined`: the rating stays, with the reason. `upheld`: a new rating supersedes
    it. Where the rep asked for a level and the new one is another, the rep was right in part (`partly`),
    whichever of the two was said.

    InputError for what does not fit (upholding changes the level), NotFound where `who` may not see the
    dispute, Conflict where somebody was faster.
    """
    store, by = who.space.store, who.name
    if not given.reason.strip():
        raise InputError("say why in a sentence: the rep reads it")
    row = store[Disputes].get(ident, viewer=by)
    correction, state = None, cast(DisputeVerdict, verdict)
    if verdict in ("upheld", "partly"):
        history = store[Ratings].look([row.dispute.call], viewer=by, with_superseded=True).ratings
        by_id = {rating.id: rating for rating in history}
        disputed, current = by_id[row.dispute.rating], by_id[newest(row.dispute.rating, history)]
        named = Given(given.value, f"Dispute {ident} upheld: {given.reason.strip()}", given.turn, given.words)
        correction = corrected(who.space, by, current, named)
        if _level(correction.judgement) == _level(disputed.judgement):
            raise InputError("upholding a dispute changes the rating; choose another level, or decline the dispute")
        asked = row.dispute.own
        status, value = _level(correction.judgement)
        met = asked == str(value) if asked.isdecimal() else not asked or status == "not_applicable"
        if verdict == "partly" and met:
            said = f"{asked} is what {row.dispute.rep} asked for" if asked else f"{row.dispute.rep} asked for no level"
            raise InputError(f"{said}, so there is no part of it to give: uphold or decline it")
        state = "upheld" if met else "partly"
    elif verdict != "declined":
        raise InputError("an answer is upheld, partly or declined")
    answer = DisputeAnswer(
        dispute=ident,
        verdict=state,
        by=by,
        reason=given.reason.strip(),
        rating="" if correction is None else correction.id,
        at=datetime.now(UTC),
    )
    answered = store[Disputes].answer(answer, correction)
    told = {"call": row.dispute.call, "criterion": row.dispute.criterion, "verdict": answer.verdict}
    tell(who.space, Happened("dispute.answered", ident, told))
    return answered


@verb("ops_lead", "manager", audit="dispute_assigned", facts=lambda row: {"assigned": row.assigned})
def assign_dispute(who: Who, ident: str, person: str) -> DisputeRow:
    """Say who is to answer a dispute: somebody with an account who may rate. Empty: nobody any more.

    NotFound where `who` may not see the dispute, InputError for a name without such an account, Conflict where it is
    answered.
    """
    name = person.strip()
    if name and name not in answerers(who):
        raise InputError(f"{name!r} has no account that may answer; {' or '.join(answerers(who)) or 'nobody'} has")
    row = who.space.store[Disputes].assign(ident, name, who.name, datetime.now(UTC))
    told = {"call": row.dispute.call, "criterion": row.dispute.criterion, "assigned": bool(name)}
    tell(who.space, Happened("dispute.assigned", ident, told))
    return row


def answerers(who: Who) -> list[str]:
    """The names of those who may answer disputes. Managers name one another too, who may not list accounts."""
    return [one.name for one in possible_raters(who.base)]


def _level(judgement: Judgement) -> tuple[str, int | None]:
    return judgement.status, judgement.value


def dispute_counts(space: Workspace, rubric: Rubric) -> list[CriterionDisputes]:
    """Disputes by criterion of `rubric`, whatever rubric the rating was made with as long as the criterion was worded
    the same. Criteria nobody disputed are left out."""
    store, rules = space.store, space.settings.disputes()
    counts = store[Disputes].counts(viewer=store.scope.name)
    if not counts:
        return []
    sums: dict[str, Counter[str]] = defaultdict(Counter)
    for one in counts:
        try:
            then = store[Rubrics].get(one.rubric).criterion(one.criterion)
        except NotFound:  # ratings out of a file may name a rubric that is not here
            continue
        if then is not None and same_words(then, rubric.criterion(one.criterion)):
            sums[one.criterion] += Counter(open=one.open, upheld=one.upheld, partly=one.partly, declined=one.declined)
    return [_counted(c, sums[c.id], rules) for c in rubric.criteria if c.id in sums]


def counts_of(who: Who, reference: str = "") -> DisputeCounts:
    """Disputes by criterion of the rubric asked for, or of the one in use, and by who answers. NotFound for a rubric
    that is named and not there."""
    rubric = rubric_of(who, reference)
    return DisputeCounts(
        rubric=None if rubric is None else RubricName.of(rubric),
        items=[] if rubric is None else dispute_counts(who.space, rubric),
        reviewers=reviewer_counts(who.space),
    )


def _counted(criterion: Criterion, sums: Counter[str], rules: DisputeRules) -> CriterionDisputes:
    upheld = sums["upheld"] + sums["partly"]  # either way the rating was wrong
    answered = upheld + sums["declined"]
    mark = ""
    if upheld >= rules.least_upheld and exact_lower_bound(upheld, answered, rules.error) > rules.upheld_share:
        mark = (
            f"{upheld} of {answered} answered disputes about “{criterion.name}” were upheld: certainly more than "
            f"{round(100 * rules.upheld_share)} %, so it is read in different ways. Calibrate "
            "it before you coach on it."
        )
    return CriterionDisputes.of(criterion, sums, clopper_pearson(upheld, answered), mark)


def reviewer_counts(space: Workspace) -> list[ReviewerDisputes]:
    """For each person who is to answer disputes or has answered some: how many, how, and how long it took."""
    store, now = space.store[Disputes], datetime.now(UTC)
    waiting = Counter(row.assigned for row in store.open_ones(viewer=space.store.scope.name) if row.assigned)
    answered: dict[str, list[DisputeRow]] = defaultdict(list)
    for row in store.answered(viewer=space.store.scope.name):
        if row.answer is not None:
            answered[row.answer.by].append(row)
    found = []
    for name in sorted(waiting.keys() | answered.keys()):
        states = Counter(row.state for row in answered[name])
        took = median(row.hours(now) for row in answered[name]) if answered[name] else None
        counts = {state: states[state] for state in ("upheld", "partly", "declined")}
        found.append(ReviewerDisputes(name=name, open=waiting[name], hours=took, **counts))
    return found


def same_words(one: Criterion, other: Criterion | None) -> bool:
    """Whether raters are shown the same, apart from weight and where the criterion came from."""
    shown = {"id", "name", "description", "scale", "anchors", "not_applicable_when", "speaker"}
    return other is not None and one.model_dump(include=shown) == other.model_dump(include=shown)
