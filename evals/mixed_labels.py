"""Two people in one file, each written in a way of its own: whose words are read as the other's?

    python evals/mixed_labels.py [files of each kind, 3,000]

One (or, in the second kind, two of three) is written as text transcripts are (`Bo Ray: …`, `[00:00:04] Bo Ray: …`, …), the other in one of 29 ways, most of them
no transcript's, under one of eleven names. Such files are rare: they show what becomes of a label that nobody foresaw.
A file may be read rightly or refused; that words of one are read as the other's is what must not be.
"""

from __future__ import annotations

import random
import re
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
_MARK = re.compile(r"xbo|xann|xcy")


def sentence(rng: random.Random, mark: str) -> str:
    """Some words, one of which says whose they are."""
    words = [rng.choice(WORDS) for _ in range(rng.randint(3, 14))]
    words.insert(rng.randint(1, len(words)), mark)
    return " ".join(words).capitalize() + rng.choice(".?")


def read(seed: int, *, third: bool) -> tuple[str, str]:
    """How one file is written, and what became of it: right, refused, wrong, or wrong and said in a note. With a `third`
    person, Cy Dee, who is written as Bo Ray is: then nothing is told by there being one speaker."""
    rng = random.Random(seed)
    usual, other, name = rng.choice(USUAL), rng.choice(list(WAYS)), rng.choice(NAMES)
    rows, at = [], 0
    for _ in range(rng.randint(6, 16)):
        at += rng.randint(3, 40)
        clock = f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}"
        who, mark, way = ("Bo Ray", "xbo", usual) if rng.random() < 0.5 else (name, "xann", other)
        if third and rng.random() < 0.3:
            who, mark, way = "Cy Dee", "xcy", usual
        rows.append(WAYS[way](who, sentence(rng, mark), clock))
    text = rng.choice(("\n", "\n\n")).join(rows)
    turns: tuple[Turn, ...] = ()
    notes: tuple[str, ...] = ()
    with suppress(ImportProblem):
        reading = reading_of(Source("call.txt", text.encode()), people=["Bo Ray"])
        turns, notes = reading.transcript.turns, reading.notes
    own = {"bo": "xbo", "cy": "xcy"}
    marks = [(own.get(turn.speaker.lower()[:2], "xann"), set(_MARK.findall(turn.text.lower()))) for turn in turns]
    if any(found - {mark} for mark, found in marks):
        return other, "wrong, and said" if any("as a speaker's name stands" in note for note in notes) else "wrong"
    return other, "right" if turns else "refused"


def main() -> None:
    """Counts, and in which ways words went wrong."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 3_000
    for third in (False, True):
        found = [read(seed, third=third) for seed in range(number)]
        print("three people" if third else "two people", dict(Counter(what for _, what in found)))
        print(dict(Counter(other for other, what in found if what.startswith("wrong")).most_common()))


if __name__ == "__main__":
    main()
