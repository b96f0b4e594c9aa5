"""Times as transcripts write them: `1:02`, `00:01:02`, `00:01:02.500`, `100:00:00,000`."""

import math
import re
from typing import Any

# Hours may have any number of digits (WebVTT allows two or more), a comma is SRT's decimal point, and older Teams
# documents write 0:0:5.100.
CLOCK = r"\d{1,6}:\d{1,2}(?::\d{1,2})?(?:[.,]\d{1,9})?"
_CLOCK = re.compile(rf"\A{CLOCK}\Z", re.ASCII)
_SPELLED = re.compile(
    r"(?P<before>.{0,80}?\s)??(?:(?P<h>\d{1,3}) hours?,? ?)?(?:(?P<m>\d{1,3}) minutes?,? ?)?(?P<s>\d{1,2}) seconds?"
)
_UNITS = r"(?:\d{1,3} ?h ?)?(?:\d{1,3} ?m(?:in)? ?)?\d{1,6}(?:\.\d{1,3})? ?s"
_IN_UNITS = re.compile(
    rf"(?P<before>[^:：\[(<]{{0,80}})[\[(<](?P<from>{_UNITS})(?:\s*(?:-->|->|→|-|–|—)\s*{_UNITS})?[\])>](?P<after>.*)"
)
_UNIT = re.compile(r"(?:(?P<h>\d+) ?h ?)?(?:(?P<m>\d+) ?m(?:in)? ?)?(?P<s>\d+(?:\.\d+)?) ?s")
_DAY = r"(?P<day>\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?:,?\s+|T(?=\d)))"
_OF_DAY = re.compile(
    rf"[\[(]?{_DAY}?(?P<h>\d{{1,2}}):(?P<m>\d\d)(?::(?P<s>\d\d))?(?:[.,]\d{{1,6}})?(?:Z|[+-]\d\d:?\d\d)?"
    r"(?:\s?(?P<half>[AaPp])\.?[Mm]\.?)?[\])]?"
    r"(?P<after>(?:\s*-)?\s+.*|)"
)

_OF_DAY_LAST = re.compile(
    r"(?P<before>[^:：]{1,80}?)(?<!\b20\d\d)(?<!\b20\d\d,):?(?P<gap>,?\s+[\[(]?)"
    r"(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4},?\s+)?"
    r"(?P<h>\d{1,2}):(?P<m>\d\d)(?::(?P<s>\d\d))?\s?(?P<half>[AaPp])\.?[Mm]\.?(?P<end>[\])]?):?"
)


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


_STAMP = r"#(\d{1,2}:\d\d:\d\d)-\d{1,2}#"  # of MAXQDA and f4, with tenths
_FRAMES = re.compile(r"(?<![\d:])(\d{1,2}:\d\d:\d\d)[:;]\d\d(?![\d:])")
_SPAN = re.compile(r"(\d{1,6}\.\d{1,9})\t\d{1,6}\.\d{1,9}\t(.*)")  # of Audacity and Praat


def without_frames(row: str) -> str:
    """A row with frames removed from its times (`00:00:05:12`), and MAXQDA's time stamps removed behind the words
    (`#00:01:02-5#`)."""
    if "#" in row:
        row = re.sub(rf"^\s*{_STAMP}\s*", r"[\1] ", row)
        row = re.sub(rf"\s*{_STAMP}", "", row)
    return _FRAMES.sub(r"\1", row)


def with_clock(row: str) -> str:
    """A row with its time rewritten as a clock time, from "Ann Lee 0 minutes 3 seconds", "[3.20s] Ann Lee: …",
    "[10:02 AM] Ann Lee" or "3/1/2026, 10:02 - Ann Lee: …"."""
    if row.endswith(("second", "seconds")) and (spelled := _SPELLED.fullmatch(row)):
        hours, minutes = int(spelled["h"] or 0), int(spelled["m"] or 0)
        return f"{(spelled['before'] or '').strip()} {hours * 60 + minutes}:{int(spelled['s']):02}".strip()
    if (lettered := _IN_UNITS.fullmatch(row)) and (unit := _UNIT.fullmatch(lettered["from"])):
        seconds = int(unit["h"] or 0) * 3600 + int(unit["m"] or 0) * 60 + float(unit["s"])
        return f"{lettered['before']}[{clock(seconds)}]{lettered['after']}"
    if (unit := _UNIT.fullmatch(row)) and not unit["h"]:
        return clock(int(unit["m"] or 0) * 60 + float(unit["s"]))
    if span := _SPAN.fullmatch(row):
        return f"[{clock(float(span[1]))}] {span[2]}"
    of_day = _OF_DAY.fullmatch(row)
    if of_day and (of_day["day"] or of_day["half"]):
        return f"[{_hours(of_day)}]{of_day['after']}"
    last = _OF_DAY_LAST.fullmatch(row) if row[-1:] in "Mm.]):" else None
    return f"{last['before']}{last['gap'].lstrip(',')}{_hours(last)}{last['end']}" if last else row


def _hours(of_day: re.Match[str]) -> str:
    half = of_day["half"]
    hour = int(of_day["h"]) % 12 + 12 * (half in "Pp") if half else int(of_day["h"])
    return f"{hour:02}:{of_day['m']}:{of_day['s'] or '00'}"


def clock(seconds: float) -> str:
    """`HH:MM:SS.mmm`, as WebVTT writes it."""
    total = round(seconds * 1000)
    minutes, millis = divmod(total, 60_000)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{millis // 1000:02}.{millis % 1000:03}"


def plain_seconds(number: Any, scale: float = 1.0) -> float | None:
    """A JSON number as seconds, rounded to the millisecond; `scale` is the length of its unit in seconds. None if it
    is not a usable time."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    try:
        value = float(number) * scale
    except OverflowError:
        return None
    return round(value, 3) if math.isfinite(value) and value >= 0 else None
