"""The trial of the demo's drafted rubric, before and after it was made to fit calls, from the recorded replies.

    python evals/measure_trial.py

Before: the demo's first readings and a second one of ten calls. After: one reading of the same calls.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from measure_sample import RECORDINGS, SAMPLE, interval, space

from agent.calls.intake import load_calls
from agent.llm.recording import read_recordings
from agent.ratings.model import Failed, Rated, Rating
from agent.rubrics.file import read_rubric
from agent.scoring.rating import rate_call
from agent.scoring.trial import tried
from agent.stats.intervals import clopper_pearson

TRIAL = RECORDINGS / "trial"


async def readings(folder: Path, label: str, recordings: str, draw: int) -> list[Rating]:
    """The trial's calls against one of its rubrics, replayed; each on the criteria of its stage."""
    made = space(folder, recordings)
    rubric = read_rubric(TRIAL / f"{label}.yaml", label)
    chosen = {one.subject for one in read_recordings(TRIAL / "rate_call.jsonl")}
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
    """Both tables."""
    calls = load_calls(SAMPLE / "calls", SAMPLE / "calls/calls.csv").loaded
    stages = {call.id: space(folder, "trial").stages.stage_of(call.stage) for call in calls}
    before = [*await readings(folder, "draft", "demo", 0), *await readings(folder, "draft", "demo", 1)]
    print_trial("draft", before, stages)
    print_trial("draft-2", await readings(folder, "draft-2", "trial", 0), stages)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        asyncio.run(measured(Path(made)))
