"""What people change most, for `web.py`: each kind of change is sent to another call every time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from agent.app.verb import Who
from agent.calibration.verbs import submit_ratings
from agent.calls.store import Calls
from agent.core.people import Role, Scope
from agent.disputes.verbs import open_dispute
from agent.ratings.store import Ratings
from agent.ratings.store_pages import RatingFilters
from agent.workspace import Workspace
from evals.bench.filling import DEALS, RUBRIC, call_id, rep_name
from evals.bench.one_of_each import CRITERION, DISPUTES, REP, Made, open_round, rate, rep_turn
from evals.bench.web_addresses import LIMIT_MS

Sent = tuple[str, dict[str, Any]]
Make = Callable[[Workspace, Made, int], Sent]
TIMES = 5
_TALK = b"Rae: What does the late close cost you each month?\nCus: About nine thousand.\n"


@dataclass(frozen=True)
class Change:
    """One kind of change: who sends it where. `make` gives address and body; it is called before anything is timed.

    `limit`: milliseconds, where it may take longer than a page.
    """

    role: Role
    path: str
    make: Make
    times: int = TIMES
    limit: float = LIMIT_MS


def _unscored(space: Workspace, number: int) -> str:
    """A call that nobody has rated against the newest rubric: the sample's are the newest."""
    return space.store[Calls].page(limit=40)[number].id


def _first_reading(space: Workspace, _: Made, number: int) -> Sent:
    return f"/api/v1/calls/{_unscored(space, number)}/score", {"json": {}}


def _second_reading(_: Workspace, __: Made, number: int) -> Sent:
    return f"/api/v1/calls/{call_id(700 + number, REP)}/score", {"json": {"reading": "second"}}


def _score_again(_: Workspace, __: Made, number: int) -> Sent:
    calls = [call_id(number, rep) for rep in range(100)]
    return "/api/v1/jobs", {"json": {"kind": "score", "calls": calls, "retry_failed": True}}


def _score_all(_: Workspace, __: Made, number: int) -> Sent:
    return "/api/v1/jobs", {"json": {"kind": "score", "rubric": f"scale draft {number + 1}"}}


def _judged(space: Workspace, call: str, value: str = "1") -> dict[str, Any]:
    words = rep_turn(space.store[Calls].get(call))
    return {"value": value, "reason": "She does ask.", "turn": words.index}


def _standing(space: Workspace, call: str) -> str:
    rows = space.store[Ratings].page(RatingFilters(call=call, criterion=CRITERION)).rows
    return next(row.id for row in rows)


def _override(space: Workspace, _: Made, number: int) -> Sent:
    call = call_id(710 + number, REP)
    return f"/api/v1/ratings/{_standing(space, call)}/override", {"json": _judged(space, call)}


def _rating_by_hand(space: Workspace, _: Made, number: int) -> Sent:
    call = _unscored(space, 10 + number)
    return f"/api/v1/calls/{call}/ratings", {"json": _judged(space, call) | {"criterion": CRITERION}}


def _rated(space: Workspace, behind: int) -> list[str]:
    """Ids of the rep's ratings that nobody has disputed."""
    rows = space.store[Ratings].page(RatingFilters(rep=rep_name(REP), status="rated"), limit=behind + 20).rows
    return [row.id for row in rows[behind:]]


def _dispute(space: Workspace, _: Made, number: int) -> Sent:
    return "/api/v1/disputes", {"json": {"rating": _rated(space, DISPUTES + 50)[number], "comment": "I said it."}}


def _answer(space: Workspace, made: Made, number: int) -> Sent:
    disputed = space.store[Ratings].get(_rated(space, DISPUTES + 80)[number])
    rep = Who(space, Scope(name=made.rep.name, role="rep", rep=rep_name(REP)))
    found = open_dispute(rep, disputed.id, "I said it.").dispute
    criterion = next(one for one in RUBRIC.criteria if one.id == disputed.criterion)
    other = next(level for level in criterion.levels if level != getattr(disputed.judgement, "value", None))
    return f"/api/v1/disputes/{found.id}/answer", {
        "json": _judged(space, disputed.call, str(other)) | {"verdict": "upheld"}
    }


def _pick(_: Workspace, made: Made, __: int) -> Sent:
    form = {"rubric": "scale", "rater": [made.lead.name, made.manager.name], "pick": "8", "do": "show"}
    return "/calibration/open", {"data": form}


def _open_round(_: Workspace, made: Made, number: int) -> Sent:
    return "/api/v1/rounds", {"json": {"raters": [made.lead.name, made.manager.name], "pick": 8, "seed": number}}


def _draft(space: Workspace, made: Made, number: int) -> Sent:
    found = made.rounds[0]
    body = _judged(space, found.calls[-1])
    quotes = [{"turn": body.pop("turn")}]
    return f"/api/v1/rounds/{found.number}/drafts", {
        "json": body | {"call": found.calls[-1], "criterion": RUBRIC.criteria[number].id, "quotes": quotes}
    }


def _submit(space: Workspace, made: Made, number: int) -> Sent:
    found = open_round(space, made.lead.name, made.manager.name, 300 + number)
    rate(space, found, made.manager.name, len(found.calls), 2)
    return f"/api/v1/rounds/{found.number}/submit", {"json": {}}


def _correction(space: Workspace, made: Made, number: int) -> Sent:
    found = made.rounds[1]
    body = {"call": found.calls[number], "criterion": CRITERION, "value": "0", "reason": "I misheard."}
    return f"/api/v1/rounds/{found.number}/corrections", {"json": body}


def _adjudication(_: Workspace, made: Made, number: int) -> Sent:
    found = made.rounds[1]
    body = {"call": found.calls[number], "criterion": RUBRIC.criteria[1].id, "value": "0", "reason": "We agreed."}
    return f"/api/v1/rounds/{found.number}/adjudications", {"json": body}


def _close(space: Workspace, made: Made, number: int) -> Sent:
    found = open_round(space, made.lead.name, made.manager.name, 400 + number)
    for rater in found.raters:
        rate(space, found, rater, len(found.calls), 2)
        submit_ratings(Who(space, Scope(name=rater, local=True)), str(found.number))
    return f"/api/v1/rounds/{found.number}/close", {"json": {}}


def _baseline(_: Workspace, __: Made, number: int) -> Sent:
    return "/api/v1/baselines", {"json": {"rep": rep_name(20 + number), "rubric": "scale", "seed": number}}


def _plan(_: Workspace, __: Made, number: int) -> Sent:
    return "/api/v1/plans", {"json": {"who": rep_name(30 + number), "suggestions": False}}


def _session(_: Workspace, __: Made, number: int) -> Sent:
    return "/api/v1/sessions", {"json": {"rep": rep_name(number), "note": "Ask first."}}


def _cycle(_: Workspace, __: Made, number: int) -> Sent:
    days = {"start": "2025-12-01", "end": "2025-12-20"}
    body = {"rep": rep_name(40 + number), "cycle": "cycle 4", "criteria": [CRITERION], **days}
    return "/api/v1/cycles", {"json": body}


def _call(_: Workspace, __: Made, number: int) -> Sent:
    table = f"file,call_id,date,rep\ntalk.txt,new-{number},2026-10-02,Rae\n".encode()
    files = [("files", ("calls.csv", table, "text/csv")), ("files", ("talk.txt", _TALK + b"%d" % number, "text/plain"))]
    return "/api/v1/calls/import", {"files": files}


def _deals(_: Workspace, __: Made, number: int) -> Sent:
    rows = [f"d-{number:04}-{at:03},{rep_name(number)},2025-12-01,2025-12-20,won" for at in range(DEALS)]
    table = "\n".join(["deal_id,rep,opened,closed,outcome", *rows]).encode()
    return "/api/v1/imports/deals", {"files": [("file", ("deals.csv", table, "text/csv"))]}


def _ping(_: Workspace, made: Made, __: int) -> Sent:
    return f"/api/v1/webhooks/{made.ids['webhooks']}/ping", {}


def _person(_: Workspace, __: Made, number: int) -> Sent:
    return "/api/v1/people", {"json": {"name": f"New {number}", "email": f"new-{number}@example.com", "role": "viewer"}}


def _weights(_: Workspace, __: Made, number: int) -> Sent:
    weights = {criterion.id: 2.0 + number for criterion in RUBRIC.criteria}
    return "/api/v1/weights", {"json": {"rubric": RUBRIC.id, "weights": weights, "label": f"weighed {number}"}}


# The order counts: what makes a new rubric comes last, as the newest one is what is scored and shown.
CHANGES = (
    Change("ops_lead", "/api/v1/calls/{call}/score (not rated)", _first_reading),
    Change("ops_lead", "/api/v1/calls/{call}/score (again)", _second_reading),
    Change("manager", "/api/v1/ratings/{rating}/override", _override),
    Change("manager", "/api/v1/calls/{call}/ratings", _rating_by_hand),
    Change("rep", "/api/v1/disputes", _dispute),
    Change("manager", "/api/v1/disputes/{dispute}/answer", _answer),
    # Drawn once for each rep, among all rated calls.
    Change("manager", "/api/v1/baselines", _baseline, limit=300.0),
    Change("manager", "/api/v1/plans", _plan),
    Change("manager", "/api/v1/sessions", _session),
    Change("manager", "/api/v1/cycles", _cycle),
    Change("ops_lead", "/api/v1/calls/import", _call),
    Change("ops_lead", "/api/v1/imports/deals", _deals),
    Change("ops_lead", "/api/v1/webhooks/{webhook}/ping", _ping),
    Change("ops_lead", "/api/v1/people", _person),
    Change("ops_lead", "/api/v1/rounds/{number}/drafts", _draft),
    Change("manager", "/api/v1/rounds/{number}/submit", _submit),
    Change("manager", "/api/v1/rounds/{number}/corrections", _correction),
    Change("manager", "/api/v1/rounds/{number}/adjudications", _adjudication),
    Change("ops_lead", "/api/v1/rounds/{number}/close", _close),
    Change("ops_lead", "/calibration/open (calls shown)", _pick),
    Change("ops_lead", "/api/v1/rounds", _open_round),
    Change("ops_lead", "/api/v1/jobs (a hundred calls)", _score_again),
    # One row is stored for each of 100,000 calls.
    Change("ops_lead", "/api/v1/jobs (all calls)", _score_all, times=1, limit=10_000.0),
    Change("ops_lead", "/api/v1/weights", _weights),
)
