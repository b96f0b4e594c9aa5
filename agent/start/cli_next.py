"""`closeread next`: what to do next, as Start and every list on the pages say it."""

from typing import Annotated, get_args

import typer

from agent.app.cli.context import Json, console, me, print_json
from agent.app.steps import NextView, next_steps
from agent.app.verb import Who
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.errors import Advice, NotFound
from agent.core.people import Role, Scope
from agent.people.store import People

ROLE_NAMES: tuple[Role, ...] = get_args(Role)
AsAnybody = Annotated[
    str,
    typer.Option("--as", help="For whom: ops_lead (default), manager, viewer, or the name of a person, rater or rep."),
]

EveryStep = Annotated[bool, typer.Option("--all", help="All that is open, not only what comes first.")]


def next_(ctx: typer.Context, name: AsAnybody = "", every: EveryStep = False, json: Json = False) -> None:
    """What to do next, and with --all what else is open, in the order in which it matters."""
    steps = next_steps(somebody(me(ctx), name))
    if json:
        return print_json(NextView.of(steps))
    for step in steps if every else steps[:1]:
        console().print(step.text, markup=False, soft_wrap=True)
        if step.command:
            console().print(f"  closeread {step.command}", markup=False, soft_wrap=True)
        elif step.page:
            console().print("  on the pages: closeread serve", markup=False)


def somebody(who: Who, name: str) -> Who:
    """`who` in the place of a role, of a person with an account, of a rater or of a rep. NotFound for another name."""
    if not name:
        return who
    if name in ROLE_NAMES and name != "rep":
        return Who(who.base, Scope(role=name))
    store = who.base.store
    for person in store[People].all():
        if person.name == name:
            return Who(who.base, Scope(name=name, role=person.role, rep=person.rep))
    if any(name in round_.people for round_ in store[Rounds].all()):
        return Who(who.base, Scope(name=name, role="manager"))
    if name in store[Calls].reps():
        return Who(who.base, Scope(name=name, role="rep", rep=name))
    roles = ", ".join(role for role in ROLE_NAMES if role != "rep")
    raise NotFound(
        f"{name!r} is no role ({roles}), and nobody of that name has an account, rates in a round or has a call",
        advice=Advice(command="people list", page="/admin/people"),
    )
