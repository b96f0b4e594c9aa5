"""Scoring again: unchanged calls, and after an edit of one criterion, with the rubric in one request or one a criterion.

    .venv/bin/python evals/bench/rerun.py

1. `--calls` calls of the sample (numbered, so each is its own) are scored against a server on loopback, then
   `closeread score run` is started again: wall time with the start of the program, and requests the server saw.
   Then the same into an empty database beside the full cache: every reply comes from the cache.
2. On `--edit-calls` calls: a first run and one after an edit of one criterion, whole (one rubric of seven criteria) and
   by criterion (seven rubrics of one): requests counted at the server, tokens of these requests and of their recorded
   replies counted with gpt-4.1-mini's encoding. Then the same sums for calls of `--words`.

Exits with 1 where the second run takes more than `--seconds` or sends anything.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from agent.calls.store import Calls
from agent.rubrics.store import Rubrics

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agent.calls.model import Call  # noqa: E402
from agent.rubrics.file import read_rubric  # noqa: E402
from agent.rubrics.model import Rubric  # noqa: E402
from agent.scoring.running import Outcome, Scoring  # noqa: E402
from agent.settings import Settings  # noqa: E402
from agent.workspace import Workspace  # noqa: E402
from evals.bench.numbered import SAMPLE, answering, numbered_calls, recorded_replies, sample_calls  # noqa: E402
from evals.bench.tokens import Counter as Tokens  # noqa: E402
from evals.bench.tokens import of_words  # noqa: E402
from tests.llm.stub import Stub  # noqa: E402

MODEL = "openai/gpt-4.1-mini"
EDITED = 2


def workspace(folder: Path, base: str, calls: Sequence[Call] = ()) -> Workspace:
    """A workspace on the server at `base` that holds `calls`."""
    space = Workspace(Settings.read(folder, {"CLOSEREAD_MODEL": MODEL, "CLOSEREAD_API_BASE": base}))
    for call in calls:
        space.store[Calls].add(call)
    return space


async def score(space: Workspace, rubrics: Sequence[Rubric]) -> list[Outcome]:
    """What is missing against each rubric."""
    found = []
    for rubric in rubrics:
        stored = space.store[Rubrics].add(rubric)
        scoring = Scoring(space, stored, space.prompt("rate_call"), 0)
        found.append(await scoring.run(scoring.missing((), False), 64, None))
        assert not found[-1].unanswered
    return found


async def unchanged(count: int, rubric: Rubric) -> tuple[float, float, int, float, int]:
    """Seconds, seconds of CPU and requests of the command run again; the same where only the cache is left."""
    seen: Counter[int] = Counter()
    with tempfile.TemporaryDirectory() as made:
        async with Stub(answering(lambda: 0.0, seen)) as stub:
            folder, base = Path(made) / "w", f"{stub.base}/v1"
            space = workspace(folder, base, numbered_calls(count))
            await score(space, [rubric])
            space.store.close()
            assert seen.total() == count, seen.total()
            began = time.perf_counter()
            command = [sys.executable, "-c", "from agent.main import main; main()", "--workspace", str(folder)]
            environment = {**_plain(), "CLOSEREAD_MODEL": MODEL, "CLOSEREAD_API_BASE": base}
            run = await asyncio.create_subprocess_exec(
                *command,
                "score",
                "run",
                cwd=ROOT,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            assert await run.wait() == 0
            again = time.perf_counter() - began
            spent = resource.getrusage(resource.RUSAGE_CHILDREN)
            sent = seen.total() - count
            for path in folder.glob("closeread.db*"):
                path.unlink()
            space = workspace(folder, base, numbered_calls(count))
            began = time.perf_counter()
            await score(space, [rubric])
            cached = time.perf_counter() - began
            space.store.close()
    return again, spent.ru_utime + spent.ru_stime, sent, cached, seen.total() - count - sent


def _plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CLOSEREAD_")}


def edited(rubric: Rubric) -> Rubric:
    """`rubric` with one more sentence in one criterion."""
    one = rubric.criteria[EDITED]
    changed = one.model_copy(update={"description": f"{one.description} Small talk does not count."})
    criteria = (*rubric.criteria[:EDITED], changed, *rubric.criteria[EDITED + 1 :])
    return Rubric(criteria=criteria, label=f"{rubric.label} edited")


def single(rubric: Rubric) -> list[Rubric]:
    """A rubric of its own for each criterion."""
    return [Rubric(criteria=(c,), label=f"{rubric.label} {c.id}") for c in rubric.criteria]


async def asked(count: int, first: Sequence[Rubric], then: Sequence[Rubric]) -> tuple[int, int]:
    """Requests that the server sees for a first run and for one after the edit."""
    seen: Counter[int] = Counter()
    with tempfile.TemporaryDirectory() as made:
        async with Stub(answering(lambda: 0.0, seen)) as stub:
            space = workspace(Path(made) / "w", f"{stub.base}/v1", numbered_calls(count))
            await score(space, first)
            before = seen.total()
            await score(space, then)
            space.store.close()
    return before, seen.total() - before


def tokens(calls: Sequence[Call], replies: Sequence[str], rubrics: Sequence[Rubric]) -> tuple[float, float, float]:
    """A call's input tokens over all `rubrics`, those of them in its stable prefix, and output tokens."""
    ask, prefix, said = 0, 0, 0
    for rubric in rubrics:
        counter = Tokens(MODEL, rubric, "rate_call")
        wanted = {c.id for c in rubric.criteria}
        for call, reply in zip(calls, replies, strict=True):
            _, whole, stable = counter.call(call)
            ask, prefix = ask + whole, prefix + stable
            given = [one for one in json.loads(reply)["ratings"] if one["criterion"] in wanted]
            said += counter.text(json.dumps({"ratings": given}, ensure_ascii=False, separators=(",", ":")))
    return ask / len(calls), prefix / len(calls), said / len(calls)


def print_tokens(title: str, calls: Sequence[Call], replies: Sequence[str], rubric: Rubric) -> None:
    """Both ways, first and after the edit."""
    after = edited(rubric)
    ways = {
        "whole, first": [rubric],
        "whole, after the edit": [after],
        "by criterion, first": single(rubric),
        "by criterion, after the edit": [single(after)[EDITED]],
    }
    print(f"\n{title}\n\n| | input | of it stable prefix | output |\n|---|---:|---:|---:|")
    found = {way: tokens(calls, replies, rubrics) for way, rubrics in ways.items()}
    for way, (ask, prefix, said) in found.items():
        print(f"| {way} | {ask:,.0f} | {prefix:,.0f} | {said:,.0f} |")
    more = [found["by criterion, first"][at] - found["whole, first"][at] for at in (0, 2)]
    less = [found["whole, after the edit"][at] - found["by criterion, after the edit"][at] for at in (0, 2)]
    # An output token costs four input tokens at gpt-4.1-mini ($0.40 and $1.60 a million).
    edits = (more[0] + 4 * more[1]) / (less[0] + 4 * less[1])
    print(f"\nBy criterion costs less from {edits:,.0f} edits of one criterion on (an output token as four of input).")


def main() -> int:
    """Print all of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1_000)
    parser.add_argument("--edit-calls", type=int, default=100)
    parser.add_argument("--words", type=int, default=7_500)
    parser.add_argument("--seconds", type=float, default=2.0)
    given = parser.parse_args()
    rubric = read_rubric(SAMPLE / "rubric.yaml", "bench")
    again, spent, sent, cached, from_cache = asyncio.run(unchanged(given.calls, rubric))
    print(
        f"{given.calls} unchanged calls, `closeread score run` again: {again:.2f} s, {spent:.2f} s of CPU, {sent} requests"
    )
    print(f"the same into an empty database, replies from the cache: {cached:.2f} s, {from_cache} requests")
    whole = asyncio.run(asked(given.edit_calls, [rubric], [edited(rubric)]))
    split = asyncio.run(asked(given.edit_calls, single(rubric), single(edited(rubric))))
    print(f"\n{given.edit_calls} calls, {len(rubric.criteria)} criteria, one edited:")
    print(f"whole: {whole[0]} requests first, {whole[1]} after the edit")
    print(f"by criterion: {split[0]} requests first, {split[1]} after the edit")
    calls = sample_calls()
    replies = [recorded_replies()[call.id] for call in calls]
    print_tokens(f"Tokens a call, the sample's {len(calls)} calls:", calls, replies, rubric)
    long = of_words(calls, given.words)
    print_tokens(f"Tokens of a call of {given.words:,} words:", [long], replies[:1], rubric)
    return 1 if again > given.seconds or sent or from_cache else 0


if __name__ == "__main__":
    sys.exit(main())
