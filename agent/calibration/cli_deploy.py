"""`closeread rubric deploy`, beside the commands about rubrics."""

from typing import Annotated

import typer

from agent.app.cli.context import As, Json, console, me, print_json, say, say_next
from agent.calibration.gate import Others
from agent.calibration.verbs import deploy_rubric
from agent.rubrics.views import RubricStateView
from agent.scoring.cli_trial import app


@app.command()
def deploy(
    ctx: typer.Context,
    reference: Annotated[str, typer.Argument(metavar="RUBRIC", help="Id or label.", show_default=False)],
    provisional: Annotated[
        bool, typer.Option("--provisional", help="Also take criteria that agree on 85 %, marked until confirmed.")
    ] = False,
    others: Annotated[
        Others,
        typer.Option("--others", help="Criteria that have not passed: score them with a mark, or leave them out."),
    ] = "",
    override: Annotated[bool, typer.Option("--override", help="Deploy below the gate; needs --reason.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept, and shown with the rubric's scores.")] = "",
    by: As = "",
    json: Json = False,
) -> None:
    """Make a rubric the one in use. Refused (exit 4) while a criterion has not passed calibration
    and nothing is said about it."""
    deployed = deploy_rubric(
        me(ctx, by), reference, provisional=provisional, others=others, override=override, reason=reason, note=say
    )
    rubric, state = deployed.rubric, deployed.state
    if json:
        return print_json(RubricStateView.of(state))
    console().print(f"{rubric.label}: {state.sentence}", markup=False)
    say_next(me(ctx, by))
