"""Rare ways to open a turn (`00.00.05 Bo: …`, `Bo (min. 0:05)`, `Bo:: …`), rewritten as the usual ones or reported."""

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
    """The rows with rare openings of turns rewritten as most people write them. Nothing is changed if a clock or two
    colons also stand inside a row, since two people may speak in it."""
    return _with_one_colon(_at_minutes(_with_clocks(rows)))


def _with_clocks(rows: Sequence[str]) -> Sequence[str]:
    """`00.00.05 Bo: …` with colons in the clock. Clocks before names have to begin below one hour and be in order,
    which days (14.03.26) are not. Then a clock without a name is not part of the words above it either."""
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
    """`Ann Lee (min. 0:05)` without the word `min.`."""
    at = [_AT_MINUTE.fullmatch(row.strip()) is not None for row in rows]
    if sum(at) < _TWICE:
        return rows
    return [_MINUTE.sub(r"(\1)", row) if minute else row for row, minute in zip(rows, at, strict=True)]


def _with_one_colon(rows: Sequence[str]) -> Sequence[str]:
    """`Ann Lee:: …` with one colon, if every name has two."""
    double = [_DOUBLE.fullmatch(row) for row in rows]
    found = sum(match is not None for match in double)
    if found < _TWICE or any(map(_SINGLE.match, rows)) or found < sum(len(_DOUBLE_WITHIN.findall(row)) for row in rows):
        return rows
    return [f"{match['label']}:{match['rest']}" if match else row for row, match in zip(rows, double, strict=True)]


def check_rare(source: Source, rows: Sequence[str], labels: Sequence[str]) -> None:
    """Raises ImportProblem for a row that begins in one of these rare ways but opened no turn: its words would go to
    the speaker above. `labels` are the labels of the rows that open turns, empty for the others."""
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
