"""The plan builder: what is proposed and why, a person's choice, and the model's suggestions."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.steps import next_step
from agent.app.web.auth import Raters
from agent.app.web.forms import Typed
from agent.app.web.routes import page_router
from agent.app.web.templates import done, failed, render
from agent.calls.store import Calls
from agent.coaching.api_plans import Rep, start_drafting
from agent.coaching.plan_building import lacks_suggestions, proposal_of
from agent.coaching.proposals import MOST_CRITERIA, TEAM
from agent.coaching.verbs import check_draftable, make_plan, plan_of
from agent.core.errors import CloseReadError, NotFound, UsageError
from agent.core.language import _
from agent.people.store import People
from agent.rubrics.switcher import RubricRef, switcher

router = page_router()

Ids = Annotated[list[Annotated[str, Form(max_length=100)]], Form(max_length=50)]


@router.get("/coaching/{rep}/plan")
def builder(request: Request, who: Raters, rep: Rep, rubric: RubricRef = "") -> HTMLResponse:
    """What to coach, the proposed criteria ticked."""
    try:
        found = proposal_of(who.space, rep, rubric)
    except NotFound:
        if rubric or (rep != TEAM and rep not in who.space.store[Calls].reps()):
            raise
        values: dict[str, Any] = {"step": next_step(who, "calls"), "title": _("Make a coaching plan"), "kind": "list"}
        values["purpose"] = _("One or two criteria for each rep, with real moments from their calls.")
        values["drawn"] = _("Here stand the criteria worth coaching, with calls that show and calls that miss each.")
        return render(request, "profiles/empty.html", who, values)
    values = {
        "rep": rep,
        "which": switcher(request, who, rubric),
        "team": rep == TEAM,
        "found": found,
        "ticked": [one.criterion.id for one in found.candidates if one.proposed],
        "leads": who.space.store[People].leads(),
        "bound": who.space.settings.binding("drafter") is not None,
        "most": MOST_CRITERIA,
    }
    return render(request, "coaching/plan.html", who, values)


@router.post("/coaching/{rep}/plan")
def make(request: Request, who: Raters, rep: Rep, form: Typed) -> Response:
    """Make the plan; the model's suggestions follow, where they are wanted and a model is bound."""
    if not (criteria := form.all("criterion")):
        raise UsageError("tick one or two criteria")
    made = make_plan(who, rep, criteria, form.get("rubric", ""))
    drafts = form.get("suggestions") and who.space.settings.binding("drafter") is not None and lacks_suggestions(made)
    if drafts:
        who.space.fresh = bool(form.get("fresh"))
        start_drafting(request, who, made)
    said = _("The plan is made.") + (_(" The model is drafting what could have been said.") if drafts else "")
    return done(request, f"/coaching/{quote(rep, safe='')}", said)


@router.post("/coaching/{rep}/suggestions")
def suggest(request: Request, who: Raters, rep: Rep) -> Response:
    """Have the model suggest what could have been said."""
    here = f"/coaching/{quote(rep, safe='')}"
    found = plan_of(who, rep)
    try:
        check_draftable(who, found)
    except CloseReadError as error:
        return failed(request, here, _("No suggestion is drafted: {explained}.", explained=error.explained))
    start_drafting(request, who, found)
    return done(request, here, _("The model is drafting what could have been said."))
