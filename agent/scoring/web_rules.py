"""Scoring rules: the API first, then their page."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import Form, Path, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.web.auth import OpsLead, Team
from agent.app.web.forms import Typed
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.calls.store import Calls
from agent.core.language import _
from agent.rubrics.in_use import in_use
from agent.rubrics.store import Rubrics
from agent.scoring.left import left_over
from agent.scoring.rules import NewRule, ScoringRules
from agent.scoring.rules_verbs import add_rule, pause_rule, remove_rule, resume_rule
from agent.scoring.rules_view import RuleList, RuleView

api = api_router("scoring rules")
pages = page_router()

Name = Annotated[str, Path(max_length=60, description="Name or id.", examples=["new demos"])]
Text = Annotated[str, Form(max_length=60)]
Chosen = Annotated[list[Annotated[str, Form(max_length=200)]] | None, Form(max_length=500)]


@api.get("/scoring-rules")
def list_rules(who: Team) -> RuleList:
    """Rules that score new calls by themselves, by name."""
    return RuleList(items=[RuleView.of(who.space, rule) for rule in who.space.store[ScoringRules].all()])


@api.post("/scoring-rules", status_code=201)
def make_rule(who: OpsLead, new: NewRule) -> RuleView:
    """Add a rule. Workers carry it out, with the deployed rubric and no other; each call
    comes into one of its jobs once."""
    return RuleView.of(who.space, add_rule(who, new))


@api.get("/scoring-rules/{name}")
def read_rule(who: Team, name: Name) -> RuleView:
    """One rule."""
    return RuleView.of(who.space, who.space.store[ScoringRules].get(name))


@api.post("/scoring-rules/{name}/pause")
def pause(who: OpsLead, name: Name) -> RuleView:
    """Let a rule rest. A job that it has started goes on."""
    return RuleView.of(who.space, pause_rule(who, name))


@api.post("/scoring-rules/{name}/resume")
def resume(who: OpsLead, name: Name) -> RuleView:
    """Let a rule go on; what came while it rested is scored too."""
    return RuleView.of(who.space, resume_rule(who, name))


@api.delete("/scoring-rules/{name}")
def remove(who: OpsLead, name: Name) -> RuleView:
    """Take a rule out; what it scored stays. The answer is the rule as it was."""
    return RuleView.of(who.space, remove_rule(who, name))


# Pages.


@pages.get("/rules")
def rules_page(request: Request, who: Team) -> HTMLResponse:
    """All rules, and the form for another one."""
    store = who.space.store
    usual = NewRule(name="x").model_dump() | {"name": "", "since": datetime.now(UTC).date().isoformat()}
    usual |= {"zone": who.space.settings.weekly().zone}
    using = in_use(store) if store[Rubrics].all() else None
    values = {
        "rules": list_rules(who).items,
        "left": left_over(store),
        "deployed": using.rubric.label if using and using.why == "deployed" else "",
        "reps": store[Calls].reps(),
        "stages": store[Calls].stages(),
        "typed": {name: "" if value is None else value for name, value in usual.items()},
        "may_run": who.scope.may_run,
    }
    return render(request, "scoring/rules.html", who, values)


@pages.post("/rules")
def add_on_page(request: Request, who: OpsLead, form: Typed) -> Response:
    """Add a rule."""
    money = {name: form.dollars(name) for name in ("usd_a_day", "usd_a_month")}
    rule = add_rule(who, form.filled_in(NewRule, reps=form.all("rep"), stages=form.all("stage"), **money))
    return done(
        request,
        "/rules",
        _(
            "{name} is on: it scores {words}, {when_words}.",
            name=rule.name,
            words=rule.words,
            when_words=rule.when_words,
        ),
    )


@pages.post("/rules/{name}/pause")
def pause_on_page(request: Request, who: OpsLead, name: str) -> Response:
    """Let it rest."""
    return done(request, "/rules", f"{pause_rule(who, name).name} rests.")


@pages.post("/rules/{name}/resume")
def resume_on_page(request: Request, who: OpsLead, name: str) -> Response:
    """Let it go on."""
    return done(request, "/rules", _("{name} is on again.", name=resume_rule(who, name).name))


@pages.post("/rules/{name}/remove")
def remove_on_page(request: Request, who: OpsLead, name: str) -> Response:
    """Take it out."""
    return done(request, "/rules", _("{name} is taken out; what it scored stays.", name=remove_rule(who, name).name))
