"""Times as transcripts write them: `1:02`, `00:01:02`, `00:01:02.500`, `100:00:00,000`."""

from __future__ import annotations

import math
import re
from typing import Any

# Hours may have any number of digits (WebVTT allows two or more), a comma is SRT's decimal point, and older Teams
# documents write 0:0:5.100.
CLOCK = r"\d{1,6}:\d{1,2}(?::\d{1,2})?(?:[.,]\d{1,9})?"
_CLOCK = re.compile(rf"\A{CLOCK}\Z", re.ASCII)


def clock_seconds(written: str) -> float | None:
    """Seconds of `M:SS` or `H:MM:SS` with an optional fraction, to the millisecond; None if it is not such a time.

    Two parts are minutes and seconds, as Rev, Otter and Zoom write them, and minutes may pass 59. With three parts
    minutes stay below 60, and seconds always do.
    """
    if not _CLOCK.match(written):
        return None
    *whole, seconds = written.replace(",", ".").split(":")
    parts = [int(part) for part in whole]
    if float(seconds) >= 60 or (len(parts) == 2 and parts[1] >= 60):
        return None
    total = 0
    for part in parts:
        total = total * 60 + part
    return round(total * 60 + float(seconds), 3)


def clock(seconds: float) -> str:
    """`HH:MM:SS.mmm`, as WebVTT writes it."""
    total = round(seconds * 1000)
    minutes, millis = divmod(total, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{millis // 1000:02}.{millis % 1000:03}"


def plain_seconds(number: Any, scale: float = 1.0) -> float | None:
    """A JSON number of seconds (or of `scale` seconds) to the millisecond; None if it is not a usable time."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    try:
        value = float(number) * scale
    except OverflowError:
        return None
    return round(value, 3) if math.isfinite(value) and value >= 0 else None
