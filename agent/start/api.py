"""What is there before a team starts, what is missing, and what to do next."""

from agent.app.steps import NextView, next_steps
from agent.app.web.auth import Anybody, Team
from agent.app.web.routes import api_router
from agent.start.readiness import readiness_of
from agent.start.views import ReadinessView

router = api_router("readiness")


@router.get("/readiness")
def readiness(who: Team) -> ReadinessView:
    """What is there, what is missing, and what its lack costs in trust."""
    return ReadinessView.of(readiness_of(who.space))


@router.get("/next", summary="What to do next")
def what_next(who: Anybody) -> NextView:
    """What to do next for the role of whoever asks, and what else is open, in the order in which it matters."""
    return NextView.of(next_steps(who))
