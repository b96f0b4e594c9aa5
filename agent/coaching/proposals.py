"""Coaching plans: which criteria, which moments, and what could have been said there."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from agent.coaching.model import CoachingPlan, PlannedCriterion
from agent.coaching.replies import CoachMomentReply
from agent.core.direction import Direction
from agent.core.errors import InputError, ModelError
from agent.core.language import _
from agent.core.statistic import Estimate, Statistic, chance
from agent.llm.asking import ask_checked
from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.profiles.model import CoachMoment
from agent.profiles.moments import MomentFinder
from agent.rubrics.model import Criterion, Rubric
from agent.stats.gaps import FOCUS, GapReport, RepGap, TeamGap
from agent.text.rendering import numbered

MOST_CRITERIA = FOCUS  # of a plan, whoever chose them
MISSED = 2
TEAM = "team"  # whose plan the team's is
_LONGEST = 600  # characters a person can say, or keep in mind as a task
NO_SCORES: Mapping[str, Statistic] = {}
NO_MODEL = "No suggestion was drafted: no model is bound to the drafter."


def rep_plan(
    rep: str,
    report: GapReport,
    rubric: Rubric,
    finder: MomentFinder,
    at: datetime,
    scores: Mapping[str, Statistic] = NO_SCORES,
) -> CoachingPlan:
    """One or two criteria of a rep: own gaps by size times link with losses, those the whole team has last.

    `report` ranks them so; `scores` are the rep's by criterion. Without any gap the plan is empty and says so.
    """
    own = [gap for gap in report.own if gap.rep == rep]
    chosen = report.focus_of(rep)
    notes = []
    if not own:
        notes.append(_("No criterion is clearly off target at this number of calls: nothing to coach first."))
    if chosen and all(gap.shared for gap in own):
        notes.append(_("All gaps of this rep are the team's as well: the team's plan comes first."))
    left = [_criterion(rubric, gap.criterion).name for gap in own if gap not in chosen]
    if left:
        notes.append(_("Left for later, so that the rep works on one thing at a time: {left}.", left=", ".join(left)))
    criteria = []
    for gap in chosen:
        criterion = _criterion(rubric, gap.criterion)
        criteria.append(_planned(criterion, gap_reason(gap, criterion, scores.get(criterion.id)), [rep], finder))
    return CoachingPlan(who=rep, rubric=rubric.id, criteria=tuple(criteria), notes=tuple(notes), at=at)


def team_plan(report: GapReport, rubric: Rubric, finder: MomentFinder, at: datetime) -> CoachingPlan:
    """One or two criteria that the team shares beyond luck, with moments of the reps who miss them."""
    chosen = report.focus
    notes = [] if chosen else [_("No gap is shared by the team beyond luck: coach each rep on their own.")]
    left = [_criterion(rubric, gap.criterion).name for gap in report.team if gap.beyond_luck and gap not in chosen]
    if left:
        notes.append(_("Left for later: {left}.", left=", ".join(left)))
    criteria = tuple(
        _planned(criterion, team_gap_reason(gap, criterion), gap.reps[:MISSED], finder)
        for gap in chosen
        for criterion in (_criterion(rubric, gap.criterion),)
    )
    return CoachingPlan(who=TEAM, rubric=rubric.id, criteria=criteria, notes=tuple(notes), at=at)


def chosen_plan(
    who: str,
    chosen: Sequence[str],
    by: str,
    report: GapReport,
    rubric: Rubric,
    finder: MomentFinder,
    at: datetime,
    scores: Mapping[str, Statistic] = NO_SCORES,
) -> CoachingPlan:
    """The plan on criteria that a person chose: of the rep `who`, or of the team where it is "team".

    InputError for no criterion, more than `MOST_CRITERIA`, or one that is not in the rubric.
    """
    if not 1 <= len(chosen) <= MOST_CRITERIA:
        raise InputError(
            _("a plan is on one or two criteria, not on {chosen}: nobody changes more at once", chosen=len(chosen))
        )
    unknown = [ident for ident in chosen if rubric.criterion(ident) is None]
    if unknown:
        raise InputError(_("{label} has no criterion {unknown}", label=rubric.label, unknown=repr(unknown[0])))
    criteria = []
    for ident in chosen:
        criterion = _criterion(rubric, ident)
        reps, reason = _chosen_for(who, criterion, by, report, finder, scores.get(ident))
        criteria.append(_planned(criterion, reason, reps, finder))
    return CoachingPlan(who=who, rubric=rubric.id, criteria=tuple(criteria), at=at)


def _chosen_for(
    who: str, criterion: Criterion, by: str, report: GapReport, finder: MomentFinder, score: Statistic | None
) -> tuple[tuple[str, ...], str]:
    """Whose moments to look for, and why this criterion was chosen."""
    ident = criterion.id
    no_gap = _("Chosen by {by}; the figures show no clear gap here.", by=by or "hand")
    if who != TEAM:
        own = next((gap for gap in report.own if (gap.rep, gap.criterion) == (who, ident)), None)
        return (who,), gap_reason(own, criterion, score) if own else no_gap
    shared = next((gap for gap in report.team if gap.criterion == ident), None)
    below = shared.reps if shared else tuple(gap.rep for gap in report.own if gap.criterion == ident)
    others = (rep for rep in finder.reps if rep not in below)  # one rep's moments alone would be no plan of the team
    return (*below, *others)[:MISSED], team_gap_reason(shared, criterion) if shared else no_gap


def _criterion(rubric: Rubric, ident: str) -> Criterion:
    return next(c for c in rubric.criteria if c.id == ident)


def gap_reason(gap: RepGap, criterion: Criterion, score: Statistic | None = None) -> str:
    """Why a rep's gap is worth coaching: how bad, on how many calls, how linked with losing. `score` is the rep's."""
    link = (
        ""
        if gap.loss_link is None
        else _(", link of its pattern with the outcome {loss_link}", loss_link=f"{gap.loss_link:.2f}")
    )
    shared = _(" The team shares it.") if gap.shared else ""
    say = Direction.of(criterion)
    seen = say.seen(score) if isinstance(score, Estimate) else f"{say.severity(gap.severity)} on {gap.calls} calls"
    return f"{seen[:1].upper()}{seen[1:]}: {say.distance(gap.size)}{link}.{shared}"


def team_gap_reason(gap: TeamGap, criterion: Criterion) -> str:
    """Why a gap of the team is worth coaching: how many share it, and how likely luck makes that."""
    link = (
        ""
        if gap.loss_link is None
        else _(", link of its pattern with the outcome {loss_link}", loss_link=f"{gap.loss_link:.2f}")
    )
    return _(
        "{reps} of {of} reps are clearly {off_target}, by {size} on average, on {calls} calls{link}; "
        "luck alone would make it as many in {by_luck} of teams.",
        reps=len(gap.reps),
        of=gap.of,
        off_target=Direction.of(criterion).off_target,
        size=Direction.of(criterion).far(gap.size),
        calls=gap.calls,
        link=link,
        by_luck=chance(gap.by_luck),
    )


def _planned(criterion: Criterion, reason: str, reps: Sequence[str], finder: MomentFinder) -> PlannedCriterion:
    """Two moments where it was missed (of one rep, or one each of two), one where it was done."""
    each = MISSED if len(reps) == 1 else 1
    missed = [moment for rep in reps for moment in finder.missed(rep, criterion.id, each)]
    done = finder.done(reps[0], criterion.id)
    say, notes = Direction.of(criterion), []
    if not missed:
        notes.append(say.no_missed())
    if done is None:
        notes.append(say.no_done())
    elif done.rep not in reps:
        notes.append(say.peers_done(" or ".join(reps), done.rep))
    return PlannedCriterion(
        criterion=criterion.id,
        name=criterion.name,
        description=criterion.description,
        reason=reason,
        moments=(*missed, *([done] if done else [])),
        notes=tuple(notes),
    )


def moment_request(moment: CoachMoment, criterion: Criterion, role: Role, prompt: Prompt) -> Request[CoachMomentReply]:
    """The request for one missed moment that has its turns."""
    if moment.passage is None:
        raise ValueError("a moment without turns cannot be put to a model")
    inputs = {
        "turns": numbered(moment.passage.turns),
        "turn": moment.passage.turn,
        "rep": moment.rep,
        "why": moment.why,
        "criterion": {
            "name": criterion.name,
            "scale": criterion.scale.range_in_words,
            "speaker": criterion.speaker,
            "description": criterion.description,
            "avoid": criterion.weight < 0,
            "anchors": sorted(criterion.anchors.items()),
            "examples": [{"kind": e.kind, "text": e.text, "why": e.why} for e in criterion.examples],
        },
    }
    return role.request(prompt, CoachMomentReply, inputs, subject=moment.call)


async def drafted(plan: CoachingPlan, rubric: Rubric, role: Role, prompt: Prompt) -> CoachingPlan:
    """The plan with suggestions and tasks at its missed moments. A moment whose reply failed
    says so; others keep theirs."""
    by_id: Mapping[str, Criterion] = {c.id: c for c in rubric.criteria}
    criteria = []
    for planned in plan.criteria:
        moments = [await _suggested(m, by_id[planned.criterion], role, prompt) for m in planned.moments]
        criteria.append(planned.model_copy(update={"moments": tuple(moments)}))
    return plan.model_copy(update={"criteria": tuple(criteria)})


async def _suggested(moment: CoachMoment, criterion: Criterion, role: Role, prompt: Prompt) -> CoachMoment:
    if moment.kind == "done" or moment.passage is None:
        return moment
    try:
        first, second = await ask_checked(role, moment_request(moment, criterion, role, prompt), _faults)
    except ModelError as error:
        return moment.model_copy(
            update={"missing": _("No suggestion was drafted: {explained}.", explained=error.explained)}
        )
    reply = second or first
    if faults := _faults(reply.value):
        return moment.model_copy(
            update={"missing": _("The drafted suggestion cannot be used: {faults}.", faults="; ".join(faults))}
        )
    said, practice = " ".join(reply.value.said.split()), " ".join(reply.value.practice.split())
    return moment.model_copy(update={"said": said, "practice": practice, "request": reply.request, "missing": ""})


def _faults(reply: CoachMomentReply) -> list[str]:
    faults = []
    for name, text in (("said", reply.said), ("practice", reply.practice)):
        if not text.strip():
            faults.append(f"{name} is empty")
        if len(text) > _LONGEST:
            faults.append(
                _(
                    "{name} has {text} characters; {longest} are the most a person can use",
                    name=name,
                    text=len(text),
                    longest=_LONGEST,
                )
            )
    return faults


def without_model(plan: CoachingPlan, reason: str = NO_MODEL) -> CoachingPlan:
    """The plan with the reason at each missed moment that has its turns why nothing is suggested there."""
    criteria = tuple(
        planned.model_copy(
            update={
                "moments": tuple(
                    m.model_copy(update={"missing": reason})
                    if m.kind == "missed" and m.passage is not None and not m.said
                    else m
                    for m in planned.moments
                )
            }
        )
        for planned in plan.criteria
    )
    return plan.model_copy(update={"criteria": criteria})
