"""Two people in one file, each written in a way of its own: whose words are read as the other's?

    python evals/mixed_labels.py [files, 3,000]

One is written as text transcripts are (`Bo Ray: …`, `[00:00:04] Bo Ray: …`, …), the other in one of 29 ways, most of them
no transcript's, under one of eleven names. Such files are rare: they show what becomes of a label that nobody foresaw.
A file may be read rightly or refused; that words of one are read as the other's is what must not be.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from agent.core.errors import ImportProblem
from agent.core.transcript import Turn
from agent.text.importers import Source, reading_of

WORDS = [
    "the",
    "price",
    "went",
    "up",
    "again",
    "we",
    "looked",
    "at",
    "three",
    "tools",
    "and",
    "the",
    "team",
    "was",
    "slow",
    "to",
    "answer",
    "so",
    "nobody",
    "knew",
    "what",
    "it",
    "cost",
    "in",
    "march",
    "or",
    "who",
    "decided",
    "about",
    "the",
    "budget",
]
NAMES = (
    "Ann Lee",
    "ann",
    "Guest 2",
    "+1 415 555 0100",
    "SPEAKER_01",
    "Ann Lee (Acme)",
    "Dr. Lee",
    "安娜",
    "ann@acme.com",
)
NAMES += ("A.", "Ann/Finance")
WAYS: dict[str, Callable[[str, str, str], str]] = {
    "label": lambda n, w, t: f"{n}: {w}",
    "clock before": lambda n, w, t: f"[{t}] {n}: {w}",
    "clock behind": lambda n, w, t: f"{n} ({t}): {w}",
    "heading": lambda n, w, t: f"{n} {t}\n{w}",
    "alone": lambda n, w, t: f"{n}\n{w}",
    "square": lambda n, w, t: f"[{n}] {w}",
    "no space": lambda n, w, t: f"{n}:{w}",
    "dash": lambda n, w, t: f"{n} – {w}",
    "hyphen": lambda n, w, t: f"{n} - {w}",
    "semicolon": lambda n, w, t: f"{n}; {w}",
    "comma": lambda n, w, t: f"{n}, {w}",
    "full stop": lambda n, w, t: f"{n}. {w}",
    "round": lambda n, w, t: f"({n}) {w}",
    "angle": lambda n, w, t: f"<{n}> {w}",
    "bar": lambda n, w, t: f"{n} | {w}",
    "tab": lambda n, w, t: f"{n}\t{w}",
    "nothing": lambda n, w, t: f"{n} {w}",
    "bold": lambda n, w, t: f"**{n}** {w}",
    "chevrons": lambda n, w, t: f">> {n}: {w}",
    "equals": lambda n, w, t: f"{n} = {w}",
    "says": lambda n, w, t: f"{n} says: {w}",
    "clock above": lambda n, w, t: f"{t}\n{n}\n{w}",
    "capitals": lambda n, w, t: f"{n.upper()}: {w}",
    "arrow": lambda n, w, t: f"{n} -> {w}",
    "Markdown heading": lambda n, w, t: f"## {n}\n{w}",
    "quotes": lambda n, w, t: f'"{n}": {w}',
    "full width": lambda n, w, t: f"{n}：{w}",
    "dialogue dash": lambda n, w, t: f"— {w}",
    "question": lambda n, w, t: f"Q: {w}",
}
USUAL = list(WAYS)[:6]


def sentence(rng: random.Random, mark: str) -> str:
    """Some words, one of which says whose they are."""
    words = [rng.choice(WORDS) for _ in range(rng.randint(3, 14))]
    words.insert(rng.randint(1, len(words)), mark)
    return " ".join(words).capitalize() + rng.choice(".?")


def read(seed: int) -> tuple[str, str]:
    """How one file is written, and what became of it: right, refused or wrong."""
    rng = random.Random(seed)
    usual, other, name = rng.choice(USUAL), rng.choice(list(WAYS)), rng.choice(NAMES)
    rows, at = [], 0
    for _ in range(rng.randint(6, 16)):
        at += rng.randint(3, 40)
        clock = f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}"
        his = rng.random() < 0.5
        rows.append(
            WAYS[usual if his else other]("Bo Ray" if his else name, sentence(rng, "xbo" if his else "xann"), clock)
        )
    text = rng.choice(("\n", "\n\n")).join(rows)
    turns: tuple[Turn, ...] = ()
    with suppress(ImportProblem):
        turns = reading_of(Source("call.txt", text.encode()), people=["Bo Ray"]).transcript.turns
    wrong = any(("xann" if turn.speaker.lower().startswith("bo") else "xbo") in turn.text.lower() for turn in turns)
    return other, "wrong" if wrong else "right" if turns else "refused"


def main() -> None:
    """Counts, and in which ways words went wrong."""
    found = [read(seed) for seed in range(int(sys.argv[1]) if len(sys.argv) > 1 else 3_000)]
    print(dict(Counter(what for _, what in found)))
    print(dict(Counter(other for other, what in found if what == "wrong").most_common()))


if __name__ == "__main__":
    main()
