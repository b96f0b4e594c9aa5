"""How well placeholders take names out: of the sample (names are known from manifests and speakers), and of AnnoMI, in
which nobody of the sample speaks, so that every name that is replaced there is replaced wrongly.

    PYTHONPATH=. python evals/security/measure_pseudonyms.py [conversations.jsonl of AnnoMI]
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from agent.text.pseudonyms import _COMMON, Pseudonyms, _parts, names_of
from tests.cli.conftest import _sample_workspace  # the sample, imported by the commands

KINDS = re.compile(r"\b(Person|Company|Email|Phone|Card|Account|Address|Link)[A-HJ-NP-Z]{5}")
_CAPITAL = re.compile(r"(?<=[a-z,] )[A-Z][a-z]{2,}\b")


def left_of(names: Iterable[str], text: str) -> list[str]:
    """Names and parts of names that still stand in a text."""
    parts = {part for name in names for part in [name, *_parts(name)]}
    return [p for p in parts for _ in re.finditer(rf"(?<!\w){re.escape(p)}(?!\w)", text)]


def main() -> None:
    """Print the figures."""
    from agent.calls.store import Calls
    from agent.db.known_names import known_bodies
    from agent.interviews.store import Interviews
    from agent.settings import Settings
    from agent.workspace import Workspace

    store = Workspace(Settings.read(_sample_workspace(), {})).store
    documents = [*store[Calls].all(), *store[Interviews].all()]
    people, companies = names_of(known_bodies(store.engine))
    made = Pseudonyms("measured", sorted(people), sorted(companies))
    turns = [f"{turn.speaker}: {turn.text}" for one in documents for turn in one.transcript.turns]
    report("sample", turns, made, people, companies)
    for path in sys.argv[1:]:
        with Path(path).open(encoding="utf-8") as file:
            talks = [json.loads(line) for line in file]
        said = [turn["text"] for talk in talks for turn in talk["turns"]]
        report("AnnoMI", said, made, people, companies)


def report(name: str, turns: list[str], made: Pseudonyms, people: set[str], companies: set[str]) -> None:
    """The figures of one set of texts."""
    hidden = [made.disguise(turn) for turn in turns]
    kinds = Counter(kind for text in hidden for kind in KINDS.findall(text))
    back = sum(made.restore(text) != turn for text, turn in zip(hidden, turns, strict=True))
    print(
        f"{name}: {len(turns)} turns, {sum(len(t.split()) for t in turns)} words; {len(people)} people, {len(companies)} companies"
    )
    print("  replaced:", dict(kinds))
    print("  turns that do not come back as they were:", back)
    left = Counter(word for text in hidden for word in left_of(people, text))
    print("  names of people left:", sum(left.values()), dict(left.most_common(12)))
    gone = Counter(word for text in hidden for word in left_of(companies, text) if word.casefold() not in _COMMON)
    print("  companies and their words left:", sum(gone.values()), dict(gone.most_common(25)))
    others = Counter(word for text in hidden for word in _CAPITAL.findall(text) if not KINDS.match(word))
    print("  other words with a capital letter inside a sentence:", sum(others.values()), dict(others.most_common(40)))
    changed = Counter(
        found
        for turn in turns
        for found in re.findall(r"[\w'@.+-]+", turn)
        if KINDS.match(made.disguise(f"x {found}")[2:])
    )
    print("  replaced words:", dict(changed.most_common(40)))


if __name__ == "__main__":
    main()
