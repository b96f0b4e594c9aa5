"""`closeread week`: what the week brought."""

from datetime import datetime
from typing import Annotated

import typer

from agent.app.cli.context import Json, console, me, print_json
from agent.core.wording import days
from agent.weekly.views import week_of


def week(
    ctx: typer.Context,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The week's last day; default: today.")
    ] = None,
    rubric: Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")] = "",
    json: Json = False,
) -> None:
    """What moved, what is to look at, whom to coach: the seven days up to today."""
    week = week_of(me(ctx), until.date() if until else None, rubric)
    if json:
        return print_json(week)
    console().print(days(week.first, week.last))
    for sentence in week.sentences:
        console().print(f"- {sentence}", markup=False)
