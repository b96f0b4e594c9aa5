"""How many turns are marked as looking like words to a model: of attacks (should be), of real and written talk (should not).

PYTHONPATH=. python evals/security/measure_suspicion.py [ANNOMI/conversations.jsonl] [--list]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from agent.core.transcript import Transcript, Turn
from agent.evals.loading import read_suite
from agent.text.importers import read_transcript
from agent.text.suspicion import suspicious
from evals.hostile_drafting import ATTACKS

ROOT = Path(__file__).parents[2]


def sample() -> Iterator[tuple[str, Transcript]]:
    """The calls and interviews of the sample."""
    for path in sorted((ROOT / "sample" / "ledgerline").glob("*/dev-*.txt")):
        yield path.stem, read_transcript(path)


def annomi(path: Path) -> Iterator[tuple[str, Transcript]]:
    """Real conversations."""
    for line in path.read_text(encoding="utf-8").splitlines():
        read = json.loads(line)
        turns = [Turn(index=i, speaker=t.get("speaker", "?"), text=t["text"]) for i, t in enumerate(read["turns"])]
        yield str(read["id"]), Transcript(turns=tuple(turns))


def attacks(suite: str) -> Iterator[tuple[str, Transcript]]:
    """The calls of a suite that try to move a rater."""
    for case in read_suite(ROOT / "evals" / suite).cases:
        if "injection" in case.tags and case.call is not None:
            yield case.id, case.call.transcript


def unseen() -> Iterator[tuple[str, Transcript]]:
    """Orders written after the rules, and never looked at while the rules were changed."""
    for number, line in enumerate(
        (Path(__file__).parent / "unseen_orders.txt").read_text(encoding="utf-8").splitlines()
    ):
        yield f"line {number + 1}", Transcript(turns=(Turn(index=0, speaker="Ann", text=line),))


def planted() -> Iterator[tuple[str, Transcript]]:
    """Orders to the merging and drafting prompts, written by somebody who had not read the rules."""
    for attack in ATTACKS:
        is_name = attack.id in ("note-speaker", "draft-rep")
        speaker, text = (attack.planted, "Hello.") if is_name else ("Ann", attack.planted)
        yield attack.id, Transcript(turns=(Turn(index=0, speaker=speaker, text=text),))


def counted(name: str, found: Iterable[tuple[str, Transcript]], listed: bool) -> None:
    """A line, and with `listed` each marked turn."""
    transcripts = turns = marked_transcripts = marked_turns = 0
    missed = []
    for ident, transcript in found:
        marks = suspicious(transcript)
        transcripts, turns = transcripts + 1, turns + len(transcript.turns)
        marked_transcripts, marked_turns = marked_transcripts + bool(marks), marked_turns + len(marks)
        missed += [] if marks else [ident]
        for turn, what in marks.items() if listed else ():
            print(f"  {ident}, turn {turn}: {what}: {transcript.turns[turn].text[:160]}")
    print(f"{name}: {marked_transcripts} of {transcripts} conversations, {marked_turns} of {turns} turns are marked")
    if listed and len(missed) < transcripts / 2:
        print(f"  without a mark: {', '.join(missed)}")


def main() -> None:
    """Print a line for each collection."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("annomi", type=Path, nargs="?")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args()
    counted("attacks, hostile", attacks("hostile"), given.list)
    counted("attacks, hostile_more", attacks("hostile_more"), given.list)
    counted("orders that no rule was written for", unseen(), given.list)
    counted("orders in notes, names and criteria, rules unread", planted(), given.list)
    counted("the sample", sample(), given.list)
    if given.annomi:
        counted("AnnoMI", annomi(given.annomi), given.list)


if __name__ == "__main__":
    main()
