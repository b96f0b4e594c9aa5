"""Calibration: the rounds, and opening one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from fastapi import Form, Query, Request
from fastapi.responses import HTMLResponse, Response

from agent.app.web.auth import OpsLead, SignedIn, Team
from agent.app.web.paging import Pages
from agent.app.web.problems import status_of
from agent.app.web.routes import page_router
from agent.app.web.templates import done, render
from agent.calibration.api import list_rounds, opened
from agent.calibration.round_choice import Choice, explained, people_among, possible_raters
from agent.calibration.round_steps import Step, state_words, while_blind
from agent.calibration.store import Rounds
from agent.calibration.views import RoundOut
from agent.calls.store import Calls
from agent.core.errors import CloseReadError, ConfigError, Conflict, InputError, ModelError, UsageError
from agent.rubrics.store import Rubrics

router = page_router()

Text = Annotated[str, Form(max_length=4000)]
Names = Annotated[list[Annotated[str, Form(max_length=200)]], Form(max_length=100)]
_DEFAULT_PICK = 8


@router.get("/calibration")
def rounds(request: Request, who: Team, paging: Pages) -> HTMLResponse:
    """All rounds, with who has submitted and the next step."""
    page = list_rounds(who, paging)
    steps = {found.number: _step(who, found) for found in page.items}
    values = {"page": page, "steps": steps, "state_words": state_words, "first": _first_step(who, page.items, steps)}
    return render(request, "calibration/list.html", who, values)


def _step(who: SignedIn, found: RoundOut) -> Step:
    here = f"/calibration/{found.number}"
    match found.state:
        case "rating":
            return while_blind(who, found)
        case "rated":
            return Step("All have submitted: see where they differ.", here, "Compare")
        case "closed":
            return Step("", here, "Look back")


def _first_step(who: SignedIn, items: list[RoundOut], steps: dict[int, Step]) -> Step:
    """For the box on top: what waits for this person, else a new round."""
    open_ones = [found for found in items if found.state != "closed"]
    mine = [f for f in open_ones if any(r.name == who.name and not r.submitted for r in f.raters)]
    for found in [*mine, *open_ones]:
        return steps[found.number]
    if not who.scope.may_run:
        return Step("Nothing waits for you. An ops lead opens a round.")
    return Step(
        "Open a round: two managers or more rate the same calls, each alone.", "/calibration/open", "Open a round"
    )


@dataclass
class Typed:
    """What stands in the form for a new round."""

    rubric: str = ""
    raters: list[str] = field(default_factory=list)
    pick: str = str(_DEFAULT_PICK)
    others: str = ""
    ticked: list[str] = field(default_factory=list)

    @property
    def named(self) -> list[str]:
        """The calls that were chosen by hand, or kept of those that were picked."""
        return [*self.ticked, *(part.strip() for part in self.others.replace("\n", ",").split(",") if part.strip())]

    @property
    def count(self) -> int:
        """How many calls to pick. InputError for what is no number."""
        if not self.pick.strip().isdecimal() or not 1 <= int(self.pick) <= 500:
            raise InputError(f"{self.pick!r} is no number of calls; give 1 to 500")
        return int(self.pick)


@router.get("/calibration/open")
def open_form(
    request: Request,
    who: OpsLead,
    rubric: Annotated[str, Query(max_length=200)] = "",
    rater: Annotated[list[Annotated[str, Query(max_length=200)]] | None, Query(max_length=50)] = None,
    pick: Annotated[int, Query(ge=1, le=500)] = _DEFAULT_PICK,
) -> HTMLResponse:
    """The form for a new round."""
    return _open_page(request, who, Typed(rubric, list(rater or []), str(pick)))


@router.post("/calibration/open")
def open_or_show(
    request: Request,
    who: OpsLead,
    rubric: Text = "",
    rater: Names = [],  # noqa: B006  FastAPI copies it
    pick: Annotated[str, Form(max_length=10)] = str(_DEFAULT_PICK),
    others: Text = "",
    call: Names = [],  # noqa: B006
    do: Annotated[str, Form(max_length=20)] = "open",
) -> Response:
    """Show which calls would be taken and why, or open the round with them."""
    typed = Typed(rubric, rater, pick, others, call)
    try:
        if do == "show":
            typed.ticked = []
            return _open_page(request, who, typed, _choice(who, typed))
        found = opened(who, rubric, rater, typed.named, typed.count, 0)
    except (UsageError, InputError, Conflict, ConfigError, ModelError) as error:
        return _open_page(request, who, typed, problem=error)
    return done(request, f"/calibration/{found.number}", f"Round {found.number} is open. Tell the raters to start.")


def _choice(who: SignedIn, typed: Typed) -> Choice:
    from agent.calibration.round_opening import chosen_calls

    people_among(who.space, typed.raters)
    calls = chosen_calls(who.space, typed.named, typed.count, 0)
    return explained(who.space, calls, picked=not typed.named)


def _open_page(
    request: Request, who: SignedIn, typed: Typed, choice: Choice | None = None, problem: CloseReadError | None = None
) -> HTMLResponse:
    space = who.space
    rubrics = [stored.rubric for stored in reversed(space.store[Rubrics].all())]
    bound = space.settings.binding("rater")
    values: dict[str, Any] = {
        "typed": typed,
        "choice": choice,
        "rubrics": rubrics,
        "people": possible_raters(space),
        "bound": bound.model if bound else "",
        "free": space.store[Calls].count() - len(space.store[Rounds].used_calls()),
        "problem": str(problem) if problem else "",
    }
    status = status_of(problem) if problem else 200
    return render(request, "calibration/open.html", who, values, status)
