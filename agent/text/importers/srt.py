"""SubRip captions (https://www.loc.gov/preservation/digital/formats/fdd/fdd000569.shtml): numbered cues, comma in times;
and YouTube's SBV (`0:00:01.000,0:00:03.000`).

Speakers stand before the words (`Ann: …`, `ANN: …`, `(Ann)` on a line of its own), as in WebVTT without voices.
"""

import re

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.times import CLOCK
from agent.text.importers.webvtt import caption_lines, cues_of

_FIRST = re.compile(rf"\s*(?:\d+\s*\n\s*)?{CLOCK}\s*-->\s*{CLOCK}")
_FIRST_SBV = re.compile(r"\s*\d+:\d\d:\d\d\.\d{3},\d+:\d\d:\d\d\.\d{3}\s*\n")


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


FORMAT = Format("srt", "SubRip captions", (".srt",), _sniff, _read)
SBV = Format("sbv", "YouTube's SBV captions", (".sbv",), _sniff_sbv, _read_sbv)
