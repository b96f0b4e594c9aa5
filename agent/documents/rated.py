"""The ratings of one rubric that count, with their calls, as documents show them, and the line that tells where they
come from. Rates, states and gaps are not computed here: they are those of `agent.profiles.heat_map`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from agent import __version__
from agent.core.direction import Direction
from agent.core.language import _, ngettext
from agent.core.marks import RESULT_WORDS, result_sign
from agent.ratings.model import Judgement, Rated, Rating
from agent.ratings.rule import IMPORTED, is_person
from agent.rubrics.model import Criterion, Rubric


class CallFacts(Protocol):
    """What documents need of a call; a `Call` has it, and so has a call known only from imported ratings."""

    @property
    def id(self) -> str: ...
    @property
    def rep(self) -> str: ...
    @property
    def date(self) -> date: ...


@dataclass(frozen=True)
class RatedCalls:
    """The ratings of one rubric that count, one for each call and criterion, with the calls they are of."""

    rubric: Rubric
    calls: Mapping[str, CallFacts]
    ratings: tuple[Rating, ...]

    @property
    def reps(self) -> tuple[str, ...]:
        """Reps with at least one call that has ratings."""
        return tuple(sorted({self.calls[r.call].rep for r in self.ratings}))

    def of(self, rep: str) -> "RatedCalls":
        calls = {ident: call for ident, call in self.calls.items() if call.rep == rep}
        return RatedCalls(self.rubric, calls, tuple(r for r in self.ratings if r.call in calls))

    def in_order(self) -> list[CallFacts]:
        """Calls with ratings, earliest first."""
        rated = {r.call for r in self.ratings}
        return sorted((c for i, c in self.calls.items() if i in rated), key=lambda c: (c.date, c.id))


def made_from(rubric: Rubric | None, ratings: Sequence[Rating] = (), *more: str) -> str:
    """One line: the rubric, what rated and with which prompt, how many people, other sources, the program's version."""
    models = sorted({r.provenance.by for r in ratings if r.provenance.model})
    prompts = sorted({r.provenance.prompt for r in ratings if r.provenance.prompt})
    people = {r.rater for r in ratings if is_person(r.rater)}
    imported = sorted({r.rater for r in ratings if r.rater.startswith(IMPORTED)})
    parts = [
        _("Rubric {label} ({id})", label=rubric.label, id=rubric.id) if rubric else "",
        _("rated by {models} with {prompts}", models=", ".join(models), prompts=", ".join(prompts)) if models else "",
        ngettext("rated by {n} person", "rated by {n} people", len(people), n=len(people)) if people else "",
        *imported,
        *more,
        f"Closeread {__version__}",
    ]
    return " · ".join(part for part in parts if part)


def not_rated() -> str:
    """In a cell without a rating."""
    return f"{result_sign('none')} {_(RESULT_WORDS['none'])}"


def outcome_words(judgement: Judgement, criterion: Criterion) -> str:
    """A judgement in a cell, with its mark: "● shown", "◑ 3 of 5", "– does not apply", "✕ failed". A failed rating
    never looks like a low one."""
    avoid = Direction.of(criterion).avoid
    if isinstance(judgement, Rated):
        part = criterion.scale.share(judgement.value)
        return f"{result_sign('shown', part, avoid=avoid)} {criterion.scale.in_words(judgement.value)}"
    return f"{result_sign(judgement.status)} {_(RESULT_WORDS[judgement.status])}"
