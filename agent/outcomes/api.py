"""Whether movement goes with the win rate, the funnel, and weights learned from deals."""

from __future__ import annotations

from typing import Annotated, TypeVar

from fastapi import Query, Request, Response
from pydantic import BaseModel

from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.routes import api_router
from agent.core.errors import NotFound, UsageError
from agent.outcomes.views import FigureOut, FunnelOut, NewVersion, NewWeights, OutcomesOut, WeightsOut, shell_of
from agent.outcomes.weights import reweighted
from agent.profiles import web_figures
from agent.profiles.figures import FUNNEL, OUTCOMES, WEIGHTS, Figure, Kind
from agent.rubrics.in_use import in_use_id
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics

router = api_router("outcomes")
M = TypeVar("M", bound=BaseModel)

RubricRef = Annotated[str, Query(max_length=200, description="Id or label of the rubric; empty: the one in use.")]


@router.get("/outcomes")
def read_outcomes(request: Request, who: Team, rubric: RubricRef = "") -> FigureOut[OutcomesOut]:
    """Movement on each criterion against the change of the win rate in the days after coaching, over reps."""
    found = figure(request, who, OUTCOMES, rubric)
    value = found.kept.value if found.kept else None
    return FigureOut[OutcomesOut](
        **shell_of(found, web_figures.trouble(request, found)), value=None if value is None else OutcomesOut.of(value)
    )


@router.get("/funnel")
def read_funnel(
    request: Request, who: Team, rubric: RubricRef = "", rep: Annotated[str, Query(max_length=200)] = ""
) -> FigureOut[FunnelOut]:
    """Conversion by stage against the rule of thumb, criteria against their own stage, and where to coach first."""
    found = web_figures.figure(request, who.space, FUNNEL, in_use_id(who.space.store, rubric))
    value = found.kept.value if found.kept else None
    if value is not None and rep and all(one.funnel.who != rep for one in value.reps):
        raise NotFound(f"there is no rep {rep!r} with deals")
    return FigureOut[FunnelOut](
        **shell_of(found, web_figures.trouble(request, found)),
        value=None if value is None else FunnelOut.of(value, rep),
    )


@router.get("/weights")
def read_weights(request: Request, who: Team, rubric: RubricRef = "") -> FigureOut[WeightsOut]:
    """Weights learned from won and lost deals, with reasons: a proposal, never a change by itself."""
    found = figure(request, who, WEIGHTS, rubric)
    value = found.kept.value if found.kept else None
    shape = None if found.kept is None or value is None else WeightsOut.of(_rubric(who, found.kept.rubric), value)
    return FigureOut[WeightsOut](**shell_of(found, web_figures.trouble(request, found)), value=shape)


@router.post("/weights", status_code=201)
def accept_weights(who: OpsLead, new: NewWeights, response: Response) -> NewVersion:
    """A new version of the rubric with these weights. The old one stays, and so do the ratings against it."""
    made, old = accepted(who, new)
    response.headers["Location"] = f"/api/v1/rubrics/{made.id}"
    return NewVersion(id=made.id, label=made.label, before=old.id)


def accepted(who: SignedIn, new: NewWeights) -> tuple[Rubric, Rubric]:
    """The new version and the old one, noted in the audit log. For the page as well. UsageError for weights that are not
    one for each criterion."""
    old = _rubric(who, new.rubric)
    wanted, given = {criterion.id for criterion in old.criteria}, set(new.weights)
    if given != wanted:
        odd = sorted(wanted ^ given)[0]
        what = "has no weight" if odd in wanted else f"is no criterion of {old.label}"
        raise UsageError(f"{odd!r} {what}; give a weight for each criterion")
    if not any(new.weights.values()):
        raise UsageError("at least one weight must not be 0")
    if all(criterion.weight == new.weights[criterion.id] for criterion in old.criteria):
        raise UsageError(f"these are the weights of {old.label} already; nothing was changed")
    made = reweighted(who.space, old, new.weights, new.label.strip())
    who.audit("weights_accepted", made.id, before=old.id, label=made.label, weights=new.weights)
    return made, old


def figure(request: Request, who: SignedIn, kind: Kind[M], reference: str) -> Figure[M]:
    """A figure on ratings. For the page as well. NotFound without a rubric."""
    known = in_use_id(who.space.store, reference)
    if not known:
        raise NotFound("there is no rubric yet, so no rating could be set beside a deal")
    return web_figures.figure(request, who.space, kind, known)


def _rubric(who: SignedIn, reference: str) -> Rubric:
    return who.space.store[Rubrics].get(reference)
