"""Coaching sessions, cycles, and movement against the baseline."""

from typing import Annotated, Any, Literal

from fastapi import Path, Query, Request

from agent.app.view import Page
from agent.app.web.auth import Anybody, Raters, SignedIn
from agent.app.web.paging import Pages
from agent.app.web.routes import api_router
from agent.coaching.api_plans import Rep
from agent.coaching.store import Coaching
from agent.coaching.tracking import MOVEMENT, newest_of
from agent.coaching.verbs import log_session, remove_cycle, set_cycle
from agent.coaching.views import CycleView, MovementOut, MovementRow, NewCycle, NewSession, SessionView
from agent.core.errors import UsageError
from agent.profiles import web_figures
from agent.profiles.figures import shell_of
from agent.profiles.heat_map import rep_profile
from agent.profiles.model import CoachingPeriod
from agent.profiles.season import season
from agent.profiles.store import CoachingPeriods
from agent.rubrics.in_use import in_use_id
from agent.rubrics.store import Rubrics
from agent.rubrics.switcher import RubricRef
from agent.rubrics.views import RubricName
from agent.stats.trends import VERDICTS, MovementVerdict

router = api_router("coaching")

RepFilter = Annotated[str, Query(max_length=200, description="Only of this rep.")]
CriterionFilter = Annotated[str, Query(max_length=100, description="Only of this criterion.")]
VerdictFilter = Annotated[
    Literal["", "moved", "not_moved", "cannot_tell"], Query(description="Only with this verdict.")
]

CyclesFilter = Annotated[Literal["all", "last"], Query(description="All cycles, or the last one with rated calls.")]


@router.get("/sessions")
def list_sessions(who: Anybody, paging: Pages, rep: RepFilter = "") -> Page[SessionView]:
    """Coaching sessions, newest first."""
    numbered = list(enumerate(who.space.store[Coaching].sessions(rep)))[::-1]
    left = [pair for pair in numbered if paging.after is None or pair[0] < paging.after]
    return paging.page(left[: paging.fetch], lambda pair: pair[0], lambda pair: SessionView.of(pair[1]))


@router.post("/sessions", status_code=201)
def log(who: Raters, new: NewSession) -> SessionView:
    """Record a session that took place."""
    return SessionView.of(log_session(who, new.rep, new.note, new.criteria, new.day))


@router.get("/cycles")
def list_cycles(who: Anybody, paging: Pages, rep: RepFilter = "") -> Page[CycleView]:
    """Coaching cycles, by rep and start."""
    cycles = [period for period in who.space.store[CoachingPeriods].all() if rep in ("", period.rep)]
    left = [one for one in cycles if paging.after is None or _place(one) > paging.after]
    return paging.page(left[: paging.fetch], _place, CycleView.of)


def _place(period: CoachingPeriod) -> tuple[str, str, str]:
    return period.rep, period.start.isoformat(), period.cycle


@router.post("/cycles", status_code=201)
def enter_cycle(who: Raters, new: NewCycle) -> CycleView:
    """Store a cycle; one of the same rep and name is replaced."""
    return CycleView.of(set_cycle(who, new.rep, new.cycle, new.start, new.end, new.criteria))


@router.delete("/cycles/{rep}/{cycle}")
def take_cycle_out(who: Raters, rep: Rep, cycle: Annotated[str, Path(max_length=100)]) -> CycleView:
    """Take a cycle out that was entered by mistake."""
    return CycleView.of(remove_cycle(who, rep, cycle))


@router.get("/movement")
def read_movement(
    request: Request,
    who: Anybody,
    paging: Pages,
    rep: RepFilter = "",
    criterion: CriterionFilter = "",
    verdict: VerdictFilter = "",
    cycles: CyclesFilter = "all",
    rubric: RubricRef = "",
) -> MovementOut:
    """Each coached criterion, cycle by cycle, against the baseline. A rep gets the own rows, without a diagnosis: that
    would tell of others."""
    return movement_page(request, who, paging, Wanted(rep, criterion, verdict, cycles), rubric)


class Wanted:
    """Which rows of movement."""

    def __init__(
        self,
        rep: str = "",
        criterion: str = "",
        verdict: MovementVerdict | Literal[""] = "",
        cycles: Literal["all", "last"] = "all",
    ) -> None:
        self.rep, self.criterion, self.verdict, self.cycles = rep, criterion, verdict, cycles

    def has(self, row: MovementRow) -> bool:
        """Whether the row is one of them."""
        pairs = ((self.rep, row.rep), (self.criterion, row.criterion), (self.verdict, row.verdict))
        return all(wanted in ("", given) for wanted, given in pairs) and (row.last or self.cycles == "all")


def movement_page(request: Request, who: SignedIn, paging: Pages, wanted: Wanted, rubric: str = "") -> MovementOut:
    """A page of movement; the web page uses it too."""
    if who.scope.only_rep is not None:
        rated = season(who.space, rubric=rubric)
        profile = rep_profile(rated, who.scope.only_rep)
        shell: dict[str, Any] = {
            "rubric": RubricName.of(rated.rubric),
            "state": "ready",
            "as_of": None,
            "problem": "",
            "notes": [],
            "false_moved": None,
            "criteria": [],
        }
        last = newest_of(profile.movement)
        rows = [MovementRow.of(row, None, last=row is last[row.rep, row.criterion]) for row in profile.movement]
    else:
        shell, rows = _team_rows(request, who, rubric)
    if wanted.cycles == "last":  # what moved comes first; all cycles stay in their order
        rows = sorted(rows, key=lambda row: VERDICTS.index(row.verdict))
    kept = [(at, row) for at, row in enumerate(rows) if wanted.has(row) and (paging.after is None or at > paging.after)]
    page = paging.page(kept[: paging.fetch], lambda pair: pair[0], lambda pair: pair[1])
    return MovementOut(**shell, items=page.items, next=page.next)


def _team_rows(request: Request, who: SignedIn, rubric: str) -> tuple[dict[str, Any], list[MovementRow]]:
    known = in_use_id(who.space.store, rubric)
    if not known:
        raise UsageError("there is no rubric yet, so nothing can have moved")
    figure = web_figures.figure(request, who.space, MOVEMENT, known)
    value = figure.kept.value if figure.kept else None
    shell = shell_of(figure, RubricName.of(who.space.store[Rubrics].get(known)), web_figures.trouble(request, figure))
    shell |= {"false_moved": value.false_moved if value else None, "criteria": list(value.criteria) if value else []}
    return shell, [MovementRow.kept(row) for row in value.rows] if value else []
