"""`closeread calibrate`: rounds in which managers (and the model) rate the same calls, each alone."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from agent.app.cli.context import (
    As,
    Budget,
    Fresh,
    Json,
    console,
    me,
    print_json,
    run,
    say,
    say_next,
    say_withheld,
    table,
    workspace,
)
from agent.app.verb import Who
from agent.app.view import Page
from agent.calibration import verbs
from agent.calibration.cli_session import Session
from agent.calibration.cli_views import show_difference, show_log, show_ratings, show_report, show_splits
from agent.calibration.files import drafts_from_file
from agent.calibration.outlook import outlooks_of, plan_words, proposed_calls
from agent.calibration.rounds import open_splits, rated_round, report_of
from agent.calibration.sharpening import with_criteria
from agent.calibration.sheet import left_to_rate, without_words
from agent.calibration.steps import step_of_round
from agent.calibration.store import Rounds
from agent.calibration.verbs import NewVersion
from agent.calibration.views import RevealView, RoundLogView, RoundView
from agent.calibration.views_report import OngoingRowView, OngoingView, RoundReportView
from agent.calibration.views_sharpening import NewVersionView
from agent.calls.cli import calls_named
from agent.calls.store import Calls
from agent.core.errors import Advice, ModelError, UsageError
from agent.core.people import is_model
from agent.core.wording import day
from agent.ratings.overriding import Given
from agent.ratings.store import Ratings
from agent.rubrics.cli import asked_for, say_rubric_states
from agent.rubrics.drafts import next_label
from agent.rubrics.file import read_rubric, write_rubric
from agent.rubrics.store import Rubrics
from agent.scoring.cli import split
from agent.scoring.cli_run import scored
from agent.text.manifest import pairs

app = typer.Typer(no_args_is_help=True, help="Calibration rounds: blind ratings, agreement, verdicts, sharper wording.")

RoundArgument = Annotated[
    str, typer.Argument(metavar="[ROUND]", help="Number or id of the round; default: the newest.")
]
RubricOption = Annotated[str, typer.Option("--rubric", help="Id or label of the rubric; default: the one in use.")]
ToCalibrate = Annotated[
    str, typer.Option("--rubric", help="Id or label of the rubric; default: the newest, which may be a draft.")
]
CallOption = Annotated[str, typer.Option("--call", help="Id of the call.", callback=calls_named)]
CriterionOption = Annotated[str, typer.Option("--criterion", help="Id of the criterion.")]
ValueOption = Annotated[str, typer.Option("--value", help="What it should be: a level of the scale, or n/a.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why.")]
TurnOption = Annotated[str, typer.Option("--turn", help="Number of the turn that shows it.")]
QuoteOption = Annotated[str, typer.Option("--quote", help="Words of that turn; default: the whole turn.")]

DeadlineOption = Annotated[
    datetime | None,
    typer.Option("--deadline", formats=["%Y-%m-%d"], help="The last day for ratings; raters are reminded."),
]
ReferenceOption = Annotated[
    str,
    typer.Option(
        "--reference", help="Whose ratings others are measured against: a rater, or `settled`: what they agree on."
    ),
]


def rater(ctx: typer.Context, name: str) -> Who:
    """Whoever works here under the name given with --as. UsageError where there is none, or where it is a model's."""
    if not name.strip():
        raise UsageError("say who you are: --as NAME (or set CLOSEREAD_RATER)")
    if is_model(name.strip()):
        raise UsageError("a person does not rate in the model's name; say who you are: --as NAME")
    return me(ctx, name.strip())


@app.command("open")
def open_(
    ctx: typer.Context,
    raters: Annotated[str, typer.Option("--raters", help="Two or more names, and `model`: ana,ben,model")],
    rubric: ToCalibrate = "",
    calls: Annotated[
        str, typer.Option("--calls", help="Call ids, separated by commas, instead of --pick.", callback=calls_named)
    ] = "",
    pick: Annotated[
        int,
        typer.Option("--pick", min=0, help="How many calls to pick; default: what is left of the plan, 12 at most."),
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the choice among equal calls.")] = 0,
    deadline: DeadlineOption = None,
    reference: ReferenceOption = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what so many calls can achieve.")] = False,
    json: Json = False,
) -> None:
    """Open a round: which calls, rated by whom, against which rubric. Calls of earlier rounds are not used again.

    What its number of calls can achieve is said before it is opened; --dry-run says it and opens nothing.
    """
    who = me(ctx)
    wanted = verbs.to_calibrate(who.space, rubric)
    say_rubric_states(who.space.store, [wanted])
    count = len(split(calls)) or pick or proposed_calls(who.space, wanted)
    for one in outlooks_of(who.space, wanted, count, sum(not is_model(name) for name in split(raters))):
        say(f"{', '.join(one.criteria)}: {one.sentence}")
    say(plan_words(who.space.calibration_rule))
    if dry_run:
        return
    day = deadline.date() if deadline else None
    new = run(
        lambda: verbs.open_round(
            who,
            wanted.id,
            split(raters),
            split(calls),
            pick,
            seed,
            deadline=day,
            reference=reference,
            note=say,
            scored=scored,
        )
    )
    view = RoundView.of(who.space, new)
    if json:
        return print_json(view)
    console().print(
        f"Round {new.number}: {view.rubric.label}, {len(new.calls)} calls: {', '.join(new.calls)}", markup=False
    )
    for name in new.people:
        console().print(f"  {name}: closeread calibrate rate {new.number} --as {name}", markup=False)


@app.command()
def plan(
    ctx: typer.Context,
    number: Annotated[str, typer.Argument(help="The round's number.")],
    deadline: DeadlineOption = None,
    reference: ReferenceOption = "",
    json: Json = False,
) -> None:
    """Say the last day for a round's ratings, and whose ratings the others are measured
    against. What is left out goes."""
    who = me(ctx)
    made = RoundView.of(who.space, verbs.plan_round(who, number, deadline.date() if deadline else None, reference))
    if json:
        return print_json(made)
    last = day(made.deadline) if made.deadline else "none"
    console().print(f"Round {made.number}: last day {last}, reference {made.reference or 'none'}", markup=False)


@app.command()
def ongoing(
    ctx: typer.Context,
    raters: Annotated[str, typer.Option("--raters", help="Two names or more: open a small round for them.")] = "",
    pick: Annotated[int, typer.Option("--pick", min=1, help="How many calls to pick.")] = verbs.ONGOING_CALLS,
    json: Json = False,
) -> None:
    """Does what is deployed still hold? A few calls a week, rated by two people, follow each criterion.

    Without --raters: how each criterion of the deployed rubric does. What is provisional
    is confirmed or withdrawn here.
    """
    who = me(ctx)
    if raters:
        new = run(lambda: verbs.open_round(who, "", split(raters), (), pick, ongoing=True, note=say, scored=scored))
        if json:
            return print_json(RoundView.of(who.space, new))
        console().print(f"Round {new.number}, ongoing: {', '.join(new.calls)}", markup=False)
        for name in new.people:
            console().print(f"  {name}: closeread calibrate rate {new.number} --as {name}", markup=False)
        return
    view = OngoingView.of(who.space, verbs.deployed_rubric(who.space))
    if json:
        return print_json(view)
    rows = [
        [
            one.criterion,
            one.mark or "calibrated",
            one.counted,
            one.drift.verdict if one.drift else _before_it_passed(one),
            one.drift.calls if one.drift else 0,
            f"{one.drift.sum:.0f} of {one.drift.limit:.0f}" if one.drift else "–",
        ]
        for one in view.criteria
    ]
    columns = ["criterion", "in use as", "agree", "since it passed", "calls", "disagreement"]
    table(f"Ongoing calibration of {view.rubric.label}", columns, rows, right=["calls"])
    say(
        "each disagreement adds 7, each agreement takes 1 away; at the limit a criterion falls "
        "(docs/method/reliability.md)"
    )


def _before_it_passed(one: OngoingRowView) -> str:
    if one.verdict == "not there yet":
        return f"not there yet: look at {', '.join(one.look_at)}"
    return "no calls"


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="CSV with round, call_id, rater, criterion, value.", show_default=False)],
    rubric: RubricOption = "",
    map: Annotated[
        list[str] | None, typer.Option("--map", help='Their column = our field: --map "Call=call_id"')
    ] = None,
    only: Annotated[
        str, typer.Option("--round", help="Only this round of the file, where each had its own wording.")
    ] = "",
    json: Json = False,
) -> None:
    """Take over finished rounds of another tool. Empty value: not rated; n/a: does not apply."""
    who = me(ctx)
    wanted = asked_for(who.space.store, rubric)
    new = verbs.import_rounds(who, file, wanted, pairs("--map", map or []), only, say)
    if json:
        return print_json(Page(items=[RoundView.of(who.space, one) for one in new]))
    for one in new:
        console().print(
            f"Round {one.number}: {wanted.label}, {len(one.calls)} calls, {', '.join(one.raters)} ({one.source}); "
            f"see: closeread calibrate report {one.number}",
            markup=False,
        )


@app.command()
def status(ctx: typer.Context, reference: RoundArgument = "", json: Json = False) -> None:
    """Who has submitted, and how far the others are. Numbers only: no rating is shown or asked for here."""
    space = workspace(ctx)
    view = RoundView.of(space, space.store[Rounds].get(reference))
    if json:
        return print_json(view)
    console().print(
        f"Round {view.number}: {view.rubric.label}, {len(view.calls)} calls, state: {view.state}", markup=False
    )
    if view.deadline:
        console().print(f"Last day for ratings: {day(view.deadline)}", markup=False)
    rows = [
        [one.name, "submitted" if one.submitted else f"{one.rated} of {view.ratings_wanted} rated"]
        for one in view.raters
    ]
    table("", ["rater", "progress"], rows)


@app.command()
def close(
    ctx: typer.Context,
    reference: RoundArgument = "",
    name: As = "",
    give_up: Annotated[bool, typer.Option("--give-up", help="End it for good although a rater is missing.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept in the log.")] = "",
) -> None:
    """End a round: nothing is settled after this. A rubric whose criteria have all passed becomes calibrated."""
    who = me(ctx, name)
    closed = verbs.close_round(who, reference, reason, give_up=give_up)
    console().print(f"Round {closed.number} is closed.")
    say_rubric_states(who.space.store, [who.space.store[Rubrics].get(closed.rubric)])
    say_next(who)


@app.command()
def audit(ctx: typer.Context, reference: RoundArgument = "", json: Json = False) -> None:
    """The log of a round (default: of all rounds): who looked, who submitted, what was corrected. Append-only."""
    rounds = workspace(ctx).store[Rounds]
    numbers = {one.id: one.number for one in rounds.all()}
    entries = rounds.log([rounds.get(reference)] if reference else [])
    lines = [RoundLogView.of(entry, numbers[entry.round]) for entry in entries]
    if json:
        return print_json(Page(items=lines))
    show_log(lines)


@app.command()
def rate(
    ctx: typer.Context,
    reference: RoundArgument = "",
    name: As = "",
    file: Annotated[
        Path | None, typer.Option("--file", help="CSV: call_id, criterion, value[, turn, quote, reason].")
    ] = None,
    call: Annotated[str, typer.Option("--call", help="Rate this call again, all criteria.", callback=calls_named)] = "",
) -> None:
    """Rate the calls of a round, alone: in the terminal, or from a file. Stop and go on
    as you like until you submit."""
    who = rater(ctx, name)
    store = who.space.store
    round_ = store[Rounds].get(reference)
    rubric = store[Rubrics].get(round_.rubric)
    store[Rounds].check_open(round_, who.name)
    if file is not None:
        calls = {one.id: one for one in store[Calls].all(round_.calls)}
        new = drafts_from_file(file, round_, who.name, rubric, calls, say)
        store[Rounds].save(round_, who.name, new)
        if bare := without_words(new, rubric):
            say(f"{bare} ratings above the lowest level name no turn: the report cannot show what they rest on")
    else:
        out = console()

        def ask(question: str) -> str:
            out.print(question, end="", markup=False)
            return input()

        sitting = Session(rubric, ask, out, lambda draft: store[Rounds].save(round_, who.name, [draft]))
        sitting.rate(left_to_rate(who.space, round_, who.name, call))
    wanted, done = len(round_.calls) * len(rubric.criteria), store[Rounds].drafted(round_)[who.name]
    console().print(f"{done} of {wanted} ratings of round {round_.number}.", markup=False)
    say_next(who, step_of_round(who, round_))


@app.command()
def submit(ctx: typer.Context, reference: RoundArgument = "", name: As = "") -> None:
    """Make your ratings of a round final. From then on you may see those of others who have submitted."""
    who = rater(ctx, name)
    made = verbs.submit_ratings(who, reference)
    waiting = ", ".join(made.round.waiting)
    wait = f"waiting for {waiting}" if waiting else "all have submitted"
    console().print(f"{made.ratings} ratings by {who.name} are final; {wait}.", markup=False)
    say_next(who, step_of_round(who, made.round))


@app.command()
def correct(
    ctx: typer.Context,
    call: CallOption,
    criterion: CriterionOption,
    value: ValueOption,
    reason: ReasonOption,
    reference: RoundArgument = "",
    name: As = "",
    turn: TurnOption = "",
    quote: QuoteOption = "",
) -> None:
    """Correct a rating after submitting: a new rating with a reason. The round's verdict stays as it was, blind."""
    given = Given(value, reason, turn, quote)
    made = verbs.correct_rating(rater(ctx, name), reference, call, criterion, given)
    number = made.round.number
    console().print(
        f"{made.rating.id} corrects {made.rating.supersedes}; round {number} keeps what was submitted blind."
    )


@app.command()
def reveal(ctx: typer.Context, reference: RoundArgument = "", viewer: As = "", json: Json = False) -> None:
    """The ratings of a round side by side, as far as you may see them: submitted ones, once you have submitted."""
    store = workspace(ctx).store
    round_ = store[Rounds].get(reference)
    look = store[Ratings].of_round(round_.id, viewer=viewer)
    say_withheld(look)
    if json:
        print_json(RevealView.of(round_, look))
    elif look.ratings:
        show_ratings(look.ratings, [criterion.id for criterion in store[Rubrics].get(round_.rubric).criteria])
    elif not look.withheld:
        say(f"nobody has submitted round {round_.number} yet")


@app.command()
def report(
    ctx: typer.Context,
    reference: RoundArgument = "",
    viewer: As = "",
    brief: Annotated[bool, typer.Option("--brief", help="Leave out the calls that split the raters.")] = False,
    json: Json = False,
) -> None:
    """Verdicts, the calls that split the raters side by side, leniency and drift. Only once all have submitted."""
    who = me(ctx, viewer)
    round_report = report_of(who.space, reference, viewer)
    if json:
        return print_json(RoundReportView.of(round_report))
    show_report(round_report, not brief)
    say_next(who, step_of_round(who, round_report.round))


@app.command()
def adjudicate(
    ctx: typer.Context,
    reference: RoundArgument = "",
    name: As = "",
    call: CallOption = "",
    criterion: CriterionOption = "",
    value: ValueOption = "",
    reason: ReasonOption = "",
    turn: TurnOption = "",
    quote: QuoteOption = "",
) -> None:
    """Settle a difference: what the rating should have been, and why. Without --call: list what is open."""
    if not call:
        space = workspace(ctx)
        rated = rated_round(space, space.store[Rounds].get(reference), name)
        left = open_splits(rated)
        for ident, splits in left.items():
            console().print(f"\n{ident}", style="bold")
            show_splits(splits)
        count = sum(map(len, left.values()))
        say(
            f"{count} open; settle one with: closeread calibrate adjudicate {rated.round.number} --as NAME --call CALL "
            '--criterion CRITERION --value VALUE --reason "…"'
            if count
            else "nothing is open: raters agree, or all differences are settled"
        )
        return
    if not (criterion and value and reason.strip()):
        raise UsageError("adjudicating takes --call, --criterion, --value and --reason")
    given = Given(value, reason, turn, quote)
    verbs.settle_difference(rater(ctx, name), reference, call, criterion, given)
    console().print(f"kept: {criterion} of {call} is {value}; the raters' own ratings stay as they were")


@app.command()
def sharpen(
    ctx: typer.Context,
    reference: RoundArgument = "",
    criterion: Annotated[
        list[str] | None, typer.Option("--criterion", help="Only this one; default: all failed.")
    ] = None,
    accept: Annotated[bool, typer.Option("--accept", help="Store the drafts as a new version of the rubric.")] = False,
    file: Annotated[Path | None, typer.Option("--file", help="Your own edited rubric instead of drafts.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the drafted rubric there, for editing.")] = None,
    label: Annotated[str, typer.Option(help="Label of the new version; default: the old one and a number.")] = "",
    budget: Budget = None,
    _fresh: Fresh = False,
    json: Json = False,
) -> None:
    """Draft a sharper wording from the calls that split the raters; accept it, or edit it and hand it in."""
    who = me(ctx)
    if file is not None:
        if accept or criterion or out:
            raise UsageError("--file hands in your own wording; it does not go with --accept, --criterion or --out")
        taken = verbs.accept_rubric(who, reference, read_rubric(file, ""), label, str(file))
        if json:
            return print_json(NewVersionView.of(taken.rubric, taken.before))
        show_difference(taken.before, taken.rubric)
        _say_stored(who, taken)
        return
    made = run(lambda: verbs.draft_wordings(who, reference, criterion or [], budget))
    before = made.report.rubric
    name = label or next_label(who.space, before.label)
    new = with_criteria(before, [draft.criterion for draft in made.drafts], name)
    stored = verbs.accept_rubric(who, reference, new, name, "the draft") if accept else None
    if out is not None:
        out.write_text(write_rubric(new, "json" if out.suffix == ".json" else "yaml"), encoding="utf-8")
    if json:
        print_json(NewVersionView.of(new, before, made.drafts, stored=accept))
        _check_misses(made)
        return
    for draft in made.drafts:
        console().print(f"{draft.criterion.id}: {draft.difference}", markup=False)
        for note in draft.notes:
            console().print(f"  look at: {note}", markup=False)
    show_difference(before, new)
    if stored is not None:
        _say_stored(who, stored)
    else:
        number = made.report.round.number
        say(f"not stored. Take it as it is: closeread calibrate sharpen {number} --accept")
        say(f"or edit it: … --out draft.yaml, then: closeread calibrate sharpen {number} --file draft.yaml")
    _check_misses(made)


def _check_misses(made: verbs.Wordings) -> None:
    """ModelError where a draft lacks its near miss."""
    if lost := [draft.criterion.id for draft in made.drafts if draft.miss_lost]:
        raise ModelError(
            f"{', '.join(lost)}: the near miss is left out, since its words are not in the call; the wording stands",
            advice=Advice(
                f"calibrate sharpen {made.report.round.number} --criterion {' --criterion '.join(lost)}",
                text="it is then drafted anew",
            ),
        )


def _say_stored(who: Who, made: NewVersion) -> None:
    console().print(f"stored: {made.rubric.label} ({made.rubric.id})", markup=False)
    say_next(who, step_of_round(who, who.space.store[Rounds].get(str(made.round))))
