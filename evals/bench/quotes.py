"""Quotes located a second, and altered quotes accepted.

    python evals/bench/quotes.py

Transcripts of the sample, each folded once; true quotes are runs of 8 to 25 words, altered ones have one word or digit
changed. The second rate folds the transcript anew for each quote. Ratios within one run; absolute rates depend on the
machine.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

from agent.domain.transcript import Quote, Transcript
from agent.text.importers import read_transcript
from agent.text.quotes import QuoteIndex

CALLS = Path(__file__).parents[2] / "sample/ledgerline/calls"


def quotes(transcripts: list[Transcript], number: int, seed: int) -> list[tuple[int, int, str]]:
    """(transcript, turn, quote), drawn at random from turns of at least 8 words."""
    rng = random.Random(seed)
    long = [(i, t) for i, tr in enumerate(transcripts) for t in tr.turns if len(t.text.split()) >= 8]
    drawn = []
    for _ in range(number):
        i, turn = rng.choice(long)
        words = turn.text.split()
        length = min(len(words), rng.randint(8, 25))
        start = rng.randint(0, len(words) - length)
        drawn.append((i, turn.index, " ".join(words[start : start + length])))
    return drawn


def altered(quote: str, rng: random.Random) -> str:
    """`quote` with a word put in, taken out or replaced in the middle."""
    words = quote.split()
    at = rng.randint(1, len(words) - 2)
    match rng.randint(0, 2):
        case 0:
            words.insert(at, "not")
        case 1:
            del words[at]
        case _:
            words[at] = "never" if words[at].casefold() != "never" else "always"
    return " ".join(words)


def main() -> None:
    """Print rates and false acceptances."""
    transcripts = [read_transcript(path) for path in sorted(CALLS.glob("*.txt"))]
    drawn = quotes(transcripts, 100_000, 1)
    began = time.perf_counter()
    indexes = [QuoteIndex(t.turns) for t in transcripts]
    folding = time.perf_counter() - began
    began = time.perf_counter()
    found = sum(isinstance(indexes[i].locate(quote, None, turn), Quote) for i, turn, quote in drawn)
    seconds = time.perf_counter() - began
    few = drawn[:1_000]
    began = time.perf_counter()
    for i, turn, quote in few:
        QuoteIndex(transcripts[i].turns).locate(quote, None, turn)
    anew = time.perf_counter() - began
    rng = random.Random(2)
    wrong = [(i, altered(quote, rng)) for i, _, quote in drawn[:10_000]]
    accepted = sum(isinstance(indexes[i].locate(quote), Quote) for i, quote in wrong)
    print(f"folding {len(transcripts)} transcripts once: {folding * 1000:.0f} ms")
    print(f"located {found} of {len(drawn)} true quotes, {len(drawn) / seconds:,.0f} a second")
    print(f"folding anew for each: {len(few) / anew:,.0f} a second, 1 : {len(drawn) / seconds / (len(few) / anew):.0f}")
    print(f"altered quotes accepted: {accepted} of {len(wrong)}")


if __name__ == "__main__":
    main()
