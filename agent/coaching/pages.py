"""Coaching: the list of plans, one rep's plan with sessions, cycles and movement, the brief, movement of all."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.steps import next_step
from agent.app.web.auth import Anybody, Raters, SignedIn, Team
from agent.app.web.forms import Typed
from agent.app.web.paging import Pages
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.app.web.wording import capital, plain
from agent.calls.store import Calls
from agent.coaching import verbs
from agent.coaching.api import CriterionFilter, CyclesFilter, RepFilter, VerdictFilter, Wanted, movement_page
from agent.coaching.api_plans import BriefForm, Rep, brief_file, plan_lines, shown
from agent.coaching.cycles import baseline_calls_in, next_cycle, shared_note
from agent.coaching.model import CoachingPlan
from agent.coaching.proposals import TEAM
from agent.coaching.steps import movement_step, plan_step
from agent.coaching.store import Coaching
from agent.coaching.tracking import MOVEMENT, MovedRow, newest_of
from agent.coaching.views import MovementRow, NewCycle, NewSession
from agent.core.errors import InputError, NotFound
from agent.core.language import N_, _
from agent.profiles import web_figures
from agent.profiles.cycle_panels import cycle_panels
from agent.profiles.heat_map import rep_profile
from agent.profiles.model import CoachingPeriod
from agent.profiles.season import season
from agent.profiles.store import CoachingPeriods
from agent.rubrics.in_use import in_use_id, in_use_of
from agent.rubrics.model import Criterion
from agent.rubrics.store import Rubrics, RubricStates
from agent.rubrics.switcher import RubricRef, switcher
from agent.stats.criterion_movement import ENOUGH_REPS
from agent.stats.diagnosis import Diagnosis

router = page_router()

MOVED = N_("Each coached criterion of each rep, in the last cycle with rated calls (or in all), against the baseline.")
Short = Annotated[str, Form(max_length=200)]
Text = Annotated[str, Form(max_length=4000)]
Ids = Annotated[list[Annotated[str, Form(max_length=100)]], Form(max_length=50)]


@router.get("/coaching")
def plans(request: Request, who: Anybody, paging: Pages, rubric: RubricRef = "") -> HTMLResponse:
    """The team and every rep with the newest plan; for a rep the own plan."""
    if who.scope.only_rep is not None:
        return _rep_page(request, who, who.scope.rep, rubric)
    values = {
        "page": plan_lines(who, paging),
        "team": TEAM,
        "step": next_step(who, "coaching"),
        "which": switcher(request, who, rubric),
        "labels": {one.rubric.id: one.rubric.label for one in who.space.store[Rubrics].all()},
    }
    return render(request, "coaching/list.html", who, values)


@router.get("/coaching/movement")
def movement(
    request: Request,
    who: Team,
    paging: Pages,
    rep: RepFilter = "",
    criterion: CriterionFilter = "",
    verdict: VerdictFilter = "",
    cycles: CyclesFilter = "last",
    rubric: RubricRef = "",
) -> HTMLResponse:
    """Every rep's coached criteria against the baseline: the last cycle, or all."""
    if not in_use_id(who.space.store, rubric):
        values = {"step": next_step(who, "calls"), "title": _("What moved"), "purpose": MOVED}
        values |= {
            "kind": "lines",
            "drawn": _("Here stands a line for each coached criterion: the rate before, and in each cycle since."),
        }
        return render(request, "profiles/empty.html", who, values)
    wanted = Wanted(rep, criterion, verdict, cycles)
    movement = movement_page(request, who, paging, wanted, rubric)
    values = {
        "which": switcher(request, who, rubric),
        "found": movement,
        "page": movement,
        "step": movement_step(who, movement),
        "purpose": MOVED,
        "enough_reps": ENOUGH_REPS,
        "criteria": _all_criteria(who),
        "in_use": in_use_of(who).rubric.criteria,
        "wanted": wanted,
        "reps": who.space.store[Calls].reps(),
        "again": f"/coaching/movement?{request.url.query}",
    }
    return render(request, "coaching/movement.html", who, values)


def _all_criteria(who: SignedIn) -> dict[str, Criterion]:
    """The newest wording of every criterion there ever was."""
    return {c.id: c for stored in who.space.store[Rubrics].all() for c in stored.rubric.criteria}


@router.get("/coaching/{rep}")
def coaching(request: Request, who: Anybody, rep: Rep, rubric: RubricRef = "") -> HTMLResponse:
    """One rep's plan, or the team's."""
    return _rep_page(request, who, rep, rubric)


def _rep_page(request: Request, who: SignedIn, rep: str, rubric: str = "") -> HTMLResponse:
    store = who.space.store
    only = who.scope.only_rep
    if rep != only and (only is not None or (rep != TEAM and rep not in store[Calls].reps())):
        raise NotFound(_("there is no rep {rep} with a call", rep=repr(rep)))
    plan = store[Coaching].plan_of(rep)
    periods = [period for period in store[CoachingPeriods].all() if period.rep == rep]
    season = Season.none() if rep == TEAM else _season(request, who, rep, rubric)
    values: dict[str, Any] = {
        "rep": rep,
        "which": switcher(request, who, rubric, f"/coaching/{quote(rep, safe='')}"),
        "team": rep == TEAM,
        "own": who.scope.only_rep is not None,
        "plan": shown(request, who, plan) if plan else None,
        "bound": who.space.settings.binding("drafter") is not None,
        "periods": periods,
        "sessions": store[Coaching].sessions(rep)[::-1],
        "criteria": _all_criteria(who),
        "choices": season.criteria,
        "panels": cycle_panels(
            [row.movement for row in season.rows], season.criteria, store[RubricStates].marks(in_use_id(store, rubric))
        ),
        "rows": [MovementRow.kept(row) for row in season.rows],
        "season": season,
        "step": plan_step(who, rep, plan, periods),
        "typed": _begun(plan, periods),
    }
    return render(request, "coaching/rep.html", who, values)


@dataclass(frozen=True)
class Season:
    """What is known of a rep's movement: whether there are ratings and a baseline, and the rows."""

    rated: bool
    baseline: bool
    criteria: tuple[Criterion, ...]
    rows: tuple[MovedRow, ...]

    @classmethod
    def none(cls) -> "Season":
        """Nothing."""
        return cls(rated=False, baseline=False, criteria=(), rows=())


def _season(request: Request, who: SignedIn, rep: str, reference: str) -> Season:
    """From the figure on all reps where it is as new as the ratings; else the rep's rows worked out now, with the
    diagnoses of the last figure."""
    rubric = in_use_id(who.space.store, reference)
    if not rubric:
        return Season.none()
    diagnoses: dict[str, Diagnosis | None] = {}
    if who.scope.only_rep is None:
        figure = web_figures.figure(request, who.space, MOVEMENT, rubric)
        kept = figure.kept.value.rows if figure.kept and figure.kept.value else ()
        own = tuple(row for row in kept if row.movement.rep == rep)
        if figure.current and own:
            return Season(rated=True, baseline=True, criteria=who.space.store[Rubrics].get(rubric).criteria, rows=own)
        diagnoses = {row.movement.criterion: row.diagnosis for row in own if row.last}
    return _season_now(who, rep, rubric, diagnoses)


def _season_now(who: SignedIn, rep: str, rubric: str, diagnoses: dict[str, Diagnosis | None]) -> Season:
    try:
        profile = rep_profile(season(who.space, rubric=rubric), rep)
    except NotFound:
        return Season.none()
    last = newest_of(profile.movement)
    rows = []
    for row in profile.movement:
        is_last = row is last[row.rep, row.criterion]
        rows.append(MovedRow(movement=row, diagnosis=diagnoses.get(row.criterion) if is_last else None, last=is_last))
    return Season(rated=True, baseline=profile.baseline is not None, criteria=profile.criteria, rows=tuple(rows))


def _begun(plan: CoachingPlan | None, periods: Sequence[CoachingPeriod]) -> dict[str, object]:
    """What stands in the forms before anybody has typed: today, and the next cycle with the criteria of the plan."""
    today = datetime.now(UTC).date()
    cycle, start, end = next_cycle(periods, today)
    criteria = [chosen.criterion for chosen in plan.criteria] if plan else []
    return {"day": today, "cycle": cycle, "start": start, "end": end, "criteria": criteria}


@router.post("/coaching/{rep}/sessions")
def log_session(request: Request, who: Raters, rep: Rep, form: Typed) -> Response:
    """Record a session."""
    if not form.get("note"):
        raise InputError("write down what was agreed")
    new = form.filled_in(NewSession, rep=rep, criteria=form.all("criterion"))
    verbs.log_session(who, new.rep, new.note, new.criteria, new.day)
    return done(request, f"/coaching/{quote(rep, safe='')}#sessions", _("The session is recorded."))


@router.post("/coaching/{rep}/cycles")
def set_cycle(request: Request, who: Raters, rep: Rep, form: Typed) -> Response:
    """Enter a cycle, or change one of the same name."""
    if not (criteria := form.all("criterion")):
        raise InputError("choose the criteria that are coached in this cycle")
    new = form.filled_in(NewCycle, rep=rep, criteria=criteria)
    made = verbs.set_cycle(who, new.rep, new.cycle, new.start, new.end, new.criteria)
    return done(request, f"/coaching/{quote(rep, safe='')}#cycles", _entered(who, made))


def _entered(who: SignedIn, made: CoachingPeriod) -> str:
    shared = shared_note(baseline_calls_in(who.space, [made]))
    return f"{capital(plain(made.cycle))} is entered." + (f" {shared[:1].upper()}{shared[1:]}." if shared else "")


@router.post("/coaching/{rep}/cycles/remove")
def remove_cycle(request: Request, who: Raters, rep: Rep, cycle: Short = "") -> Response:
    """Take a cycle out that was entered by mistake."""
    verbs.remove_cycle(who, rep, cycle)
    return done(request, f"/coaching/{quote(rep, safe='')}#cycles", f"{capital(plain(cycle))} is removed.")


@router.get("/coaching/{rep}/brief")
def brief(who: Anybody, rep: Rep, format: Annotated[BriefForm, Query()] = "html") -> Response:
    """The one-page brief, to print or to download."""
    return brief_file(who, rep, format)
