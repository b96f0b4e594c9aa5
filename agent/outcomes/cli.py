"""`closeread outcomes`, `telling`, `funnel` and `weights`: what goes with deals won, and where deals are lost."""

from typing import Annotated, Literal

import typer

from agent.app.cli.context import Json, console, me, print_json, say, table, workspace
from agent.app.cli.parts import print_parts
from agent.app.cli.writing import ChartOption, LanguageOption, write_chart
from agent.app.documents.charts import forest_plot, funnel_chart
from agent.core.direction import Direction
from agent.core.figures import read
from agent.outcomes.funnels import funnels_of
from agent.outcomes.learned import learned_report
from agent.outcomes.links import link_report
from agent.outcomes.parts import funnel_parts, learned_part, links_part
from agent.outcomes.verbs import accept_weights
from agent.outcomes.views import (
    FunnelsView,
    FunnelView,
    LearnedView,
    LinksView,
    NewVersion,
    OutcomesView,
    ProposalOfWeights,
    TellingView,
    WeightsView,
)
from agent.outcomes.weights import own_weights, proposal_of, weights_to_take
from agent.profiles.season import rated_season, the_rep
from agent.profiles.verbs import with_baselines
from agent.rubrics.in_use import in_use_id
from agent.rubrics.store import Rubrics

RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")]


def outcomes(
    ctx: typer.Context,
    rubric: RubricOption = "",
    out: ChartOption = None,
    language: LanguageOption = "en",
    json: Json = False,
) -> None:
    """Does movement on a criterion go with the win rate? An association over reps, never more."""
    who = me(ctx)
    season = with_baselines(who, rated_season(who.space, say, rubric), say)
    links, words = LinksView.of(link_report(season)), Direction.by_id(season.rubric.criteria)
    write_chart(lambda: forest_plot(links.links, links.win_rate, words), out, language)
    if json:
        return print_json(OutcomesView(**OutcomesView.now(season.rubric), value=links))
    print_parts(links_part(links, words))


def telling(ctx: typer.Context, rubric: RubricOption = "", json: Json = False) -> None:
    """Do scores still tell won deals from lost ones since coaching began, or are they learned?
    Needs calls that name deals."""
    season = rated_season(workspace(ctx), say, rubric)
    learned = LearnedView.of(learned_report(season))
    if json:
        return print_json(TellingView(**TellingView.now(season.rubric), value=learned))
    print_parts(learned_part(learned, Direction.by_id(season.rubric.criteria)))


def funnel(
    ctx: typer.Context,
    rep: Annotated[str, typer.Option("--rep", help="Only this rep.")] = "",
    rubric: RubricOption = "",
    out: ChartOption = None,
    language: LanguageOption = "en",
    json: Json = False,
) -> None:
    """Conversion by stage with intervals, against the 10-3-1 rule of thumb; per rep and team; where to coach first."""
    space, notes = workspace(ctx), list[str]()
    known = in_use_id(space.store, rubric)
    against = space.store[Rubrics].get(known) if known else None
    if against is not None:
        say(f"rubric {against.label}")
    funnels = funnels_of(space, known, notes.append)
    only = the_rep([own.funnel.who for own in funnels.reps], rep) if rep else ""
    for note in notes:
        say(note)
    view = FunnelsView.of(funnels, only)
    write_chart(lambda: funnel_chart(view.reps[0].funnel if only else view.team), out, language)
    if json:
        return print_json(FunnelView(**FunnelView.now(against, notes), value=view))
    print_parts(*funnel_parts(view, only))


weights_app = typer.Typer(no_args_is_help=True, help="Weights of criteria, learned from deals; a person accepts them.")
LinkOption = Annotated[
    Literal["calls", "time"],
    typer.Option("--link", help="calls: those that name the deal; time: the rep's while the deal was open."),
]


@weights_app.command()
def propose(ctx: typer.Context, rubric: RubricOption = "", link: LinkOption = "calls", json: Json = False) -> None:
    """Weights from won and lost deals, with a reason each; nothing is changed."""
    season = rated_season(workspace(ctx), say, rubric)
    proposal = ProposalOfWeights.of(season.rubric, proposal_of(season, link))
    if json:
        return print_json(WeightsView(**WeightsView.now(season.rubric, [proposal.tied]), value=proposal))
    console().print(f"Over: {proposal.population}", markup=False)
    if not proposal.proposed:
        console().print(f"No weights are proposed: {proposal.reason}. {proposal.tied}", markup=False)
        return
    rows = [
        [
            one.criterion,
            "" if one.now is None else f"{one.now:g}",
            f"{one.weight:.2f}",
            read(one.log_odds, "signed"),
            one.reason,
        ]
        for one in proposal.weights
    ]
    columns = ["criterion", "now", "proposed", "pull towards a win (0: none)", "reason"]
    table("", columns, rows, right=["now", "proposed"])
    console().print(f"{proposal.reason}. {proposal.tied} To take them over: closeread weights accept", markup=False)


@weights_app.command()
def accept(
    ctx: typer.Context,
    rubric: RubricOption = "",
    link: LinkOption = "calls",
    label: Annotated[str, typer.Option("--label", help="Label of the new rubric version.")] = "",
    weight: Annotated[
        list[str] | None, typer.Option("--weight", help="CRITERION=NUMBER, in place of the proposed one.")
    ] = None,
    json: Json = False,
) -> None:
    """Accept the proposed weights (or your own): a new rubric version with the same criteria."""
    who, own = me(ctx), own_weights(weight or [])
    season = rated_season(who.space, say, rubric)
    weights = weights_to_take(season.rubric, proposal_of(season, link).proposal, own)
    made = NewVersion.of(accept_weights(who, season.rubric.id, weights, label))
    if json:
        return print_json(made)
    weighted = ", ".join(f"{ident} {value:.2f}" for ident, value in made.weights.items())
    console().print(f"{made.label} ({made.id}): {weighted}", markup=False)
