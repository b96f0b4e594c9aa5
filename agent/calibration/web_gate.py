"""The gate in front of a rubric and deploying it, over HTTP and on the rubric's page."""

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.panels import Panel, panel
from agent.app.verb import Who
from agent.app.web.auth import OpsLead, Team
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.calibration.rounds import current_states
from agent.calibration.verbs import deploy_rubric
from agent.calibration.views_gate import Deployment, GateRowView, GateView
from agent.core.language import _
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics, RubricStates
from agent.rubrics.views import RubricStateView
from agent.rubrics.web import Ref

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
def deploy_on_page(request: Request, who: OpsLead, ref: Ref, asked: Annotated[Deployment, Form()]) -> Response:
    """Make it the one in use."""
    made = deploy_rubric(who, ref, **asked.model_dump()).rubric
    return done(request, f"/rubric/{made.id}", _("{label} is deployed: calls are scored against it.", label=made.label))
