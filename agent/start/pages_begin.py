"""Beginning a workspace in the browser: a model or none, files, people. It writes what `closeread init` writes."""

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from agent.app.web.auth import OpsLead
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.calls.store import Calls
from agent.core.language import _
from agent.interviews.store import Interviews
from agent.people.store import People
from agent.start.readiness import readiness_of
from agent.start.verbs import is_bare, use_sample
from agent.start.views import ReadinessView

api = api_router("start")
pages = page_router()


@api.post("/sample", status_code=201)
def import_the_sample(who: OpsLead) -> ReadinessView:
    """Begin an empty workspace with the shipped sample. The answer is what is there then. 409 where it is not empty."""
    use_sample(who)
    return ReadinessView.of(readiness_of(who.space))


@pages.get("/begin")
def begin(request: Request, who: OpsLead) -> HTMLResponse:
    """The three things that a workspace begins with."""
    bound = [role for role in ("analyst_a", "analyst_b", "drafter", "rater") if who.space.settings.binding(role)]
    values = {
        "bound": len(bound),
        "bare": is_bare(who),
        "interviews": len(who.space.store[Interviews].heard()),
        "calls": who.space.store[Calls].count(),
        "people": len(who.space.store[People].all()),
    }
    return render(request, "start/begin.html", who, values)


@pages.post("/begin/sample")
def sample_on_page(request: Request, who: OpsLead) -> Response:
    """Begin with the sample."""
    use_sample(who)
    return done(
        request, "/", _("The sample is here: 18 interviews, 40 calls and a season of a made-up company, Ledgerline.")
    )
