"""Mutated tables on every importer of tables: `python evals/fuzz_tables.py [mutants per importer] [seed]`.

A mutant may be read or refused; nothing else may be raised, none may take long, and no row may be lost without notice:
the rows that Python's own csv module counts have to be read, named in a problem, or told as left out.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from agent.calibration.files import read_round_rows
from agent.core.errors import CloseReadError
from agent.outcomes.deal_file import DealMap, read_coaching, read_deals
from agent.ratings.import_file import read_ratings
from agent.ratings.table_file import read_rating_rows
from agent.rubrics.file import read_rubric
from agent.text.csv_rows import _readable, mark_of
from agent.text.importers import Source
from agent.text.manifest import read_call_manifest, read_interview_manifest

ROOT = Path(__file__).resolve().parents[1]
CASES = ROOT / "tests" / "data" / "imports"
RUBRIC = read_rubric(ROOT / "sample" / "ledgerline" / "rubric.yaml", "v1")
FUNNEL, COVERED = ("lead", "meeting", "proposal", "won"), {"demo": "meeting"}
SLOW_S = 2.0
TOKENS = (
    *",;\t\"'\n\r=|",
    "sep=;",
    "31/12/2026",
    "1/2/2026",
    "1.234,56",
    "(1,200)",
    "€",
    "inf",
    "nan",
    "46024",
    "\ufeff",
)
TOKENS += ("Closed Lost - Price", "5 - Closed Won", "Total", "Copyright (c) 2026", "Ray, Bo", "\u00a0", "..", "\0", "é")
MORE = re.compile(r"those of (\d+) more rows|(\d+) rows? (?:are|is) left out")


class Read(NamedTuple):
    """How many rows were read, the problems in words, and what was told as left out."""

    rows: int
    problems: list[str]
    left_out: list[str]


class Result(NamedTuple):
    """What became of one mutant: `read`, `refused` or a fault, and how many rows nothing was said of."""

    seconds: float
    outcome: str
    lost: int


def _told(intake: object, rows: int) -> Read:
    notes = [note for note in getattr(intake, "notes", ()) if "was left out:" in note]
    return Read(rows, [str(problem) for problem in intake.problems], notes)  # type: ignore[attr-defined]


def _deals(path: Path) -> Read:
    intake = read_deals(path, FUNNEL, DealMap(), COVERED)
    return _told(intake, len(intake.rows))


def _coaching(path: Path) -> Read:
    intake = read_coaching(path, [c.id for c in RUBRIC.criteria])
    return _told(intake, len(intake.rows))


def _ratings(path: Path) -> Read:
    intake = read_ratings(path, RUBRIC)
    return _told(intake, len(intake.ratings))


def _manifest(read: Callable[[Path], object]) -> Callable[[Path], Read]:
    def made(path: Path) -> Read:
        found = read(path)
        problems = [str(problem) for problem in found.problems]  # type: ignore[attr-defined]
        return Read(len(found.rows), problems, list(found.left_out))  # type: ignore[attr-defined]

    return made


def _rounds(path: Path) -> Read:
    left: list[str] = []
    rows = read_round_rows(path, ("round", "call_id", "rater", "criterion", "value"), note=left.append)
    return Read(len(rows), [], left)


def _agreement(path: Path) -> Read:
    left: list[str] = []
    rows = read_rating_rows(path, unit="call_id", rater="rater", value="value", note=left.append)
    return Read(len(rows), [], left)


READERS: dict[str, Callable[[Path], Read]] = {
    "deals": _deals,
    "coaching": _coaching,
    "ratings": _ratings,
    "interviews": _manifest(read_interview_manifest),
    "calls": _manifest(read_call_manifest),
    "rounds": _rounds,
    "agreement": _agreement,
}


def seeds() -> dict[str, list[bytes]]:
    """Files of every importer, to be mutated."""
    found: dict[str, list[bytes]] = {name: [] for name in READERS}
    for name, case in json.loads((CASES / "tables.json").read_text()).items():
        found[case["command"].split()[0]].append((CASES / name).read_bytes())
    days = "".join(f"c{n}.txt,2026-03-{n:02},Bo Ray,Acme\n" for n in range(1, 9))
    found["calls"].append(f"file,date,rep,account\n{days}".encode())
    rows = "".join(f"1,c{n},{who},consequence_question,{n % 2}\n" for n in range(6) for who in ("ana", "ben"))
    found["rounds"] = found["agreement"] = [f"round,call_id,rater,criterion,value\n{rows}".encode()]
    return found


def mutated(data: bytes, rng: random.Random) -> bytes:
    """One to four small changes of lines, cells and bytes."""
    for _ in range(rng.randint(1, 4)):
        lines = data.split(b"\n")
        at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        token = rng.choice(TOKENS).encode(errors="ignore")
        match rng.randrange(9):
            case 0:
                lines.pop(at)
            case 1:
                lines.insert(at, lines[other])
            case 2:
                lines[at], lines[other] = lines[other], lines[at]
            case 3:
                lines.insert(at, token)
            case 4 | 5:
                place = rng.randint(0, len(lines[at]))
                lines[at] = lines[at][:place] + token + lines[at][place:]
            case 6:
                cells = lines[at].split(b",")
                cells[rng.randrange(len(cells))] = token
                lines[at] = b",".join(cells)
            case 7:
                place = rng.randint(0, len(lines[at]))
                lines[at] = lines[at][:place] + bytes([rng.randrange(256)]) + lines[at][place + 1 :]
            case _:
                lines[at] = lines[at][: rng.randint(0, len(lines[at]))]
        data = b"\n".join(lines)
    return data


def counted(data: bytes) -> int:
    """The rows that hold something, as Python's csv module counts them, without a `sep=` line."""
    source = _readable(Source("mutant.csv", data))
    rows = list(csv.reader(io.StringIO(source.text, newline=""), delimiter=mark_of(source)))
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    first = "".join(rows[0]).lower() if rows else ""
    return len(filled) - (first.startswith("sep=") and rows[0] in filled)


def tried(read: Callable[[Path], Read], data: bytes, folder: Path) -> Result:
    """What becomes of one mutant."""
    path = folder / "mutant.csv"
    path.write_bytes(data)
    began = time.perf_counter()
    try:
        found = read(path)
    except CloseReadError:
        return Result(time.perf_counter() - began, "refused", 0)
    except Exception as error:  # noqa: BLE001  whatever it is, it is a fault: that is what is looked for
        return Result(time.perf_counter() - began, type(error).__name__, 0)
    seconds = time.perf_counter() - began
    named = sum(map(rows_in, found.problems))
    return Result(seconds, "read", counted(data) - 1 - found.rows - named - len(found.left_out))


def rows_in(problem: str) -> int:
    """How many rows a problem is about."""
    more = MORE.search(problem)
    if more is None:
        return 1
    return 1 + int(more[1]) if more[1] else int(more[2])


def run(mutants: int, seed: int) -> list[str]:
    """A line of figures for each importer."""
    lines = []
    with tempfile.TemporaryDirectory() as name:
        for importer, read in READERS.items():
            rng, files = random.Random(f"{seed} {importer}"), seeds()[importer]
            results = [tried(read, mutated(rng.choice(files), rng), Path(name)) for _ in range(mutants)]
            outcomes = Counter(one.outcome for one in results)
            faults = {what: count for what, count in outcomes.items() if what not in ("read", "refused")}
            lost, slow = sum(one.lost != 0 for one in results), sum(one.seconds > SLOW_S for one in results)
            slowest = max(one.seconds for one in results)
            lines.append(
                f"| {importer} | {mutants:,} | {outcomes['read']:,} | {outcomes['refused']:,} | {faults or 0} "
                f"| {lost} | {slow} ({slowest:.2f} s) |"
            )
    return lines


if __name__ == "__main__":
    given = [int(argument) for argument in sys.argv[1:]]
    print(
        "| importer | mutants | read | refused | other errors | with a row lost or counted twice | over 2 s (slowest) |"
    )
    print("|---|---|---|---|---|---|---|")
    print("\n".join(run(given[0] if given else 2_000, given[1] if len(given) > 1 else 1)))
