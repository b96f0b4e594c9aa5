"""Plain text in the ways people and call tools write it.

A turn opens with a line in one of these styles and goes on until the next one:

    bracketed   [00:01:02] Ann Lee: …      (00:01:02) Ann Lee: …     [00:01.0 --> 00:02.5] Ann Lee: …
    clock       00:01:02 Ann Lee: …        00:01:02 - Ann Lee: …
    after       Ann Lee (01:02): …         Ann Lee [00:01:02]: …     Ann Lee (01:02)  alone (Rev)
    heading     Ann Lee  1:02   alone (Otter)    0:02 | Ann Lee   (Gong)    @0:02 - Ann Lee (Acme)   (Fathom)
    caption     [Ann Lee] 10:02:33   alone (Zoom's saved captions; the time is of the day)
    tabbed      00:01:02 ⇥ Ann Lee: ⇥ …   (Zoom's meeting_saved_closed_caption and others)
    label       Ann Lee: …
    name        Ann Lee   alone, the words below it

Only styles that the file really uses count: a colon or a clock inside somebody's words must not open a turn.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agent.text.importers.base import Format, Line, Source
from agent.text.importers.labels import handle_like, name_like
from agent.text.importers.times import CLOCK, clock_seconds

_LABEL = r"(?P<label>[^:：\t\n]{1,80}?)"
_TIME = rf"(?P<time>{CLOCK})(?:\s*(?:-->|->|-|–|—)\s*{CLOCK})?"
_REST = r"\s*[:：]\s*(?P<rest>.*)"
_MARK = r"\s*[-–—|,•·]\s*"
_STYLES: dict[str, re.Pattern[str]] = {
    "tabbed": re.compile(rf"{_TIME}\t\s*(?P<label>[^\t]{{1,80}}?):?\t(?P<rest>.*)"),
    "bracketed": re.compile(rf"[\[(]{_TIME}[\])]\s*(?:[-–—|]\s*)?{_LABEL}{_REST}"),
    "after": re.compile(rf"{_LABEL}\s*[\[(]{_TIME}[\])]\s*(?:[:：]\s*(?P<rest>.*))?"),
    "clock": re.compile(rf"@?{_TIME}\s+(?:[-–—|]\s*)?{_LABEL}{_REST}"),
    "caption": re.compile(rf"\[(?P<label>[^\[\]\n]{{1,80}})\]\s+{_TIME}"),
    "heading wide": re.compile(rf"{_LABEL}(?:\s{{2,}}|\t){_TIME}"),
    "heading marked": re.compile(rf"{_LABEL}{_MARK}{_TIME}"),
    "heading": re.compile(rf"{_LABEL} {_TIME}"),
    "time at first": re.compile(rf"@{_TIME}{_MARK}{_LABEL}"),
    "time first marked": re.compile(rf"[\[(]?{_TIME}[\])]?{_MARK}{_LABEL}"),
    "time first": re.compile(rf"[\[(]?{_TIME}[\])]?\s+{_LABEL}"),
    "label": re.compile(rf"(?:>>\s*)?{_LABEL}(?:[:：](?:\s+(?P<rest>.*))?)"),
}
# A style that less than one opening in so many has is a turn of phrase ("Monday 10:30"), not one of the file's styles.
_RARE = 5
_TIMED_WORDS = re.compile(rf"[\[(]{_TIME}[\])]\s*(?P<rest>\S.*)")
_TIME_ALONE = re.compile(rf"[\[(]?{_TIME}[\])]?")
_RULE = re.compile(r"[-=_*#~]{3,}")
_MARKDOWN = re.compile(r"\A(#{1,6}|>)\s+")
# What exports write above and below the conversation; nobody spoke it.
_HEAD_ROWS, _MAX_ABOVE_MARKER = 40, 12
_MARKER = re.compile(r"(the |full |meeting |call )?transcript:?", re.IGNORECASE)
_HEAD = re.compile(
    r"(?P<label>title|date|time|meeting( title)?|subject|topic|duration|length|participants|attendees|speakers|location|"
    r"organizer|host|recorded( on| by)?|recording|language|call( id| date| title)?|url|link|source|file|audio file|"
    r"transcript( of| by)?|transcribed by|summary keywords)\s*:.*",
    re.IGNORECASE,
)
_FOOT = re.compile(
    r"transcribed by https?://\S+|transcription (ended|stopped)( after .*)?|\[?end of transcript\]?\.?|view recording.*|"
    r"this editable transcript was computer generated.*|people can also change the text after it was created\.?|"
    r"\S+( \S+){0,3} (started|stopped) transcription",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Opening:
    style: str
    label: str
    rest: str
    start: float | None


def _sniff(source: Source) -> bool:
    return bool(source.text.strip()) and source.document is None


def _read(source: Source) -> list[Line]:
    return lines_of_text(source.lines)


def lines_of_text(written: Sequence[str]) -> list[Line]:
    """The turns in lines of text, numbered from 1. Words above the first turn come with no speaker."""
    rows = _without_foot(_without_head([_bare(row) for row in written]))
    openings = _in_use([_opening(row) for row in rows])
    if not any(openings):
        openings = _handles(rows) or _names_alone(rows)
    return _collect(rows, openings, _times_above(rows, openings))


def is_time(row: str) -> bool:
    """Whether a row is a clock time (or a range of two) and nothing else."""
    alone = _TIME_ALONE.fullmatch(row.strip())
    return alone is not None and clock_seconds(alone["time"]) is not None


def opens_turn(row: str) -> bool:
    """Whether a row could open a turn in one of the styles with a name and a time or a colon."""
    return _opening(_bare(row)) is not None


def _bare(row: str) -> str:
    """The row without outer white space and, where it opens a turn or is a time, without Markdown around it."""
    row = row.strip().lstrip("\ufeff")
    plain = _MARKDOWN.sub("", row)
    plain = plain.replace("**", "", 2).strip() if plain.startswith("**") else plain
    marked = plain != row and (_opening(plain) or is_time(plain) or _FOOT.fullmatch(plain) or _MARKER.fullmatch(plain))
    return plain if marked else row


def _without_head(rows: list[str]) -> list[str]:
    """The rows with those of an export's head made blank: `Date: …`, and all above a line `Transcript` (Google Meet).

    A label met again is a speaker, not a head.
    """
    begin = _after_marker(rows)
    for i in range(begin):
        rows[i] = ""
    for i, row in enumerate(rows[: begin + _HEAD_ROWS]):
        head = _HEAD.fullmatch(row)
        if row and not _RULE.fullmatch(row) and not _FOOT.fullmatch(row.strip("*_ ")) and head is None:
            break
        label = head["label"] if head else None
        if label and any(other.startswith(f"{label}:") for other in rows[i + 1 :]):
            break
        rows[i] = ""
    return rows


def _without_foot(rows: list[str]) -> list[str]:
    """The rows with those that exports add below the conversation made blank."""
    for i in reversed(range(len(rows))):
        if rows[i] and not _RULE.fullmatch(rows[i]) and not _FOOT.fullmatch(rows[i].strip("*_ ")):
            break
        rows[i] = ""
    return rows


def _after_marker(rows: Sequence[str]) -> int:
    """Where the conversation begins below a line that only says `Transcript`, else 0.

    Believed only near the top, with no turn above it and a turn right below it: somebody may say the word.
    """
    above = 0
    for i, row in enumerate(rows):
        if _MARKER.fullmatch(row):
            below = (r for r in rows[i + 1 :] if r and not is_time(r) and not _FOOT.fullmatch(r.strip("*_ ")))
            return i + 1 if _opening(next(below, "")) else 0
        above += bool(row)
        if above > _MAX_ABOVE_MARKER or (_opening(row) and not _HEAD.fullmatch(row)):
            return 0
    return 0


def _opening(row: str) -> _Opening | None:
    for style, pattern in _STYLES.items():
        match = pattern.fullmatch(row)
        if match is None:
            continue
        parts = match.groupdict()
        start = clock_seconds(parts["time"]) if parts.get("time") else None
        timed = "time" not in parts or start is not None
        label = (parts["label"] or "").strip()
        if timed and (name_like(label) or (style == "bracketed" and _short(label))):
            return _Opening(style, label, (parts.get("rest") or "").strip(), start)
    return None


def _short(label: str) -> bool:
    """After a bracketed time a label may be written in any way, but it is no sentence."""
    return 0 < len(label.split()) <= 6 and any(map(str.isalpha, label)) and not re.search(r"[.!?,;]\s", label)


def _in_use(found: Sequence[_Opening | None]) -> list[_Opening | None]:
    """Only the openings whose style the file uses: that of its first one, or one met often.

    A label without a time in a file with times: where times stand on headings above the words, it counts only if that
    name opens a turn elsewhere ("Budget: …" is then one of the words below); else it is a line like the others.
    """
    present = [opening for opening in found if opening]
    if not present:
        return list(found)
    styles = Counter(opening.style for opening in present)
    often = {style for style, count in styles.items() if count > 1 and count * _RARE >= len(present)}
    used = often | {present[0].style}
    timed = {o.label for o in present if o.style in used and o.style != "label"}
    headed = any(o.style in used and o.style != "label" and not o.rest for o in present)
    labels = Counter(o.label for o in present if o.style == "label")
    known = timed | {label for label, count in labels.items() if count > 1}

    def counts(opening: _Opening) -> bool:
        if opening.style == "label" and timed:
            return not headed or opening.label in timed
        return opening.style in used or opening.label in known

    return [opening if opening and counts(opening) else None for opening in found]


def _handles(rows: Sequence[str]) -> list[_Opening | None]:
    """Chat handles in lower case before a colon, if every row has one; else nothing."""
    matches = [_STYLES["label"].fullmatch(row) for row in rows]
    if not all(match and handle_like(match["label"]) for row, match in zip(rows, matches, strict=True) if row):
        return []
    return [_Opening("label", m["label"], (m["rest"] or "").strip(), None) if m else None for m in matches]


def _names_alone(rows: Sequence[str]) -> list[_Opening | None]:
    """Names on lines of their own: above words, and after a blank line or met twice in such a place."""
    places = [i for i, row in enumerate(rows) if name_like(row) and i + 1 < len(rows) and rows[i + 1]]
    often = Counter(rows[i] for i in places)
    openings: list[_Opening | None] = [None] * len(rows)
    for i in places:
        above_is_name = i > 0 and openings[i - 1] is not None
        after_blank = i == 0 or not rows[i - 1] or _TIME_ALONE.fullmatch(rows[i - 1]) is not None
        if not above_is_name and (after_blank or often[rows[i]] > 1):
            openings[i] = _Opening("name", rows[i], "", None)
    return openings


def _times_above(rows: Sequence[str], openings: Sequence[_Opening | None]) -> dict[int, float]:
    """Times that stand alone above a turn (Google Meet, Teams), by row.

    Somebody's last word may be a clock time on a row of its own: the rows count only if no turn has a time of its own,
    and the first turn has one above it, or two or more turns do.
    """
    if any(opening and opening.start is not None for opening in openings):
        return {}
    found: dict[int, float] = {}
    first, waiting = next((i for i, opening in enumerate(openings) if opening), len(rows)), -1
    for i, row in enumerate(rows):
        time = None if openings[i] else _time_of(row)
        if openings[i] and waiting >= 0:
            found[waiting] = _time_of(rows[waiting]) or 0.0
        waiting = i if time is not None else waiting if not row else -1
    return found if len(found) > 1 or any(i < first for i in found) else {}


def _collect(rows: Sequence[str], openings: Sequence[_Opening | None], times: Mapping[int, float]) -> list[Line]:
    lines: list[Line] = []
    pending: float | None = None
    for i, (row, opening) in enumerate(zip(rows, openings, strict=True)):
        if opening:
            lines.append(Line(opening.label, opening.rest, pending if opening.start is None else opening.start, i + 1))
            pending = None
        elif i in times:
            pending = times[i]
        elif not row or _RULE.fullmatch(row):
            continue
        elif timed := _timed_words(row, i + 1):
            lines.append(timed)
        else:
            _go_on(lines, row, i + 1)
    return _without_silent(rows, openings, lines)


def _without_silent(rows: Sequence[str], openings: Sequence[_Opening | None], lines: Sequence[Line]) -> list[Line]:
    """The lines without turns of no words.

    Such a turn is an empty one if it is written as the file's turns are and its speaker is heard elsewhere; else its
    row (`Budget:`, `at 10:30 Bob`) opened no turn: it is words of the turn above.
    """
    heard = {line.speaker for line in lines if line.text}
    style = next((opening.style for opening in openings if opening), "")
    kept: list[Line] = []
    for line in lines:
        opening = openings[(line.number or 1) - 1]
        if line.text:
            kept.append(line)
        elif opening and line.number and (opening.style != style or line.speaker not in heard):
            _go_on(kept, rows[line.number - 1], line.number)
    return kept


def _time_of(row: str) -> float | None:
    alone = _TIME_ALONE.fullmatch(row)
    return clock_seconds(alone["time"]) if alone else None


def _timed_words(row: str, number: int) -> Line | None:
    """Words with a time and no name: nobody's, until `--speakers` says whose."""
    timed = _TIMED_WORDS.fullmatch(row)
    start = clock_seconds(timed["time"]) if timed else None
    return Line(None, timed["rest"], start, number) if timed and start is not None else None


def _go_on(lines: list[Line], row: str, number: int) -> None:
    """Puts a row of words behind the last turn; with no turn above them they are nobody's."""
    if not lines or (lines[-1].speaker is None and lines[-1].start is None):
        lines.append(Line(None, row, None, number))
        return
    last = lines[-1]
    lines[-1] = replace(last, text=f"{last.text} {row}" if last.text else row)


FORMAT = Format("text", "plain text: names before the words", (".txt", ".text", ".md", ".log"), _sniff, _read)
