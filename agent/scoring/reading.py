"""What one call is asked against a rubric: one request for rated criteria, one for counted ones."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agent.calls.model import Call
from agent.core.errors import ModelError
from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.ratings.model import Rating
from agent.rubrics.model import Criterion, Rubric
from agent.scoring.counting import count_call, counting_request
from agent.scoring.rating import Made, failed_with, rate_call, rating_request

RATING, COUNTING = "rate_call", "count_occurrences"


@dataclass(frozen=True)
class Prompts:
    """The prompts for a rubric's criteria. `count` may be missing if nothing is counted."""

    rate: Prompt
    count: Prompt | None = None

    def of(self, criterion: Criterion) -> Prompt:
        return self.rate if criterion.counts is None or self.count is None else self.count


@dataclass(frozen=True)
class Reading:
    """One call, to be read for `criteria` of `rubric`."""

    call: Call
    rubric: Rubric
    criteria: Sequence[Criterion]
    prompts: Prompts
    draw: int = 0

    @property
    def _rated(self) -> tuple[Criterion, ...]:
        return tuple(c for c in self.criteria if c.counts is None)

    @property
    def _counted(self) -> tuple[Criterion, ...]:
        return tuple(c for c in self.criteria if c.counts is not None)

    def requests(self, role: Role) -> list[Request[Any]]:
        """The first requests: one, or two if the rubric has both kinds of criteria; none if no criterion is asked of
        this call."""
        made: list[Request[Any]] = []
        if self._rated:
            made.append(rating_request(self.call, self.rubric, role, self.prompts.rate, self.draw, self._rated))
        if self._counted and self.prompts.count is not None:
            made.append(counting_request(self.call, role, self.prompts.count, self.draw, self._counted))
        return made

    async def ratings(self, role: Role) -> list[Rating]:
        """A rating for each criterion, in the rubric's order. Raises `ModelError` subclasses and BudgetExceeded."""
        asked, prompts = [], self.prompts
        if self._rated:
            asked.append(rate_call(self.call, self.rubric, role, prompts.rate, self.draw, criteria=self._rated))
        if self._counted and prompts.count is not None:
            asked.append(count_call(self.call, self.rubric, role, prompts.count, self.draw, criteria=self._counted))
        by_criterion = {r.criterion: r for ratings in await asyncio.gather(*asked) for r in ratings}
        return [by_criterion[c.id] for c in self.criteria if c.id in by_criterion]

    def failed(self, error: ModelError, role: Role) -> list[Rating]:
        """Ratings for a call whose request failed: each says so, and none is dropped."""
        ids = [error.request] if error.request else [request.id for request in self.requests(role)]
        return [
            rating
            for criterion in self.criteria
            for rating in failed_with(
                error,
                ids[-1 if criterion.counts else 0],
                self.call,
                [criterion],
                Made(self.rubric, self.prompts.of(criterion), self.draw),
                role,
            )
        ]
