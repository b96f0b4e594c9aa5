"""Score calls of the sample with a real OpenAI-compatible server, and say what was stored.

    python evals/real_server/run.py --url http://127.0.0.1:8011/v1 --calls 10

The server and its model are set up by hand (README.md beside this file). A small model reads badly, and that is the point:
whatever it answers, each rating must end as failed or rest on evidence that our code finds in the call. Exits with 1 if a
stored rating does not.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agent.calls.store import Calls  # noqa: E402
from agent.ratings.model import Failed, Rated  # noqa: E402
from agent.ratings.store import Ratings  # noqa: E402
from agent.settings import Settings  # noqa: E402
from agent.workspace import Workspace  # noqa: E402


def main() -> int:
    """Import, score, count."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True, help="ends in /v1")
    parser.add_argument("--calls", type=int, default=10)
    parser.add_argument("--max-tokens", type=int, default=700)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        space = Path(folder)
        (space / "config").mkdir()
        settings = f"{{max_tokens: {options.max_tokens}}}"
        binding = f"{{model: openai/small, api_base: '{options.url}', timeout_seconds: 1800, settings: {settings}}}"
        (space / "config" / "models.yaml").write_text(f"roles:\n  rater: {binding}\n")
        closeread = [sys.executable, "-c", "from agent.main import main; main()", "--workspace", folder]
        sample = ROOT / "sample" / "ledgerline"

        def command(*words: str) -> int:
            return subprocess.run([*closeread, *words], cwd=ROOT).returncode

        command("calls", "import", str(sample / "calls"), "--manifest", str(sample / "calls" / "calls.csv"))
        command("rubric", "import", str(sample / "rubric.yaml"))
        store = Workspace(Settings.read(space, {})).store
        chosen = sorted(call.id for call in store[Calls].page(limit=options.calls))
        begun = time.monotonic()
        runs, codes = 0, []
        while runs == 0 or (runs < options.calls and without_ratings(store, chosen)):
            # A run stops after five failures alike in a row; the next one goes on with the calls that are left.
            codes.append(command("score", "run", "--calls", ",".join(chosen), "--concurrency", "1"))
            runs += 1
        return report(store, chosen, codes, time.monotonic() - begun)


def without_ratings(store, chosen: list[str]) -> bool:  # type: ignore[no-untyped-def]
    """Whether a call has none at all, not even failed ones."""
    return {rating.call for rating in store[Ratings].current(chosen)} != set(chosen)


def report(store, chosen: list[str], codes: list[int], took: float) -> int:  # type: ignore[no-untyped-def]
    """Print what stands; 1 if a stored rating has no evidence in its call."""
    outcomes: Counter[str] = Counter()
    false = []
    words = {call.id: call for call in store[Calls].all(chosen)}
    for rating in store[Ratings].current(chosen):
        judgement = rating.judgement
        if isinstance(judgement, Failed):
            outcomes[f"failed: {judgement.kind}"] += 1
            continue
        outcomes[judgement.status if not isinstance(judgement, Rated) else f"rated {judgement.value}"] += 1
        for quote in getattr(judgement, "quotes", ()):
            turn = words[rating.call].transcript.turns[quote.span.turn]
            if turn.text[quote.span.start : quote.span.end] != quote.text or turn.speaker != quote.speaker:
                false.append((rating.call, rating.criterion, quote.text))
    print(f"{len(chosen)} calls, {sum(outcomes.values())} ratings stored, exit codes {codes}, {took:.0f} s")
    for outcome, count in sorted(outcomes.items()):
        print(f"  {outcome}: {count}")
    print(f"quotes that are not in their call: {len(false)}")
    return int(bool(false))


if __name__ == "__main__":
    sys.exit(main())
