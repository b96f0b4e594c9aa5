"""What people do in calibration: open a round, rate, submit, correct, settle differences, end it, reword, deploy.

Page, API and command line call these. Drafts are no verb: they are the rater's own until submitted, and the round's own
log says when somebody saved.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from agent.app.steps import typed
from agent.app.telling import Note, unsaid
from agent.app.verb import Who, verb
from agent.calibration import files, gate, outlook, sharpening
from agent.calibration.choosing import chosen_calls, raters_for
from agent.calibration.model import SETTLED_VALUES, Adjudication, CalibrationRound, Draft
from agent.calibration.report import RoundReport, Split, splits
from agent.calibration.rounds import current_states, rated_round, report_of
from agent.calibration.sharpening import Rewording, Sharpened
from agent.calibration.store import Rounds
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.errors import Advice, GateClosed, InputError, UsageError
from agent.core.people import MODEL, is_model
from agent.core.wording import day
from agent.ratings.human import human_judgement, quoted_judgement
from agent.ratings.model import Failed, Judgement, Provenance, Rating
from agent.ratings.overriding import Given
from agent.ratings.store import Ratings
from agent.rubrics.drafts import next_label
from agent.rubrics.in_use import in_use
from agent.rubrics.model import Criterion, Rubric, RubricState, criterion_of
from agent.rubrics.store import Rubrics, RubricStates
from agent.scoring.running import Outcome, Scoring
from agent.workspace import Workspace

Scored = Callable[[Scoring, Sequence[Call], int, float | None], Awaitable[Outcome]]
"""How the model's missing ratings are made: a scoring run, its calls, the requests in flight, the budget."""


async def _unwatched(scoring: Scoring, calls: Sequence[Call], concurrency: int, budget: float | None) -> Outcome:
    return await scoring.run(calls, concurrency, budget)


@verb(
    "ops_lead",
    audit="round_opened",
    subject=lambda new: new.id,
    facts=lambda new: {"number": new.number, "rubric": new.rubric, "raters": list(new.raters), "calls": len(new.calls)},
)
async def open_round(
    who: Who,
    rubric: str,
    raters: Sequence[str],
    calls: Sequence[str] = (),
    pick: int = 0,
    seed: int = 0,
    *,
    ongoing: bool = False,
    deadline: date | None = None,
    reference: str = "",
    note: Note = unsaid,
    scored: Scored = _unwatched,
) -> CalibrationRound:
    """Open a round on these calls, or on `pick` that were in no round yet (0: as many as the plan asks for). Where the
    model is one of the raters, its ratings are there from the start: stored ones, else it is asked. `deadline` and
    `reference` as in `plan_round`.

    `ongoing`: a few calls against the deployed rubric, to see whether it still holds.
    GateClosed where none is deployed.
    """
    space = who.space
    names = raters_for(who, raters)
    _check_plan(names, deadline, reference)
    wanted = deployed_rubric(space, rubric) if ongoing else to_calibrate(space, rubric)
    pick = pick or (ONGOING_CALLS if ongoing else outlook.proposed_calls(space, wanted))
    chosen = chosen_calls(space, calls, pick, seed)
    given = {MODEL: await _model_ratings(space, note, wanted, chosen, scored)} if MODEL in names else {}
    new = CalibrationRound(
        number=space.store[Rounds].next_number(),
        rubric=wanted.id,
        raters=names,
        calls=tuple(chosen),
        opened_at=datetime.now(UTC),
        ongoing=ongoing,
        deadline=deadline,
        reference=reference,
    )
    return space.store[Rounds].open(new, given)


@verb(
    "ops_lead",
    audit="round_planned",
    subject=lambda made: made.id,
    facts=lambda made: {"number": made.number, "deadline": str(made.deadline or ""), "reference": made.reference},
)
def plan_round(who: Who, number: str, deadline: date | None, reference: str = "") -> CalibrationRound:
    """Say the last day for a round's ratings, and whose ratings the others are measured against once all have
    submitted: a rater's, or "settled" for what they agree on. None and empty: neither.

    UsageError for a reference who is no rater of the round, InputError for a day that is
    over, Conflict once it is closed.
    """
    found = who.space.store[Rounds].get(number)
    _check_plan(found.raters, None if deadline == found.deadline else deadline, reference)
    return who.space.store[Rounds].plan(found, deadline, reference)


def _check_plan(raters: Sequence[str], deadline: date | None, reference: str) -> None:
    if deadline is not None and deadline < datetime.now(UTC).date():
        raise InputError(f"{day(deadline)} is over; give raters a day that is to come")
    people = [name for name in raters if not is_model(name)]
    if reference not in ("", SETTLED_VALUES, *people):
        raise UsageError(
            f"{reference!r} is no rater of this round; the reference is {', '.join(people)} or {SETTLED_VALUES!r}"
        )


def to_calibrate(space: Workspace, reference: str = "") -> Rubric:
    """The rubric that a round is opened on: the one named, else the newest, since a draft
    is what is to be calibrated."""
    return space.store[Rubrics].get(reference) if reference else space.store[Rubrics].newest()


ONGOING_CALLS = 3  # a week


def deployed_rubric(space: Workspace, reference: str = "") -> Rubric:
    """The deployed rubric. GateClosed where there is none, or where `reference` names another."""
    used = in_use(space.store, reference)
    if space.store[RubricStates].of(used.rubric.id).state != "deployed":
        raise GateClosed(
            f"{used.rubric.label} is not deployed; ongoing calibration follows the rubric in use",
            advice=Advice(command=f"rubric deploy {typed(used.rubric.label)}", page=f"/rubric/{used.rubric.id}/gate"),
        )
    return used.rubric


async def _model_ratings(
    space: Workspace, note: Note, rubric: Rubric, calls: Sequence[str], scored: Scored
) -> list[Rating]:
    """The model's ratings of all these calls: stored ones, by the model bound as rater if one is; else it is asked."""
    bound = space.settings.binding("rater")
    if stored := _stored_ratings(space, rubric, calls, bound.model if bound else ""):
        return stored
    if bound is None:
        raise UsageError(
            f"no model has rated all {len(calls)} calls against {rubric.label}, and none is bound as rater",
            advice=Advice(command="model list", text="leave the model out of the raters, or bind one"),
        )
    scoring = Scoring(space, rubric, space.prompt("rate_call"), 0)
    missing = scoring.missing(list(calls), False)
    note(f"asking {bound.model} to rate {len(missing)} calls")
    outcome = await scored(scoring, missing, space.concurrency, None)
    if outcome.unanswered:
        raise InputError(f"the model could not rate every call: {next(iter(outcome.unanswered.values()))}")
    return _stored_ratings(space, rubric, calls, bound.model)


def _stored_ratings(space: Workspace, rubric: Rubric, calls: Sequence[str], model: str) -> list[Rating]:
    """The newest set of ratings by one model, prompt and draw that covers all calls; empty if there is none."""
    sets: dict[tuple[str, str, int], list[Rating]] = {}
    for rating in space.store[Ratings].current(calls, rubric=rubric.id):
        made = rating.provenance
        if made.model and model in ("", made.model):
            sets.setdefault((made.prompt, made.model, made.draw), []).append(rating)
    complete = [one for one in sets.values() if {r.call for r in one} == set(calls)]
    return max(complete, key=lambda one: max(r.at for r in one), default=[])


@verb(
    "ops_lead",
    audit="rounds_imported",
    subject=lambda made: made[0].rubric,
    facts=lambda made: {"numbers": [one.number for one in made]},
)
def import_rounds(
    who: Who, file: Path, rubric: Rubric, renames: dict[str, str], only: str = "", note: Note = unsaid
) -> list[CalibrationRound]:
    """Take over finished rounds of another tool, all or the one called `only`. ImportProblem says which line does not
    fit; then nothing is stored."""
    given = files.finished_rounds(who.space, file, rubric, renames, only, note)
    made = [who.space.store[Rounds].open(new, ratings) for new, ratings in given]
    gate.follow(who.space)
    return made


def save_draft(
    who: Who,
    round_: CalibrationRound,
    call: str,
    criterion: str,
    value: str,
    quotes: Sequence[tuple[str, str]] = (),
    reason: str = "",
) -> Draft:
    """Keep one rating until the rater submits; a later one of the same call and criterion takes its place.

    `value`: a level of the scale or "n/a"; `quotes`: what it rests on, each a turn and words (no words: the whole
    turn). UsageError for an unknown call or criterion, InputError for a value or quote that does not fit, Conflict
    where the rater has submitted or the round is over.
    """
    store = who.space.store
    store[Rounds].check_open(round_, who.name)
    if call not in round_.calls:
        raise UsageError(f"{call!r} is no call of round {round_.number}; its calls are {', '.join(round_.calls)}")
    wanted = criterion_of(store[Rubrics].get(round_.rubric), criterion)
    judgement = quoted_judgement(wanted, store[Calls].get(call), value, quotes)
    draft = Draft(call=call, criterion=wanted.id, judgement=judgement, reason=reason)
    store[Rounds].save(round_, who.name, [draft])
    return draft


@dataclass(frozen=True)
class Submission:
    """How many ratings became final, and the round as it is now."""

    round: CalibrationRound
    ratings: int


@verb(
    "ops_lead",
    "manager",
    audit="round_submitted",
    subject=lambda made: made.round.id,
    facts=lambda made: {"number": made.round.number, "ratings": made.ratings},
)
def submit_ratings(who: Who, reference: str) -> Submission:
    """Make one's drafts final. GateClosed while ratings are missing."""
    store = who.space.store
    round_ = store[Rounds].get(reference)
    criteria = [criterion.id for criterion in store[Rubrics].get(round_.rubric).criteria]
    count = store[Rounds].submit(round_, who.name, criteria, datetime.now(UTC))
    submitted = store[Rounds].get(round_.id)
    if submitted.counts:
        gate.follow(who.base)
    return Submission(submitted, count)


@dataclass(frozen=True)
class Correction:
    """A corrected rating and its round."""

    round: CalibrationRound
    rating: Rating


@verb(
    "ops_lead",
    "manager",
    audit="rating_corrected",
    subject=lambda made: made.rating.id,
    facts=lambda made: {"number": made.round.number, "call": made.rating.call, "criterion": made.rating.criterion},
)
def correct_rating(who: Who, reference: str, call: str, criterion: str, given: Given) -> Correction:
    """Correct a rating after submitting: a new rating that supersedes it. The round's
    verdict stays as it was, blind."""
    store = who.space.store
    round_ = store[Rounds].get(reference)
    rubric = store[Rubrics].get(round_.rubric)
    wanted = criterion_of(rubric, criterion)
    rating = Rating(
        call=call,
        criterion=wanted.id,
        rater=who.name,
        judgement=human_judgement(wanted, store[Calls].get(call), given.value, given.turn, given.words),
        reason=given.reason,
        provenance=Provenance(rubric=rubric.id),
        at=datetime.now(UTC),
    )
    return Correction(round_, store[Rounds].correct(round_, rating))


@dataclass(frozen=True)
class Decision:
    """What was agreed on, and the round in which raters had differed."""

    round: CalibrationRound
    adjudication: Adjudication


@verb(
    "ops_lead",
    "manager",
    audit="difference_settled",
    subject=lambda made: made.round.id,
    facts=lambda made: {
        "number": made.round.number,
        "call": made.adjudication.call,
        "criterion": made.adjudication.criterion,
    },
)
def settle_difference(
    who: Who, reference: str, call: str, criterion: str, given: Given | None = None, *, taken: str = ""
) -> Decision:
    """Settle a difference: what the rating should have been, and why; or `taken`, the id of one of the raters' ratings,
    with its quotes. UsageError where raters did not differ."""
    store = who.space.store
    rated = rated_round(who.space, store[Rounds].get(reference), who.name)
    wanted = criterion_of(rated.rubric, criterion)
    split = next((one for one in splits(rated, wanted) if one.call == call), None)
    if split is None:
        raise UsageError(f"round {rated.round.number}: raters did not differ on {wanted.id} of {call!r}")
    judgement, reason = _decided(who, split, wanted, given, taken)
    decision = Adjudication(
        round=rated.round.id,
        call=call,
        criterion=wanted.id,
        judgement=judgement,
        reason=reason,
        by=who.name,
        at=datetime.now(UTC),
    )
    store[Rounds].adjudicate(rated.round, decision)
    return Decision(rated.round, decision)


def _decided(who: Who, split: Split, criterion: Criterion, given: Given | None, taken: str) -> tuple[Judgement, str]:
    """The judgement that was decided on, and its reason: one that a rater gave, or another one."""
    if taken:
        for rating in split.ratings:
            if rating.id == taken and not isinstance(rating.judgement, Failed):
                return rating.judgement, rating.reason or "as one of the raters read it"
        raise UsageError(f"{taken!r} is no rating of {split.call} that split the raters")
    if given is None or not given.reason.strip():
        raise InputError("say why: a decision is kept with its reason")
    call = who.space.store[Calls].get(split.call)
    return human_judgement(criterion, call, given.value, given.turn, given.words), given.reason


@verb(
    "ops_lead",
    audit="round_closed",
    subject=lambda closed: closed.id,
    facts=lambda closed: {"number": closed.number, "gave_up": bool(closed.waiting)},
)
def close_round(who: Who, reference: str, reason: str = "", *, give_up: bool = False) -> CalibrationRound:
    """End a round; a rubric whose criteria have all passed becomes calibrated.

    UsageError where a round is given up without a reason; GateClosed while a rater is missing and it is not given up.
    """
    store = who.space.store
    round_ = store[Rounds].get(reference)
    if give_up and not reason.strip():
        raise UsageError(
            "giving up a round takes a reason",
            advice=Advice(command=f'calibrate close {round_.number} --give-up --reason "…"'),
        )
    closed = store[Rounds].close(round_, who.name, reason if give_up or not round_.waiting else "")
    gate.settle_draft(who.space, store[Rubrics].get(closed.rubric))
    gate.follow(who.space)
    return closed


@dataclass(frozen=True)
class Wordings:
    """Drafted wordings, and the report on the round that they were made from."""

    report: RoundReport
    drafts: list[Sharpened]


@verb(
    "ops_lead",
    audit="wording_drafted",
    subject=lambda made: made.report.round.id,
    facts=lambda made: {"number": made.report.round.number, "criteria": [draft.criterion.id for draft in made.drafts]},
)
async def draft_wordings(
    who: Who, reference: str, wanted: Sequence[str] = (), budget_usd: float | None = None
) -> Wordings:
    """Ask the model bound as drafter for sharper wordings: of each criterion named, or of each that failed. Nothing is
    stored. InputError where none failed."""
    space = who.space
    report = report_of(space, reference, who.name)
    for ident in wanted:
        criterion_of(report.rubric, ident)
    chosen = [
        one
        for one in report.criteria
        if one.criterion.id in wanted or (not wanted and one.state.verdict in ("failed", "fell") and one.splits)
    ]
    if not chosen:
        raise InputError(
            f"no criterion failed in round {report.round.number}",
            advice=Advice(text="name a criterion to sharpen it all the same"),
        )
    calls = {call.id: call for call in space.store[Calls].all(report.round.calls)}
    prompt = space.prompt("sharpen_criterion")
    async with space.roles("drafter", budget_usd=budget_usd) as roles:
        drafts = [await sharpening.sharpen(one, calls, roles["drafter"], prompt) for one in chosen]
    return Wordings(report, drafts)


@dataclass(frozen=True)
class NewVersion:
    """A new version of a rubric, the one it comes from, and the round that showed what to change."""

    rubric: Rubric
    before: Rubric
    round: int


def _sharpened(made: NewVersion) -> dict[str, object]:
    return {"number": made.round, "label": made.rubric.label, "before": made.before.id}


@verb("ops_lead", audit="rubric_sharpened", subject=lambda made: made.rubric.id, facts=_sharpened)
def accept_wordings(who: Who, reference: str, given: Sequence[Rewording], label: str = "") -> NewVersion:
    """Store a round's rubric with these wordings as a new version.

    UsageError for an unknown criterion, InputError for an empty text, words that are not in the call, and where
    nothing changed, Conflict for a label that is taken.
    """
    report = report_of(who.space, reference, who.name)
    changed = [sharpening.reworded(who.space, report, one) for one in given]
    name = label.strip() or next_label(who.space, report.rubric.label)
    return _stored(who, report, sharpening.with_criteria(report.rubric, changed, name), name, "this wording")


@verb("ops_lead", audit="rubric_sharpened", subject=lambda made: made.rubric.id, facts=_sharpened)
def accept_rubric(who: Who, reference: str, given: Rubric, label: str = "", source: str = "this") -> NewVersion:
    """Store a rubric that a person edited (or the drafts, taken as they are) as the new version of a round's rubric.

    InputError where it changes nothing; `source` names it there.
    """
    report = report_of(who.space, reference, who.name)
    taken = {stored.rubric.label for stored in who.space.store[Rubrics].all()}
    own_label = given.label if given.label not in taken else ""
    name = label or own_label or next_label(who.space, report.rubric.label)
    return _stored(who, report, given, name, source)


def _stored(who: Who, report: RoundReport, given: Rubric, label: str, source: str) -> NewVersion:
    if given.id == report.rubric.id:
        raise InputError(f"{source} is {report.rubric.label} unchanged; edit a description, then hand it in again")
    new = who.space.store[Rubrics].add(given.model_copy(update={"label": label}))
    return NewVersion(new, report.rubric, report.round.number)


@dataclass(frozen=True)
class Deployed:
    """The rubric in use from now on, and under which conditions it was deployed."""

    rubric: Rubric
    state: RubricState


@verb(
    "ops_lead",
    audit="rubric_deployed",
    subject=lambda made: made.rubric.id,
    facts=lambda made: {"label": made.rubric.label, "override": bool(made.state.short)},
)
def deploy_rubric(
    who: Who,
    reference: str,
    *,
    provisional: bool = False,
    others: gate.Others = "",
    override: bool = False,
    reason: str = "",
    note: Note = unsaid,
) -> Deployed:
    """Make a rubric the one in use: its criteria that passed; with `provisional` also those that have reached 85 %,
    which are marked; `others` says what becomes of the rest: scored with a mark, or left out, by a new version without
    them. By `override` everything goes into use, marked, with a reason that is kept.

    GateClosed below the gate, after `note` was told a line for each criterion that is short.
    """
    store = who.space.store
    rubric = store[Rubrics].get(reference)
    if override and not reason.strip():
        raise UsageError("deploying below the gate needs a reason; it is shown with the scores")
    states = current_states(who.space, rubric)
    rest = [one for one in states if not gate.may_be_used(one, provisional=provisional)]
    if not override:
        for one in rest if not others else ():
            note(one.short)
        in_use = store[RubricStates].of(rubric.id).state == "deployed"
        gate.check_gate(rubric, states, others, provisional=provisional, in_use=in_use)
    if others == "leave-out" and rest:
        states = [one for one in states if one not in rest]
        label = next_label(who.space, rubric.label)
        rubric = store[Rubrics].add(Rubric(criteria=tuple(one.criterion for one in states), label=label))
        rest = []
    short = tuple(one.short for one in rest) if override else ()
    state = RubricState(
        rubric=rubric.id,
        state="deployed",
        at=datetime.now(UTC),
        by=who.name,
        reason=reason.strip() if short else "",
        short=short,
        marks=gate.marks_for(states, provisional=provisional),
    )
    store[RubricStates].set(state)
    return Deployed(rubric, state)
