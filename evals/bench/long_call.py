"""A call of 60,000 words, scored: seconds beside the model's own time.

    .venv/bin/python evals/bench/long_call.py

The call is read from the database, its request made and sent to a server on loopback that waits `--latency` seconds,
the reply validated, its quotes located (one at the start, one in the middle, one at the end) and the ratings stored.
Wall time less the latency, `--times` draws one after the other; the first includes what is loaded once a process.
Exits with 1 where one of them takes more than `--seconds`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from agent.calls.store import Calls
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agent.calls.model import Call  # noqa: E402
from agent.evals.long_call import END, MIDDLE, START, WORDS, long_call  # noqa: E402
from agent.ratings.model import Rated  # noqa: E402
from agent.rubrics.file import read_rubric  # noqa: E402
from agent.rubrics.model import Rubric  # noqa: E402
from agent.scoring.running import Scoring  # noqa: E402
from agent.settings import Settings  # noqa: E402
from agent.workspace import Workspace  # noqa: E402
from tests.llm.stub import Stub, after, says  # noqa: E402

SAMPLE = ROOT / "sample/ledgerline"
REP = "Rae Whitford"
QUOTES = {"consequence_question": START, "success_measure_playback": MIDDLE, "next_step_commitment": END}
MODELS = "roles:\n  rater:\n    model: openai/stub-1\n    api_base: {base}\n    context_tokens: 1000000\n"


def reply(call: Call, rubric: Rubric) -> str:
    """Three criteria shown, with quotes of which code has to find the turn; the others at their lowest level."""
    turns = {turn.text: turn.index for turn in call.transcript.turns}
    ratings = []
    for criterion in rubric.criteria:
        quote = QUOTES.get(criterion.id)
        evidence = [] if quote is None else [{"turn": turns[quote], "quote": quote}]
        level = criterion.levels[0 if quote is None else 1]
        said = {
            "criterion": criterion.id,
            "context": [],
            "evidence": evidence,
            "nearest": None,
            "reason": "Read.",
            "level": level,
        }
        ratings.append(said)
    return json.dumps({"ratings": ratings})


async def measure(latency: float, times: int) -> list[float]:
    """Seconds of each draw, less the latency."""
    call = Call(id="long", transcript=long_call(REP), rep=REP, date=date(2026, 11, 2))
    rubric = read_rubric(SAMPLE / "rubric.yaml", "bench")
    found = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        async with Stub(after(lambda: latency, says(reply(call, rubric)))) as stub:
            (folder / "config").mkdir()
            (folder / "config/models.yaml").write_text(MODELS.format(base=f"{stub.base}/v1"))
            space = Workspace(Settings.read(folder, {}))
            space.store[Calls].add(call)
            space.store[Rubrics].add(rubric)
            for draw in range(times):
                began = time.perf_counter()
                scoring = Scoring(space, space.store[Rubrics].get(""), space.prompt("rate_call"), draw)
                outcome = await scoring.run(scoring.missing((), False), 1, None)
                found.append(time.perf_counter() - began - latency)
                assert outcome.statuses == {"rated": len(rubric.criteria)}, outcome
            rated = space.store[Ratings].current(["long"])
            space.store.close()
    located = [r for r in rated if isinstance(r.judgement, Rated) and r.judgement.quotes]
    assert len(located) == len(QUOTES) * times
    return found


def main() -> int:
    """Print the seconds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    found = asyncio.run(measure(given.latency, given.times))
    later = statistics.median(found[1:] or found)
    print(f"{WORDS:,} words: {found[0]:.2f} s the first time, then {later:.3f} s (median of {len(found) - 1})")
    return 1 if max(found) > given.seconds else 0


if __name__ == "__main__":
    sys.exit(main())
