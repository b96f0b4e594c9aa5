"""`closeread patterns`."""

from typing import Annotated, Literal

import typer

from agent.app.cli.context import (
    Budget,
    Concurrency,
    DryRun,
    Fresh,
    Json,
    console,
    me,
    print_json,
    run,
    say,
    say_next,
    table,
    workspace,
)
from agent.app.cli.plan import show_plan
from agent.app.cli.progress import phases
from agent.app.verb import Who
from agent.core.errors import UsageError
from agent.core.statistic import chance
from agent.core.transcript import TOLD
from agent.interviews.cli import InterviewArgument
from agent.interviews.sides import counted, on_neither_side
from agent.interviews.store import Interviews
from agent.patterns import verbs
from agent.patterns.edits import EditedPatterns
from agent.patterns.model import Resettled
from agent.patterns.updating import age, update_patterns, update_requests
from agent.patterns.views import EditList, EditView, PatternDetail, PatternHistory, PatternSetView, PatternView
from agent.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Behaviors that separate won deals from lost ones.")
Name = Annotated[str, typer.Option(help="Name of the new pattern.")]
Behavior = Annotated[str, typer.Option(help="What a rep does, in one sentence.")]


@app.command()
def extract(
    ctx: typer.Context,
    adjudicate: Annotated[
        Literal["model", "person"], typer.Option(help="Who decides where the two analysts differ.")
    ] = "model",
    concurrency: Concurrency = None,
    budget: Budget = None,
    _fresh: Fresh = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Two analysts read all interviews, their notes become a codebook, both apply it, code counts."""
    who = me(ctx)
    if left_out := verbs.open_interviews(who.space):
        say(
            f"{len(left_out)} interviews are left out, since it is open who is on whose side: {', '.join(left_out)}; "
            "see: closeread interviews sides"
        )
    if neither := on_neither_side(who.space):
        say(f"{len(neither)} interviews count on neither side, as config/stages.yaml says: {', '.join(neither)}")
    if dry_run:
        # The first reading is exact; what follows depends on its replies, so it is said in proportion.
        note = (
            "This is the first reading. The second, with the codebook, takes about as much again; merging, checking "
            "and adjudicating together about half as much."
        )
        show_plan(who.space, verbs.first_reading(who.space), json, note)
        return
    run(lambda: extracted(who, adjudicate, concurrency or who.space.concurrency, budget))
    _print(who.space, json)
    if not json:
        say_next(who)


async def extracted(
    who: Who, adjudicated_by: Literal["model", "person"], concurrency: int, budget: float | None
) -> None:
    """Extract and keep it, under a progress bar."""
    with phases() as phase:
        extraction = await verbs.extract_patterns(who.space, adjudicated_by, concurrency, budget, phase)
    verbs.keep_extraction(who, extraction)


@app.command()
def update(
    ctx: typer.Context,
    adjudicate: Annotated[
        Literal["model", "person"], typer.Option(help="Who decides where the two analysts differ.")
    ] = "model",
    concurrency: Concurrency = None,
    budget: Budget = None,
    _fresh: Fresh = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Bring the patterns up to date: the analysts read only what is new, the codebook stays, all is counted anew."""
    who = me(ctx)
    since = age(who.space)
    if since.in_words:
        say(since.in_words)
    if dry_run:
        note = "Where the analysts differ, the drafter decides: one more request for each such interview."
        show_plan(who.space, update_requests(who.space), json, note)
        return
    run(lambda: _updated(who, adjudicate, concurrency or who.space.concurrency, budget))
    _print(who.space, json)


async def _updated(
    who: Who, adjudicated_by: Literal["model", "person"], concurrency: int, budget: float | None
) -> None:
    with phases() as phase:
        extraction = await update_patterns(who.space, adjudicated_by, concurrency, budget, phase)
    verbs.keep_update(who, extraction)


@app.command()
def history(ctx: typer.Context, pattern: str, json: Json = False) -> None:
    """What each extraction and update concluded about one pattern."""
    history_ = PatternHistory.of(workspace(ctx), pattern)
    if json:
        return print_json(history_)
    rows = [
        [p.at, p.interviews, f"{p.won.count}/{p.won.of}", f"{p.lost.count}/{p.lost.of}", p.verdict]
        for p in history_.items
    ]
    table("", ["when", "interviews", "won", "lost", "verdict"], rows, right=["interviews", "won", "lost"])


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All patterns with prevalence, contrast and verdict."""
    _print(workspace(ctx), json)


def _print(space: Workspace, json: bool) -> None:
    patterns = PatternSetView.of(verbs.current(space), age(space), on_neither_side(space))
    if json:
        return print_json(patterns)
    show_patterns(patterns)


def show_patterns(shown: PatternSetView) -> None:
    """A table for each verdict, and what the verdicts are worth."""
    figures = ["won", "lost", "more in won"]
    by_verdict: dict[str, list[PatternView]] = {}
    for pattern in shown.patterns:
        by_verdict.setdefault(pattern.verdict, []).append(pattern)
    for verdict, patterns in by_verdict.items():
        rows = [
            [
                p.id,
                f"{p.won.count}/{p.won.of}",
                f"{p.lost.count}/{p.lost.of}",
                chance(p.contrast.probability_won),
                p.moments[0],
            ]
            for p in patterns
        ]
        table(verdict, ["id", *figures, "moment"], rows, right=figures)
    if shown.on_neither_side:
        console().print(f"In no count, on neither side: {', '.join(shown.on_neither_side)}", markup=False)
    console().print(shown.worth)
    console().print(shown.moments_in_words)
    if shown.since:
        console().print(f"{shown.since} To bring them up to date: closeread patterns update", markup=False)


@app.command()
def show(ctx: typer.Context, pattern: str, json: Json = False) -> None:
    """One pattern with every interview's quote, and where the two analysts differed."""
    space = workspace(ctx)
    patterns = verbs.current(space)
    outcomes = {i.id: i.outcome for i in counted(space, space.store[Interviews].all(patterns.raw.patterns.interviews))}
    detail = PatternDetail.made(patterns, pattern, outcomes)
    if json:
        return print_json(detail)
    told = f" ({detail.only_told} only as {TOLD})" if detail.only_told else ""
    lines = [detail.name + "  " + detail.verdict, detail.behavior]
    lines.append(f"won {detail.won.count} of {detail.won.of}, lost {detail.lost.count} of {detail.lost.of}{told}")
    lines += detail.flaws
    lines += [f"  {e.interview} turn {e.turn}, {e.speaker}: {e.in_words}" for e in detail.evidence]
    for coding in detail.codings:
        if coding.differ:
            lines.append(f"  analysts differed on {coding.interview}:")
            lines += [
                f"    {reader}: {'present' if reading.present else 'absent'}: {reading.reason}"
                for reader, reading in coding.readings.items()
            ]
    console().print("\n".join(lines), markup=False)


@app.command()
def adjudicate(
    ctx: typer.Context,
    pattern: str,
    interview: InterviewArgument,
    decision: Annotated[str, typer.Argument(help="present or absent")],
    reason: Annotated[str, typer.Option(help="Why; kept with the decision.")],
) -> None:
    """Decide by hand whether a pattern is present in an interview; it wins over both analysts and the model."""
    if decision not in ("present", "absent"):
        raise UsageError(f"the decision is present or absent, not {decision!r}")
    who = me(ctx)
    verbs.decide(who, pattern, interview, present=decision == "present", reason=reason)
    say(f"{pattern} is {decision} in {interview}; the counts are new")
    _print(who.space, json=False)


@app.command()
def rename(ctx: typer.Context, pattern: str, name: str) -> None:
    """Give a pattern another name; its id stays."""
    _say_edit(verbs.rename(me(ctx), pattern, name))


@app.command()
def merge(
    ctx: typer.Context,
    patterns: Annotated[list[str], typer.Argument(help="Ids of the patterns, two or more.")],
    name: Name,
    behavior: Behavior,
) -> None:
    """Make one pattern of several; it is present wherever one of them is."""
    _say_edit(verbs.merge(me(ctx), patterns, name, behavior))


@app.command()
def split(
    ctx: typer.Context,
    pattern: str,
    name: Name,
    behavior: Behavior,
    note: Annotated[list[str], typer.Option(help="Id of a note that goes to the new pattern; repeat for each.")],
    settle: Annotated[
        list[str],
        typer.Option(help="INTERVIEW=old, new, both or neither: which of the two it shows; repeat for each interview."),
    ],
) -> None:
    """Give some notes of a pattern to a new one. `patterns show PATTERN --json` lists its notes with their ids."""
    who = me(ctx)
    _say_edit(verbs.split(who, pattern, name, behavior, note, [_settled(who, given) for given in settle]))


def _settled(who: Who, given: str) -> Resettled:
    interview, _, which = given.rpartition("=")
    if not interview or which not in ("old", "new", "both", "neither"):
        raise UsageError(f"--settle is INTERVIEW=old, new, both or neither, not {given!r}")
    known = who.space.store[Interviews].known_as([interview])
    return Resettled(interview=known[interview], stays=which in ("old", "both"), goes=which in ("new", "both"))


@app.command()
def reject(ctx: typer.Context, pattern: str, reason: Annotated[str, typer.Option(help="Why; kept with it.")]) -> None:
    """Leave a pattern out of everything that follows."""
    _say_edit(verbs.reject(me(ctx), pattern, reason))


@app.command()
def edits(ctx: typer.Context, json: Json = False) -> None:
    """What people changed in these patterns, newest first."""
    edit_list = EditList(items=EditView.all(verbs.current(workspace(ctx))))
    if json:
        return print_json(edit_list)
    table("", ["edit", "what", "by", "when", ""], [_edit_row(edit) for edit in edit_list.items])


def _edit_row(edit: EditView) -> list[object]:
    return [edit.number, edit.text, edit.by, f"{edit.at:%Y-%m-%d %H:%M}", "taken back" if edit.undone else ""]


@app.command()
def undo(ctx: typer.Context, edit: Annotated[int, typer.Argument(help="Number of the edit.")]) -> None:
    """Take an edit back."""
    _say_edit(verbs.undo(me(ctx), edit))


def _say_edit(patterns: EditedPatterns) -> None:
    made = EditView.of(patterns, patterns.edits[-1])
    say(f"edit {made.number}: {made.text}; the counts are new. To take it back: closeread patterns undo {made.number}")
