"""Mutated transcripts on every importer: what is read, what is refused, and whether a word is lost without notice.

    python evals/fuzz_imports.py [mutants of each importer, 2,000] [seed, 1] [folder for the mutants that fail]

The seeds are the files of tests/data/formats; one to three small changes are made to each: bytes, lines, and in JSON
keys, values and entries. A mutant may be read or refused; nothing else may be raised, and none may take long. Where one
is read, its words are counted a second time without the importers (`words_in`): the file's text without its structure,
by the standard library. Each word of the talk that is left in the mutated file has to be in a turn, in a label, or
among what is said to be left out; and the words of a turn stay with their speaker as long as only entries, keys and
values of JSON are changed.
"""

from __future__ import annotations

import html
import io
import json
import random
import re
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from agent.core.errors import CloseReadError
from agent.core.transcript import Transcript
from agent.text.importers import FORMATS, Source, archive, detect, lines_of
from agent.text.importers.turns import transcript_of
from tests.text.formats import EXPECTED, WORDS, content

SLOW_S = 5.0
_WORD = re.compile(r"[a-z]{3,}")
# Words of the talk that stand in no label and in no structure of a file; each with the number of its turn.
SPOKEN = {word: turn for turn, text in enumerate(WORDS) for word in _WORD.findall(text.lower())}
for _word in ("the", "its", "and", "what", "time", "due", "each", "you"):
    SPOKEN.pop(_word, None)
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


# JSON that stays JSON: keys, values and entries


def _containers(value: Any) -> list[Any]:
    if not isinstance(value, dict | list):
        return []
    inner = value.values() if isinstance(value, dict) else value
    return [value, *(one for part in inner for one in _containers(part))]


def _respelt(key: str, rng: random.Random) -> str:
    at = rng.randrange(len(key) + 1)
    return rng.choice((key[:at] + key[at + 1 :], key.swapcase(), key + "s", f"{key}_{rng.randrange(9)}", f"x{key}"))


def _strange(value: Any, rng: random.Random) -> Any:
    return rng.choice((None, [value], {"value": value}, str(value), "", True, [], {}))


def restructured(document: Any, rng: random.Random) -> Any:
    """One small change of keys, values or entries."""
    some = [one for one in _containers(document) if one]
    if not some:
        return document
    one = rng.choice(some)
    if isinstance(one, list):
        at = rng.randrange(len(one))
        rng.choice(
            (lambda: one.pop(at), lambda: one.insert(at, one[at]), lambda: one.append(rng.choice((None, 7, "so", {}))))
        )()
        return document
    key = rng.choice(list(one))
    kind = rng.randrange(4)
    if kind == 0:
        new = _respelt(key, rng)
        changed = {new if k == key else k: v for k, v in one.items()}
        one.clear()
        one.update(changed)
    elif kind == 1:
        one.pop(key)
    elif kind == 2:
        one[key] = _strange(one[key], rng)
    else:
        one[_respelt(key, rng)] = rng.choice(("said before", 4, None, one[key]))
    return document


def mutant(name: str, rng: random.Random) -> tuple[bytes, bool]:
    """A mutant of one file, and whether only the structure of its JSON was changed; of a document that is a zip, most
    often of what it holds."""
    data = content(name)
    if name.endswith(".json") and rng.random() < 0.7:
        document = json.loads(data)
        for _ in range(rng.randint(1, 2)):
            document = restructured(document, rng)
        return json.dumps(document, ensure_ascii=False, indent=1).encode(), True
    if not data.startswith(b"PK") or rng.random() < 0.2:
        return mutated(data, rng), False
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        files = {info.filename: opened.read(info) for info in opened.infolist()}
    inner = rng.choice([n for n in files if _SPOKEN_IN.search(n)])
    files[inner] = mutated(files[inner], rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for member, inside in files.items():
            packed.writestr(member, inside)
    return out.getvalue(), False


# The second count


_TAG = re.compile(r"<[^<>]*>")
_SPOKEN_IN = re.compile(r"(document|content)\.xml$|sheet\d+\.xml$|sharedStrings|\.txt$")


def words_in(data: bytes) -> Counter[str] | None:
    """The words of a file by a count that shares nothing with the importers; None where it cannot be unpacked."""
    if data.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as opened:
                inside = [(i.filename, opened.read(i)) for i in opened.infolist() if _SPOKEN_IN.search(i.filename)]
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return None
        texts = [(name, part.decode("utf-8", "replace")) for name, part in inside]
        return _counted(" ".join(_TAG.sub("", part) if name.endswith(".xml") else part for name, part in texts))
    text = data.decode("utf-8", "replace")
    if text.lstrip()[:1] in ("{", "[") and not text.startswith("{\\rtf"):
        try:
            return _counted(" ".join(_strings(json.loads(text))))
        except ValueError:
            return _counted(text)
    if re.match(r"\s*<(!doctype|html)", text, re.IGNORECASE):
        return _counted(html.unescape(re.sub(r"<!--.*?-->|<[^<>]*>", " ", text, flags=re.DOTALL)))
    if re.match(r"\s*<(\?xml|tt|sami)\b", text, re.IGNORECASE):
        return _counted(html.unescape(_TAG.sub(" ", text)))
    if text.startswith("%PDF"):
        shown = " ".join(re.findall(r"\bstream\n(.*?)endstream", text, re.DOTALL))
        return _counted(" ".join(re.findall(r"\(((?:[^()\\]|\\.)*)\)\s*Tj", shown)))
    if text.startswith("{\\rtf"):
        return _counted(re.sub(r"\\[a-z]+-?\d* ?|[{}]", "", text))
    return _counted(text)


def _strings(value: Any) -> list[str]:
    if isinstance(value, dict | list):
        return [text for one in (value.values() if isinstance(value, dict) else value) for text in _strings(one)]
    return [value] if isinstance(value, str) else []


def _counted(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.lower()))


def tried(name: str, data: bytes, *, keeps_people: bool) -> Result:
    """Reads one mutant."""
    begin = time.perf_counter()
    lost: tuple[str, ...] = ()
    try:
        source = Source(name, data)
        form = detect(source)
        if form is archive.FORMAT:
            (source,) = archive.members(source) or [source]
            form = detect(source)
        lines = lines_of(form, source)
        transcript, _ = transcript_of(name, lines, {"?": "Nobody"})
        outcome = "read"
        read = " ".join(f"{line.speaker} {line.text} {line.note}" for line in lines).lower()
        lost = _gone(words_in(data), read, once=name.endswith((".json", ".html")))
        if any("damaged" in line.note or "without words" in line.note for line in lines):
            lost, outcome = (), "read, and said not to be whole"
        if keeps_people and not lost:
            people = EXPECTED[name][1] if "channel" not in name else ()  # there the place alone says who
            lost = tuple(f"{word} said by {who}" for word, who in _in_wrong_mouths(transcript, people))
    except CloseReadError:
        outcome = "refused"
    except ValueError as error:
        outcome = "refused" if "unpack" in str(error) else f"{type(error).__name__}: {error}"
    except Exception as error:  # noqa: BLE001 - a fault is what is looked for
        outcome = f"{type(error).__name__}: {error}"
    return Result(time.perf_counter() - begin, outcome, lost)


def _gone(written: Counter[str] | None, read: str, *, once: bool) -> tuple[str, ...]:
    """Words of the talk that the file has more often than the reading. JSON says some twice (and its words have no
    space between them where a mark of one is gone): there once is enough."""
    want = written or Counter()
    return tuple(w for w in SPOKEN if read.count(w) < (min(want[w], 1) if once else want[w]))


def _in_wrong_mouths(transcript: Transcript, people: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Words that the other of the two people has in the reading; a label that is neither's is no wrong mouth."""
    for turn in transcript.turns:
        for word in _WORD.findall(turn.text.lower()):
            if word in SPOKEN and turn.speaker in people and turn.speaker != people[SPOKEN[word] % 2]:
                yield word, turn.speaker


def fuzzed(per_format: int, keep: Path | None = None, seed: int = 1) -> dict[str, Counter[str]]:
    """Outcomes by format. What is wrong is printed as it is met, and kept where there is a folder for it."""
    found: dict[str, Counter[str]] = {}
    for form in FORMATS:
        names = [name for name, (known, _, _) in EXPECTED.items() if known == form.name]
        rng, counts = random.Random(f"{seed} {form.name}"), Counter[str]()
        slowest = 0.0
        for i in range(per_format):
            name = names[i % len(names)]
            data, keeps_people = mutant(name, rng)
            result = tried(name, data, keeps_people=keeps_people)
            kind = result.outcome if result.outcome.startswith(("read", "refused")) else "fault"
            counts[kind] += 1
            counts["lost"] += bool(result.lost)
            slowest = max(slowest, result.seconds)
            if kind == "fault" or result.lost or result.seconds > SLOW_S:
                print(form.name, name, i, result, file=sys.stderr)
                if keep:
                    (keep / f"{form.name}-{i}-{name}").write_bytes(data)
        counts["slowest_ms"] = round(slowest * 1000)
        found[form.name] = counts
        print(form.name, dict(counts), flush=True)
    return found


if __name__ == "__main__":
    number, seed, folder = [*sys.argv[1:], *("2000", "1", "")[len(sys.argv) - 1 :]]
    fuzzed(int(number), Path(folder) if folder else None, int(seed))
