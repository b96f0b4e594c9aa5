"""`closeread interviews` and `calls`: replace, correct, delete."""

from pathlib import Path
from typing import Annotated, cast

import typer

from agent.app.cli.context import Budget, Fresh, Json, me, print_json, run, say
from agent.app.verb import Who
from agent.calls.cli import DocumentArgument
from agent.calls.cli import app as calls_app
from agent.calls.store import Calls
from agent.core.errors import UsageError
from agent.core.transcript import SpeakerRole
from agent.corrections import stages, undoing, verbs
from agent.corrections.store import Kind
from agent.corrections.views import (
    CorrectedView,
    HangingView,
    OpenSidesView,
    OpenStageView,
    SettledView,
    SideProposals,
    StagedView,
)
from agent.interviews.cli import Speakers, kind_of
from agent.interviews.cli import app as interviews_app
from agent.text.importers import Source, read_source
from agent.text.manifest import pairs
from agent.uploads.cli import UploadArgument, uploads_app
from agent.uploads.views import TakenBackView

__all__ = ["calls_app", "interviews_app", "uploads_app"]

File = Annotated[Path | None, typer.Argument(help="The transcript with the right words.", show_default=False)]
Back = Annotated[bool, typer.Option("--back", help="Put back the words and names it had before the last change.")]
Names = Annotated[list[str] | None, typer.Option("--name", help='Another name: --name "Speaker 2=Ann Lee"')]
Sides = Annotated[list[str] | None, typer.Option("--side", help='Whose side: --side "Ann Lee=buyer"')]
Propose = Annotated[bool, typer.Option("--propose", help="Let the drafter's model propose; you confirm with --side.")]
Yes = Annotated[bool, typer.Option("--yes", help="Delete it, and with it what models read in it.")]


def _shown(made: verbs.Corrected, json: bool) -> None:
    view = CorrectedView.of(made)
    if json:
        return print_json(view)
    people = ", ".join(f"{name} ({part})" if part else name for name, part in view.speakers.items())
    typer.echo(f"{view.id}  {view.turns} turns  {people}")
    for note in view.notes:
        typer.echo(f"{view.id}  note  {note}")
    if view.lost:
        typer.echo(
            f"{view.lost} of {view.quotes} quotes are not in these words any more; they are marked, and lead nowhere"
        )
        again = "patterns update" if made.kind == "interview" else "score run"
        typer.echo(f"to have it read again: closeread {again}")


@interviews_app.command()
@calls_app.command()
def replace(
    ctx: typer.Context,
    document: DocumentArgument,
    file: File = None,
    speakers: Speakers = None,
    back: Back = False,
    json: Json = False,
) -> None:
    """Give an interview or call the words of another file; what was read or rated before is
    marked as of the words before."""
    if back == (file is not None):
        raise UsageError("give the file with the right words, or --back")
    who, kind = me(ctx), kind_of(ctx)
    if file is None:
        made = verbs.restore_words(who, document, kind)
    else:
        source = Source(file.name, read_source(file).data)
        made = verbs.replace_words(who, document, kind, source, pairs("--speakers", speakers or []))
    _shown(made, json)


@interviews_app.command()
@calls_app.command()
def correct(
    ctx: typer.Context, document: DocumentArgument, name: Names = None, side: Sides = None, json: Json = False
) -> None:
    """Give the speakers of an interview (buyer, interviewer, other) or call (rep, customer, other) other names or
    sides."""
    said = cast(dict[str, SpeakerRole], pairs("--side", side or []))
    _shown(verbs.correct_speakers(me(ctx), document, kind_of(ctx), pairs("--name", name or []), said), json)


@interviews_app.command()
@calls_app.command()
def delete(ctx: typer.Context, document: DocumentArgument, yes: Yes = False, json: Json = False) -> None:
    """Say what rests on an interview or call; with --yes take it out, and with it what models or files said of it."""
    who, kind = me(ctx), kind_of(ctx)
    view = HangingView.of(verbs.hanging(who.space, kind, document))
    if yes:
        verbs.delete_document(who, document, kind, along=True)
    if json:
        return print_json(view)
    for why in view.along:
        typer.echo(f"{document}: {why}; {'went' if yes else 'goes'} with it")
    for why in view.holds:
        typer.echo(f"{document}: {why}; so it cannot be deleted (its words can be removed: closeread retention)")
    if yes:
        typer.echo(f"{document} is deleted")
    elif not view.holds:
        typer.echo(f"to delete it: closeread {kind}s delete {document} --yes")


@interviews_app.command()
@calls_app.command()
def sides(
    ctx: typer.Context,
    side: Sides = None,
    propose: Propose = False,
    budget: Budget = None,
    _fresh: Fresh = False,
    json: Json = False,
) -> None:
    """Interviews or calls in which it is open who is on whose side; with --side settle it, by
    label for all of them at once."""
    who, kind = me(ctx), kind_of(ctx)
    if propose:
        _propose_sides(who, kind, budget, json=json)
    elif not side:
        _open_sides(who, kind, json=json)
    else:
        made = SettledView.of(verbs.settle_sides(who, kind, cast(dict[str, SpeakerRole], pairs("--side", side))))
        if json:
            return print_json(made)
        left = "".join(f"; {one}" for one in made.left[:20])
        typer.echo(f"{len(made.settled)} settled, {len(made.left)} still open{left}")


def _open_sides(who: Who, kind: Kind, *, json: bool) -> None:
    waiting = [OpenSidesView.of(one) for one in verbs.open_documents(who.space, kind)]
    if json:
        return print_json(waiting)
    for view in waiting:
        known = "".join(f", {name} ({part})" for name, part in view.known.items())
        typer.echo(f"{view.id}  open: {', '.join(view.open)}{known}")
    if waiting:
        first, main = waiting[0], verbs.SIDES[kind]
        typer.echo(f'to settle: closeread {kind}s sides --side "{first.open[0]}={main[1]}" (or {main[0]}, {main[2]}),')
        typer.echo(f'or for one of them alone: --side "{first.id}:{first.open[0]}={main[1]}"')
    else:
        typer.echo(f"It is known in all {kind}s who is on whose side.")


def _propose_sides(who: Who, kind: Kind, budget: float | None, *, json: bool) -> None:
    made = run(lambda: verbs.propose_sides(who.space, kind, say, budget))
    verbs.note_proposed(who, made)
    views = SideProposals.all(made)
    if json:
        print_json(views)
    else:
        for view in views:
            for p in view.speakers:
                typer.echo(f"{view.id}  {p.label}: {f'{p.part}? {p.reason}' if p.part else f'no proposal: {p.reason}'}")
                for line in p.lines:
                    typer.echo(f"    turn {line.turn}, {line.speaker}: “{line.text}”")
        options = [p.option for view in views for p in view.speakers if p.option]
        if options:
            typer.echo(f"Nothing is stored. What you find right:\n  closeread {kind}s sides {' '.join(options)}")
    if made.failed:
        raise made.failed[0]


@calls_app.command("stages")
def call_stages(
    ctx: typer.Context,
    stage: Annotated[
        list[str] | None, typer.Option("--stage", help='Of which stage: --stage "call-7=discovery"')
    ] = None,
    proposed: Annotated[bool, typer.Option("--proposed", help="Take every stage that is proposed.")] = False,
    json: Json = False,
) -> None:
    """Calls of which it is not said of which stage they are, with what is likely; with --stage or --proposed say it."""
    who = me(ctx)
    waiting = [OpenStageView.of(one) for one in stages.open_stages(who.space)]
    said = {view.id: view.proposed for view in waiting if view.proposed} if proposed else {}
    by_person = pairs("--stage", stage or [])
    idents = who.space.store[Calls].known_as(by_person)
    said |= {idents[call]: one for call, one in by_person.items()}
    if said:
        made = StagedView.of(stages.say_stages(who, said))
        if json:
            print_json(made)
        else:
            typer.echo(f"{len(made.stages)} said, {made.left} still open")
        return
    if json:
        return print_json(waiting)
    for view in waiting:
        words = f", its table says {view.said}" if view.said else ""
        likely = f"; likely {view.proposed}: {view.why}" if view.proposed else ""
        typer.echo(f"{view.id}{words}{likely}")
    if not waiting:
        typer.echo("It is known of all calls of which stage they are.")
        return
    known = ", ".join(one.id for one in who.space.stages.stages)
    typer.echo(
        f'to say it: closeread calls stages --stage "{waiting[0].id}={known.split(", ")[0]}" (there are {known})'
    )
    if any(view.proposed for view in waiting):
        typer.echo("to take all that are likely: closeread calls stages --proposed")


@uploads_app.command("undo")
def undo_upload(
    ctx: typer.Context,
    upload: UploadArgument,
    along: Annotated[bool, typer.Option("--along", help="Also with what models read in it since.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be taken back.")] = False,
    json: Json = False,
) -> None:
    """Take an upload back, however long ago it was: what it added is removed, what it changed is put back, unless
    something rests on it."""
    who = me(ctx)
    taken = undoing.preview(who.space, upload) if dry_run else undoing.take_back(who, upload, along=along)
    made = TakenBackView.model_validate(taken.model_dump())
    if json:
        return print_json(made)
    would = "would be " if dry_run else ""
    goes = set(made.along) if along and dry_run else set()
    removed, stay = len(made.removed) + len(goes), len(made.kept) - len(goes)
    typer.echo(f"{removed} {would}removed, {len(made.restored)} {would}put back as before, {stay} stay")
    for ident, why in made.kept.items():
        typer.echo(f"{ident}: {why}{'; goes along' if ident in goes else ''}")
    if made.along and not along:
        typer.echo(
            f"to remove {len(made.along)} of them with what models read: closeread uploads undo {upload} --along"
        )
