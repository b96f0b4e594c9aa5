"""SubRip captions (https://www.loc.gov/preservation/digital/formats/fdd/fdd000569.shtml): numbered cues, comma in times.

Speakers stand before the words (`Ann: …`, `ANN: …`, `(Ann)` on a line of its own), as in WebVTT without voices.
"""

from __future__ import annotations

import re

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.times import CLOCK
from agent.text.importers.webvtt import caption_lines, cues_of

_FIRST = re.compile(rf"\s*(?:\d+\s*\n\s*)?{CLOCK}\s*-->\s*{CLOCK}")


def _sniff(source: Source) -> bool:
    return _FIRST.match("\n".join(source.lines[:12]).lstrip("\ufeff")) is not None


def _read(source: Source) -> list[Line]:
    return caption_lines(cues_of(source))


FORMAT = Format("srt", "SubRip captions", (".srt",), _sniff, _read)
