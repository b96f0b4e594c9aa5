"""Ratings that a person gives outside of calibration rounds: an override of a rating that stands, or a first one."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.errors import GateClosed, InputError
from agent.ratings.human import human_judgement
from agent.ratings.model import Judgement, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.in_use import rubric_in_use
from agent.rubrics.model import Criterion, criterion_of
from agent.rubrics.store import Rubrics
from agent.workspace import Workspace


@dataclass(frozen=True)
class Given:
    """What a person typed: `value` a level of the scale or "n/a"; `turn` and `words` what it rests on; and why."""

    value: str
    reason: str
    turn: str = ""
    words: str = ""

    @classmethod
    def typed(cls, form: Mapping[str, str]) -> Self:
        """What stands in a form with fields of these names."""
        return cls(**{name: form.get(name, "") for name in cls.__dataclass_fields__})


def override(space: Workspace, by: str, rating: str, given: Given) -> Rating:
    """A new rating by `by` that supersedes `rating`, which stays readable beside it.

    Without words and turn the quotes of the old rating are kept. NotFound where `by` may not see the rating,
    InputError for what does not fit, GateClosed while a blind round has the call, Conflict where somebody was faster.
    """
    before = space.store[Ratings].get(rating, viewer=by)
    _refuse_while_blind(space, by, before.call)
    criterion = criterion_of(space.store[Rubrics].get(before.provenance.rubric), before.criterion)
    new = _rating(space, by, before.call, before.provenance.rubric, criterion, given, before)
    return space.store[Ratings].supersede(new)


def rate_by_hand(space: Workspace, by: str, call: str, rubric: str, criterion: str, given: Given) -> Rating:
    """A first rating by `by` where none stands that could be overridden. InputError and GateClosed as in `override`."""
    chosen = rubric_in_use(space.store, rubric)
    space.store[Calls].about(call)  # NotFound for a call that there is not
    _refuse_while_blind(space, by, call)
    new = _rating(space, by, call, chosen.id, criterion_of(chosen, criterion), given, None)
    space.store[Ratings].add([new])
    return new


def corrected(space: Workspace, by: str, before: Rating, given: Given) -> Rating:
    """The rating that would supersede `before`, not stored yet. Only for calls whose ratings `by` may see."""
    criterion = criterion_of(space.store[Rubrics].get(before.provenance.rubric), before.criterion)
    return _rating(space, by, before.call, before.provenance.rubric, criterion, given, before)


def _rating(
    space: Workspace, by: str, call: str, rubric: str, criterion: Criterion, given: Given, before: Rating | None
) -> Rating:
    if not given.reason.strip():
        raise InputError("say why in a sentence: the reason is kept with the rating")
    return Rating(
        call=call,
        criterion=criterion.id,
        rater=by,
        judgement=_judgement(_words_of(space, call), criterion, given, before),
        reason=given.reason.strip(),
        provenance=Provenance(rubric=rubric),
        at=datetime.now(UTC),
        supersedes="" if before is None else before.id,
    )


def _refuse_while_blind(space: Workspace, by: str, call: str) -> None:
    if call in space.store[Ratings].blind_calls(viewer=by):
        raise GateClosed(f"{call} is in a calibration round that is still blind; rate it there")


def _words_of(space: Workspace, call: str) -> Call | None:
    return space.store[Calls].get(call) if space.store[Calls].heard([call]) else None


def _judgement(call: Call | None, criterion: Criterion, given: Given, before: Rating | None) -> Judgement:
    judgement = human_judgement(criterion, call, given.value, given.turn, given.words)
    if not isinstance(judgement, Rated) or judgement.quotes or not criterion.shown(judgement.value) or call is None:
        return judgement
    quotes = before.judgement.quotes if before is not None else ()
    if not quotes:
        raise InputError(
            f"{criterion.name}: a level that says it was there rests on words of the call; select them in the "
            "transcript, or give the number of their turn"
        )
    return judgement.model_copy(update={"quotes": quotes})
