"""What to do next: one ordered list, so that no two places give different advice. It is made in
`agent/start/next_step.py` out of what each slice says about its own subject, and shown on Start, on lists and single
pages, in the API and at the command line.

A slice that comes before `start` asks for the list through this module, as it asks for panels.
"""

import shlex
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from pydantic import Field

from agent.app.slices import modules
from agent.app.verb import PLURAL, Who
from agent.app.view import View
from agent.core.language import N_, _
from agent.core.people import ROLES, Role

Area = Literal[
    "", "uploads", "jobs", "patterns", "rubric", "calls", "disputes", "outcomes", "coaching", "evals", "webhooks"
]
Stage = Literal["ask", "find", "define", "calibrate", "score", "coach", "prove"]
STAGES: tuple[Stage, ...] = ("ask", "find", "define", "calibrate", "score", "coach", "prove")
"""The method's steps, in their order."""
STAGE_WORDS: dict[Stage, str] = {
    "ask": N_("Ask"),
    "find": N_("Find"),
    "define": N_("Define"),
    "calibrate": N_("Calibrate"),
    "score": N_("Score"),
    "coach": N_("Coach"),
    "prove": N_("Prove"),
}

OPS: tuple[Role, ...] = ("ops_lead",)
RATERS: tuple[Role, ...] = ("ops_lead", "manager")
TEAM: tuple[Role, ...] = ("ops_lead", "manager", "viewer")


@dataclass(frozen=True)
class Step:
    """One thing to do. `text` says it in words for every front end; `page` and `button` say where it is done in the
    browser, `command` what to type after `closeread`. Without a button or a command there is nothing to press or type.

    `roles` can do it; if it is empty, somebody else is waited for. `draw`: the button draws baselines, "all" that are
    missing or those of the named rep. `post`: the button posts to that path. If `waits` is false it is offered for
    reading and nothing depends on it; `urgent`: other people cannot go on before it is done.
    """

    text: str
    page: str = ""
    button: str = ""
    command: str = ""
    roles: tuple[Role, ...] = ROLES
    draw: str = ""
    post: str = ""
    waits: bool = True
    urgent: bool = False
    on_page: bool = False

    def told_to(self, role: Role) -> "Step":
        """The step as shown to `role`: without button or command if others have to do it."""
        if role in self.roles:
            return self
        if not self.roles:
            return self
        who = _("{who} can do this.", who=_(" and ").join(_(PLURAL[one]) for one in self.roles).capitalize())
        return replace(self, text=f"{self.text} {who}", page="", button="", command="", draw="", post="")


class StepView(View):
    """What to do next: where it is done on the pages, what is typed for it, and which roles can do it."""

    text: str
    page: str = Field(description="Path of the page on which it is done; empty where there is none.")
    button: str
    command: str = Field(description="What is typed behind `closeread`; empty where no command does it.")
    roles: tuple[Role, ...] = Field(description="Who can do it; empty where others are waited for.")


class NextView(StepView):
    """What to do next, and what else is open, in the order in which it matters."""

    others: tuple[StepView, ...]

    @classmethod
    def of(cls, steps: list[Step]) -> "NextView":
        """The view of a list of steps that was made for one person."""
        first, *others = map(StepView.model_validate, steps)
        return cls(**first.model_dump(), others=tuple(others))


@dataclass(frozen=True)
class Way:
    """How far the team has come in the method (`here` is the present step, None if all are done), and what waits for
    the person asking."""

    done: frozenset[Stage]
    here: Stage | None
    waiting: tuple[Step, ...]


_RULE: list[Callable[[Who, Area], list[Step]]] = []
_WAY: list[Callable[[Who], Way]] = []


def rule(made: Callable[[Who, Area], list[Step]]) -> Callable[[Who, Area], list[Step]]:
    """Register the function that answers `next_steps`."""
    _RULE[:] = [made]
    return made


def way_rule(made: Callable[[Who], Way]) -> Callable[[Who], Way]:
    """Register the function that answers `way_of`."""
    _WAY[:] = [made]
    return made


def way_of(who: Who) -> Way:
    """How far the team has come, and what waits for `who`."""
    modules("next_step")
    return _WAY[0](who)


def next_steps(who: Who, area: Area = "") -> list[Step]:
    """What `who` can do, most important first; never empty. With `area`: what is to be done in that area alone (by
    others, if `who` can do nothing there), or the most important step of all areas if there is nothing to do in it."""
    modules("next_step")
    return _RULE[0](who, area)


def next_step(who: Who, area: Area = "") -> Step:
    """The most important step."""
    return next_steps(who, area)[0]


def step_on_page(who: Who, area: Area, step: Step) -> Step:
    """What the page of one thing says is to be done about it, as `who` is told it. Only where the list of the area has
    the same first is it the next step; elsewhere it is headed "On this page"."""
    told = step.told_to(who.scope.role)
    return told if told == next_step(who, area) else replace(told, on_page=True)


def typed(text: str) -> str:
    """A name or a label, quoted as it has to be typed in a command."""
    return shlex.quote(text)
