"""`closeread interviews`."""

from __future__ import annotations

import typer

from agent.app.cli.context import Budget, DryRun, Json, print_json, table, workspace
from agent.interviews import cli_documents as documents
from agent.interviews.store import Interviews
from agent.interviews.views import InterviewView, InterviewWords

app = typer.Typer(no_args_is_help=True, help="Win-loss interviews with buyers.")


@app.command("import")
def import_(
    ctx: typer.Context,
    directory: documents.Directory,
    manifest: documents.Manifest,
    map: documents.Map = None,
    speakers: documents.Speakers = None,
    reps: documents.Roster = None,
    format: documents.Format = None,
    dates: documents.Dates = None,
) -> None:
    """Import interviews. Columns: file, date, outcome (won/lost), buyer, rep; useful: interview_id, account, stage."""
    documents.import_documents(workspace(ctx), "interview", directory, manifest, map, speakers, reps, format, dates)


@app.command("speakers")
def speakers_(
    ctx: typer.Context,
    directory: documents.Directory,
    manifest: documents.Manifest,
    map: documents.Map = None,
    speakers: documents.Speakers = None,
    format: documents.Format = None,
    budget: Budget = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Let the drafter's model propose who is behind labels such as "Speaker 1". You confirm; nothing is stored."""
    from agent.interviews.cli_speakers import show_proposals

    space = workspace(ctx)
    show_proposals(
        space, "interview", directory, manifest, map, speakers, format, budget=budget, dry_run=dry_run, json=json
    )


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All interviews."""
    found = [InterviewView.of(interview) for interview in workspace(ctx).store[Interviews].all()]
    if json:
        print_json([view.data() for view in found])
    else:
        rows = [[v.id, v.outcome, v.date, v.buyer, v.account, v.rep, v.stage, v.turn_count] for v in found]
        table("", ["id", "outcome", "date", "buyer", "account", "rep", "stage", "turns"], rows, right=["turns"])


@app.command()
def show(ctx: typer.Context, interview: str, json: Json = False) -> None:
    """One interview with its transcript."""
    found = InterviewWords.of(workspace(ctx).store[Interviews].get(interview))
    if json:
        print_json(found.data())
    else:
        facts = found.model_dump(include=set(InterviewView.model_fields)) | found.details
        documents.show_document(facts, found.turns)
