"""Rare ways to open a turn (`00.00.05 Bo: …`, `Bo (min. 0:05)`, `Bo:: …`), and the rows written so that opened none."""

import re
from collections.abc import Sequence

from agent.text.importers.base import Source
from agent.text.importers.labels import bare_label, name_like
from agent.text.importers.times import CLOCK, clock_seconds

_DOTS = r"(?P<time>\d{1,2}\.\d\d\.\d\d)"
_DOTTED = re.compile(rf"(?P<open>\s*[\[(]?){_DOTS}(?=[\])]?\s+(?P<label>[^:：]{{1,80}}[:：]\s)?)")
_DOTTED_WITHIN = re.compile(rf"\S\s+[\[(]?{_DOTS}[\])]?\s+[^:：]{{1,80}}[:：]\s")
_DOUBLE, _SINGLE = re.compile(r"(?P<label>[^:：]{1,80})::(?P<rest>\**\s+\S.*)"), re.compile(r"[^:：]{1,80}[:：](\s|$)")
_DOUBLE_WITHIN = re.compile(r"\w::\**\s")
_MINUTE = re.compile(rf"[\[(][Mm]in\.?:?\s*({CLOCK})[\])]")
_AT_MINUTE = re.compile(rf"(?P<label>[^:：]{{1,80}}){_MINUTE.pattern}(:.*)?")
_TWICE, _HOUR = 2, 3600
_SLASHED = re.compile(rf"{CLOCK}\s+/\s+(?P<label>[^/]{{1,80}}?)\s+/\s")
_IN_LABEL = re.compile(rf"{_DOTS}\s|{_MINUTE.pattern}")


def as_usual(rows: Sequence[str]) -> Sequence[str]:
    """Rows that open turns in rare ways, as most people write them. Where a clock or two colons stand within a row as
    well, two people may speak in it: then nothing is changed."""
    return _with_one_colon(_at_minutes(_with_clocks(rows)))


def _with_clocks(rows: Sequence[str]) -> Sequence[str]:
    """`00.00.05 Bo: …` with colons in the clock. Those before names begin below one hour and stand in order, as days
    (14.03.26) do not. A clock without a name is then no part of the words above."""
    dotted = {i: match for i, row in enumerate(rows) if (match := _DOTTED.match(row))}
    times = [clock_seconds(match["time"].replace(".", ":")) for match in dotted.values() if match["label"]]
    known = [time for time in times if time is not None]
    if len(known) < max(_TWICE, len(times)) or known[0] >= _HOUR or known != sorted(known):
        return rows
    if any(map(_DOTTED_WITHIN.search, rows)):
        return rows
    written = list(rows)
    for i, match in dotted.items():
        written[i] = f"{match['open']}{match['time'].replace('.', ':')}{rows[i][match.end() :]}"
    return written


def _at_minutes(rows: Sequence[str]) -> Sequence[str]:
    """`Ann Lee (min. 0:05)` without the word."""
    at = [_AT_MINUTE.fullmatch(row.strip()) is not None for row in rows]
    if sum(at) < _TWICE:
        return rows
    return [_MINUTE.sub(r"(\1)", row) if minute else row for row, minute in zip(rows, at, strict=True)]


def _with_one_colon(rows: Sequence[str]) -> Sequence[str]:
    """`Ann Lee:: …` with one colon, where every name has two."""
    double = [_DOUBLE.fullmatch(row) for row in rows]
    found = sum(match is not None for match in double)
    if found < _TWICE or any(map(_SINGLE.match, rows)) or found < sum(len(_DOUBLE_WITHIN.findall(row)) for row in rows):
        return rows
    return [f"{match['label']}:{match['rest']}" if match else row for row, match in zip(rows, double, strict=True)]


def check_rare(source: Source, rows: Sequence[str], labels: Sequence[str]) -> None:
    """Raises ImportProblem for a row that begins as one of these turns does, and opened none: its words would be
    those of the person above. `labels` are those of the turns that rows open, empty for others."""
    minutes = sum(_AT_MINUTE.fullmatch(row.strip()) is not None for row in rows) >= _TWICE
    for number, (row, opened) in enumerate(zip(map(str.strip, rows), labels, strict=True), start=1):
        stamps = len(_MINUTE.findall(row)) if minutes else 0
        if opened and not _IN_LABEL.search(opened) and stamps <= 1:
            continue
        found = _AT_MINUTE.fullmatch(row) or _DOTTED.match(row) or _SLASHED.match(row) or _DOUBLE.fullmatch(row)
        named = found is not None and name_like(bare_label((found["label"] or "").rstrip(" :：")))
        if named or stamps or _IN_LABEL.match(opened):
            what = f"{row[:40]!r} is written as the beginning of a turn, and not as the others are"
            raise source.problem(number, what, "write each turn on a line of its own:  [00:01:02] Ann Lee: …")
