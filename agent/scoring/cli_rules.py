"""`closeread rule`: scoring new calls by themselves."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from agent.app.cli.checked import checked
from agent.app.cli.context import Json, console, me, print_json, say, table
from agent.app.cli.jobs import say_no_worker
from agent.app.verb import Who
from agent.scoring.rules import NewRule, ScoringRule, ScoringRules
from agent.scoring.rules_verbs import add_rule, pause_rule, remove_rule, resume_rule
from agent.scoring.rules_view import RuleList, RuleView

app = typer.Typer(no_args_is_help=True, help="Rules that score new calls by themselves.")

Name = Annotated[str, typer.Argument(help="Name or id of the rule.")]


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All rules: what they score, when, what they have spent, and what came of them last."""
    space = me(ctx).space
    found = [RuleView.of(space, rule) for rule in space.store[ScoringRules].all()]
    if json:
        return print_json(RuleList(items=found))
    rows = [
        [v.name, "on" if v.on else "rests", v.scores, v.at_times, f"${v.spent_this_month_usd:.2f}", _last(v)]
        for v in found
    ]
    table("", ["name", "state", "scores", "when", "this month", "last"], rows)


def _last(view: RuleView) -> str:
    if view.stopped:
        return f"stopped: {view.stopped}"
    return f"{view.job}, {view.calls} calls" if view.job else ""


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="A name for it.")],
    nightly: Annotated[int, typer.Option("--nightly", min=0, max=23, help="The hour at which it begins.")] = 2,
    on_arrival: Annotated[bool, typer.Option("--on-arrival", help="As calls arrive, not by night.")] = False,
    zone: Annotated[str, typer.Option(help="Time zone of the hour and the budgets, as Europe/Berlin.")] = "UTC",
    rep: Annotated[list[str] | None, typer.Option("--rep", help="Only this rep's calls; may be given again.")] = None,
    stage: Annotated[
        list[str] | None, typer.Option("--stage", help="Only calls of this stage; may be given again.")
    ] = None,
    share: Annotated[int, typer.Option(min=1, max=100, help="Of these calls so many per cent.")] = 100,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Calls from this day on; default: today.")
    ] = None,
    backlog: Annotated[bool, typer.Option("--backlog", help="Also all earlier calls that are not scored.")] = False,
    budget_day: Annotated[float | None, typer.Option(min=0.0, help="At most so many US dollars a day.")] = None,
    budget_month: Annotated[float | None, typer.Option(min=0.0, help="At most so many US dollars a month.")] = None,
    json: Json = False,
) -> None:
    """Score new calls by a rule from now on, with the deployed rubric; workers carry it out."""
    who, today = me(ctx), datetime.now(UTC)
    given: dict[str, Any] = {
        "when": "arrival" if on_arrival else "nightly",
        "hour": nightly,
        "zone": zone,
        "share": share,
    }
    given |= {"name": name, "reps": tuple(rep or ()), "stages": tuple(stage or ())}
    given |= {
        "since": None if backlog else (since or today).date(),
        "usd_a_day": budget_day,
        "usd_a_month": budget_month,
    }
    new = checked(NewRule, given)
    _told(who, add_rule(who, new), "is on", json)
    say_no_worker(who.space.store)


@app.command()
def pause(ctx: typer.Context, name: Name, json: Json = False) -> None:
    """Let a rule rest. A job that it has started goes on."""
    who = me(ctx)
    _told(who, pause_rule(who, name), "rests", json)


@app.command()
def resume(ctx: typer.Context, name: Name, json: Json = False) -> None:
    """Let a rule go on; what came while it rested is scored too."""
    who = me(ctx)
    _told(who, resume_rule(who, name), "is on again", json)


@app.command()
def remove(ctx: typer.Context, name: Name, json: Json = False) -> None:
    """Take a rule out; what it scored stays."""
    who = me(ctx)
    _told(who, remove_rule(who, name), "is taken out", json)


def _told(who: Who, rule: ScoringRule, what: str, json: bool) -> None:
    if json:
        return print_json(RuleView.of(who.space, rule))
    console().print(f"{rule.name} {what}: {rule.words}, {rule.when_words}", markup=False)
    if what.startswith("is on"):
        say("each call once, with the deployed rubric; closeread rule list says what came of it")
