"""Quotes located a second, and altered quotes accepted, beside langextract's aligner.

    .venv/bin/python evals/bench/quotes.py

Transcripts of the sample, one index each; true quotes are runs of 8 to 25 words, altered ones have one word put in,
taken out or replaced. The first rate is with the turn that the quote is claimed to be in, as models give it, the second
without: through the whole transcript; the third makes a new index for each quote. langextract (dependency group `bench`)
gets the first `--peer` true quotes and altered ones of the same run, one at a time, with its default settings and with
all that is inexact switched off. Rates are per second of processor time (all of it is one thread), the best of three
passes; langextract's one pass. Exits with 1 below `--least` a second, or where an altered quote is accepted.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

from agent.core.transcript import Quote, Transcript
from agent.text.importers import read_transcript
from agent.text.quotes import QuoteIndex

_SENSE = {"not", "never", "cannot", "percent", "hundred", "thousand", "million", "billion"}
CALLS = Path(__file__).parents[2] / "sample/ledgerline/calls"


def quotes(transcripts: list[Transcript], number: int, seed: int) -> list[tuple[int, int, str]]:
    """(transcript, turn, quote), drawn at random from turns of at least 8 words; none that leaves out a negation or the rest
    of a number right beside it, which is no true quote."""
    rng = random.Random(seed)
    long = [(i, t) for i, tr in enumerate(transcripts) for t in tr.turns if len(t.text.split()) >= 8]
    drawn = []
    while len(drawn) < number:
        i, turn = rng.choice(long)
        words = turn.text.split()
        length = min(len(words), rng.randint(8, 25))
        start = rng.randint(0, len(words) - length)
        if any(map(_turns_it, (*words[:start][-1:], words[start], *words[start + length :][:1]))):
            continue
        drawn.append((i, turn.index, " ".join(words[start : start + length])))
    return drawn


def _turns_it(word: str) -> bool:
    bare = word.casefold().strip(".,;:!?…")
    return bare in _SENSE or bare.endswith(("n't", "n’t"))


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


def rate(locate: Callable[[], int], number: int) -> tuple[int, float]:
    """How many were found, and quotes a second: the best of three passes."""
    best, found = float("inf"), 0
    for _ in range(3):
        began = time.process_time()
        found = locate()
        best = min(best, time.process_time() - began)
    return found, number / best


Drawn = list[tuple[int, int, str]]


def compare_langextract(transcripts: list[Transcript], true: Drawn, wrong: list[tuple[int, str]], number: int) -> None:
    """The aligner of langextract on the first `number` of each."""
    from langextract.core.data import Extraction
    from langextract.resolver import WordAligner

    texts = ["\n".join(turn.text for turn in transcript.turns) for transcript in transcripts]

    def located(text: str, quote: str, fuzzy: bool) -> bool:
        groups = [[Extraction(extraction_class="quote", extraction_text=quote)]]
        found = WordAligner().align_extractions(groups, text, enable_fuzzy_alignment=fuzzy, accept_match_lesser=fuzzy)
        return found[0][0].char_interval is not None

    for fuzzy in (True, False):
        began = time.process_time()
        found = sum(located(texts[i], quote, fuzzy) for i, _, quote in true[:number])
        seconds = time.process_time() - began
        accepted = sum(located(texts[i], quote, fuzzy) for i, quote in wrong[:number])
        name = "default" if fuzzy else "exact matches only"
        print(f"langextract, {name}: located {found} of {number}, {number / seconds:,.0f} a second, ", end="")
        print(f"altered quotes accepted: {accepted} of {number}")


def main() -> int:
    """Print rates and false acceptances."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quotes", type=int, default=100_000)
    parser.add_argument("--peer", type=int, default=150, help="quotes for langextract; 0 leaves it out")
    parser.add_argument("--least", type=float, default=100_000.0)
    given = parser.parse_args()
    transcripts = [read_transcript(path) for path in sorted(CALLS.glob("*.txt"))]
    drawn = quotes(transcripts, given.quotes, 1)
    indexes = [QuoteIndex(t.turns) for t in transcripts]

    def anywhere() -> int:
        return sum(isinstance(indexes[i].locate(quote), Quote) for i, _, quote in drawn)

    def claimed() -> int:
        return sum(isinstance(indexes[i].locate(quote, None, turn), Quote) for i, turn, quote in drawn)

    few = drawn[:1_000]

    def each_time() -> int:
        return sum(isinstance(QuoteIndex(transcripts[i].turns).locate(q, None, turn), Quote) for i, turn, q in few)

    found, a_second = rate(claimed, len(drawn))
    found_anywhere, a_second_anywhere = rate(anywhere, len(drawn))
    _, anew = rate(each_time, len(few))
    rng = random.Random(2)
    altered_ones = [(i, turn, altered(quote, rng)) for i, turn, quote in drawn[:10_000]]
    wrong = [(i, quote) for i, _, quote in altered_ones]
    accepted = sum(isinstance(indexes[i].locate(quote, None, turn), Quote) for i, turn, quote in altered_ones)
    print(f"turn given: located {found} of {len(drawn)} true quotes, {a_second:,.0f} a second")
    print(f"no turn given: located {found_anywhere} of {len(drawn)}, {a_second_anywhere:,.0f} a second")
    print(f"a new index for each: {anew:,.0f} a second")
    print(f"altered quotes accepted: {accepted} of {len(wrong)}, of the first {given.peer} ", end="")
    print(sum(isinstance(indexes[i].locate(quote, None, t), Quote) for i, t, quote in altered_ones[: given.peer]))
    if given.peer:
        compare_langextract(transcripts, drawn, wrong, given.peer)
    return 1 if a_second < given.least or accepted else 0


if __name__ == "__main__":
    sys.exit(main())
