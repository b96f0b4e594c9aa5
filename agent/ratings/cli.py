"""`closeread ratings` and `closeread calls show`."""

from typing import Annotated

import typer

from agent.app.cli.context import As, Json, me, print_json, say, say_withheld, table, workspace
from agent.app.view import Page
from agent.calls.cli import CallArgument, calls_named
from agent.calls.cli import app as calls_app
from agent.calls.store import CallFilters, Calls
from agent.interviews import cli as documents
from agent.interviews.views import TurnView
from agent.ratings.call_page import shown_page
from agent.ratings.cli_lines import rating_rows
from agent.ratings.model import Rating
from agent.ratings.results import CallInList, line_of, rubric_of
from agent.ratings.second_opinion import confidences, review_order
from agent.ratings.store import Ratings
from agent.ratings.views import CallPageView, RatingView
from agent.rubrics.cli import say_overrides
from agent.rubrics.store import Rubrics

app = typer.Typer(no_args_is_help=True, help="Ratings with their evidence.")


@calls_app.command("list")
def calls_(
    ctx: typer.Context,
    rubric: Annotated[str, typer.Option(help="What counts against this rubric (id or label).")] = "",
    limit: Annotated[int, typer.Option("--limit", min=1, help="Calls in the table; --json has all of them.")] = 200,
    json: Json = False,
) -> None:
    """Calls, newest first, with what counts on each."""
    who = me(ctx)
    against, present = rubric_of(who, rubric), who.space.rules.profiles.present_level
    filters = CallFilters(rubric=against.id if against else "")
    rows = who.space.store[Calls].page(filters, limit=10**9 if json else limit, viewer=who.name)
    calls = [CallInList.against(row, against, present) for row in rows]
    if json:
        return print_json(Page(items=calls))
    names = ["date", "rep", "customer", "account", "stage", "deal"]
    lines = [
        [v.alias or v.id, *(getattr(v, name) for name in names), line_of(v.results) if v.scored else ""] for v in calls
    ]
    table("", ["call", *names, f"what counts ({against.label})" if against else "what counts"], lines)
    if len(rows) == limit and (there := who.space.store[Calls].count()) > limit:
        say(f"the newest {limit} of {there:,} calls; more with --limit {there}")


@calls_app.command("show")
def show(ctx: typer.Context, call: CallArgument, json: Json = False) -> None:
    """One call with its transcript; as JSON also with its ratings."""
    who = me(ctx)
    page = CallPageView.whole(shown_page(who, call))
    who.read(call)
    if json:
        return print_json(page)
    facts = {
        name: value
        for name, value in page.data().items()
        if name in ("id", "alias", "date", "rep", "customer", "account", "stage", "deal")
    }
    heard = who.space.store[Calls].get(call)
    counted = {"what counts": page.line} if page.line else {}
    documents.show_document(facts | counted | heard.details, TurnView.all(heard.transcript))


@app.command("list")
def list_(
    ctx: typer.Context,
    call: Annotated[str, typer.Option(help="Only this call.", callback=calls_named)] = "",
    rubric: Annotated[str, typer.Option(help="Only this rubric (id or label).")] = "",
    criterion: Annotated[str, typer.Option(help="Only this criterion.")] = "",
    review: Annotated[
        bool, typer.Option("--review", help="In the order to look at: first where two readings of the model differ.")
    ] = False,
    viewer: As = "",
    json: Json = False,
) -> None:
    """Ratings that no later one supersedes. A second reading is: closeread score run --draw 1 (or another model)."""
    store = workspace(ctx).store
    rubric_id = store[Rubrics].get(rubric).id if rubric else ""
    if call:
        store[Calls].get(call)
    look = store[Ratings].look([call] if call else [], rubric=rubric_id, criterion=criterion, viewer=viewer)
    ratings = look.ratings
    say_withheld(look)
    say_overrides(store, {r.provenance.rubric for r in ratings})
    if review:
        _review(ratings, json)
    elif json:
        print_json(Page(items=list(map(RatingView.of, ratings))))
    else:
        table("", ["call", "criterion", "rating", "rater", "turns", "reason"], rating_rows(ratings))


def _review(ratings: list[Rating], json: bool) -> None:
    ordered, sure = review_order(ratings), confidences(ratings)
    if json:
        return print_json(Page(items=[RatingView.of(r).data() | {"confidence": sure[r.id]} for r in ordered]))
    rows = [[*row[:3], sure[r.id], *row[3:]] for r, row in zip(ordered, rating_rows(ordered), strict=True)]
    table("", ["call", "criterion", "rating", "confidence", "rater", "turns", "reason"], rows)
    if all(sure[r.id] != "low" for r in ratings) and all(sure[r.id] != "agreed" for r in ratings):
        say("nothing has two readings yet; for a second one: closeread score run --draw 1")
