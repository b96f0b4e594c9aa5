"""What there is, and the one thing to do next, for each role. Facts in, one step out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote

from agent.app.queue.store import Jobs
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.coaching.store import Coaching
from agent.db.overview import Overview
from agent.people.store import People
from agent.profiles.store_baselines import Baselines
from agent.rubrics.in_use import rubric_in_use
from agent.rubrics.store_states import RubricStates
from agent.start.readiness_rules import CALLS_INSIDE, EACH_OUTCOME

if TYPE_CHECKING:
    from agent.core.people import Role
    from agent.workspace import Workspace

RubricStanding = Literal["none", "draft", "calibrated", "deployed"]
_LEADS_TO = {"extract": "the patterns", "draft": "the criteria", "score": "the scores", "score_batch": "the scores"}


@dataclass(frozen=True)
class Step:
    """One sentence and one button."""

    sentence: str
    button: str
    path: str


@dataclass(frozen=True)
class RoundFacts:
    """The newest calibration round. `mine` says whether whoever asks still owes ratings in it."""

    number: int
    state: Literal["rating", "rated", "closed"]
    waiting: tuple[str, ...] = ()
    mine: bool = False
    calls: int = 0


@dataclass(frozen=True)
class State:
    """What a workspace holds, as far as the person who asks may see it."""

    role: Role = "ops_lead"
    rep: str = ""
    won: int = 0
    lost: int = 0
    calls: int = 0
    extracted: bool = False
    distinguishing: int = 0
    leaning: int = 0
    rubric: str = ""
    standing: RubricStanding = "none"
    rounds: int = 0
    round: RoundFacts | None = None
    people_who_rate: int = 0
    scored: bool = False
    baselines: int = 0
    deals: int = 0
    open_disputes: int = 0
    has_plan: bool = False
    model_bound: bool = False
    job: str = ""
    job_kind: str = ""
    job_state: str = ""
    job_reason: str = ""
    staged: str = ""
    staged_files: int = 0

    @property
    def interviews(self) -> int:
        """Won and lost together."""
        return self.won + self.lost


def next_step(state: State) -> Step:
    """The step that matters most for this role now."""
    match state.role:
        case "rep":
            return _rep(state)
        case "manager":
            return _manager(state)
        case "viewer":
            return _viewer(state)
        case "ops_lead":
            return next(step for stage in _OPS_LEAD if (step := stage(state)) is not None)


def _rep(s: State) -> Step:
    path = f"/profiles/{quote(s.rep, safe='')}" if s.rep else "/profiles"
    if not s.calls:
        return Step("None of your calls is here yet; your ops lead uploads them.", "Open your page", path)
    if s.has_plan:
        return Step(
            "Your coaching plan says what to try in the next calls, with moments from your own.", "Open your plan", path
        )
    if not s.scored:
        there = f"Your {_count(s.calls, 'call')} {'is' if s.calls == 1 else 'are'} here; none is rated yet"
        return Step(f"{there}: read what was said.", "See your calls", "/calls")
    return Step(f"Look at how your {_count(s.calls, 'call')} were rated, and dispute what you see differently.", "Open your page", path)  # fmt: skip


def _manager(s: State) -> Step:
    if s.round is not None and s.round.mine:
        what = f"Rate the {_count(s.round.calls, 'call')} of calibration round {s.round.number} on your own."
        return Step(
            f"{what} Nobody sees your ratings before all have submitted.",
            "Rate now",
            f"/calibration/{s.round.number}/rate",
        )
    if s.open_disputes:
        disputes, wait = _count(s.open_disputes, "dispute"), "waits" if s.open_disputes == 1 else "wait"
        return Step(f"{disputes} {wait} for an answer.", "Answer disputes", "/disputes")
    if s.round is not None and s.round.state == "rated":
        return Step(
            f"All have submitted round {s.round.number}: look where you differ and settle it.",
            "Compare ratings",
            f"/calibration/{s.round.number}",
        )
    if s.baselines:
        return Step("See who has moved, and plan what to coach next.", "Open coaching", "/coaching")
    if s.standing != "none":
        return Step(
            "Read the rubric before the next calibration round: you rate with its words.", "Read the rubric", "/rubric"
        )
    return Step("There is no rubric yet; your ops lead makes it from the interviews.", "See the calls", "/calls")


def _viewer(s: State) -> Step:
    if s.baselines:
        return Step("See how the team and each rep stand.", "Open profiles", "/profiles")
    if s.extracted:
        return Step("See what buyers say separates won deals from lost ones.", "Open patterns", "/patterns")
    return Step("There is nothing to read yet; an ops lead uploads interviews first.", "See the calls", "/calls")


def _staged(s: State) -> Step | None:
    if not s.staged:
        return None
    return Step(f"{_count(s.staged_files, 'file')} you brought {'is' if s.staged_files == 1 else 'are'} not stored yet.", "Go on with the upload", f"/upload/{s.staged}")  # fmt: skip


def _working(s: State) -> Step | None:
    if not s.job:
        return None
    result = _LEADS_TO.get(s.job_kind, "the result")
    if s.job_state == "paused":
        return Step(f"The work on {result} is paused: {s.job_reason}.", "See what to do", f"/jobs/{s.job}")
    return Step(f"{result.capitalize()} are being worked on; you may leave, it goes on.", "Watch it", f"/jobs/{s.job}")


def _interviews(s: State) -> Step | None:
    if s.extracted or s.standing != "none":
        return None
    if not s.interviews:
        return Step("Upload your win-loss interviews, won and lost; everything else is made from them.", "Upload interviews", "/upload?kind=interview")  # fmt: skip
    if min(s.won, s.lost) < EACH_OUTCOME:
        there = f"{s.won} won and {s.lost} lost interviews are here"
        return Step(f"{there}; with fewer than {EACH_OUTCOME} of each no pattern can be trusted.", "Upload more interviews", "/upload?kind=interview")  # fmt: skip
    if not s.model_bound:
        return Step(
            "Finding patterns takes a model, and none is bound yet.", "See how to bind one", "/jobs/new/extract"
        )
    return Step(f"Find what separates your {s.won} won from your {s.lost} lost deals.", "Find patterns", "/jobs/new/extract")  # fmt: skip


def _criteria(s: State) -> Step | None:
    if s.standing != "none":
        return None
    if not s.distinguishing and not s.leaning:
        return Step("No pattern separates won from lost in these interviews; look at them, or upload more.", "Look at the patterns", "/patterns")  # fmt: skip
    if not s.distinguishing:
        return Step(f"{_count(s.leaning, 'pattern')} only lean towards an outcome: look at them, then draft criteria or upload more interviews.", "Look at the patterns", "/patterns")  # fmt: skip
    if not s.model_bound:
        return Step("Drafting criteria takes a model, and none is bound; you can also write them by hand.", "See how", "/jobs/new/draft")  # fmt: skip
    what = f"Draft a criterion for each of the {_count(s.distinguishing, 'pattern')} that separate won from lost."
    return Step(what, "Draft criteria", "/jobs/new/draft")


def _calibration(s: State) -> Step | None:
    if s.standing != "draft":
        return None
    if not s.calls:
        return Step(f"{s.rubric} is a draft. Upload calls, so that managers can calibrate it on them.", "Upload calls", "/upload?kind=call")  # fmt: skip
    if s.round is not None and s.round.state == "rating":
        if s.round.mine:
            return Step(f"Rate the {_count(s.round.calls, 'call')} of calibration round {s.round.number} on your own.", "Rate now", f"/calibration/{s.round.number}/rate")  # fmt: skip
        names = ", ".join(s.round.waiting)
        return Step(f"Calibration round {s.round.number} waits for {names}.", "Open the round", f"/calibration/{s.round.number}")  # fmt: skip
    if s.round is not None and s.round.state == "rated":
        return Step(f"All have submitted round {s.round.number}: see where they differ and sharpen those criteria.", "Compare ratings", f"/calibration/{s.round.number}")  # fmt: skip
    if s.people_who_rate < 2:
        return Step(f"{s.rubric} is a draft. Two people have to rate calls with it: give managers an account.", "Add managers", "/admin/people")  # fmt: skip
    again = "another" if s.rounds else "a"
    return Step(f"{s.rubric} is a draft. Open {again} calibration round, so that its scores can be trusted.", "Open a round", "/calibration")  # fmt: skip


def _deploying(s: State) -> Step | None:
    if s.standing != "calibrated":
        return None
    return Step(f"All criteria of {s.rubric} have passed calibration: deploy it.", "Deploy the rubric", "/rubric")


def _coaching(s: State) -> Step | None:
    if not s.calls:
        return Step("Upload calls to score them.", "Upload calls", "/upload?kind=call")
    if not s.scored:
        return Step(f"Score your {_count(s.calls, 'call')} against {s.rubric}.", "Score calls", "/jobs/new/score")
    if not s.baselines:
        return Step("Draw each rep's baseline; coaching is measured against it.", "Draw baselines", "/profiles")
    if s.open_disputes:
        disputes, wait = _count(s.open_disputes, "dispute"), "waits" if s.open_disputes == 1 else "wait"
        return Step(f"{disputes} {wait} for an answer.", "Answer disputes", "/disputes")
    if not s.deals:
        return Step("Import your deals, to see whether coaching goes with the win rate.", "Import deals", "/upload?kind=deals")  # fmt: skip
    if s.calls < CALLS_INSIDE:
        return Step(f"{_count(s.calls, 'call')} are few for baselines; upload more.", "Upload calls", "/upload?kind=call")  # fmt: skip
    return Step("See who has moved since the baseline, and what to coach next.", "Open coaching", "/coaching")


_OPS_LEAD: tuple[Callable[[State], Step | None], ...] = (
    _staged,
    _working,
    _interviews,
    _criteria,
    _calibration,
    _deploying,
    _coaching,
)


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def state_of(space: Workspace, role: Role, name: str, rep: str = "") -> State:
    """The facts as `name` may see them."""
    from agent.calls.store import CallFilters
    from agent.jobs.plans import patterns_to_draft

    store = space.store
    calls, deals = store[Calls].count(), store[Overview].deals()
    if role == "rep":
        plan, rated = store[Coaching].plan_of(rep), store[Calls].page(CallFilters(rated=True), limit=1)
        return State(role=role, rep=rep, calls=calls, deals=deals, has_plan=plan is not None, scored=bool(rated))
    outcomes = [outcome for outcome, _ in store[Overview].interviews()]
    patterns = patterns_to_draft(space)
    rubric, standing = _rubric(space)
    rounds = store[Rounds].all()
    job = next(iter(store[Jobs].list(["running", "queued", "paused"], limit=1)), None)
    return State(
        role=role,
        rep=rep,
        won=outcomes.count("won"),
        lost=outcomes.count("lost"),
        calls=calls,
        extracted=patterns is not None,
        distinguishing=patterns[0] if patterns else 0,
        leaning=patterns[1] if patterns else 0,
        rubric=rubric[1],
        standing=standing,
        rounds=len(rounds),
        round=_round(rounds[-1], name) if rounds else None,
        people_who_rate=_raters(space, role),
        scored=bool(rubric[0]) and store[Overview].rated(rubric[0]),
        baselines=len(store[Baselines].current(rubric[0])) if rubric[0] else 0,
        deals=deals,
        open_disputes=store[Overview].open_disputes(),
        model_bound=bool(space.model) or space.settings.binding("drafter") is not None,
        job=job.id if job else "",
        job_kind=job.kind if job else "",
        job_state=job.state if job else "",
        job_reason=job.reason.rstrip(".") if job else "",
    )


def _rubric(space: Workspace) -> tuple[tuple[str, str], RubricStanding]:
    from agent.core.errors import NotFound

    try:
        rubric = rubric_in_use(space.store)
    except NotFound:
        return ("", ""), "none"
    return (rubric.id, rubric.label), space.store[RubricStates].of(rubric.id).state


def _round(found: object, name: str) -> RoundFacts:
    from agent.calibration.model import CalibrationRound

    assert isinstance(found, CalibrationRound)
    mine = found.state == "rating" and name in found.waiting
    return RoundFacts(found.number, found.state, found.waiting, mine, len(found.calls))


def _raters(space: Workspace, role: Role) -> int:
    """Accounts of people who may rate. Only an ops lead may look, and only an ops lead is told to add some."""
    if role != "ops_lead":
        return 0
    return sum(p.role in ("ops_lead", "manager") and not p.disabled for p in space.store[People].all())
