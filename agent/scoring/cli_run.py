"""A scoring run at the terminal: its progress bar, and what came out in words."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from agent.app.cli.progress import phases
from agent.calls.model import Call
from agent.core.errors import Advice, ModelError, ModelUnreachable
from agent.db.ledger import SqlLedger
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
        lines.append(f"failed {why}")
    if outcome.blind:
        lines.append(f"{outcome.blind} more calls scored; they are in a calibration round that is still blind")
    lines += [f"{call}: {error}" for call, error in sorted(outcome.unanswered.items())]
    return "\n".join(lines)


def check_outcome(outcome: Outcome, options: str = "") -> None:
    """ModelError where a call got no answer or a rating failed: a script that goes on with the figures must know.

    `options` are those of the run, which the command to go on with repeats.
    """
    if outcome.unanswered:
        raise ModelUnreachable(
            f"{len(outcome.unanswered)} calls got no answer, for the reasons above",
            advice=Advice(command=f"score run{options}", text="once those are gone, only what is missing is asked"),
        )
    failed = outcome.statuses["failed"]
    if failed and failed == outcome.statuses.total():
        raise ModelError("no rating came of it", advice=Advice("model check rater", "/admin/models", "check the model"))
    if failed:
        raise ModelError(
            f"{failed} of {outcome.statuses.total()} ratings failed; the others stand",
            advice=Advice(f"score run{options} --retry-failed", "/jobs/new/score", "ask for these again"),
        )
