"""Mutated transcripts on every importer: `python -m tests.text.fuzz [mutants per format]`.

A mutant may be read or refused; nothing else may be raised, none may take long, and no word may be lost without notice:
each word of the talk that is still in the mutated file has to be in a turn, in a label or among what was left out.
"""

from __future__ import annotations

import io
import random
import re
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from agent.core.errors import CloseReadError
from agent.text.importers import FORMATS, Source, archive, detect
from agent.text.importers.turns import transcript_of
from tests.text.formats import EXPECTED, TEXT_FILES, WORDS, content

CASES = Path(__file__).resolve().parents[1] / "data" / "imports"
SLOW_S = 5.0
# Long enough to stand in no label and no structure of a file.
SPOKEN = frozenset(word for text in WORDS for word in re.findall(r"[a-z]{5,}", text.lower())) | {"around", "month"}
TOKENS = ("\n\n", "\n", "\r\n", "\t", ",", ";", ":", '"', "-->", "00:00:05.000 --> 00:00:06.000", "[00:00:07]", "0:09")
TOKENS += ("Ann: ", "<v Ann>", "</v>", "NOTE ", "WEBVTT", "7", "{", "}", "[", "]", "null", "**", "#", "---", "(laughs)")


class Result(NamedTuple):
    """What became of one mutant: seconds, `read`, `refused` or a fault, and words that are gone."""

    seconds: float
    outcome: str
    lost: tuple[str, ...]


def mutated(data: bytes, rng: random.Random) -> bytes:
    """One to three small changes: of lines, of pieces, of bytes."""
    for _ in range(rng.randint(1, 3)):
        data = rng.choice(MUTATIONS)(data, rng)
    return data


def _lines(change: Callable[[list[bytes], random.Random], None]) -> Callable[[bytes, random.Random], bytes]:
    def apply(data: bytes, rng: random.Random) -> bytes:
        lines = data.split(b"\n")
        change(lines, rng)
        return b"\n".join(lines)

    return apply


def _drop(lines: list[bytes], rng: random.Random) -> None:
    lines.pop(rng.randrange(len(lines)))


def _double(lines: list[bytes], rng: random.Random) -> None:
    lines.insert(rng.randrange(len(lines) + 1), rng.choice(lines))


def _swap(lines: list[bytes], rng: random.Random) -> None:
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    lines[i], lines[j] = lines[j], lines[i]


def _join(lines: list[bytes], rng: random.Random) -> None:
    i = rng.randrange(len(lines))
    lines[i : i + 2] = [b" ".join(lines[i : i + 2])]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(TOKENS).encode() + data[at:]


def _cut(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.randint(1, 30) :]


def _flip(data: bytes, rng: random.Random) -> bytes:
    if not data:
        return data
    at = rng.randrange(len(data))
    return data[:at] + bytes([rng.randrange(256)]) + data[at + 1 :]


MUTATIONS = (_lines(_drop), _lines(_double), _lines(_swap), _lines(_join), _insert, _insert, _cut, _flip)


def mutant(name: str, rng: random.Random) -> bytes:
    """A mutant of one file; of a document that is a zip, most often of what it holds."""
    data = content(name)
    if not data.startswith(b"PK") or rng.random() < 0.2:
        return mutated(data, rng)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        files = {info.filename: opened.read(info) for info in opened.infolist()}
    inner = rng.choice([n for n in files if re.search(r"document\.xml$|sheet\d+\.xml$|sharedStrings|\.txt$", n)])
    files[inner] = mutated(files[inner], rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for member, inside in files.items():
            packed.writestr(member, inside)
    return out.getvalue()


def tried(name: str, data: bytes) -> Result:
    """Reads one mutant."""
    begin = time.perf_counter()
    lost: tuple[str, ...] = ()
    try:
        source = Source(name, data)
        form = detect(source)
        if form is archive.FORMAT:
            (source,) = archive.members(source) or [source]
            form = detect(source)
        lines = form.read(source)
        transcript_of(name, lines, {"?": "Nobody"})
        outcome = "read"
        if name in TEXT_FILES:
            lost = _gone(source.text, " ".join(f"{line.speaker} {line.text} {line.note}" for line in lines), name)
    except CloseReadError:
        outcome = "refused"
    except ValueError as error:
        outcome = "refused" if "unpack" in str(error) else f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001 - a fault is what is looked for
        outcome = f"{type(error).__name__}: {error}"
    return Result(time.perf_counter() - begin, outcome, lost)


def _gone(written: str, read: str, name: str) -> tuple[str, ...]:
    """Words of the talk that the file has more often than the reading. JSON says some twice: there once is enough."""
    have, want = (Counter(re.findall(r"[a-z]{5,}", text.lower())) for text in (read, written))
    once = name.endswith((".json", ".html"))
    return tuple(w for w in SPOKEN if have[w] < (min(want[w], 1) if once else want[w]))


def fuzzed(per_format: int, seed: int = 1) -> dict[str, Counter[str]]:
    """Outcomes by format. What is wrong is printed as it is met."""
    found: dict[str, Counter[str]] = {}
    for form in FORMATS:
        names = [name for name, (known, _, _) in EXPECTED.items() if known == form.name]
        rng, counts = random.Random(f"{seed} {form.name}"), Counter[str]()
        slowest = 0.0
        for i in range(per_format):
            name = names[i % len(names)]
            data = mutant(name, rng)
            result = tried(name, data)
            kind = result.outcome if result.outcome in ("read", "refused") else "fault"
            counts[kind] += 1
            counts["lost"] += bool(result.lost)
            counts["slow"] += result.seconds > SLOW_S
            slowest = max(slowest, result.seconds)
            if kind == "fault" or result.lost or result.seconds > SLOW_S:
                print(form.name, name, i, result, file=sys.stderr)
                if len(sys.argv) > 2:
                    (Path(sys.argv[2]) / f"{form.name}-{i}-{name}").write_bytes(data)
        counts["slowest_ms"] = round(slowest * 1000)
        found[form.name] = counts
        print(form.name, dict(counts), flush=True)
    return found


if __name__ == "__main__":
    fuzzed(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
