"""Whether movement goes with the win rate, the funnel, weights learned from deals, and scores that are learned."""

from typing import Annotated, Any, TypeVar

from fastapi import Query, Request, Response
from pydantic import BaseModel

from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.routes import api_router
from agent.core.errors import NotFound
from agent.outcomes import verbs
from agent.outcomes.figures import FUNNEL, LEARNED, OUTCOMES, WEIGHTS
from agent.outcomes.views import (
    FunnelsView,
    FunnelView,
    LearnedView,
    LinksView,
    NewVersion,
    NewWeights,
    OutcomesView,
    ProposalOfWeights,
    TellingView,
    WeightsView,
)
from agent.profiles import web_figures
from agent.profiles.figures import Kind, shell_of
from agent.rubrics.in_use import in_use_id, rubric_in_use
from agent.rubrics.store import Rubrics
from agent.rubrics.switcher import RubricRef
from agent.rubrics.views import RubricName

router = api_router("outcomes")
M = TypeVar("M", bound=BaseModel)


@router.get("/outcomes")
def read_outcomes(request: Request, who: Team, rubric: RubricRef = "") -> OutcomesView:
    """Movement on each criterion against the change of the win rate in the days after coaching, over reps."""
    value, shell = _rated_figure(request, who, OUTCOMES, rubric)
    return OutcomesView(**shell, value=None if value is None else LinksView.of(value))


@router.get("/funnel")
def read_funnel(
    request: Request, who: Team, rubric: RubricRef = "", rep: Annotated[str, Query(max_length=200)] = ""
) -> FunnelView:
    """Conversion by stage against the rule of thumb, criteria against their own stage, and where to coach first."""
    value, shell = _figure(request, who, FUNNEL, in_use_id(who.space.store, rubric))
    if value is not None and rep and value.of(rep) is None:
        raise NotFound(f"there is no rep {rep!r} with deals")
    return FunnelView(**shell, value=None if value is None else FunnelsView.of(value, rep))


@router.get("/weights")
def read_weights(request: Request, who: Team, rubric: RubricRef = "") -> WeightsView:
    """Weights learned from won and lost deals, with reasons: a proposal, never a change by itself."""
    value, shell = _rated_figure(request, who, WEIGHTS, rubric)
    known = rubric_in_use(who.space.store, rubric)
    return WeightsView(**shell, value=None if value is None else ProposalOfWeights.of(known, value))


@router.get("/telling")
def read_telling(request: Request, who: Team, rubric: RubricRef = "") -> TellingView:
    """Whether each criterion still tells won deals from lost ones since it is coached, and
    how many showings are copies."""
    value, shell = _rated_figure(request, who, LEARNED, rubric)
    return TellingView(**shell, value=None if value is None else LearnedView.of(value))


@router.post("/weights", status_code=201)
def accept_weights(who: OpsLead, new: NewWeights, response: Response) -> NewVersion:
    """A new version of the rubric with these weights. The old one stays, and so do the ratings against it."""
    made = verbs.accept_weights(who, new.rubric, new.weights, new.label)
    response.headers["Location"] = f"/api/v1/rubrics/{made.rubric.id}"
    return NewVersion.of(made)


def _rated_figure(request: Request, who: SignedIn, kind: Kind[M], reference: str) -> tuple[M | None, dict[str, Any]]:
    known = in_use_id(who.space.store, reference)
    if not known:
        raise NotFound("there is no rubric yet, so no rating could be set beside a deal")
    return _figure(request, who, kind, known)


def _figure(request: Request, who: SignedIn, kind: Kind[M], rubric: str) -> tuple[M | None, dict[str, Any]]:
    """The newest figure (None if there is none), and its state."""
    figure = web_figures.figure(request, who.space, kind, rubric)
    name = RubricName.of(who.space.store[Rubrics].get(rubric)) if rubric else None
    return figure.kept.value if figure.kept else None, shell_of(figure, name, web_figures.trouble(request, figure))
