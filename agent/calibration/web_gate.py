"""The gate in front of a rubric and deploying it, over HTTP and on the rubric's page."""

from typing import Annotated, Any

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.panels import Panel, panel
from agent.app.verb import Who
from agent.app.web import problems
from agent.app.web.auth import OpsLead, Team
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.calibration.gate import Others
from agent.calibration.rounds import current_states
from agent.calibration.verbs import deploy_rubric
from agent.calibration.views_gate import Deployment, GateRowView, GateView
from agent.core.errors import GateClosed, UsageError
from agent.core.language import _
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics, RubricStates
from agent.rubrics.views import RubricStateView
from agent.rubrics.web import Ref, render_rubric

api = api_router("rubrics")
pages = page_router()


@api.get("/rubrics/{ref}/gate")
def gate(who: Team, ref: Ref) -> GateView:
    """Where each criterion stands after all rounds that are no longer blind."""
    rubric = who.space.store[Rubrics].get(ref)
    rows = _gate(who, rubric)
    return GateView(rubric=rubric.id, open=all(row.passed for row in rows), criteria=rows)


@api.post("/rubrics/{ref}/deploy")
def deploy(who: OpsLead, ref: Ref, asked: Deployment) -> RubricStateView:
    """Make it the one in use. 409 while a criterion has not passed calibration, unless overridden with a reason."""
    return RubricStateView.of(deploy_rubric(who, ref, **asked.model_dump()).state)


def _gate(who: Who, rubric: Rubric) -> list[GateRowView]:
    marks = who.space.store[RubricStates].marks(rubric.id)
    return [GateRowView.of(state, marks.get(state.criterion.id, "")) for state in current_states(who.space, rubric)]


@pages.get("/rubric/{ref}/gate")
def gate_part(request: Request, who: Team, ref: Ref) -> HTMLResponse:
    """The gate alone: a part of the list."""
    rubric = who.space.store[Rubrics].get(ref)
    return render(request, "calibration/_gate.html", who, {"gate": _gate(who, rubric), "rubric": rubric})


@panel("rubric_gate")
def gate_of(who: Who, rubric: Rubric) -> Panel:
    """On a rubric's page: where each criterion stands, and deploying it."""
    return Panel("calibration/_deploy.html", {"gate": _gate(who, rubric)})


@pages.post("/rubric/{ref}/deploy")
def deploy_on_page(
    request: Request,
    who: OpsLead,
    ref: Ref,
    provisional: Annotated[bool, Form()] = False,
    others: Annotated[Others, Form()] = "",
    override: Annotated[bool, Form()] = False,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Make it the one in use."""
    rubric = who.space.store[Rubrics].get(ref)
    try:
        made = deploy_rubric(who, rubric.id, provisional=provisional, others=others, override=override, reason=reason)
    except GateClosed as error:
        problem, status = str(error), problems.status_of(error)
    except UsageError:
        problem, status = "deploying below the gate needs a reason; it is shown with the scores", 400
    else:
        return done(
            request,
            f"/rubric/{made.rubric.id}",
            _("{label} is deployed: calls are scored against it.", label=made.rubric.label),
        )
    typed: dict[str, Any] = {"reason": reason, "override": "yes" if override else ""}
    return render_rubric(request, who, rubric, typed, problem, status)
