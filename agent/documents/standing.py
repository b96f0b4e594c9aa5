"""Which ratings count in documents, what they say of each rep, and the line that tells where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from agent import __version__
from agent.calibration.model import is_model
from agent.ratings.model import Rated, Rating
from agent.rubrics.model import Criterion, Rubric
from agent.stats.frame import Measure, RatingFrame
from agent.stats.profiles import CriterionProfile, ProfileTable, profile
from agent.stats.rules import ProfileRules
from agent.stats.tally import tally_calls


class CallFacts(Protocol):
    """What documents need of a call; a `Call` has it, and so has a call known only from imported ratings."""

    @property
    def id(self) -> str: ...
    @property
    def rep(self) -> str: ...
    @property
    def date(self) -> date: ...


@dataclass(frozen=True)
class BareCall:
    """A call of which no transcript is needed."""

    id: str
    rep: str
    date: date


@dataclass(frozen=True)
class Standing:
    """The ratings of one rubric that count, one for each call and criterion, with the calls they are of."""

    rubric: Rubric
    calls: Mapping[str, CallFacts]
    ratings: tuple[Rating, ...]

    @property
    def reps(self) -> tuple[str, ...]:
        """Reps with at least one call that has ratings."""
        return tuple(sorted({self.calls[r.call].rep for r in self.ratings}))

    def of(self, rep: str) -> Standing:
        """The part that is one rep's."""
        calls = {ident: call for ident, call in self.calls.items() if call.rep == rep}
        return Standing(self.rubric, calls, tuple(r for r in self.ratings if r.call in calls))

    def rated_calls(self) -> list[CallFacts]:
        """Calls with ratings, earliest first."""
        found = {r.call for r in self.ratings}
        return sorted((c for i, c in self.calls.items() if i in found), key=lambda c: (c.date, c.id))

    def profiles(self, rules: ProfileRules) -> ProfileTable:
        """Rates, intervals and states of all reps."""
        frame = RatingFrame.from_columns(
            [Measure.of(c) for c in self.rubric.criteria],
            rep=[self.calls[r.call].rep for r in self.ratings],
            criterion=[r.criterion for r in self.ratings],
            call=[r.call for r in self.ratings],
            day=[self.calls[r.call].date for r in self.ratings],
            value=[float(r.judgement.value) if isinstance(r.judgement, Rated) else None for r in self.ratings],
            status=[r.judgement.status for r in self.ratings],
        )
        return profile(tally_calls(frame, frame.chosen(frame.calls)), rules)

    def rows(self, rules: ProfileRules) -> dict[tuple[str, str], CriterionProfile]:
        """Profiles by rep and criterion; empty where nothing is rated."""
        return {(row.rep, row.criterion): row for row in self.profiles(rules).rows()} if self.ratings else {}


def counting(rubric: Rubric, calls: Iterable[CallFacts], ratings: Sequence[Rating]) -> Standing:
    """One rating for each call and criterion: a person's before an imported one, that before a model's; of a model's
    readings the first draw; otherwise the last one given (the order of `ratings`). As in `agent.ratings.columns`.

    Ratings of unknown calls, of criteria the rubric does not have, and of other rubrics are left out.
    """
    known = {call.id: call for call in calls}
    chosen: dict[tuple[str, str], Rating] = {}
    for rating in sorted(ratings, key=lambda r: (_rank(r.rater), -r.provenance.draw)):
        if rating.call in known and rating.provenance.rubric == rubric.id and rubric.criterion(rating.criterion):
            chosen[rating.call, rating.criterion] = rating
    return Standing(rubric, known, tuple(chosen[key] for key in sorted(chosen)))


def _rank(rater: str) -> int:
    if is_model(rater):
        return 0
    return 1 if rater.startswith("import:") else 2


def made_from(rubric: Rubric | None, ratings: Sequence[Rating] = (), *more: str) -> str:
    """One line: rubric, what rated and with which prompt, how many people, other sources, version of the program."""
    models = sorted({r.provenance.model for r in ratings if r.provenance.model})
    prompts = sorted({r.provenance.prompt for r in ratings if r.provenance.prompt})
    people = {r.rater for r in ratings if _rank(r.rater) == 2}
    imported = sorted({r.rater for r in ratings if _rank(r.rater) == 1})
    parts = [
        f"Rubric {rubric.label} ({rubric.id})" if rubric else "",
        f"rated by {', '.join(models)} with {', '.join(prompts)}" if models else "",
        f"rated by {len(people)} {'person' if len(people) == 1 else 'people'}" if people else "",
        *imported,
        *more,
        f"Closeread {__version__}",
    ]
    return " · ".join(part for part in parts if part)


def level_words(criterion: Criterion, value: int) -> str:
    """A level as a reader takes it: yes or no, or the level out of the highest."""
    if criterion.scale == "binary":
        return "yes" if criterion.shown(value) else "no"
    return f"{value} of {criterion.levels[-1]}"


def outcome_words(rating: Rating, criterion: Criterion) -> str:
    """A rating in a cell: its level, `n/a` or `failed`. A failed rating never looks like a low one."""
    judgement = rating.judgement
    if isinstance(judgement, Rated):
        return level_words(criterion, judgement.value)
    return "n/a" if judgement.status == "not_applicable" else "failed"
