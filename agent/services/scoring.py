"""A scoring run: which calls are missing, rating them, storing each as it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from agent.errors import ModelError, ModelRejected, ModelUnreachable, RecordingMissing

if TYPE_CHECKING:
    from agent.domain.rating import Rating
    from agent.domain.rubric import Rubric
    from agent.domain.sales import Call
    from agent.llm.prompts import Prompt
    from agent.llm.roles import Role
    from agent.store.ratings import MadeWith
    from agent.wiring import Workspace


def _unwatched(call: Call) -> None:
    """Where nobody watches the run."""


@dataclass
class Outcome:
    """What a run did: ratings by status, calls by error."""

    calls: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    unanswered: dict[str, str] = field(default_factory=dict)
    blind: int = 0  # calls of a calibration round that is still blind: what came out is not told

    def count(self, ratings: Sequence[Rating]) -> None:
        """Add the ratings of one call."""
        self.calls += 1
        for rating in ratings:
            self.statuses[rating.judgement.status] += 1
            if rating.judgement.status == "failed":
                self.kinds[rating.judgement.kind] += 1

    def data(self) -> dict[str, Any]:
        """For --json."""
        return {
            "calls": self.calls,
            "ratings": dict(self.statuses),
            "failed": dict(self.kinds),
            "unanswered": self.unanswered,
            "blind": self.blind,
        }


@dataclass
class Scoring:
    """Scoring calls against one rubric with one prompt and draw."""

    space: Workspace
    rubric: Rubric
    prompt: Prompt
    draw: int

    @property
    def made_with(self) -> MadeWith:
        """The natural key of this run's ratings."""
        from agent.store.ratings import MadeWith

        return MadeWith(self.rubric.id, self.prompt.id, self.space.binding("rater").model, self.draw)

    @property
    def counting(self) -> tuple[MadeWith, ...]:
        """The natural keys of ratings that count as this run's: also those of models that took over."""
        return tuple(replace(self.made_with, model=model) for model in self.space.answering_models("rater"))

    def missing(self, calls: Sequence[str], retry_failed: bool) -> list[Call]:
        """The calls among `calls` (all if empty) that have no such ratings yet, or failed ones to be tried again."""
        wanted = self.space.store.calls.all(calls)
        done = {call for made_with in self.counting for call in self.space.store.ratings.rated_calls(made_with)}
        again = {call for call, _ in self._failed()} if retry_failed else set()
        return [call for call in wanted if call.id not in done or call.id in again]

    def _failed(self) -> dict[tuple[str, str], str]:
        found: dict[tuple[str, str], str] = {}
        for made_with in self.counting:
            found |= self.space.store.ratings.failed_ids(made_with)
        return found

    @asynccontextmanager
    async def opened(self, budget: float | None, job: str = "") -> AsyncIterator[Scorer]:
        """What rates calls over open connections. `budget` in US dollars; None takes that of the settings.

        What it takes is booked on `job` and this rubric.
        """
        superseded = self._failed()
        async with self.space.roles("rater", budget_usd=budget, job=job, rubric=self.rubric.id) as roles:
            yield Scorer(self, roles["rater"], superseded)

    async def run(
        self,
        calls: Sequence[Call],
        concurrency: int,
        budget: float | None,
        on_done: Callable[[Call], None] = _unwatched,
    ) -> Outcome:
        """Rate `calls`; each is stored as soon as it is rated, and then told to `on_done`, answered or not.

        A call whose request came to nothing is rated as failed where asking again would not help, and left for the
        next run where it may (unreachable). `budget` in US dollars; None takes that of the settings.
        """
        from agent.analysis.asking import each

        outcome = Outcome()
        async with self.opened(budget) as scorer:

            def done(call: Call, result: list[Rating] | ModelError) -> None:
                self._count(call, scorer.keep(call, result), outcome)
                on_done(call)

            await each(calls, scorer.rate, concurrency, done)
        return outcome

    def _count(self, call: Call, kept: list[Rating] | ModelError, outcome: Outcome) -> None:
        if isinstance(kept, ModelError):
            outcome.unanswered[call.id] = str(kept)
        elif call.id in self.space.store.ratings.blind_calls(viewer=""):
            outcome.blind += 1
        else:
            outcome.count(kept)


@dataclass
class Scorer:
    """Rates calls and stores what came out: for a run at the terminal and for a background job's workers."""

    scoring: Scoring
    role: Role
    superseded: dict[tuple[str, str], str]

    async def rate(self, call: Call) -> list[Rating]:
        """The ratings of `call`, not stored yet. Raises `ModelError` subclasses and BudgetExceeded."""
        from agent.analysis.rating import rate_call

        return await rate_call(call, self.scoring.rubric, self.role, self.scoring.prompt, self.scoring.draw)

    def keep(self, call: Call, result: list[Rating] | ModelError) -> list[Rating] | ModelError:
        """Store the ratings and return them; the error where nothing came out and asking again may help."""
        from agent.analysis.rating import failed_ratings

        if isinstance(result, ModelUnreachable | ModelRejected | RecordingMissing):
            return result
        if isinstance(result, ModelError):
            scoring = self.scoring
            result = failed_ratings(call, scoring.rubric, self.role, scoring.prompt, scoring.draw, result)
        kept = [r.model_copy(update={"supersedes": self.superseded.get((r.call, r.criterion), "")}) for r in result]
        self.scoring.space.store.ratings.add(kept)
        return kept
