"""`closeread outcomes`, `weights` and `funnel`: what goes with deals won, and where deals are lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.app.cli.context import Json, console, print_json, say, table, workspace

if TYPE_CHECKING:
    from agent.stats.outcomes import OutcomeReport

RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")]


def outcomes(
    ctx: typer.Context,
    rubric: RubricOption = "",
    out: Annotated[Path | None, typer.Option("--out", help="Write the chart as SVG to this file.")] = None,
    json: Json = False,
) -> None:
    """Does movement on a criterion go with the win rate? An association over reps, never more."""
    from agent.outcomes.verbs import outcome_data, outcome_report_of
    from agent.profiles.baselines import draw_missing
    from agent.profiles.season import rated_season

    space = workspace(ctx)
    report = outcome_report_of(draw_missing(rated_season(space, say, rubric), say))
    if out is not None:
        from agent.app.documents.charts import forest_plot, write_svg

        say(f"written: {write_svg(forest_plot(report), out)}")
    if json:
        print_json(outcome_data(report))
    else:
        show_outcomes(report)


def show_outcomes(report: OutcomeReport) -> None:
    """The links on the terminal, with what they rest on and what they cannot say."""
    from agent.app.documents.words import number
    from agent.core.statistic import p_value

    rows = [
        [
            link.criterion,
            link.verdict.replace("_", " ") + (f" (borrowed from {link.borrowed_from})" if link.borrowed_from else ""),
            number(link.model),
            p_value(link.p_holm),
            number(link.correlation),
            link.n_needed or "",
        ]
        for link in report.links
    ]
    columns = ["criterion", "verdict", "odds ratio a tenth of the scale", "p, Holm", "rank correlation", "reps needed"]
    table("Movement on each criterion and the win rate", columns, rows, right=["p, Holm", "reps needed"])
    console().print(
        f"{report.deals_before} deals decided in the window before coaching, {report.deals_after} after; "
        f"{report.deals_across} lie across a window's edge and are left out. {report.note.capitalize()}.",
        markup=False,
    )


def funnel(
    ctx: typer.Context,
    rep: Annotated[str, typer.Option("--rep", help="Only this rep.")] = "",
    rubric: RubricOption = "",
    out: Annotated[Path | None, typer.Option("--out", help="Write the chart as SVG to this file.")] = None,
    json: Json = False,
) -> None:
    """Conversion by stage with intervals, against the 10-3-1 rule of thumb; per rep and team; where to coach first."""
    from agent.outcomes.cli_funnel import show_funnels
    from agent.outcomes.funnels import funnels_data, funnels_of

    space = workspace(ctx)
    found = funnels_of(space, say, rubric, rep)
    if out is not None:
        from agent.app.documents.charts import funnel_chart, write_svg

        say(f"written: {write_svg(funnel_chart(found.shown), out)}")
    if json:
        print_json(funnels_data(found))
    else:
        show_funnels(found)


weights_app = typer.Typer(no_args_is_help=True, help="Weights of criteria, learned from deals; a person accepts them.")
LinkOption = Annotated[
    Literal["calls", "time"],
    typer.Option("--link", help="calls: those that name the deal; time: the rep's while the deal was open."),
]


@weights_app.command()
def propose(ctx: typer.Context, rubric: RubricOption = "", link: LinkOption = "calls", json: Json = False) -> None:
    """Weights from won and lost deals, with a reason each; nothing is changed."""
    from agent.outcomes.cli_weighing import show_proposal
    from agent.outcomes.weights import proposal_data, proposal_of

    space = workspace(ctx)
    found, proposal = proposal_of(space, say, rubric, link)
    if json:
        print_json(proposal_data(found.rubric, proposal, link))
    else:
        show_proposal(found.rubric, proposal, link)


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
    from agent.outcomes.cli_weighing import own_weights
    from agent.outcomes.weights import accept_weights

    space = workspace(ctx)
    new = accept_weights(space, say, own_weights(weight or []), rubric, link, label)
    data = {"id": new.id, "label": new.label, "weights": {c.id: c.weight for c in new.criteria}}
    if json:
        print_json(data)
    else:
        shown = ", ".join(f"{ident} {value:.2f}" for ident, value in data["weights"].items())  # type: ignore[attr-defined]
        console().print(f"{new.label} ({new.id}): {shown}", markup=False)
