"""Rounds over HTTP: opening, who has submitted, what came out, settling, ending, the log.
The API first, then the pages."""

import asyncio
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agent.app.steps import next_step
from agent.app.view import Page
from agent.app.web.auth import OpsLead, Raters, SignedIn, Team
from agent.app.web.forms import Typed
from agent.app.web.paging import Pages
from agent.app.web.problems import status_of
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.calibration import rounds, verbs
from agent.calibration.choosing import Choice, chosen_calls, explained, possible_raters, raters_for
from agent.calibration.model import CalibrationRound
from agent.calibration.outlook import outlooks_of, plan_words, proposed_calls
from agent.calibration.rounds import newest_version
from agent.calibration.steps import (
    first_unsettled,
    log_rows,
    reference_words,
    state_words,
    step_of_round,
    until_words,
)
from agent.calibration.store import Rounds
from agent.calibration.views import (
    AdjudicationView,
    ChangeIn,
    Ending,
    NewRound,
    RevealView,
    RoundLogView,
    RoundPlanIn,
    RoundView,
)
from agent.calibration.views_report import OngoingView, RoundReportView
from agent.calls.store import Calls
from agent.core.errors import (
    CloseReadError,
    ConfigError,
    Conflict,
    GateClosed,
    InputError,
    ModelError,
    NotFound,
    UsageError,
)
from agent.core.language import _
from agent.core.people import is_model
from agent.ratings.overriding import Given
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics

api = api_router("calibration")
pages = page_router()

Number = Annotated[int, Path(ge=1, le=10**9, description="Number of the round.", examples=[2])]


def round_of(who: SignedIn, number: int) -> CalibrationRound:
    """The round of that number. NotFound if there is none."""
    return who.space.store[Rounds].get(str(number))


@api.get("/rounds")
def list_rounds(who: Team, paging: Pages) -> Page[RoundView]:
    """All rounds, newest first."""
    newest_first = sorted(who.space.store[Rounds].all(), key=lambda one: -one.number)
    left = [one for one in newest_first if paging.after is None or one.number < paging.after]
    return paging.page(left[: paging.fetch], lambda one: one.number, lambda one: RoundView.of(who.space, one))


@api.get("/calibration/ongoing")
def ongoing(who: Team) -> OngoingView:
    """Ongoing calibration of the deployed rubric: marks, and how each criterion does since it passed. A round of it is
    opened with `ongoing` in POST /rounds. 409 while nothing is deployed."""
    return OngoingView.of(who.space, verbs.deployed_rubric(who.space))


@api.post("/rounds", status_code=201)
def open_round(who: OpsLead, new: NewRound, response: Response) -> RoundView:
    """Open a round. Where the model is one of the raters it is asked for the ratings that it has not given yet."""
    # This runs in a thread of its own: the model's answers are waited for here, and the server goes on.
    made = asyncio.run(verbs.open_round(who, **new.model_dump()))
    response.headers["Location"] = f"/api/v1/rounds/{made.number}"
    return RoundView.of(who.space, made)


@api.get("/rounds/{number}")
def read_round(who: Team, number: Number) -> RoundView:
    """One round: who has submitted and how far the others are, never what they gave."""
    return RoundView.of(who.space, round_of(who, number))


@api.post("/rounds/{number}/close")
def close_round(who: OpsLead, number: Number, ending: Ending) -> RoundView:
    """End a round. A rubric whose criteria have all passed becomes calibrated."""
    return RoundView.of(who.space, verbs.close_round(who, str(number), ending.reason, give_up=ending.give_up))


@api.get("/rounds/{number}/log")
def read_log(who: Team, number: Number, paging: Pages) -> Page[RoundLogView]:
    """The round's log, oldest first: who looked, drafted, submitted, corrected. Nothing is ever taken out of it."""
    entries = list(enumerate(who.space.store[Rounds].log([round_of(who, number)])))
    left = [row for row in entries if paging.after is None or row[0] > paging.after]
    return paging.page(left[: paging.fetch], lambda row: row[0], lambda row: RoundLogView.of(row[1], number))


@api.get("/rounds/{number}/ratings")
def reveal(who: Team, number: Number) -> RevealView:
    """The submitted ratings as far as you may see them; each look is in the round's log."""
    found = round_of(who, number)
    look = who.space.store[Ratings].of_round(found.id, viewer=who.name)
    return RevealView.of(found, look, rounds.rater_names(who.scope, found))


@api.get("/rounds/{number}/report")
def report(who: Team, number: Number) -> RoundReportView:
    """Verdicts, calls that split the raters, leniency, the model. 409 until all have submitted, for everybody."""
    return RoundReportView.of(rounds.report_of(who.space, str(number), who.name))


@api.post("/rounds/{number}/adjudications", status_code=201)
def adjudicate(who: Raters, number: Number, change: ChangeIn) -> AdjudicationView:
    """Settle a difference: what the rating should have been. The raters' own ratings stay as they were."""
    made = verbs.settle_difference(who, str(number), change.call, change.criterion, change.given)
    return AdjudicationView.of(made.adjudication)


@api.post("/rounds/{number}/plan")
def plan(who: OpsLead, number: Number, new: RoundPlanIn) -> RoundView:
    """Say the last day for ratings, and whose ratings the others are measured against."""
    return RoundView.of(who.space, verbs.plan_round(who, str(number), new.deadline, new.reference))


# Pages.

Text = Annotated[str, Form(max_length=4000)]
Short = Annotated[str, Form(max_length=200)]
Day = Annotated[str, Form(max_length=20)]
Names = Annotated[list[Annotated[str, Form(max_length=200)]], Form(max_length=100)]


@pages.get("/calibration")
def list_page(request: Request, who: Team, paging: Pages) -> HTMLResponse:
    """All rounds, with who has submitted and the next step."""
    page = list_rounds(who, paging)
    values = {"page": page, "state_words": state_words, "step": next_step(who, "rubric")}
    return render(request, "calibration/list.html", who, values)


@dataclass
class RoundForm:
    """What stands in the form for a new round."""

    rubric: str = ""
    raters: list[str] = field(default_factory=list)
    pick: str = ""
    others: str = ""
    ticked: list[str] = field(default_factory=list)
    deadline: str = ""
    reference: str = ""

    @property
    def named(self) -> list[str]:
        """The calls that were chosen by hand, or kept of those that were picked."""
        return [*self.ticked, *(part.strip() for part in self.others.replace("\n", ",").split(",") if part.strip())]

    @property
    def count(self) -> int:
        """How many calls to pick. InputError for what is no number."""
        if not self.pick.strip():
            return 0
        if not self.pick.strip().isdecimal() or not 1 <= int(self.pick) <= 500:
            raise InputError(_("{pick} is no number of calls; give 1 to 500", pick=repr(self.pick)))
        return int(self.pick)


@pages.get("/calibration/open")
def open_form(
    request: Request,
    who: OpsLead,
    rubric: Annotated[str, Query(max_length=200)] = "",
    rater: Annotated[list[Annotated[str, Query(max_length=200)]] | None, Query(max_length=50)] = None,
    pick: Annotated[int, Query(ge=0, le=500)] = 0,
) -> HTMLResponse:
    """The form for a new round."""
    return _open_page(request, who, RoundForm(rubric, list(rater or []), str(pick or "")))


@pages.post("/calibration/open")
def open_or_show(request: Request, who: OpsLead, form: Typed) -> Response:
    """Show which calls would be taken and why, or open the round with them."""
    texts = {name: form.get(name, "") for name in ("rubric", "pick", "others", "deadline", "reference")}
    typed = RoundForm(raters=form.all("rater"), ticked=form.all("call"), **texts)
    try:
        if form.get("do") == "show":
            typed.ticked = []
            return _open_page(request, who, typed, _choice(who, typed))
        which, day = (typed.rubric, typed.raters, typed.named, typed.count), day_of(typed.deadline)
        found = asyncio.run(verbs.open_round(who, *which, deadline=day, reference=typed.reference))
    except (UsageError, InputError, Conflict, ConfigError, ModelError) as error:
        return _open_page(request, who, typed, problem=error)
    return done(
        request,
        f"/calibration/{found.number}",
        _("Round {value} is open. Tell the raters to start.", value=found.number),
    )


def day_of(written: str) -> date | None:
    """The day that a form's field holds; None where it is empty. InputError for what is no day."""
    try:
        return date.fromisoformat(written.strip()) if written.strip() else None
    except ValueError:
        raise InputError(_("{written} is no day; write one as 2026-12-04", written=repr(written))) from None


def _choice(who: SignedIn, typed: RoundForm) -> Choice:
    raters_for(who, typed.raters)
    wanted = verbs.to_calibrate(who.space, typed.rubric)
    calls = chosen_calls(who.space, typed.named, typed.count or proposed_calls(who.space, wanted), 0)
    return explained(who.space, calls, picked=not typed.named)


def _open_page(
    request: Request,
    who: SignedIn,
    typed: RoundForm,
    choice: Choice | None = None,
    problem: CloseReadError | None = None,
) -> HTMLResponse:
    space = who.space
    rubrics = [stored.rubric for stored in reversed(space.store[Rubrics].all())]
    bound = space.settings.binding("rater")
    chosen = next((one for one in rubrics if typed.rubric in (one.label, one.id)), rubrics[0] if rubrics else None)
    if chosen and not typed.pick:
        typed.pick = str(proposed_calls(space, chosen))
    count = len(typed.named) or (int(typed.pick) if typed.pick.strip().isdecimal() and int(typed.pick) else 1)
    people = max(2, sum(not is_model(name) for name in typed.raters))
    values: dict[str, Any] = {
        "typed": typed,
        "choice": choice,
        "rubrics": rubrics,
        "people": possible_raters(space),
        "bound": bound.model if bound else "",
        "free": space.store[Calls].count() - len(space.store[Rounds].used_calls()),
        "ahead": outlooks_of(space, chosen, min(count, 500), people) if chosen else [],
        "names": {one.id: one.name for one in chosen.criteria} if chosen else {},
        "ahead_calls": count,
        "people_count": people,
        "plan": plan_words(space.calibration_rule),
        "step": next_step(who, "rubric"),
        "problem": str(problem) if problem else "",
    }
    status = status_of(problem) if problem else 200
    return render(request, "calibration/open.html", who, values, status)


@pages.get("/calibration/ongoing")
def ongoing_page(request: Request, who: Team) -> HTMLResponse:
    """Whether what is deployed still holds, criterion by criterion, and opening the next few calls."""
    values: dict[str, Any] = {"view": None}
    try:
        values["view"] = OngoingView.of(who.space, verbs.deployed_rubric(who.space))
    except (GateClosed, NotFound) as error:
        values["why_not"] = str(error)
    if who.scope.may_run:
        values |= {"people": possible_raters(who.space), "pick": verbs.ONGOING_CALLS}
    return render(request, "calibration/ongoing.html", who, values)


@pages.post("/calibration/ongoing")
def open_ongoing(
    request: Request,
    who: OpsLead,
    rater: Names = [],  # noqa: B006
    pick: Annotated[int, Form(ge=1, le=50)] = verbs.ONGOING_CALLS,
) -> Response:
    """Open the next few calls of ongoing calibration."""
    made = asyncio.run(verbs.open_round(who, "", rater, (), pick, ongoing=True))
    return done(
        request, f"/calibration/{made.number}", _("Round {made} is open. Tell the raters to start.", made=made.number)
    )


@pages.get("/calibration/{number}")
def round_page(request: Request, who: Team, number: Number) -> HTMLResponse:
    """Where the round stands; the comparison once nobody is blind any more."""
    found = round_of(who, number)
    shape = RoundView.of(who.space, found)
    values: dict[str, Any] = {
        "found": shape,
        "state": state_words(shape),
        "mine": any(rater.name == who.name and not rater.model for rater in shape.raters),
        "reference_words": reference_words,
        "until": until_words(found.deadline) if found.blind else "",
    }
    values |= _compared(who, found, shape) if found.counts else _blind(who, found, shape)
    return render(request, "calibration/round.html", who, values)


def _blind(who: SignedIn, found: CalibrationRound, shape: RoundView) -> dict[str, Any]:
    """Who has submitted. A rater who has may see what the others submitted so far."""
    step = step_of_round(who, found) if found.blind else None
    look = None
    if who.name in found.submitted and found.blind and len(found.submitted) > 1:
        look = who.space.store[Ratings].of_round(found.id, viewer=who.name)
    others = [rating for rating in look.ratings if rating.rater != who.name] if look else []
    return {"step": step, "report": None, "others": others, "rubric": who.space.store[Rubrics].get(found.rubric)}


def _compared(who: SignedIn, found: CalibrationRound, shape: RoundView) -> dict[str, Any]:
    space = who.space
    rated, report = rounds.compared(space, found, who.name)
    newest = newest_version(space, report.rubric)
    by_model = {(r.call, r.criterion): r for r in rated.ratings if is_model(r.rater)}
    split = sorted({one.call for found_one in report.criteria for one in found_one.splits})
    there = space.store[Calls].heard(split)
    return {
        "titles": {
            c.id: " · ".join(filter(None, (c.account, c.customer)))
            for c in (space.store[Calls].all(there) if there else [])
        },
        "report": report,
        "by_model": by_model,
        "opened": first_unsettled(report) if found.state == "rated" else "",
        "newest": newest,
        "step": step_of_round(who, found),
        "rule": space.calibration_rule,
        "settling": found.state == "rated" and who.scope.may_rate,
    }


@pages.get("/calibration/{number}/next")
def next_round(request: Request, who: OpsLead, number: Number) -> RedirectResponse:
    """The form for the next round, filled in: the newest rubric, the same raters, enough calls to pass."""
    space = who.space
    report = rounds.report_of(space, str(number), who.name)
    newest = newest_version(space, report.rubric)
    query = [("rubric", newest.label), ("pick", str(report.calls_next))]
    query += [("rater", "model" if is_model(rater) else rater) for rater in report.round.raters]
    return RedirectResponse(f"/calibration/open?{urlencode(query)}", 303)


@pages.post("/calibration/{number}/adjudicate")
def adjudicate_on_page(request: Request, who: Raters, number: Number, form: Typed) -> Response:
    """Settle one difference; `taken` is the id of a rater's rating that stands."""
    call, criterion = form.get("call", ""), form.get("criterion", "")
    try:
        verbs.settle_difference(who, str(number), call, criterion, Given.typed(form), taken=form.get("taken", ""))
    except (InputError, UsageError) as error:
        named = _name_of(who, number, criterion)
        raise type(error)(
            _("“{criterion}” on {call} is not settled: {what}", criterion=named, call=call, what=error.what)
        ) from error
    name = _name_of(who, number, criterion)
    return done(
        request,
        f"/calibration/{number}#criterion-{criterion}",
        _("“{name}” on {call} is settled.", name=name, call=call),
    )


def _name_of(who: SignedIn, number: int, criterion: str) -> str:
    found = who.space.store[Rubrics].get(round_of(who, number).rubric).criterion(criterion)
    return found.name if found else criterion


@pages.post("/calibration/{number}/plan")
def plan_on_page(request: Request, who: OpsLead, number: Number, deadline: Day = "", reference: Short = "") -> Response:
    """Say the last day for ratings, and whose ratings the others are measured against."""
    verbs.plan_round(who, str(number), day_of(deadline), reference)
    return done(request, f"/calibration/{number}", _("Deadline and reference are kept."))


@pages.post("/calibration/{number}/close")
def close(request: Request, who: OpsLead, number: Number, form: Typed) -> Response:
    """End the round, or give it up with a reason."""
    closed = verbs.close_round(who, str(number), form.get("reason", ""), give_up=bool(form.get("give_up")))
    return done(
        request,
        f"/calibration/{number}",
        _("Round {value} is {waiting}.", value=number, waiting="given up" if closed.waiting else "closed"),
    )


@pages.get("/calibration/{number}/log")
def log(request: Request, who: Team, number: Number, paging: Pages) -> HTMLResponse:
    """The round's log: who looked, saved, submitted, corrected. Never what they gave."""
    found = round_of(who, number)
    rows = list(enumerate(log_rows(who.space.store[Rounds].log([found]))))
    left = [row for row in rows if paging.after is None or row[0] > paging.after]
    page = paging.page(left[: paging.fetch], lambda row: row[0], lambda row: row[1])
    step = step_of_round(who, found)
    return render(request, "calibration/log.html", who, {"found": found, "page": page, "step": step})
