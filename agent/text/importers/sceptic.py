"""A second judge of who speaks, who knows nothing of how labels were found.

Whatever is written twice at the beginning of rows before a colon may be somebody. Where such a row opens no turn its
words would be another's, so the file is refused until somebody says what it is. So is one of records (`speaker: Ann`,
`text: …`) that was read as talk.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from agent.core.errors import Advice
from agent.text.importers.base import Line, Source
from agent.text.importers.labels import bare_label
from agent.text.names import INVISIBLE, folded

_CLOCK_BEFORE = re.compile(r"\A[\[(<]?\d{1,4}:\d{2}(:\d{2})?([.,]\d{1,3})?[\])>]?\s*[-–—|]?\s*")
_COLON = re.compile(r"(?P<label>\S.{0,79}?)\s?(?::(?=\s|\Z)|：)")
_OTHER_MARK = re.compile(r"(?P<label>[^\s\d-][^\t|:：]{0,39}?)(?:\t+|\s*\|\s*|\s+[-–—=~]+>?\s+|\s?>\s+)\S")
_MAX_NAME_WORDS = 4
_KEYS = frozenset(
    [
        "speaker",
        "speaker_name",
        "name",
        "text",
        "words",
        "content",
        "message",
        "utterance",
        "transcript",
        "sentence",
        "start",
        "end",
        "time",
        "timestamp",
        "start_time",
        "end_time",
        "begin",
        "duration",
        "id",
        "index",
        "role",
        "confidence",
    ]
)


def check_labels(source: Source, rows: Sequence[str], lines: Sequence[Line]) -> None:
    """Raises ImportProblem where words of `lines` begin like a turn of somebody who was not heard.

    `rows` are the file's, numbered from 1 as the lines are. A label said to be words (`--speakers "Note=words"`) opens
    a line of its own until it is joined to the words before.
    """
    opened = {line.number for line in lines if line.speaker or not line.spoken}
    heard = {folded(line.speaker) for line in lines if line.speaker}
    _check_keys(source, lines)
    places: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for number, row in _beginnings(rows, lines, opened):
        label = _label_of(row)
        if label and any(map(_seen, label)):
            places[folded(label)].append((number, label))
    for name, found in places.items():
        number, label = found[0]
        if len(found) > 1 or (name in heard and number not in opened):
            raise source.problem(number, _what(label, len(found)), _advice(source, name, label))


def _beginnings(rows: Sequence[str], lines: Sequence[Line], opened: set[int | None]) -> Iterator[tuple[int, str]]:
    """Where words begin that opened no turn, and the words of each turn that stand behind its label."""
    for number, row in enumerate(rows, start=1):
        if number not in opened and row.strip():
            yield number, row
    for line in lines:
        if line.spoken and line.speaker and line.number and line.text[:80] in rows[line.number - 1]:
            yield line.number, line.text


def _label_of(row: str) -> str | None:
    bare = _CLOCK_BEFORE.sub("", row.translate(INVISIBLE).strip())
    found = _COLON.match(bare)
    if found is None:
        found = _OTHER_MARK.match(bare)
        words = found["label"].split() if found else []
        named = 1 < len(words) <= _MAX_NAME_WORDS and not any(word[0].islower() for word in words)
        found = found if named else None
    return bare_label(found["label"]) if found else None


def _seen(sign: str) -> bool:
    return sign.isalnum() or ord(sign) > 0x2FFF


def _what(label: str, count: int) -> str:
    often = f"{count} times" if count > 1 else "as a speaker's name does"
    return f"{label!r} stands before words {often}: a speaker, or words?"


def _advice(source: Source, name: str, label: str) -> Advice:
    if name in source.people:
        return Advice(text="write it in the file as Name: words, each turn on a line of its own")
    return Advice(
        text="say which",
        option=f'--speakers "{label}=other" (or a name) or "{label}=words"',
        there="say it under Who speaks",
    )


def _check_keys(source: Source, lines: Sequence[Line]) -> None:
    counts = Counter(folded(line.speaker) for line in lines if line.speaker)
    keys = {name for name, count in counts.items() if count > 1} & _KEYS
    if len(keys) > 1:
        first = next(line for line in lines if line.speaker and folded(line.speaker) in keys)
        what = f"{', '.join(sorted(keys))} are keys of a list, not people"
        raise source.problem(first.number, what, "save it as JSON or CSV, or as lines like Ann Lee: words")
