"""What there is, and what to do next for whoever asks: facts in, one ordered list of
steps out. Nothing else decides."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from agent.app.queue.model import OPEN
from agent.app.queue.store import Jobs
from agent.app.steps import OPS, RATERS, STAGES, TEAM, Area, Stage, Step, Way, rule, typed, way_rule
from agent.app.unchanged import while_unchanged
from agent.app.verb import Who
from agent.app.web.wording import capital
from agent.calibration.steps import calibration_step, rounds_of
from agent.calls.store import CallFilters, Calls
from agent.coaching.steps import season_step
from agent.coaching.store import Coaching
from agent.core.figures import of_them, plural
from agent.core.language import N_, _, ngettext
from agent.core.people import Role
from agent.core.wording import day, number
from agent.db.overview import Overview
from agent.disputes.steps import Waiting, disputed_step, waiting_for
from agent.evals.steps import eval_step
from agent.interviews.sides import sided
from agent.jobs.plans import patterns_to_draft
from agent.profiles.season import season_of
from agent.ratings.store_reviews import ReviewCounts, Reviews
from agent.rubrics.in_use import in_use_of
from agent.rubrics.store import RubricDrafts, Rubrics, RubricStates
from agent.scoring.left import Left, left_over
from agent.scoring.rules import ScoringRule, ScoringRules
from agent.start.readiness_rules import CALLS_INSIDE, EACH_OUTCOME
from agent.uploads.staging import StagingArea
from agent.webhooks.steps import webhook_step

RubricState = Literal["none", "draft", "calibrated", "deployed"]
_LEADS_TO = {
    "extract": N_("the patterns"),
    "draft": N_("the criteria"),
    "score": N_("the scores"),
    "score_batch": N_("the scores"),
    "hear": N_("the words"),
}
_RESULT = N_("the result")
_NOTHING_DISPUTED = Waiting()
_MODELS = "/admin/models"


def _nothing() -> Step | None:
    return None


def _no_reviews() -> ReviewCounts:
    return ReviewCounts(0, 0, 0, 0)


@dataclass(frozen=True)
class State:
    """What a workspace holds, as far as the person who asks may see it. What takes a look at ratings is
    asked for only when the list gets there: `calibrating`, `coaching` and `disputed` are the steps that
    these slices say themselves."""

    role: Role = "ops_lead"
    rep: str = ""
    won: int = 0
    lost: int = 0
    calls: int = 0
    unrated: int = 0
    extracted: bool = False
    distinguishing: int = 0
    leaning: int = 0
    rubric: str = ""
    rubric_state: RubricState = "none"
    editing: str | None = None  # the id of the rubric that a working copy is of, empty for a new one
    rounds: int = 0
    scored: bool = False
    coached: bool = False
    baselines: int = 0
    without_baseline: int = 0
    deals: int = 0
    disputes: Waiting = _NOTHING_DISPUTED
    has_plan: bool = False
    model_bound: bool = False
    rater_bound: bool = False
    open_interviews: int = 0  # left out until it is said who is on whose side
    open_calls: int = 0
    job: str = ""
    job_kind: str = ""
    job_state: str = ""
    job_reason: str = ""
    left: tuple[Left, ...] = ()
    rules_stopped: tuple[ScoringRule, ...] = ()
    staged: str = ""
    staged_files: int = 0
    calibrating: Callable[[], Step | None] = _nothing
    coaching: Callable[[], Step | None] = _nothing
    disputed: Callable[[], Step | None] = _nothing
    to_review: Callable[[], ReviewCounts] = _no_reviews

    @property
    def interviews(self) -> int:
        """Won and lost together."""
        return self.won + self.lost


def ordered(state: State, area: Area = "") -> list[Step]:
    """All steps of a state for its role, what matters most first: those the role can do, else the first of all as the
    role is told it. Of one area, or of all where that has none."""
    if state.role == "rep":
        return [_rep(state)]
    every: list[Step] = []
    for of, stage in _STAGES:
        if area in ("", of):
            every += [step for step in stage(state) if step not in every]
    own = [step for step in every if state.role in step.roles or not step.roles]
    told = [every[0].told_to(state.role)] if every else []
    return own or told or ordered(state)


def _rep(s: State) -> Step:
    page = "/profiles"  # a rep's is the own one there
    command = f"baseline show --rep {typed(s.rep)}" if s.rep else ""
    if not s.calls:
        return Step(_("None of your calls is here yet; your ops lead uploads them."), page, _("Open your page"))
    if s.has_plan:
        text = _("Your coaching plan says what to try in the next calls, with moments from your own.")
        return Step(text, "/coaching", _("Open your plan"), f"export brief --rep {typed(s.rep)} --out brief.pdf")
    if not s.scored:
        text = ngettext(
            "Your {n} call is here; none is rated yet: read what was said.",
            "Your {n} calls are here; none is rated yet: read what was said.",
            s.calls,
            n=number(s.calls),
        )
        return Step(text, "/calls", _("See your calls"), "calls list")
    text = _(
        "Look at how your {calls} were rated, and dispute what you see differently.", calls=plural(s.calls, "call")
    )
    return Step(text, page, _("Open your page"), command)


def _staged(s: State) -> Iterator[Step]:
    if s.staged:
        text = ngettext(
            "{n} file you brought waits: store what is right, and put right or throw away the rest.",
            "{n} files you brought wait: store what is right, and put right or throw away the rest.",
            s.staged_files,
            n=number(s.staged_files),
        )
        yield Step(text, f"/upload/{s.staged}", _("Go on with the upload"), roles=OPS)


def _stopped_job(s: State) -> Iterator[Step]:
    """Work that goes on only when somebody does something about it."""
    result = _(_LEADS_TO.get(s.job_kind, _RESULT))
    if s.job_state == "paused":
        text = _("The work on {result} is paused: {job_reason}.", result=result, job_reason=s.job_reason)
        yield Step(text, f"/jobs/{s.job}", _("See what to do"), f"job show {s.job}", OPS)
    if s.job_state == "failed":
        text = _("The work on {result} has failed: {job_reason}.", result=result, job_reason=s.job_reason)
        yield Step(text, f"/jobs/{s.job}", _("See what to do"), f"job show {s.job}", OPS)


def _left_over(s: State) -> Iterator[Step]:
    """What scoring has left: calls that a job gave up on, and rules that have stopped."""
    for left in s.left:
        text = ngettext(
            "{part} was not scored in the job of {day}: {why}.",
            "{part} were not scored in the job of {day}: {why}.",
            left.calls,
            part=of_them(left.calls, left.job.calls, "call"),
            day=day(left.job.at),
            why=left.reason.rstrip(".") or _("see there"),
        )
        page = f"/jobs/{left.job.id}"
        yield Step(text, page, _("Score the rest"), f"job retry {left.job.id}", OPS, post=f"{page}/retry")
    for stopped in s.rules_stopped:
        why = stopped.ran.stopped.rstrip(".") if stopped.ran else ""
        yield Step(
            _("The scoring rule {name} has stopped: {why}.", name=stopped.name, why=why),
            "/rules",
            _("See the rules"),
            "rule list",
            OPS,
        )


def _own_ratings(s: State) -> Iterator[Step]:
    """Ratings that whoever asks owes a round, or can settle with the others: people wait for them."""
    step = s.calibrating() if s.rubric_state != "none" else None
    if step is not None and step.urgent:
        yield step


def _disputes(s: State) -> Iterator[Step]:
    found = s.disputes
    if found.count:
        own, oldest = "", ""
        if found.own:
            them = ngettext(", {n} of them is yours", ", {n} of them are yours", found.own, n=found.own)
            own = _(", it is yours") if found.count == 1 else them
        if found.days:
            oldest = _("; the oldest has waited {days}", days=plural(found.days, "day"))
        page = f"/disputes/{found.newest}" if found.newest else "/disputes"
        command = f"disputes show {found.newest}" if found.newest else "disputes list --state open"
        text = ngettext(
            "{n} dispute waits for an answer{own}{oldest}.",
            "{n} disputes wait for an answer{own}{oldest}.",
            found.count,
            n=number(found.count),
            own=own,
            oldest=oldest,
        )
        yield Step(text, page, _("Answer yours") if found.own else _("Answer the newest"), command, RATERS)


def _to_review(s: State) -> Iterator[Step]:
    """Ratings against the rubric in use that a person should look at: they count as they are until somebody does."""
    counts = s.to_review() if s.scored else _no_reviews()
    if count := counts.differ + counts.failed:
        text = ngettext(
            "{n} rating should be looked at by a person: {differ} with two readings that differ, {failed} failed.",
            "{n} ratings should be looked at by a person: {differ} with two readings that differ, {failed} failed.",
            count,
            n=number(count),
            differ=number(counts.differ),
            failed=number(counts.failed),
        )
        yield Step(text, "/calls/review", _("Look at these first"), "ratings list --review", RATERS)


def _often_disputed(s: State) -> Iterator[Step]:
    step = s.disputed()
    if step is not None:
        yield step


def _running_job(s: State) -> Iterator[Step]:
    if s.job_state in ("queued", "running"):
        result = capital(_(_LEADS_TO.get(s.job_kind, _RESULT)))
        text = _("{result} are being worked on; you may leave, it goes on.", result=result)
        yield Step(text, f"/jobs/{s.job}", _("Watch it"), f"job watch {s.job}", OPS, waits=False)


def _setting_up(s: State) -> Iterator[Step]:
    """Nothing is here yet, and no model: three things to begin with, one after the other."""
    if not (s.interviews or s.calls or s.model_bound or s.rater_bound) and s.rubric_state == "none":
        text = _("Set up: a model or none, something to read (your own or the sample), people.")
        yield Step(text, "/begin", _("Set up"), "init", OPS)


def _open_interviews(s: State) -> Iterator[Step]:
    if s.open_interviews:
        text = ngettext(
            "{n} interview is left out until it is said who in it is the buyer.",
            "{n} interviews are left out until it is said who in them is the buyer.",
            s.open_interviews,
            n=number(s.open_interviews),
        )
        yield Step(text, "/sides/interviews", _("Say who is who"), "interviews sides", OPS)


def _open_calls(s: State) -> Iterator[Step]:
    if s.open_calls:
        text = ngettext(
            "{n} call is left out until it is said who in it is the rep.",
            "{n} calls are left out until it is said who in them is the rep.",
            s.open_calls,
            n=number(s.open_calls),
        )
        yield Step(text, "/sides/calls", _("Say who is who"), "calls sides", OPS)


def _first_interviews(s: State) -> Iterator[Step]:
    if not s.extracted and s.rubric_state == "none":
        yield from _reading(s)


def _reading(s: State) -> Iterator[Step]:
    """Interviews, and the patterns that are to be found in them."""
    page, command = "/upload?kind=interview", "interviews import FOLDER --manifest FILE"
    if not s.interviews:
        text = _("Upload your win-loss interviews, won and lost; everything else is made from them.")
        yield Step(text, page, _("Upload interviews"), command, OPS)
        return
    if min(s.won, s.lost) < EACH_OUTCOME:
        text = _(
            "{won} won and {lost} lost interviews are here; with fewer than {each_outcome} of each "
            "no pattern can be trusted.",
            won=s.won,
            lost=s.lost,
            each_outcome=EACH_OUTCOME,
        )
        yield Step(text, page, _("Upload more interviews"), command, OPS)
    if not s.won or not s.lost:
        return  # nothing to set against each other
    if not s.model_bound:
        text = _("Finding patterns takes a model, and none is set up yet.")
        yield Step(text, _MODELS, _("Set a model up"), "model list", OPS)
        return
    text = _("Find what separates your {won} won from your {lost} lost deals.", won=s.won, lost=s.lost)
    yield Step(text, "/jobs/new/extract", _("Find patterns"), "patterns extract", OPS)


def _criteria(s: State) -> Iterator[Step]:
    if s.rubric_state != "none" or not s.extracted:
        return
    look = ("/patterns", _("Look at the patterns"), "patterns list", OPS)
    if not s.distinguishing and not s.leaning:
        text = _("No pattern separates won from lost in these interviews; look at them, or upload more.")
        yield Step(text, *look)
    elif not s.distinguishing:
        text = _(
            "{patterns} only lean towards an outcome: look at them, then draft criteria or upload more interviews.",
            patterns=plural(s.leaning, "pattern"),
        )
        yield Step(text, *look)
    elif not s.model_bound:
        text = _("Drafting criteria takes a model, and none is set up; you can also write them by hand.")
        yield Step(text, "/rubric/new/edit", _("Write criteria"), "rubric import FILE", OPS)
    else:
        text = ngettext(
            "Draft a criterion for each of the {n} pattern that separate won from lost.",
            "Draft a criterion for each of the {n} patterns that separate won from lost.",
            s.distinguishing,
            n=number(s.distinguishing),
        )
        yield Step(text, "/jobs/new/draft", _("Draft criteria"), "criteria draft", OPS)


def _editing_draft(s: State) -> Iterator[Step]:
    """Before anything is rated with it; where a rubric is in use, changes to it can wait."""
    if s.rubric_state != "deployed":
        yield from _editing(s)


def _editing(s: State) -> Iterator[Step]:
    if s.editing is not None:
        text = _("A rubric is being edited: finish it and publish it, or give the changes up.")
        yield Step(text, f"/rubric/{s.editing or 'new'}/edit", _("Go on editing"), roles=OPS)


def _calibration(s: State) -> Iterator[Step]:
    """Before a rubric is deployed, all else waits for it; afterwards a round is one thing among others."""
    step = s.calibrating() if s.rubric_state not in ("none", "deployed") else None
    if step is not None and step.roles:
        yield step


def _calibration_beside(s: State) -> Iterator[Step]:
    step = s.calibrating() if s.rubric_state == "deployed" else None
    if step is not None and step.roles:
        yield step


def _waiting(s: State) -> Iterator[Step]:
    """A round for which others are waited for, where nothing else is to be done."""
    step = s.calibrating() if s.rubric_state != "none" else None
    if step is not None and not step.roles:
        yield step


def _calls(s: State) -> Iterator[Step]:
    if s.rubric_state == "none":
        return
    if not s.calls:
        text = _("Upload calls to score them.")
        yield Step(text, "/upload?kind=call", _("Upload calls"), "calls import FOLDER --manifest FILE", OPS)
    elif s.rubric_state != "draft":
        yield from _scoring(s)


def _scoring(s: State) -> Iterator[Step]:
    if s.unrated and s.rubric_state != "none" and not s.rater_bound:
        text = ngettext(
            "{n} call has no ratings against {rubric}: scoring it takes a model, and none is set up.",
            "{n} calls have no ratings against {rubric}: scoring them takes a model, and none is set up.",
            s.unrated,
            n=number(s.unrated),
            rubric=s.rubric,
        )
        yield Step(text, _MODELS, _("Set a model up"), "model list", OPS)
    elif s.unrated and s.rubric_state != "none":
        text = ngettext(
            "Score {n} call that has no ratings against {rubric}.",
            "Score {n} calls that have no ratings against {rubric}.",
            s.unrated,
            n=number(s.unrated),
            rubric=s.rubric,
        )
        if s.rubric_state == "draft":
            text = " ".join((text, _("It is a draft: its scores are a first impression.")))
        yield Step(text, "/jobs/new/score", _("Score calls"), "score run", OPS)


def _missing_baselines(s: State) -> Iterator[Step]:
    if s.without_baseline:
        yield from _season(s)


def _deals(s: State) -> Iterator[Step]:
    if s.scored and not s.deals:
        text = _("Import your deals, to see whether coaching goes with the win rate.")
        yield Step(text, "/upload?kind=deals", _("Import deals"), "deals import FILE", OPS)


def _few_calls(s: State) -> Iterator[Step]:
    if s.scored and 0 < s.calls < CALLS_INSIDE:
        text = ngettext(
            "{n} call is few for baselines; upload more.",
            "{n} calls are few for baselines; upload more.",
            s.calls,
            n=number(s.calls),
        )
        yield Step(text, "/upload?kind=call", _("Upload calls"), "calls import FOLDER --manifest FILE", OPS)


def _season(s: State) -> Iterator[Step]:
    step = s.coaching() if s.scored else None
    if step is not None:
        yield step


def _patterns_after_all(s: State) -> Iterator[Step]:
    """A rubric came from elsewhere; patterns can be found all the same."""
    if not s.extracted and s.rubric_state != "none":
        yield from _reading(s)
    elif s.extracted:
        text = _("See what buyers say separates won deals from lost ones.")
        yield Step(text, "/patterns", _("Open patterns"), "patterns list", TEAM, waits=False)


def _looking(s: State) -> Iterator[Step]:
    """What is always there to read."""
    if s.scored:
        yield Step(
            _("See how the team and each rep do."), "/profiles", _("Open profiles"), "baseline show", TEAM, waits=False
        )
    if s.rubric_state != "none":
        text = _("Read the rubric: calls are rated with its words.")
        yield Step(text, "/rubric", _("Read the rubric"), "rubric show", TEAM, waits=False)
    text = (
        _("See the calls.") if s.calls else _("There is nothing to read yet; an ops lead uploads interviews and calls.")
    )
    yield Step(text, "/calls", _("See the calls"), "calls list", TEAM, waits=False)


_STAGES: tuple[tuple[Area, Callable[[State], Iterator[Step]]], ...] = (
    ("uploads", _staged),
    ("jobs", _stopped_job),
    ("jobs", _left_over),
    ("rubric", _own_ratings),
    ("disputes", _disputes),
    ("calls", _to_review),
    ("jobs", _running_job),
    ("patterns", _setting_up),
    ("patterns", _open_interviews),
    ("patterns", _first_interviews),
    ("patterns", _criteria),
    ("rubric", _editing_draft),
    ("rubric", _calibration),
    ("calls", _open_calls),
    ("calls", _calls),
    ("coaching", _missing_baselines),
    ("outcomes", _deals),
    ("calls", _few_calls),
    ("coaching", _season),
    ("rubric", _calibration_beside),
    ("disputes", _often_disputed),
    ("rubric", _waiting),
    ("calls", _scoring),
    ("patterns", _patterns_after_all),
    ("rubric", _editing),
    ("", _looking),
)


@rule
def steps_for(who: Who, area: Area = "") -> list[Step]:
    """The list for `who`, out of the workspace as they may see it. Evals and webhooks are no part of the method's way:
    what is to be done about them is told on their own pages alone."""
    if area in _BESIDE:
        return [_BESIDE[area](who).told_to(who.scope.role)]
    return list(while_unchanged(who, ("steps", area, _staged_files(who)), lambda: tuple(ordered(state_of(who), area))))


_BESIDE: dict[Area, Callable[[Who], Step]] = {"evals": eval_step, "webhooks": webhook_step}


@way_rule
def way_for(who: Who) -> Way:
    """The team's way, and what waits for `who`; a rep is told neither."""
    return while_unchanged(who, ("way", _staged_files(who)), lambda: way(state_of(who)))


def way(state: State) -> Way:
    """The way as a state has it."""
    if state.role == "rep":
        return Way(frozenset(), None, ())
    done = {stage for stage in STAGES if _DONE[stage](state)}
    # What a rubric from elsewhere leaves out is not what the team is at.
    behind = STAGES.index("define") if "define" in done else -1
    here = next((stage for at, stage in enumerate(STAGES) if at > behind and stage not in done), None)
    waiting = [step for step in ordered(state) if step.waits and state.role in step.roles]
    return Way(frozenset(done), here, tuple(waiting))


_DONE: dict[Stage, Callable[[State], bool]] = {
    "ask": lambda s: min(s.won, s.lost) >= EACH_OUTCOME,
    "find": lambda s: s.extracted,
    "define": lambda s: s.rubric_state != "none",
    "calibrate": lambda s: s.rubric_state in ("calibrated", "deployed"),
    "score": lambda s: s.scored and not s.unrated,
    "coach": lambda s: s.coached,
    "prove": lambda s: s.coached and s.deals > 0,
}


def state_of(who: Who) -> State:
    """The facts as `who` may see them."""
    return who.keep("state", lambda: _state_of(who))


def _state_of(who: Who) -> State:
    space, role, rep = who.space, who.scope.role, who.scope.rep
    store = space.store
    calls, deals = store[Calls].count(), store[Overview].deals()
    if role == "rep":
        plan, rated = store[Coaching].plan_of(rep), store[Calls].page(CallFilters(rated=True), limit=1)
        return State(role=role, rep=rep, calls=calls, deals=deals, has_plan=plan is not None, scored=bool(rated))
    outcomes = [side for side, _text in sided(space)]
    patterns = patterns_to_draft(space)
    using = in_use_of(who) if store[Rubrics].all() else None
    season = season_of(who) if using else None
    staged = _staged_files(who)
    editing = next(iter(store[RubricDrafts].all()), None)
    left = tuple(left_over(store))
    return State(
        role=role,
        rep=rep,
        won=outcomes.count("won"),
        lost=outcomes.count("lost"),
        calls=calls,
        unrated=store[Overview].unrated(using.rubric.id) if using else 0,
        extracted=patterns is not None,
        distinguishing=patterns[0] if patterns else 0,
        leaning=patterns[1] if patterns else 0,
        rubric=using.rubric.label if using else "",
        rubric_state=store[RubricStates].of(using.rubric.id).state if using else "none",
        editing=editing.base if editing else None,
        rounds=len(rounds_of(who)),
        scored=bool(season and season.reps),
        coached=bool(season and season.periods),
        baselines=len(season.baselines) if season else 0,
        without_baseline=len(season.without_baseline) if season else 0,
        deals=deals,
        disputes=waiting_for(who) if store[Overview].open_disputes() else Waiting(),
        model_bound=bool(space.model) or all(map(space.settings.binding, ("analyst_a", "analyst_b", "drafter"))),
        rater_bound=bool(space.model) or bool(space.settings.binding("rater")),
        open_interviews=store[Overview].open_interviews(),
        open_calls=len(store[Calls].with_open_sides()),
        left=left,
        rules_stopped=tuple(rule for rule in store[ScoringRules].all() if rule.on and rule.ran and rule.ran.stopped),
        staged=staged[0],
        staged_files=staged[1],
        calibrating=cache(lambda: calibration_step(who)),
        coaching=cache(lambda: season_step(who)),
        disputed=cache(lambda: disputed_step(who)),
        to_review=cache(lambda: store[Reviews].counts(viewer=who.name, rubric=using.rubric.id if using else "")),
        **_job(who, left),
    )


def _staged_files(who: Who) -> tuple[str, int]:
    """The newest files that this person has brought and not stored: the id, and how many."""
    owner = who.person.id if who.person else who.token
    if not owner or not who.scope.may_run:
        return "", 0
    area = StagingArea(who.space.settings.workspace, owner)
    waiting = ((staged.id, len(area.names(staged.id))) for staged in area.all())
    return next((one for one in waiting if one[1]), ("", 0))


def _job(who: Who, left: Sequence[Left]) -> dict[str, Any]:
    """What waits for somebody, else what is under way, else the newest of all where it has failed: what came after a
    failure makes up for it. What scoring has left over is told with the calls."""
    jobs = who.space.store[Jobs]
    found = next(iter([*jobs.list(("paused",), limit=1), *jobs.list(OPEN, limit=1)]), None)
    if found is None:
        found = next(iter(jobs.list(limit=1)), None)
        if found is None or found.state != "failed" or any(one.job.id == found.id for one in left):
            return {}
    reason = found.reason.rstrip(".") or "see there"
    return {"job": found.id, "job_kind": found.kind, "job_state": found.state, "job_reason": reason}
