"""`closeread uploads` and `formats`, and the `import` commands of interviews, calls, deals, ratings and coaching.

All imports go through one verb, as those of the page and the API do: they can be taken
back, and the audit log has them.
"""

import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer

from agent.app.cli.context import Budget, DryRun, Json, me, print_json, run, say, say_next, table, workspace
from agent.app.verb import Who
from agent.app.view import Page
from agent.calls.cli import app as calls_app
from agent.calls.store import Calls
from agent.core.errors import CloseReadError, InputError
from agent.core.figures import plural
from agent.core.wording import moment, number
from agent.interviews.cli import Dates, Directory, Format, Manifest, Map, Speakers, kind_of
from agent.interviews.cli import app as interviews_app
from agent.interviews.model import Written
from agent.outcomes.store import Deals
from agent.profiles.store import CoachingPeriods
from agent.ratings.cli import app as ratings_app
from agent.speech import verbs as speech
from agent.speech.hearing_files import HeardFolder, HeardReader, bound_transcriber, plan
from agent.text.manifest import pairs
from agent.text.shelf import Zip, shelf_at
from agent.text.survey import Surveyed, survey
from agent.uploads import verbs
from agent.uploads.made_manifest import made_rows, manifest_workbook
from agent.uploads.reading import Brought, check, recordings_in, roster, turns_and_people
from agent.uploads.store import Uploads
from agent.uploads.views import ImportView, UploadView

deals_app = typer.Typer(no_args_is_help=True, help="Deals out of a CRM.")
coaching_app = typer.Typer(no_args_is_help=True, help="Coaching cycles: who, when, on what.")
uploads_app = typer.Typer(no_args_is_help=True, help="What was imported, and taking it back.")

File = Annotated[Path, typer.Argument(help="The table: CSV or Excel.", show_default=False)]
Roster = Annotated[Path | None, typer.Option("--reps", help="Text file with the known reps, one a line.")]
RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")]
UploadArgument = Annotated[str, typer.Argument(metavar="UPLOAD", help="Id of the upload.")]
SendSound = Annotated[
    bool,
    typer.Option("--send-sound", help="Recordings may be sent to the transcriber as they are, with the names in them."),
]


def _bring(ctx: typer.Context, brought: Brought, noun: str, json: bool) -> None:
    """Import what is right, print a line for each thing that is not, and end with exit code 3 if there was any."""
    who = me(ctx)
    checked = check(who.space, brought)
    if checked.storable or checked.counts["unchanged"]:
        made = verbs.bring_in(who, checked)
    else:
        made = verbs.StoredUpload(problems=checked.problems, counts=Counter(problems=len(checked.problems)))
    if json:
        print_json(ImportView.of(made))
    else:
        _show(made, checked.around)
    for problem in made.problems:
        say(f"problem: {problem}")
    if made.problems:
        count = len(made.problems)
        raise InputError(f"{count} {'problem' if count == 1 else 'problems'}; all other {noun} were imported")
    if not json:
        say_next(who)


def _show(made: verbs.StoredUpload, around: tuple[str, str, str]) -> None:
    for how, one in made.stored:
        turns, people = turns_and_people(one.document.transcript)
        called = one.document.alias or one.document.id
        typer.echo(f"{called}  {how}  {one.form}  {turns}  {people}")
        for note in one.notes:
            typer.echo(f"{called}  note  {note}")
    counts = {how: made.counts[how] for how in ("changed", "new", "unchanged") if made.counts[how]}
    counted = ", ".join(f"{number(count)} {how}" for how, count in counts.items())
    before, noun, behind = around
    total = plural(sum(counts.values()), noun) if noun else number(sum(counts.values()))
    typer.echo(f"{before}{total}{behind}: {counted}" if counted else "nothing imported")
    for note in made.notes:
        say(note)
    if made.upload is not None and made.upload.undoable:
        say(f"to take this back: closeread uploads undo {made.upload.id}")


@contextmanager
def _heard(
    who: Who, brought: Brought, *, may_leave: bool, budget: float | None, dry_run: bool
) -> Iterator[Brought | None]:
    """The same with a reader that knows what the recordings of the manifest say, once they were heard; None where it
    was only asked what that would cost."""
    with TemporaryDirectory(prefix="closeread-heard-") as place:
        bound, files = bound_transcriber(who.space), []
        if bound is not None or dry_run:
            if isinstance(brought.shelf, Zip):
                brought = replace(brought, shelf=brought.shelf.with_recordings(Path(place)))
            files = recordings_in(brought)
        if files or dry_run:
            planned = plan(who.space, files)
            say(planned.sentence if files else "the manifest names no recordings: nothing is sent")
            if dry_run:
                yield None
                return
        folder = HeardFolder(Path(place))
        if files:
            asked = f"Names are spoken in it. Send it to {planned.leaves_to} as it is?"
            allowed = may_leave or (planned.asks and sys.stdin.isatty() and typer.confirm(asked, err=True))
            run(lambda: speech.hear(who, files, folder, say, allowed=allowed, budget_usd=budget))
        yield replace(brought, reader=HeardReader(folder)) if files else brought


@interviews_app.command("import")
def import_interviews(
    ctx: typer.Context,
    directory: Directory,
    manifest: Manifest,
    map: Map = None,
    speakers: Speakers = None,
    reps: Roster = None,
    format: Format = None,
    dates: Dates = None,
    kind: Annotated[
        Written,
        typer.Option(
            "--kind", help="notes: one voice tells of the interview; only what is quoted is the buyer's words."
        ),
    ] = "conversation",
    send_sound: SendSound = False,
    budget: Budget = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Import interviews. Columns: file, date, outcome (won/lost/no decision/churned), buyer, rep; useful: interview_id,
    account, stage, kind (conversation/notes). Recordings are heard by the model of the role transcriber."""
    brought = Brought(
        kind=kind_of(ctx),
        name=manifest.name,
        table=manifest,
        shelf=shelf_at(directory),
        columns=pairs("--map", map or []),
        speakers=pairs("--speakers", speakers or []),
        reps=None if reps is None else roster(reps),
        form=format,
        dates=dates or "",
        notes=kind == "notes",
    )
    with _heard(me(ctx), brought, may_leave=send_sound, budget=budget, dry_run=dry_run) as ready:
        if ready is not None:
            _bring(ctx, ready, f"{brought.kind}s", json)


@calls_app.command("import")
def import_calls(
    ctx: typer.Context,
    directory: Directory,
    manifest: Manifest,
    map: Map = None,
    speakers: Speakers = None,
    reps: Roster = None,
    format: Format = None,
    dates: Dates = None,
    send_sound: SendSound = False,
    budget: Budget = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Import calls. Columns: file, date, rep; useful: call_id, customer, account, stage, deal. Recordings are heard by
    the model of the role transcriber."""
    import_interviews(
        ctx, directory, manifest, map, speakers, reps, format, dates, "conversation", send_sound, budget, dry_run, json
    )


Out = Annotated[Path | None, typer.Option("--out", help="Where to write it; default: manifest.xlsx beside the files.")]


@interviews_app.command("manifest")
@calls_app.command("manifest")
def make_manifest(ctx: typer.Context, directory: Directory, out: Out = None, json: Json = False) -> None:
    """Make a manifest (Excel) from the files of a folder: a row each, with what its name
    gives away, to be filled in."""
    kind = kind_of(ctx)
    target = out or (directory if directory.is_dir() else directory.parent) / "manifest.xlsx"
    if target.exists():
        raise InputError(f"{target} is there already; name another file with --out")
    space = workspace(ctx)
    rows = list(made_rows(kind, directory, space.store[Calls].reps() if space.settings.is_there else ()))
    if not rows:
        raise InputError(f"{directory} has no transcripts")
    target.write_bytes(manifest_workbook(kind, rows))
    if json:
        print_json(
            Page(items=[{"file": r.file, "known": r.known, "heard": r.heard, "problem": r.problem} for r in rows])
        )
    else:
        for row in rows:
            said = row.problem or f"heard: {', '.join(row.heard)}"
            typer.echo(f"{row.file}  {', '.join(f'{k} {v}' for k, v in row.known.items()) or 'nothing known'}  {said}")
    say(f"fill in {target}, then: closeread {kind}s import {directory} --manifest {target}")


@ratings_app.command("import")
def import_ratings(
    ctx: typer.Context, file: File, rubric: RubricOption = "", map: Map = None, dates: Dates = None, json: Json = False
) -> None:
    """Import ratings made elsewhere. Columns: call_id, date, rep, criterion, value,
    status; also stage, deal, period."""
    columns = pairs("--map", map or [])
    _bring(ctx, Brought("ratings", file.name, file, columns=columns, dates=dates or "", rubric=rubric), "ratings", json)


@deals_app.command("import")
def import_deals(
    ctx: typer.Context,
    file: File,
    preset: Annotated[
        str, typer.Option("--preset", help="Column map of a CRM: salesforce, hubspot, pipedrive, dynamics, zoho.")
    ] = "",
    map: Map = None,
    dates: Dates = None,
    json: Json = False,
) -> None:
    """Import deals. Columns: deal_id, rep, opened, closed, furthest_stage, outcome, amount_usd."""
    columns = pairs("--map", map or [])
    _bring(ctx, Brought("deals", file.name, file, columns=columns, dates=dates or "", preset=preset), "deals", json)


@coaching_app.command("import")
def import_coaching(ctx: typer.Context, file: File, map: Map = None, dates: Dates = None, json: Json = False) -> None:
    """Import coaching cycles. Columns: rep, cycle, start, end, criteria (separated by semicolons)."""
    columns = pairs("--map", map or [])
    _bring(ctx, Brought("coaching", file.name, file, columns=columns, dates=dates or ""), "cycles", json)


@deals_app.command("list")
def list_deals(ctx: typer.Context, rep: str = "", json: Json = False) -> None:
    """All deals, or those of one rep."""
    deals = [deal for deal in workspace(ctx).store[Deals].all() if rep in ("", deal.rep)]
    if json:
        return print_json(Page(items=deals))
    rows = [
        [d.id, d.rep, d.opened, d.closed or "", d.stage or "?", d.ending or d.outcome, d.amount_usd or ""]
        for d in deals
    ]
    table("", ["deal", "rep", "opened", "closed", "furthest stage", "outcome", "US dollars"], rows, ["US dollars"])


@coaching_app.command("list")
def list_coaching(ctx: typer.Context, rep: str = "", json: Json = False) -> None:
    """All coaching cycles, or those of one rep."""
    periods = [period for period in workspace(ctx).store[CoachingPeriods].all() if rep in ("", period.rep)]
    if json:
        return print_json(Page(items=periods))
    rows = [[p.rep, p.cycle, p.start, p.end, ", ".join(p.criteria)] for p in periods]
    table("", ["rep", "cycle", "start", "end", "criteria"], rows)


@uploads_app.command("list")
def list_uploads(ctx: typer.Context, json: Json = False) -> None:
    """The newest uploads, also those made on the pages."""
    uploads = [UploadView.of(upload) for upload in workspace(ctx).store[Uploads].page()]
    if json:
        return print_json(Page(items=uploads))
    rows = [
        [v.id, v.kind, v.source, v.by, moment(v.at), v.counts.get("new", 0), "yes" if v.undoable else ""]
        for v in uploads
    ]
    table("", ["id", "kind", "source", "by", "at", "new", "can be taken back"], rows, ["new"])


@uploads_app.command("show")
def show_upload(ctx: typer.Context, upload: UploadArgument, json: Json = False) -> None:
    """One upload: what came in, and what rests on it where it can no longer be taken back."""
    store = workspace(ctx).store[Uploads]
    view = UploadView.of(store.get(upload), store.kept(upload))
    if json:
        return print_json(view)
    counted = ", ".join(f"{count} {how}" for how, count in view.counts.items())
    typer.echo(f"{view.id}: {view.source}, {counted}; by {view.by}, {moment(view.at)}")
    table("", ["id", "is", "file", "stays because"], [[d.id, d.how, d.file, d.kept_because] for d in view.documents])


def formats(
    directory: Annotated[Path, typer.Argument(help="Folder or zip with transcripts; no manifest is needed.")],
    speakers: Speakers = None,
    json: Json = False,
) -> None:
    """Read every file of a folder or zip and say its format, turns and speakers, or what is wrong. Stores nothing."""
    surveyed = []
    for one in survey(directory, pairs("--speakers", speakers or [])):
        surveyed.append(one)
        if not json:
            _show_surveyed(one)
    if json:
        print_json(Page(items=list(map(_surveyed_data, surveyed))))
    failed = sum(isinstance(one.found, CloseReadError) for one in surveyed)
    if failed:
        raise InputError(f"{failed} of {len(surveyed)} files could not be read as a transcript")


def _show_surveyed(one: Surveyed) -> None:
    if isinstance(one.found, CloseReadError):
        typer.echo(f"{one.file}  {one.format or 'no format'}  problem: {one.found}")
        return
    turns, people = turns_and_people(one.found)
    typer.echo(f"{one.file}  {one.format}  {turns}  {people}")
    for note in one.notes:
        typer.echo(f"{one.file}  note  {note}")


def _surveyed_data(one: Surveyed) -> dict[str, Any]:
    read, problem = (None, str(one.found)) if isinstance(one.found, CloseReadError) else (one.found, None)
    return {
        "file": one.file,
        "format": one.format,
        "turns": len(read.turns) if read else None,
        "speakers": list(read.speakers) if read else None,
        "problem": problem,
        "notes": list(one.notes),
    }
