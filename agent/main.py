"""The `closeread` command."""

import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from agent import __version__
from agent.app.cli.ending import told
from agent.app.cli.terminal import guard
from agent.core.errors import CloseReadError

# litellm fetches a price map from the network when imported, unless this is set.
os.environ.setdefault("LITELLM_LOCAL_MODEL_COST_MAP", "True")

COMMANDS = {
    "demo": ("agent.start.cli_demo:demo", "The whole pipeline on the shipped sample, with no key and no network."),
    "init": ("agent.start.cli_init:init", "Begin a workspace: which model reads, the sample or files of your own."),
    "serve": ("agent.serve:serve", "Serve the pages and the API, and work on background jobs."),
    "next": ("agent.start.cli_next:next_", "What to do next, for you or for a role."),
    "week": ("agent.weekly.cli:week", "What moved, what is to look at, whom to coach."),
    "check": ("agent.start.cli_check:check", "Before you start: what is there, and what is missing."),
    "guide": (
        "agent.documents.cli:guides_app",
        "Interview guides: questions that bring out what reps asked, did and said.",
    ),
    "interviews": ("agent.corrections.cli:interviews_app", "Win-loss interviews with buyers."),
    "uploads": ("agent.corrections.cli:uploads_app", "What was imported, and taking it back."),
    "formats": ("agent.uploads.cli:formats", "Read every file of a folder or zip and say its format."),
    "patterns": ("agent.patterns.cli:app", "Behaviors that separate won deals from lost ones."),
    "criteria": ("agent.rubrics.cli:criteria_app", "Criteria made from patterns."),
    "rubric": ("agent.calibration.cli_deploy:app", "Rubrics: versioned sets of criteria."),
    "calls": ("agent.corrections.cli:calls_app", "Sales calls."),
    "calibrate": ("agent.calibration.cli:app", "Calibration rounds: blind ratings, agreement, verdicts."),
    "agreement": ("agent.calibration.cli_agreement:agreement", "Agreement between raters in any table of ratings."),
    "disputes": ("agent.disputes.cli:app", "Ratings that reps dispute, and the answers."),
    "score": ("agent.scoring.cli:app", "Score calls against a rubric."),
    "rule": ("agent.scoring.cli_rules:app", "Rules that score new calls by themselves."),
    "ratings": ("agent.uploads.cli:ratings_app", "Ratings with their evidence."),
    "baseline": ("agent.profiles.cli_baseline:app", "Baselines: where each rep stands before coaching."),
    "gaps": ("agent.profiles.cli_gaps:gaps", "Criteria clearly below target: of the team, then of each rep."),
    "coach": ("agent.coaching.cli:app", "Coaching: plans, sessions, and whether it moved anything."),
    "coaching": ("agent.uploads.cli:coaching_app", "Coaching cycles: who, when, on what."),
    "deals": ("agent.uploads.cli:deals_app", "Deals out of a CRM."),
    "outcomes": ("agent.outcomes.cli:outcomes", "Does movement on a criterion go with the win rate?"),
    "telling": ("agent.outcomes.cli:telling", "Do scores still tell won deals from lost ones since coaching began?"),
    "funnel": ("agent.outcomes.cli:funnel", "Conversion from stage to stage."),
    "weights": ("agent.outcomes.cli:weights_app", "Weights of criteria, learned from deals; a person accepts them."),
    "export": ("agent.documents.cli:app", "Documents to hand on: DOCX, PDF, Markdown, XLSX and CSV."),
    "report": ("agent.start.cli_demo:report", "One self-contained HTML page of everything that was concluded."),
    "eval": ("agent.evals.cli:app", "Hold ratings against manually scored cases; ship or do not ship."),
    "prompts": ("agent.evals.cli_prompts:app", "Prompts: versioned files, locked once released."),
    "model": ("agent.models.cli:app", "The models bound to roles."),
    "cache": ("agent.models.cli_cache:app", "Replies of models that are kept, so that none is paid for twice."),
    "cost": ("agent.models.cli:cost", "What model requests have taken so far."),
    "job": ("agent.jobs.cli:app", "Background jobs: what runs and what failed."),
    "worker": ("agent.jobs.cli:worker", "Work on background jobs until told to stop (Ctrl-C, SIGTERM)."),
    "mcp": ("agent.connections.cli:mcp", "A server for assistants (Model Context Protocol)."),
    "source": ("agent.sources.cli:app", "Folders and buckets from which new transcripts are taken by the clock."),
    "webhook": ("agent.webhooks.cli:app", "Other programs that are told of scored calls, jobs and disputes."),
    "people": ("agent.people.cli:app", "Accounts of people who sign in."),
    "token": ("agent.people.cli:token_app", "Tokens for programs that use the API."),
    "forget": ("agent.retention.cli:forget", "Put a pseudonym in the place of the name of somebody who leaves."),
    "about": ("agent.retention.cli:about", "Everything about one person, as a zip of JSON files."),
    "backup": ("agent.backup.cli:backup", "Write the whole workspace into one file while it is in use."),
    "restore": ("agent.backup.cli:restore", "Make a workspace out of a backup."),
    "audit": ("agent.people.cli_audit:app", "Who did and read what; whether the log is as it was written."),
    "retention": ("agent.retention.cli:retention", "Remove transcripts, quotes and customers' names."),
}
"""Where each command lives, and the line that the list of commands shows. A slice is imported when its command runs."""


class Commands(TyperGroup):
    """The commands of `COMMANDS`, each loaded when it is asked for: `closeread --help` imports none of them."""

    def list_commands(self, ctx: Any) -> list[str]:
        """All names, in the order of the method's steps."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """The command of that name, out of its slice."""
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        made = getattr(import_module(module), name)
        if isinstance(made, typer.Typer):
            made.rich_markup_mode = None
            command: Any = typer.main.get_group(made)
        else:
            alone = typer.Typer(add_completion=False, rich_markup_mode=None)
            alone.command()(made)
            command = typer.main.get_command(alone)
        command.name = cmd_name
        return command

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """The list of commands out of the table, so that nothing is imported for it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])


app = typer.Typer(
    cls=Commands,
    name="closeread",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # plain help: importing rich alone takes a third of the time `--help` may take
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Win-loss interviews into coaching criteria; calls scored against them with quoted evidence.",
    epilog="Start with: closeread demo, then closeread init",
)


def _version(wanted: bool) -> None:
    if wanted:
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
    """Run the command line (`sys.argv` by default); an error of our own, or of the system, is one line and its code."""
    os.umask(os.umask(0o077) | 0o077)  # what is written here is transcripts, keys and figures about people
    guard()
    try:
        try:
            app(arguments)
        finally:
            if sys.stdout is not None:  # None where it was closed before we began
                sys.stdout.flush()  # here, where an error can still be told
    except CloseReadError as error:
        _fail(error)
    except BrokenPipeError:
        # The reader of our output has gone (`| head`): not an error of ours.
        _forget_output()
        sys.exit(1)
    except OSError as error:
        ours = told(error)
        if ours is None:
            raise
        _forget_output()
        _fail(ours)


def _fail(error: CloseReadError) -> NoReturn:
    sys.stderr.write(f"error: {error.at_the_terminal()}\n")
    sys.exit(error.exit_code)


def _forget_output() -> None:
    """What is not written yet cannot be: Python would say so once more when it ends."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
