"""SubRip captions (https://www.loc.gov/preservation/digital/formats/fdd/fdd000569.shtml): numbered cues, comma in
times; YouTube's SBV (`0:00:01.000,0:00:03.000`); and LRC (`[00:01.00]Ann: …`, tags as `[ti:Call 3]` above).

Speakers stand before the words (`Ann: …`, `ANN: …`, `(Ann)` on a line of its own), as in WebVTT without voices.
"""

import re

from agent.text.importers.base import Format, Line, Source, left_out
from agent.text.importers.times import CLOCK, clock_seconds
from agent.text.importers.webvtt import Cue, caption_lines, cues_of

_FIRST = re.compile(rf"\s*(?:\d+\s*\n\s*)?{CLOCK}\s*--?>\s*{CLOCK}")
_FIRST_SBV = re.compile(r"\s*\d+:\d\d:\d\d\.\d{3},\d+:\d\d:\d\d\.\d{3}\s*\n")
_LRC_TAG = re.compile(r"\[(ti|ar|al|au|by|la|re|ve|tool|length|offset):[^\[\]]*\]\s*")
_LRC_TIMES = re.compile(rf"((?:\[{CLOCK}\])+)\s*(.*)")

_LRC_WORD = re.compile(rf"\s*<{CLOCK}>\s*")


def _sniff(source: Source) -> bool:
    return _FIRST.match(_top(source)) is not None


def _sniff_sbv(source: Source) -> bool:
    return _FIRST_SBV.match(_top(source)) is not None


def _top(source: Source) -> str:
    return "\n".join(source.lines[:12]).lstrip("\ufeff")


def _read(source: Source) -> list[Line]:
    cues, aside = cues_of(source)
    return [*caption_lines(source, cues), *aside]


def _read_sbv(source: Source) -> list[Line]:
    cues, aside = cues_of(source, sbv=True)
    return [*caption_lines(source, cues), *aside]


def _sniff_lrc(source: Source) -> bool:
    rows = [row for row in source.lines[:12] if row.strip()]
    named = source.suffix == ".lrc" or (rows and _LRC_TAG.fullmatch(rows[0].lstrip("\ufeff")))
    return bool(named) and any(map(_LRC_TIMES.fullmatch, rows))


def _read_lrc(source: Source) -> list[Line]:
    """The lines of an LRC file. A row with several times is said at each of them; a row without a time continues the
    row above."""
    cues: list[Cue] = []
    aside: list[Line] = []
    for number, row in enumerate(source.lines, start=1):
        timed = _LRC_TIMES.fullmatch(row.strip())
        if timed:
            starts = [clock_seconds(time) for time in timed[1].strip("[]").split("][")]
            if None in starts:
                raise source.problem(number, f"not a time: {timed[1]}", "write [01:02.50]")
            words = _LRC_WORD.sub(" ", timed[2]).strip()
            cues += [Cue("", start or 0.0, ((number, words),)) for start in starts if words]
        elif row.strip() and cues:
            cues[-1] = Cue("", cues[-1].start, (*cues[-1].payload, (number, row)))
        elif row.strip():
            aside.append(left_out(row.strip(), number, "above the first turn"))
    return [*caption_lines(source, sorted(cues, key=lambda cue: cue.start)), *aside]


FORMAT = Format("srt", "SubRip captions", (".srt",), _sniff, _read)
SBV = Format("sbv", "YouTube's SBV captions", (".sbv",), _sniff_sbv, _read_sbv)
LRC = Format("lrc", "LRC: a time before each row", (".lrc",), _sniff_lrc, _read_lrc)
