"""What a rater does in a calibration round: drafts, submitting, correcting, settling differences, ending it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.calibration.rounds import criterion_of
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.errors import UsageError
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.calibration.model import Adjudication, CalibrationRound, Draft
    from agent.calibration.report import RatedRound, Split
    from agent.calls.model import Call
    from agent.ratings.model import Rating
    from agent.rubrics.model import Criterion, Rubric
    from agent.workspace import Workspace


def progress(space: Workspace, found: CalibrationRound) -> dict[str, Any]:
    """How many ratings each rater owes and gave: numbers only, so looking here is no look at ratings."""
    wanted = len(found.calls) * len(space.store[Rubrics].get(found.rubric).criteria)
    drafted = space.store[Rounds].drafted(found)
    rows = [
        {"rater": r, "submitted": r in found.submitted, "rated": wanted if r in found.submitted else drafted[r]}
        for r in found.raters
    ]
    return {"ratings_wanted": wanted, "progress": rows}


def left_to_rate(
    space: Workspace, found: CalibrationRound, rater: str, again: str = ""
) -> list[tuple[Call, list[Criterion]]]:
    """Calls with the criteria that `rater` has not rated yet; all of the call `again`, if it is to be rated again.

    UsageError where `again` is no call of the round.
    """
    criteria = space.store[Rubrics].get(found.rubric).criteria
    before = space.store[Rounds].drafts(found, rater)
    calls = {c.id: c for c in space.store[Calls].all(found.calls)}
    if again:
        if again not in calls:
            raise UsageError(f"{again!r} is no call of round {found.number}; its calls are {', '.join(found.calls)}")
        return [(calls[again], list(criteria))]
    done = {(draft.call, draft.criterion) for draft in before}
    left = [(calls[c], [k for k in criteria if (c, k.id) not in done]) for c in found.calls]
    return [(call, missing) for call, missing in left if missing]


def save_draft(
    space: Workspace,
    found: CalibrationRound,
    rater: str,
    call: str,
    criterion: str,
    value: str,
    turn: str = "",
    quote: str = "",
    reason: str = "",
    *,
    quotes: Sequence[tuple[str, str]] = (),
) -> Draft:
    """Keep one rating until the rater submits; a later one of the same call and criterion takes its place.

    `value`: a level of the scale or "n/a"; `turn` and `quote`: the words it rests on (no quote: the whole turn);
    `quotes`: more of them, each a turn and words.
    UsageError for an unknown call or criterion, InputError for a value or quote that does not fit, GateClosed where
    the rater has submitted or the round is over.
    """
    from agent.calibration.model import Draft
    from agent.ratings.human import quoted_judgement

    space.store[Rounds].check_open(found, rater)
    if call not in found.calls:
        raise UsageError(f"{call!r} is no call of round {found.number}; its calls are {', '.join(found.calls)}")
    wanted = criterion_of(space.store[Rubrics].get(found.rubric), criterion)
    named = [(turn, quote)] if turn.strip() or quote.strip() else []
    judgement = quoted_judgement(wanted, space.store[Calls].get(call), value, [*named, *quotes])
    draft = Draft(call=call, criterion=wanted.id, judgement=judgement, reason=reason)
    space.store[Rounds].save(found, rater, [draft])
    return draft


def without_words(drafts: Sequence[Draft], rubric: Rubric) -> int:
    """How many ratings above the lowest level name no turn: a report cannot show what they rest on."""
    from agent.ratings.model import Rated

    return sum(
        isinstance(d.judgement, Rated)
        and not d.judgement.quotes
        and criterion_of(rubric, d.criterion).shown(d.judgement.value)
        for d in drafts
    )


def submit(space: Workspace, found: CalibrationRound, rater: str) -> tuple[int, CalibrationRound]:
    """Make a rater's drafts final: how many ratings, and the round as it is now. GateClosed while ratings are missing."""
    from datetime import UTC, datetime

    criteria = [c.id for c in space.store[Rubrics].get(found.rubric).criteria]
    count = space.store[Rounds].submit(found, rater, criteria, datetime.now(UTC))
    return count, space.store[Rounds].get(found.id)


def correct(
    space: Workspace,
    found: CalibrationRound,
    rater: str,
    call: str,
    criterion: str,
    value: str,
    turn: str = "",
    quote: str = "",
    reason: str = "",
) -> Rating:
    """Correct a rating after submitting: a new rating that supersedes it. The round's verdict stays as it was, blind."""
    from datetime import UTC, datetime

    from agent.ratings.human import human_judgement
    from agent.ratings.model import Provenance, Rating

    rubric = space.store[Rubrics].get(found.rubric)
    wanted = criterion_of(rubric, criterion)
    judgement = human_judgement(wanted, space.store[Calls].get(call), value, turn, quote)
    rating = Rating(
        call=call,
        criterion=wanted.id,
        rater=rater,
        judgement=judgement,
        reason=reason,
        provenance=Provenance(rubric=rubric.id),
        at=datetime.now(UTC),
    )
    return space.store[Rounds].correct(found, rating)


def adjudicate(
    space: Workspace,
    rated: RatedRound,
    by: str,
    call: str,
    criterion: str,
    value: str,
    turn: str = "",
    quote: str = "",
    reason: str = "",
) -> Adjudication:
    """Settle a difference: what the rating should have been, and why. UsageError where raters did not differ."""
    from datetime import UTC, datetime

    from agent.calibration.model import Adjudication
    from agent.calibration.report import splits
    from agent.ratings.human import human_judgement

    wanted = criterion_of(rated.rubric, criterion)
    if call not in {split.call for split in splits(rated, wanted)}:
        raise UsageError(f"round {rated.round.number}: raters did not differ on {wanted.id} of {call!r}")
    judgement = human_judgement(wanted, space.store[Calls].get(call), value, turn, quote)
    decision = Adjudication(
        round=rated.round.id,
        call=call,
        criterion=wanted.id,
        judgement=judgement,
        reason=reason,
        by=by,
        at=datetime.now(UTC),
    )
    space.store[Rounds].adjudicate(rated.round, decision)
    return decision


def open_splits(rated: RatedRound) -> dict[str, list[Split]]:
    """By criterion, the calls that split the raters and that nobody has settled; criteria without any are left out."""
    from agent.calibration.report import splits

    found = {c.id: [s for s in splits(rated, c) if s.adjudication is None] for c in rated.rubric.criteria}
    return {criterion: left for criterion, left in found.items() if left}


def close_round(
    space: Workspace, found: CalibrationRound, by: str, reason: str = "", *, give_up: bool = False
) -> CalibrationRound:
    """End a round; a rubric whose criteria have all passed becomes calibrated.

    UsageError where a round is given up without a reason; GateClosed while a rater is missing and it is not given up.
    """
    from agent.calibration.standing import note_calibrated

    if give_up and not reason.strip():
        raise UsageError('--give-up wants a reason: --give-up --reason "…"')
    closed = space.store[Rounds].close(found, by, reason if give_up or not found.waiting else "")
    note_calibrated(space, space.store[Rubrics].get(closed.rubric))
    return closed
