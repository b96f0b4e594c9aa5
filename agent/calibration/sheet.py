"""What one rater has in front of them in a round: calls, criteria, and what they gave so far. Nobody else's ratings.

The page and the terminal both show what stands here, so neither can show more than the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from agent.calibration.model import CalibrationRound, Draft
from agent.calibration.store import Rounds
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.errors import UsageError
from agent.core.transcript import Quote
from agent.ratings.human import human_quote
from agent.ratings.model import Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.model import Criterion, Rubric, criterion_of
from agent.rubrics.store import Rubrics
from agent.workspace import Workspace

Cell = tuple[str, str]
"""A call and a criterion: what one rating is about."""


@dataclass
class OnScreen:
    """What stands on the screen for one criterion: a value ("" if none), a reason, quotes as the transcript has them.

    `turn` and `words` are a quote that is not located yet; `problem` is what was wrong with what was sent.
    """

    value: str = ""
    reason: str = ""
    quotes: Sequence[Quote] = field(default_factory=tuple)
    turn: str = ""
    words: str = ""
    problem: str = ""

    @classmethod
    def of(cls, draft: Draft | None) -> "OnScreen":
        if draft is None:
            return cls()
        judgement = draft.judgement
        if isinstance(judgement, Rated):
            return cls(str(judgement.value), draft.reason, judgement.quotes)
        return cls("n/a", draft.reason)


@dataclass(frozen=True)
class Sheet:
    """One rater's own drafts in a round, and nothing of anybody else's. Calls and criteria stand in a fixed order."""

    round: CalibrationRound
    rubric: Rubric
    drafts: Mapping[Cell, Draft]

    @cached_property
    def cells(self) -> tuple[Cell, ...]:
        """All that is to be rated, call by call."""
        return tuple((call, criterion.id) for call in self.round.calls for criterion in self.rubric.criteria)

    @cached_property
    def missing(self) -> tuple[Cell, ...]:
        """What is not rated yet."""
        return tuple(cell for cell in self.cells if cell not in self.drafts)

    @property
    def done(self) -> int:
        """How many ratings there are."""
        return len(self.cells) - len(self.missing)

    def done_of(self, call: str) -> int:
        """How many criteria of that call are rated."""
        return sum((call, criterion.id) in self.drafts for criterion in self.rubric.criteria)

    def cell(self, call: str, criterion: str) -> Cell:
        """The one asked for; with a call alone, its first that is not rated; with neither, the first of all.

        UsageError for what is not in the round.
        """
        if not call:
            return next(iter(self.missing), self.cells[0])
        if call not in self.round.calls:
            raise UsageError(f"{call!r} is no call of round {self.round.number}; its calls are {self._calls}")
        if criterion and (call, criterion) not in self.cells:
            known = ", ".join(c.id for c in self.rubric.criteria)
            raise UsageError(f"{self.rubric.label} has no criterion {criterion!r}; it has {known}")
        if criterion:
            return call, criterion
        own = [cell for cell in self.cells if cell[0] == call]
        return next((cell for cell in own if cell not in self.drafts), own[0])

    def beside(self, cell: Cell, steps: int) -> Cell | None:
        """The cell so many places on (or back); None beyond both ends."""
        place = self.cells.index(cell) + steps
        return self.cells[place] if 0 <= place < len(self.cells) else None

    @property
    def _calls(self) -> str:
        return ", ".join(self.round.calls)


def sheet(space: Workspace, round_: CalibrationRound, rater: str) -> Sheet:
    """The sheet of `rater`. UsageError for who is no rater of the round, Forbidden under another name than the own."""
    drafts = {(d.call, d.criterion): d for d in space.store[Rounds].drafts(round_, rater)}
    return Sheet(round_, space.store[Rubrics].get(round_.rubric), drafts)


def shown_examples(criterion: Criterion, call: str) -> list[tuple[str, str, str]]:
    """Kind, words and reason of a criterion's examples, without those out of the call that is rated: they would give
    the answer away (docs/adr/0009-examples-of-the-same-call.md)."""
    return [(e.kind, e.text, e.why) for e in criterion.examples if not e.source or e.source != call]


def own_ratings(space: Workspace, round_: CalibrationRound, rater: str) -> list[Rating]:
    """What `rater` submitted, each in its last correction, in the order of the sheet."""
    submitted = [r for r in space.store[Ratings].of_round(round_.id, viewer=rater).ratings if r.rater == rater]
    # Told the rubric as well, SQLite would walk through all of its ratings instead of those of a few calls.
    given = space.store[Ratings].current(round_.calls, viewer=rater)
    current = [r for r in given if r.rater == rater and r.provenance.rubric == round_.rubric]
    current_ids = {rating.id for rating in current}
    corrections = {(r.call, r.criterion): r for r in sorted(current, key=lambda r: r.at) if r.supersedes}
    newest = [r if r.id in current_ids else corrections.get((r.call, r.criterion), r) for r in submitted]
    order = {c.id: place for place, c in enumerate(space.store[Rubrics].get(round_.rubric).criteria)}
    return sorted(newest, key=lambda r: (round_.calls.index(r.call), order[r.criterion]))


def located(space: Workspace, round_: CalibrationRound, cell: Cell, quotes: Sequence[tuple[str, str]]) -> list[Quote]:
    """Quotes, each a turn and words of it, as the transcript has them; nothing is stored. InputError for what is not
    there, or not said by who is rated."""
    if not quotes:
        return []
    criterion, call = criterion_of(space.store[Rubrics].get(round_.rubric), cell[1]), space.store[Calls].get(cell[0])
    return list(dict.fromkeys(human_quote(criterion, call, turn, words) for turn, words in quotes))


def left_to_rate(
    space: Workspace, round_: CalibrationRound, rater: str, again: str = ""
) -> list[tuple[Call, list[Criterion]]]:
    """Calls with the criteria that `rater` has not rated yet; all of the call `again`, if it is to be rated again.

    UsageError where `again` is no call of the round.
    """
    criteria = space.store[Rubrics].get(round_.rubric).criteria
    before = space.store[Rounds].drafts(round_, rater)
    calls = {c.id: c for c in space.store[Calls].all(round_.calls)}
    if again:
        if again not in calls:
            raise UsageError(f"{again!r} is no call of round {round_.number}; its calls are {', '.join(round_.calls)}")
        return [(calls[again], list(criteria))]
    done = {(draft.call, draft.criterion) for draft in before}
    left = [(calls[c], [k for k in criteria if (c, k.id) not in done]) for c in round_.calls]
    return [(call, missing) for call, missing in left if missing]


def without_words(drafts: Sequence[Draft], rubric: Rubric) -> int:
    """How many ratings above the lowest level name no turn: a report cannot show what they rest on."""
    return sum(
        isinstance(d.judgement, Rated)
        and not d.judgement.quotes
        and criterion_of(rubric, d.criterion).shown(d.judgement.value)
        for d in drafts
    )
