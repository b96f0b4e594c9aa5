"""WebVTT (https://www.w3.org/TR/webvtt1/): captions with voice tags (Teams) or with `Name: ` before the words (Zoom)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.labels import name_like
from agent.text.importers.times import CLOCK, clock_seconds

OWN_NOTE = "NOTE closeread transcript"
OWN_CUE = re.compile(r"turn (\d+)(?P<untimed> untimed)?")
_AT = r"\d{1,6}:\d{2}(?::\d{2})?(?:[.,]\d{1,3})?"
_TIMING = re.compile(rf"\s*(?P<start>{_AT})\s*-->\s*{_AT}(?:\s.*)?")
_CUT_TIMING = re.compile(r"\s*\d+:[\d:.,]*\s*-{0,2}")
_IDENT = re.compile(r"\s*(\d+|[0-9a-f]{8}-[0-9a-f-]{27,}(/\S+)?)\s*")
# The tags of the standard and its cue times; anything else in angle brackets stays: somebody may have said it.
_TAG = re.compile(rf"</?(?:v|c|i|b|u|ruby|rt|lang|font)(?:[.\s][^<>]*)?>|<{CLOCK}>|\{{\\an?\d\}}")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)*\s+(?P<name>[^<>]*)>|(?P<end></v>)")
_ALONE = re.compile(r"\((?P<label>[^()]{1,80})\)")
SOUNDS = frozenset({"music", "laughter", "applause", "crosstalk", "inaudible", "silence", "pause", "noise", "laughs"})
_LABELLED = re.compile(r"(?:>>\s*)?(?P<label>[^:：]{1,80}?)\s*[:：](?:\s+|$)(?P<rest>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: the line its payload starts at, its id, its time in seconds and its payload's lines."""

    number: int
    ident: str
    start: float
    payload: tuple[str, ...]


def _sniff(source: Source) -> bool:
    return source.text.lstrip()[:6] == "WEBVTT"


def _read(source: Source) -> list[Line]:
    if not _sniff(source):
        raise source.problem(1, "this is not WebVTT: the first line is not WEBVTT", "choose another --format")
    own = any(row.startswith(OWN_NOTE) for row in source.lines[:10])
    cues = cues_of(source)
    return _own_lines(cues) if own else caption_lines(cues)


def cues_of(source: Source) -> list[Cue]:
    """The cues of a WebVTT or SRT file in file order.

    A block of words without a time line goes on with the cue above it (some exports leave blank lines inside a cue).
    Raises ImportProblem for words above the first cue, a broken time line, or a cue that ends before its time line.
    """
    cues: list[Cue] = []
    for number, block in _blocks(source.lines):
        if number <= 2 and block[0].lstrip("\ufeff").startswith("WEBVTT"):
            at = next((i for i, row in enumerate(block) if "-->" in row), len(block))
            number, block = number + at, block[at:]
        if not block or _is_comment(block):
            continue
        if _timing_at(source, number, block) is None and cues:
            cues[-1] = replace(cues[-1], payload=(*cues[-1].payload, *block))
        else:
            cues.append(_cue(source, number, block))
    return cues


def _is_comment(block: Sequence[str]) -> bool:
    return re.match(r"(NOTE|STYLE|REGION)(\s|$)", block[0]) is not None and not any("-->" in row for row in block[:2])


def _blocks(rows: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    block: list[str] = []
    for number, row in enumerate(rows, start=1):
        if row.strip():
            block.append(row)
        elif block:
            yield number - len(block), block
            block = []
    if block:
        yield len(rows) - len(block) + 1, block


def _timing_at(source: Source, number: int, block: Sequence[str]) -> int | None:
    """Where a block's time line stands (first or second), or None. Raises ImportProblem if it is broken or cut off."""
    at = next((i for i, row in enumerate(block[:2]) if "-->" in row), None)
    if at is None:
        cut = next((i for i, row in enumerate(block[:2]) if _CUT_TIMING.fullmatch(row)), None)
        if cut is not None or (_IDENT.fullmatch(block[0]) and source.suffix != ".txt"):
            what = "a caption's time line is missing or not complete"
            raise source.problem(number + (cut or 0), what, "the file may be cut; write 00:01:02.000 --> 00:01:04.000")
    return at


def _cue(source: Source, number: int, block: Sequence[str]) -> Cue:
    at = _timing_at(source, number, block)
    if at is None:
        raise source.problem(number, f"words outside any caption: {block[0].strip()[:40]!r}", "give them a time line")
    timing = _TIMING.fullmatch(block[at])
    start = clock_seconds(timing["start"]) if timing else None
    if start is None:
        what = f"not a time line: {block[at].strip()[:60]!r}"
        raise source.problem(number + at, what, "write 00:01:02.000 --> 00:01:04.000")
    return Cue(number + at + 1, block[0].strip() if at else "", start, tuple(block[at + 1 :]))


def caption_lines(cues: Sequence[Cue]) -> list[Line]:
    """The cues' words by speaker.

    Voice tags name the speakers where there are any; else a name in brackets on a line of its own does where the first
    cue has one (Google Meet, with `-` between speakers); else `Name: ` before the words.
    """
    if any(_VOICE.search(row) for cue in cues for row in cue.payload):
        return [line for cue in cues for line in _voiced(cue)]
    first = next((row for cue in cues for row in cue.payload if row.strip()), "")
    # A label inside a cue is believed only when some cue opens with it: `Look: …` on a second line is no speaker.
    known = frozenset(match["label"] for cue in cues if (match := _label(" ".join(cue.payload))))
    return [line for cue in cues for line in _labelled(cue, known, alone=_alone(first) is not None)]


def _voiced(cue: Cue) -> Iterator[Line]:
    """A cue may hold several voices (cross-talk); words before, between and after them belong to nobody."""
    payload, speaker, begin = " ".join(row.strip() for row in cue.payload), None, 0
    for tag in _VOICE.finditer(payload):
        yield _line(cue, speaker, payload[begin : tag.start()])
        speaker, begin = (None if tag["end"] else html.unescape(tag["name"]).strip()), tag.end()
    yield _line(cue, speaker, payload[begin:])


def words_of(payload: str) -> str:
    """A payload without the standard's tags and with its character references resolved."""
    return html.unescape(_TAG.sub("", payload))


def _line(cue: Cue, speaker: str | None, payload: str) -> Line:
    return Line(speaker, words_of(payload).strip(), cue.start, cue.number, joins=True)


def _label(row: str) -> re.Match[str] | None:
    match = _LABELLED.fullmatch(words_of(row).strip())
    return match if match and name_like(match["label"]) else None


def _alone(row: str) -> re.Match[str] | None:
    match = _ALONE.fullmatch(words_of(row).strip())
    return match if match and name_like(match["label"]) and match["label"].lower() not in SOUNDS else None


def _labelled(cue: Cue, known: frozenset[str], alone: bool) -> Iterator[Line]:
    speaker, words = None, list[str]()
    for row in cue.payload:
        match = _alone(row) if alone else _label(row)
        if match and (alone or match["label"] in known):
            yield _said(cue, speaker, words)
            speaker, words = match["label"], [] if alone else [match["rest"]]
        elif row.strip() != "-":
            words.append(words_of(row).strip())
    yield _said(cue, speaker, words)


def _said(cue: Cue, speaker: str | None, words: Sequence[str]) -> Line:
    return Line(speaker, " ".join(filter(None, words)), cue.start, cue.number, joins=True)


def _own_lines(cues: Sequence[Cue]) -> list[Line]:
    """Cues that this program wrote: one a turn, never joined; an untimed turn says so in its cue's id."""
    lines: list[Line] = []
    for cue in cues:
        ident = OWN_CUE.fullmatch(cue.ident)
        untimed = bool(ident and ident["untimed"])
        voiced = [line for line in _voiced(cue) if line.text]
        lines += [Line(x.speaker, x.text, None if untimed else x.start, x.number, joins=ident is None) for x in voiced]
    return lines


FORMAT = Format("webvtt", "WebVTT captions: Zoom, Teams, Google Meet", (".vtt",), _sniff, _read)
