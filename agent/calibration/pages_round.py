"""One round: who has submitted; once it is revealed, where raters differ, side by side; settling, ending, the log."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from agent.app.web.auth import OpsLead, Raters, SignedIn, Team
from agent.app.web.paging import Pages
from agent.app.web.problems import status_of
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.calibration import round_rating, rounds
from agent.calibration.api import Number
from agent.calibration.api_results import record_file
from agent.calibration.model import CalibrationRound
from agent.calibration.pages_rate import Typed
from agent.calibration.rewording import newest_version
from agent.calibration.round_steps import first_unsettled, log_rows, once_revealed, state_words, while_blind
from agent.calibration.store import Rounds
from agent.calibration.views import RoundOut
from agent.core.errors import Conflict, GateClosed, InputError, UsageError
from agent.core.people import is_model
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics

router = page_router()

Text = Annotated[str, Form(max_length=4000)]
Short = Annotated[str, Form(max_length=200)]


@router.get("/calibration/{number}")
def round_page(request: Request, who: Team, number: Number) -> HTMLResponse:
    """Where the round stands; the comparison once nobody is blind any more."""
    return _round_page(request, who, who.space.store[Rounds].get(str(number)))


def _round_page(
    request: Request,
    who: SignedIn,
    found: CalibrationRound,
    typed: dict[tuple[str, str], Typed] | None = None,
    problem: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The page; `typed` holds a decision that was not taken, by call and criterion, with what was wrong."""
    shape = RoundOut.of(who.space, found)
    values: dict[str, Any] = {
        "found": shape,
        "state": state_words(shape),
        "mine": any(rater.name == who.name and not rater.model for rater in shape.raters),
        "typed": typed or {},
        "empty": Typed(),
        "problem": problem,
    }
    values |= _compared(who, found, shape) if found.counts else _blind(who, found, shape)
    return render(request, "calibration/round.html", who, values, status)


def _blind(who: SignedIn, found: CalibrationRound, shape: RoundOut) -> dict[str, Any]:
    """Who has submitted. A rater who has may see what the others submitted so far."""
    step = while_blind(who, shape) if found.blind else None
    look = None
    if who.name in found.submitted and found.blind and len(found.submitted) > 1:
        look = who.space.store[Ratings].of_round(found.id, viewer=who.name)
    others = [rating for rating in look.ratings if rating.rater != who.name] if look else []
    return {"step": step, "report": None, "others": others, "rubric": who.space.store[Rubrics].get(found.rubric)}


def _compared(who: SignedIn, found: CalibrationRound, shape: RoundOut) -> dict[str, Any]:
    space = who.space
    rated, report = rounds.compared(space, found, who.name)
    newest = newest_version(space, report.rubric)
    by_model = {(r.call, r.criterion): r for r in rated.ratings if is_model(r.rater)}
    return {
        "report": report,
        "by_model": by_model,
        "opened": first_unsettled(report) if found.state == "rated" else "",
        "newest": newest,
        "step": once_revealed(who, shape, report, newest.label, space.store[Rounds].get("").number),
        "reached": space.thresholds.reached,
        "floor": space.thresholds.floor,
        "settling": found.state == "rated" and who.scope.may_rate,
    }


@router.get("/calibration/{number}/next")
def next_round(request: Request, who: OpsLead, number: Number) -> RedirectResponse:
    """The form for the next round, filled in: the newest rubric, the same raters, enough calls to pass."""
    space = who.space
    report = rounds.report_of(space, str(number), who.name)
    newest = newest_version(space, report.rubric)
    query = [("rubric", newest.label), ("pick", str(report.calls_next))]
    query += [("rater", "model" if is_model(rater) else rater) for rater in report.round.raters]
    return RedirectResponse(f"/calibration/open?{urlencode(query)}", 303)


@router.post("/calibration/{number}/adjudicate")
def adjudicate(
    request: Request,
    who: Raters,
    number: Number,
    call: Short,
    criterion: Short,
    value: Short = "",
    turn: Short = "",
    words: Text = "",
    reason: Text = "",
) -> Response:
    """Settle one difference."""
    space = who.space
    found = space.store[Rounds].get(str(number))
    rated = rounds.rated_round(space, found, who.name)
    try:
        if not reason.strip():
            raise InputError("say why: a decision is kept with its reason")
        decision = round_rating.adjudicate(space, rated, who.name, call, criterion, value, turn, words, reason)
    except (InputError, UsageError) as error:
        what = str(error).removeprefix(f"{call}: ")
        typed = {(call, criterion): Typed(value, reason, (), turn, words, what)}
        return _round_page(
            request, who, found, typed, f"{criterion} on {call} is not settled: {what}", status_of(error)
        )
    who.audit("difference_settled", found.id, number=number, call=call, criterion=decision.criterion)
    return done(request, f"/calibration/{number}#criterion-{decision.criterion}", f"{criterion} on {call} is settled.")


@router.post("/calibration/{number}/close")
def close(
    request: Request,
    who: OpsLead,
    number: Number,
    reason: Text = "",
    give_up: Annotated[Literal["", "yes"], Form()] = "",
) -> Response:
    """End the round, or give it up with a reason."""
    space = who.space
    found = space.store[Rounds].get(str(number))
    try:
        if give_up and not reason.strip():
            raise UsageError("giving up a round takes a reason")
        closed = round_rating.close_round(space, found, who.name, reason, give_up=bool(give_up))
    except (UsageError, GateClosed, Conflict) as error:
        return _round_page(request, who, found, None, str(error), status_of(error))
    who.audit("round_closed", closed.id, number=number, gave_up=bool(give_up))
    return done(request, f"/calibration/{number}", f"Round {number} is {'given up' if closed.waiting else 'closed'}.")


@router.get("/calibration/{number}/log")
def log(request: Request, who: Team, number: Number, paging: Pages) -> HTMLResponse:
    """The round's log: who looked, saved, submitted, corrected. Never what they gave."""
    store = who.space.store
    found = store[Rounds].get(str(number))
    rows = list(enumerate(log_rows(store[Rounds].log([found]))))
    left = [row for row in rows if paging.after is None or row[0] > paging.after]
    page = paging.page(left[: paging.fetch], lambda row: row[0], lambda row: row[1])
    return render(request, "calibration/log.html", who, {"found": found, "page": page})


@router.get("/calibration/{number}/record")
def record(
    request: Request, who: Team, number: Number, format: Annotated[Literal["docx", "pdf"], Query()] = "docx"
) -> Response:
    """The record of the round on paper."""
    return record_file(who, number, format)
