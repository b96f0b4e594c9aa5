"""Coaching plans: proposal, plan, suggestions, the one-page brief."""

import asyncio
import base64
import hashlib
import re
from typing import Annotated, Literal
from urllib.parse import quote

from fastapi import Path, Query, Request, Response

from agent.app.documents.formats import written
from agent.app.view import Page
from agent.app.web import later
from agent.app.web.auth import Anew, Anybody, Raters, SignedIn
from agent.app.web.files import MEDIA, attached, described
from agent.app.web.paging import Pages
from agent.app.web.routes import api_router
from agent.calls.store import Calls
from agent.coaching import verbs
from agent.coaching.model import CoachingPlan
from agent.coaching.plan_building import avoided, lacks_suggestions, proposal_of
from agent.coaching.proposals import TEAM
from agent.coaching.store import Coaching
from agent.coaching.views import NewPlan, PlanLine, PlanView, ProposalView

router = api_router("coaching")

BriefForm = Literal["html", "pdf", "docx", "md"]
FILE = described("html", "pdf", "docx", "md")
Rep = Annotated[str, Path(min_length=1, max_length=200, description="A rep's name, or `team`.")]


@router.get("/plans")
def list_plans(who: Anybody, paging: Pages) -> Page[PlanLine]:
    """The team and every rep with the newest plan, if there is one. A rep gets the own line."""
    return plan_lines(who, paging)


def plan_lines(who: SignedIn, paging: Pages) -> Page[PlanLine]:
    """A page of plans; the web page uses it too."""
    store = who.space.store
    names = [rep for rep in store[Calls].reps() if rep]
    names = names if who.scope.only_rep is not None else [TEAM, *names]
    left = names if paging.after is None else names[names.index(paging.after) + 1 :] if paging.after in names else []
    shown = left[: paging.fetch]
    heads = store[Coaching].newest_plans(shown)
    return paging.page(shown, lambda name: name, lambda name: PlanLine.of(name, heads.get(name)))


@router.post("/plans", status_code=201)
def make_plan(request: Request, who: Raters, new: NewPlan, response: Response, _anew: Anew) -> PlanView:
    """Make a plan with real moments. Suggestions are drafted afterwards: read the plan again."""
    made = verbs.make_plan(who, new.who, new.criteria, new.rubric)
    if new.suggestions and who.space.settings.binding("drafter") is not None and lacks_suggestions(made):
        start_drafting(request, who, made)
    response.headers["Location"] = f"/api/v1/plans/{quote(new.who, safe='')}"
    return shown(request, who, made)


@router.get("/plans/{rep}")
def read_plan(request: Request, who: Anybody, rep: Rep) -> PlanView:
    """The newest plan. A rep gets the own one, without moments out of others' calls."""
    return shown(request, who, verbs.plan_of(who, rep))


def shown(request: Request, who: SignedIn, plan: CoachingPlan) -> PlanView:
    """A plan with the state of its suggestions."""
    work, key = later.of(request), _key(plan)
    return PlanView.of(who.space, plan, avoided(who.space, plan), drafting=work.busy(key), problem=work.problem(key))


@router.get("/plans/{rep}/proposal")
def read_proposal(who: Raters, rep: Rep, rubric: Annotated[str, Query(max_length=200)] = "") -> ProposalView:
    """What to coach a rep (or `team`) on, with the reasons, and every other criterion that may be chosen."""
    return ProposalView.of(proposal_of(who.space, rep, rubric))


@router.post("/plans/{rep}/suggestions", status_code=202)
def draft_suggestions(request: Request, who: Raters, rep: Rep, _anew: Anew) -> PlanView:
    """Have the model suggest what could have been said at each missed moment. The plan with them becomes the newest."""
    plan = verbs.plan_of(who, rep)
    verbs.check_draftable(who, plan)
    start_drafting(request, who, plan)
    return shown(request, who, plan)


def start_drafting(request: Request, who: SignedIn, plan: CoachingPlan) -> None:
    """Ask the model beside the server, as whoever asked for it."""
    later.of(request).start(_key(plan), lambda: asyncio.run(_drafted(who, plan)))


async def _drafted(who: SignedIn, plan: CoachingPlan) -> None:
    await verbs.draft_suggestions(who, plan)


def _key(plan: CoachingPlan) -> str:
    return f"suggestions {plan.id}"


@router.get("/plans/{rep}/brief", responses=FILE, response_class=Response)
def read_brief(
    who: Anybody, rep: Rep, format: Annotated[BriefForm, Query(description="Kind of file.")] = "pdf"
) -> Response:
    """The one-page brief: what to work on, the moments, room for what is agreed."""
    return brief_file(who, rep, format)


def brief_file(who: SignedIn, rep: str, form: BriefForm) -> Response:
    """The brief as a download; HTML is shown, ready to be printed. The web page uses it too."""
    content = written(verbs.export_brief(who, rep), form)
    if form == "html":
        return Response(content, media_type=MEDIA[form], headers={"Content-Security-Policy": _policy(content)})
    return attached(content, f"coaching-brief-{rep}", form)


def _policy(content: bytes) -> str:
    """The document's own style and no other is allowed; nothing runs and nothing is loaded."""
    style = re.search(rb"<style>(.*?)</style>", content, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style[1] if style else b"").digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; frame-ancestors 'none'"
