"""The `closeread` command."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from agent.cli import (
    baseline,
    calibrate,
    calls,
    coach,
    criteria,
    eval,
    export,
    guide,
    interviews,
    job,
    model,
    outcomes,
    patterns,
    people,
    prompts,
    rubric,
    sales_import,
    score,
    token,
)
from agent.cli.agreement import agreement
from agent.cli.check import check
from agent.cli.cost import cost
from agent.cli.demo import demo, report
from agent.cli.formats import formats
from agent.cli.gaps import gaps
from agent.cli.retention import retention
from agent.cli.serve import serve
from agent.cli.worker import worker
from agent.errors import CloseReadError

# litellm fetches a price map from the network when imported, unless this is set.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

app = typer.Typer(
    name="closeread",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: importing rich alone takes a third of the time `--help` may take
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Win-loss interviews into coaching criteria; calls scored against them with quoted evidence.",
    epilog="Start with: closeread demo",
)
app.add_typer(interviews.app, name="interviews")
app.add_typer(calls.app, name="calls")
app.add_typer(guide.app, name="guide")
app.add_typer(patterns.app, name="patterns")
app.add_typer(criteria.app, name="criteria")
app.add_typer(rubric.app, name="rubric")
app.add_typer(score.app, name="score")
app.add_typer(score.ratings_app, name="ratings")
score.ratings_app.command("import")(sales_import.import_ratings)
app.add_typer(sales_import.deals_app, name="deals")
app.add_typer(sales_import.coaching_app, name="coaching")
app.add_typer(baseline.app, name="baseline")
app.add_typer(coach.app, name="coach")
app.add_typer(outcomes.weights_app, name="weights")
app.add_typer(calibrate.app, name="calibrate")
app.add_typer(export.app, name="export")
app.add_typer(eval.app, name="eval")
app.add_typer(model.app, name="model")
app.add_typer(prompts.app, name="prompts")
app.add_typer(job.app, name="job")
app.command("worker")(worker)
app.add_typer(people.app, name="people")
app.add_typer(token.app, name="token")
app.command("serve")(serve)
app.command("retention")(retention)
app.command("formats")(formats)
app.command("gaps")(gaps)
app.command("outcomes")(outcomes.outcomes)
app.command("funnel")(outcomes.funnel)
app.command("check")(check)
app.command("cost")(cost)
app.command("agreement")(agreement)
app.command("report")(report)
app.command("demo")(demo)


def _version(wanted: bool) -> None:
    if wanted:
        from agent import __version__

        typer.echo(f"closeread {__version__}")
        raise typer.Exit


@app.callback()
def options(
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", envvar="CLOSEREAD_WORKSPACE", help="Folder of the workspace.", file_okay=False),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Win-loss interviews into coaching criteria; calls scored against them with quoted evidence."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command line (`sys.argv` by default); an error of our own is one line and its exit code."""
    try:
        app(arguments)
    except CloseReadError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
