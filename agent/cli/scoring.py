"""A scoring run: which calls are missing, rating them, storing each as it comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.domain.rating import Rating
    from agent.domain.rubric import Rubric
    from agent.domain.sales import Call
    from agent.errors import ModelError
    from agent.llm.prompts import Prompt
    from agent.llm.roles import Role
    from agent.store.ratings import MadeWith
    from agent.wiring import Workspace


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

    def summary(self) -> str:
        """For the terminal."""
        counted = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in sorted(self.statuses.items()))
        lines = [f"{self.calls} calls scored: {counted or 'no ratings'}"]
        if self.kinds:
            why = ", ".join(f"{count} for {kind}" for kind, count in sorted(self.kinds.items()))
            lines.append(f"failed {why}: see `closeread ratings list`, and try again with --retry-failed")
        if self.blind:
            lines.append(f"{self.blind} more calls scored; they are in a calibration round that is still blind")
        lines += [f"{call}: {error}" for call, error in sorted(self.unanswered.items())]
        return "\n".join(lines)


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

    def missing(self, calls: Sequence[str], retry_failed: bool) -> list[Call]:
        """The calls among `calls` (all if empty) that have no such ratings yet, or failed ones to be tried again."""
        wanted = self.space.store.calls.all(calls)
        done = self.space.store.ratings.rated_calls(self.made_with)
        again = {call for call, _ in self._failed()} if retry_failed else set()
        return [call for call in wanted if call.id not in done or call.id in again]

    def _failed(self) -> dict[tuple[str, str], str]:
        return self.space.store.ratings.failed_ids(self.made_with)

    async def run(self, calls: Sequence[Call], concurrency: int, budget: float | None) -> Outcome:
        """Rate `calls`; each is stored as soon as it is rated. A call whose request came to nothing is rated as failed
        where asking again would not help, and left for the next run where it may (unreachable)."""
        from agent.analysis.asking import each
        from agent.analysis.rating import rate_call
        from agent.cli.progress import phases

        outcome = Outcome()
        start = self.space.store.ledger.spent_usd()
        superseded = self._failed()
        with phases(lambda: self.space.store.ledger.spent_usd() - start) as phase:
            step = phase("scoring calls", len(calls))
            async with self.space.roles("rater", budget_usd=budget) as roles:
                role = roles["rater"]

                async def work(call: Call) -> list[Rating]:
                    return await rate_call(call, self.rubric, role, self.prompt, self.draw)

                def done(call: Call, result: list[Rating] | ModelError) -> None:
                    self._keep(call, result, role, superseded, outcome)
                    step()

                await each(calls, work, concurrency, done)
        return outcome

    def _keep(
        self,
        call: Call,
        result: list[Rating] | ModelError,
        role: Role,
        superseded: dict[tuple[str, str], str],
        outcome: Outcome,
    ) -> None:
        from agent.analysis.rating import failed_ratings
        from agent.errors import ModelError, ModelRejected, ModelUnreachable, RecordingMissing

        if isinstance(result, ModelUnreachable | ModelRejected | RecordingMissing):
            outcome.unanswered[call.id] = str(result)
            return
        if isinstance(result, ModelError):
            result = failed_ratings(call, self.rubric, role, self.prompt, self.draw, result)
        kept = [r.model_copy(update={"supersedes": superseded.get((r.call, r.criterion), "")}) for r in result]
        self.space.store.ratings.add(kept)
        if call.id in self.space.store.ratings.blind_calls(viewer=""):
            outcome.blind += 1
        else:
            outcome.count(kept)
