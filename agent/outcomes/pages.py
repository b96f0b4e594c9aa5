"""Outcomes: the funnel, whether movement goes with the win rate, and weights learned from deals."""

from typing import Annotated, Any

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.documents.deal_words import linked_words
from agent.app.steps import next_step
from agent.app.web.auth import OpsLead, Team
from agent.app.web.drawing import as_share, forest
from agent.app.web.forms import Typed
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.core.direction import Direction
from agent.core.errors import InputError
from agent.core.language import _
from agent.outcomes.api import read_funnel, read_outcomes, read_telling, read_weights
from agent.outcomes.verbs import accept_weights
from agent.outcomes.views import NewWeights
from agent.rubrics.in_use import in_use_id
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics
from agent.rubrics.switcher import RubricRef, switcher

router = page_router()

Short = Annotated[str, Form(max_length=200)]


@router.get("/outcomes")
def outcomes(
    request: Request, who: Team, rep: Annotated[str, Query(max_length=200)] = "", rubric: RubricRef = ""
) -> HTMLResponse:
    """The funnel and the link with the win rate; both are worked out beside the server."""
    funnel = read_funnel(request, who, rubric)
    known = in_use_id(who.space.store, rubric)
    link = read_outcomes(request, who, rubric) if known else None
    chosen = next((one for one in funnel.value.reps if one.funnel.who == rep), None) if funnel.value and rep else None
    rubrics = who.space.store[Rubrics]
    names = {c.id: c.name for stored in rubrics.all() for c in stored.rubric.criteria}
    words = {c.id: Direction.of(c) for c in rubrics.get(known).criteria} if known else {}
    names |= {ident: say.named(names[ident]) for ident, say in words.items()}
    values: dict[str, Any] = {
        "funnel": funnel,
        "link": link,
        "telling": read_telling(request, who, rubric) if known else None,
        "which": switcher(request, who, rubric),
        "chosen": chosen,
        "rep": rep,
        "share": as_share,
        "forest": forest(link.value.links) if link and link.value else None,
        "names": names,
        "words": words,
        "linked": linked_words(link.value.links, words, names) if link and link.value else "",
        "step": next_step(who, "outcomes"),
        "again": f"/outcomes?{request.url.query}",
        "rule": who.space.rules.funnel.rule_of_thumb,
    }
    return render(request, "outcomes/outcomes.html", who, values)


@router.get("/outcomes/weights")
def weights(request: Request, who: Team, rubric: RubricRef = "") -> HTMLResponse:
    """Weights learned from deals, with reasons."""
    known = in_use_id(who.space.store, rubric)
    if not known:
        values = {"step": next_step(who, "calls"), "title": _("Weights"), "kind": "bars"}
        values["purpose"] = _("How much each criterion should count in a total, learned from won and lost deals.")
        values["drawn"] = _(
            "Here stands how much each criterion counts in a total, and how much won deals say it should."
        )
        return render(request, "profiles/empty.html", who, values)
    found = read_weights(request, who, rubric)
    shown = who.space.store[Rubrics].get(known)
    proposal = {one.criterion: one for one in found.value.weights} if found.value else {}
    values = {
        "found": found,
        "rubric": shown,
        "proposal": proposal,
        "typed": _begun(shown, found.value is not None and found.value.proposed, proposal),
        "label": f"{shown.label}-weighted",
        "again": f"/outcomes/weights?{request.url.query}",
        "which": switcher(request, who, rubric),
        "step": next_step(who, "outcomes"),
    }
    return render(request, "outcomes/weights.html", who, values)


def _begun(rubric: Rubric, proposed: bool, proposal: dict[str, Any]) -> dict[str, str]:
    """Initial values of the form: the proposed weights if there are any, else the present ones."""
    return {c.id: f"{proposal[c.id].weight if proposed and c.id in proposal else c.weight:g}" for c in rubric.criteria}


@router.post("/outcomes/weights")
def accept(request: Request, who: OpsLead, form: Typed) -> Response:
    """A new version of the rubric with the weights of the form: one field a criterion, named `weight:<id>`."""
    typed = {name.partition(":")[2]: value for name, value in form.items() if name.startswith("weight:")}
    wanted = form.filled_in(NewWeights, weights=_numbers(typed))
    made = accept_weights(who, wanted.rubric, wanted.weights, wanted.label)
    new_label, old = made.rubric.label, made.before.label
    said = _(
        "{new_label} has the new weights; {old} stays. Ratings against {old} stay with it: "
        "score calls against {new_label} to use the new weights.",
        new_label=new_label,
        old=old,
    )
    return done(request, "/rubric", said)


def _numbers(typed: dict[str, str]) -> dict[str, float]:
    numbers = {}
    for ident, text in typed.items():
        try:
            numbers[ident] = float(text.strip().replace(",", "."))
        except ValueError as error:
            raise InputError(
                _("the weight of {ident} is {text}, which is no number", ident=ident, text=repr(text))
            ) from error
    return numbers
