"""A scoring run at the terminal: its progress bar, and what came out in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.app.cli.progress import phases
from agent.db.ledger import SqlLedger

if TYPE_CHECKING:
    from agent.calls.model import Call
    from agent.scoring.running import Outcome, Scoring


async def scored(scoring: Scoring, calls: Sequence[Call], concurrency: int, budget: float | None) -> Outcome:
    """Run `scoring` under a progress bar, for a command that does more than that."""
    with calls_progress(scoring, len(calls)) as step:
        return await scoring.run(calls, concurrency, budget, step)


@contextmanager
def calls_progress(scoring: Scoring, calls: int) -> Iterator[Callable[[Call], None]]:
    """A progress bar over `calls`, with what has been spent."""
    ledger = scoring.space.store[SqlLedger]
    start = ledger.spent_usd()
    with phases(lambda: ledger.spent_usd() - start) as phase:
        step = phase("scoring calls", calls)
        yield lambda call: step()


def summary(outcome: Outcome) -> str:
    """What a run did, in a few lines."""
    counted = ", ".join(f"{count} {status.replace('_', ' ')}" for status, count in sorted(outcome.statuses.items()))
    lines = [f"{outcome.calls} calls scored: {counted or 'no ratings'}"]
    if outcome.kinds:
        why = ", ".join(f"{count} for {kind}" for kind, count in sorted(outcome.kinds.items()))
        lines.append(f"failed {why}: see `closeread ratings list`, and try again with --retry-failed")
    if outcome.blind:
        lines.append(f"{outcome.blind} more calls scored; they are in a calibration round that is still blind")
    lines += [f"{call}: {error}" for call, error in sorted(outcome.unanswered.items())]
    return "\n".join(lines)
