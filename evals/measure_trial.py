"""The trial of the demo's drafted rubric, before and after it was made to fit calls, from the recorded replies.

    python evals/measure_trial.py

Before: the rubric as it was drafted from the interviews; after: made to fit calls; `draft-3`: drafted anew from the same
patterns with `draft_criteria@2`. Ten calls read twice against each, all of them in the demo's recordings.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path

from measure_sample import RECORDINGS, SAMPLE, interval, space

from agent.calls.intake import load_calls
from agent.calls.store import Calls
from agent.ratings.model import Failed, Rated, Rating
from agent.rubrics.file import read_rubric
from agent.scoring.rating import rate_call
from agent.scoring.trial import choose_calls, tried
from agent.stats.intervals import clopper_pearson

TRIAL = RECORDINGS / "trial"


async def readings(folder: Path, label: str, chosen: Sequence[str], draw: int) -> list[Rating]:
    """The chosen calls against one of the rubrics, replayed; each on the criteria of its stage."""
    made = space(folder, "demo")
    rubric = read_rubric(TRIAL / f"{label}.yaml", label)
    calls = [call for call in load_calls(SAMPLE / "calls", SAMPLE / "calls/calls.csv").loaded if call.id in chosen]
    async with made.roles("rater") as roles:
        role = roles["rater"]
        prompt = made.prompt("rate_call")
        asked = [
            rate_call(call, rubric, role, prompt, draw, criteria=rubric.asked_in(made.stages.stage_of(call.stage)))
            for call in calls
        ]
        return [rating for call in await asyncio.gather(*asked) for rating in call]


def print_trial(label: str, ratings: list[Rating], stages: dict[str, str]) -> None:
    """A line a criterion, then what the first readings come to."""
    print(f"\n{label}\n\n| criterion | asked in | calls | applies to | shown on | read twice | differ | failed |")
    print("|---|---|---|---|---|---|---|---|")
    made = tried(read_rubric(TRIAL / f"{label}.yaml", label).criteria, ratings, stages)
    for t in made:
        where = ", ".join(t.criterion.only_in) or "every stage"
        numbers = (t.calls, t.applies, t.shown, t.twice, t.differ, t.failed)
        print(f"| {t.criterion.id} | {where} | " + " | ".join(map(str, numbers)) + " |")
    first = [rating.judgement for rating in ratings if not rating.provenance.draw]
    left = sum(not isinstance(judgement, Rated | Failed) for judgement in first)
    print(f"\nDoes not apply: {left} of {len(first)} first readings, {interval(clopper_pearson(left, len(first)))}.")
    twice, differ = sum(t.twice for t in made), sum(t.differ for t in made)
    print(f"Differ: {differ} of {twice} pairs, {interval(clopper_pearson(differ, twice))}.")
    print(f"Failed: {sum(isinstance(rating.judgement, Failed) for rating in ratings)} of {len(ratings)} ratings.")
    print(f"Fit to be calibrated: {sum(not t.problem for t in made)} of {len(made)}.")
    for t in made:
        if t.problem:
            print(f"- {t.criterion.id}: {t.problem}")


async def measured(folder: Path) -> None:
    """All tables, over the calls that the trial chooses, and the share of "does not apply" over all calls."""
    calls = load_calls(SAMPLE / "calls", SAMPLE / "calls/calls.csv").loaded
    everywhere = space(folder, "demo")
    for call in calls:
        everywhere.store[Calls].add(call)
    stages = {call.id: everywhere.stages.stage_of(call.stage) for call in calls}
    chosen = choose_calls(everywhere, read_rubric(TRIAL / "draft.yaml", "draft"))
    for label in ("draft", "draft-2", "draft-3"):
        twice = [*await readings(folder, label, chosen, 0), *await readings(folder, label, chosen, 1)]
        print_trial(label, twice, stages)
        if label == "draft-3":
            continue  # the other calls were not read against it
        every = [one.judgement for one in await readings(folder, label, [call.id for call in calls], 0)]
        left = sum(not isinstance(judgement, Rated | Failed) for judgement in every)
        print(f"On all {len(calls)} calls: {left} of {len(every)} first readings do not apply.")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(measured(Path(made)))
