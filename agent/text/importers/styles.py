"""How a row of text can open a turn, and what rows tools write around a conversation."""

import re
from dataclasses import dataclass

from agent.text.importers.labels import bare_label, name_like, possible
from agent.text.importers.times import CLOCK, clock_seconds, with_clock, without_frames
from agent.text.names import INVISIBLE, folded

_LABEL = r"(?P<label>(?:[^:：\t\n]|:(?=[^\s\d:])){1,80}?)"
_TIME = rf"(?P<time>{CLOCK})(?:\s*(?:-->|->|→|-|–|—)\s*{CLOCK})?"
_REST = r"\s*[:：]\s*(?P<rest>.*)"
_MARK = r"\s*[-–—|,•·@]\s*"
_CELL = r"(?:\t\s*|\s*[|;]\s*)"  # between the cells of a row without a header
STYLES: dict[str, re.Pattern[str]] = {
    "tabbed": re.compile(rf"{_TIME}{_CELL}(?P<label>[^\t|;]{{1,80}}?):?{_CELL}(?P<rest>.*)"),
    "slashed": re.compile(rf"{_TIME}\s+/\s+(?P<label>[^\t|;:：/]{{1,80}}?)\s+/\s+(?!.*{CLOCK}\s+/)(?P<rest>\S.*)"),
    "name tabbed": re.compile(rf"(?P<label>[^\t|;]{{1,80}}?):?{_CELL}{_TIME}{_CELL}(?P<rest>.*)"),
    "bracketed": re.compile(rf"[\[(<]{_TIME}[\])>]\s*(?:[-–—|]\s*)?{_LABEL}{_REST}"),
    "both bracketed": re.compile(rf"[\[(]{_TIME}[\])]\s*\[(?P<label>[^\[\]]{{1,80}})\]\s*:?\s*(?P<rest>\S.*)"),
    "name bracketed": re.compile(rf"\[(?P<label>[^\[\]]{{1,80}})\]\s*[\[(]{_TIME}[\])]\s*:?\s*(?P<rest>\S.*)"),
    "after": re.compile(rf"{_LABEL}\s*[\[(]{_TIME}[\])]\s*(?:[:：]\s*(?P<rest>.*))?"),
    "clock": re.compile(rf"@?{_TIME}(?:\s+|,\s*)(?:[-–—|]\s*)?{_LABEL}{_REST}"),
    "caption": re.compile(rf"\[(?P<label>[^\[\]\n]{{1,80}})\]\s+{_TIME}"),
    "heading wide": re.compile(rf"{_LABEL}(?:\s{{2,}}|\t){_TIME}"),
    "heading marked": re.compile(rf"{_LABEL}{_MARK}{_TIME}"),
    "heading": re.compile(rf"{_LABEL}(?: at)? {_TIME}"),
    "time at first": re.compile(rf"@{_TIME}{_MARK}{_LABEL}(?:\s*\([^()]*\))?"),
    "time first marked": re.compile(rf"[\[(]?{_TIME}[\])]?{_MARK}{_LABEL}"),
    "time first": re.compile(rf"[\[(]?{_TIME}[\])]?\s+{_LABEL}"),
    "keyed": re.compile(r"(?i:speaker)\s*[:：]\s*(?P<label>[^:：\t\n]{1,40})"),
    "label": re.compile(rf"(?:>>\s*)?{_LABEL}(?:[:：](?:\s+(?P<rest>.*))?|：(?P<near>.*))"),
    "marked": re.compile(
        r"(?:[*•-]\s+)?(?:\*\*)?(?!\d{1,3}:\d\d)(?P<label>(?:[^\t\n|<>–—:：]|:(?=\S)){1,60}?)(?:\*\*)?"
        r"(?:\s+[–—>~]+|\s+--?|\s*\|)\s+(?P<rest>\S.*)"
    ),
    "in angles": re.compile(r"<(?P<label>[^<>\n]{1,60})>\s+(?P<rest>\S.*)"),
    "clock, in angles": re.compile(rf"[\[(]?{_TIME}[\])]?\s+<(?P<label>[^<>\n]{{1,60}})>\s+(?P<rest>\S.*)"),
    "close": re.compile(r"(?P<label>[^:：\t\n]{1,60}):(?P<rest>[^\s\d:/\\].*)"),
    "tab": re.compile(r"(?P<label>[^:：\t\n]{1,60})\t(?P<rest>[^\t]+)"),
}
TWO_ROWS = "two rows"
# Styles in which the place alone says that something is a label, whatever it looks like.
MARKING = frozenset(
    {"tabbed", "name tabbed", "bracketed", "after", "caption", "heading wide", "time at first", "keyed", TWO_ROWS}
)
# Styles that any words behind a clock time are in.
LOOSE = frozenset({"clock", "time first", "time first marked"})
UNTIMED = frozenset({"label", "tab", "marked", "in angles", "keyed", "close"})
# Styles that words are in too: believed where every row is in one, and everybody in it recurs.
EVERY_ROW = frozenset({"tab", "marked", "in angles", "close"})
TIMED_WORDS = re.compile(rf"[\[(]{_TIME}[\])]\s*(?P<rest>\S.*)")
CLOCK_WORDS = re.compile(rf"[\[(]?{_TIME}[\])]?\s+(?P<rest>\S.*)")
_TIME_ALONE = re.compile(rf"[\[(]?{_TIME}[\])]?:?")
_INNER_TIME = re.compile(rf"[\[(]{_TIME}[\])]\s*(?P<rest>.*)")
RULE = re.compile(r"[-=_*#~]{3,}")
_MARKDOWN = re.compile(r"\A(#{1,6}|>)\s+")
_ITALIC_TIME = re.compile(rf"[*_](\(?{CLOCK}\)?)[*_]")
_LEADING_TIMES = re.compile(rf"(?:(?:{CLOCK}|\d+\.\d+)\s*\t\s*)+")
BRACKETS = re.compile(r"\[[^\[\]]*\]|\([^()]*\)|♪.*")
MARKER = re.compile(r"\W*((the |full |meeting |call )?transcript:?|.{1,80} [-–—] transcript)", re.IGNORECASE)
HEAD = re.compile(
    r"(?P<label>title|date|time|meeting( title)?|subject|topic|duration|length|participants|attendees|speakers|"
    r"location|organizer|host|recorded( on| by)?|recording|"
    r"language|call( id| date| title)?|url|link|source|file|audio file|"
    r"transcript( of| by)?|transcribed by|summary keywords)\s*:.*",
    re.IGNORECASE,
)
FOOT = re.compile(
    r"transcribed by https?://\S+|(transcription|meeting) (ended|stopped)( (after|at) .*)?|\[?end of transcript\]?\.?|"
    r"view recording.*|this editable transcript was computer generated.*|"
    r"people can also change the text after it was created\.?|\S+( \S+){0,3} (started|stopped) transcription|"
    r".{1,200} watch: https?://\S+|page \d{1,4} (of|/) \d{1,4}",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Opening:
    """What a row says if it opens a turn in `style`: who speaks, the first words, and when (in seconds)."""

    style: str
    label: str
    rest: str = ""
    start: float | None = None

    @property
    def name(self) -> str:
        return folded(self.label)


def is_time(row: str) -> bool:
    """Whether a row is a clock time (or a range of two) and nothing else."""
    return time_of(row.strip()) is not None


def opens_turn(row: str) -> bool:
    """Whether a row could open a turn in one of the styles with a name and a time or a colon."""
    return any(name_like(opening.label) for opening in candidates(bare(row)).values())


def bare(row: str) -> str:
    """The row without white space at its ends. If it opens a turn or is a time, also without Markdown around it."""
    row = without_frames(row.translate(INVISIBLE).strip())
    row = row.strip("|").strip() if len(row) > 1 and row[0] == row[-1] == "|" else row
    plain = _MARKDOWN.sub("", row)
    plain = plain.replace("**", "", 2).strip() if plain.startswith("**") else plain
    plain = _ITALIC_TIME.sub(r"\1", plain)
    marked = plain != row and (candidates(plain) or is_time(plain) or FOOT.fullmatch(plain) or MARKER.fullmatch(plain))
    return plain if marked else row


def time_of(row: str) -> float | None:
    """The seconds of a row that is a clock time (of a range: its begin), else None."""
    alone = _TIME_ALONE.fullmatch(with_clock(row))
    return clock_seconds(alone["time"]) if alone else None


def candidates(row: str) -> dict[str, Opening]:
    """What the row would say if it opened a turn, for each style in which it could."""
    found: dict[str, Opening] = {}
    shape = with_clock(row)
    if not row or is_time(row) or (len(row) > 80 and not re.search(r"[:：\t\])]", row[:200])):
        return found
    for style, pattern in STYLES.items():
        match = pattern.fullmatch(shape)
        if match is None:
            continue
        parts = match.groupdict()
        start = clock_seconds(parts["time"]) if parts.get("time") else None
        label = bare_label(parts["label"] or "")
        if ("time" in parts and start is None) or not possible(label):
            continue
        rest = (parts.get("rest") or parts.get("near") or "").strip()
        if style == "name tabbed":
            rest = _LEADING_TIMES.sub("", rest, count=1) if _LEADING_TIMES.match(rest) else rest
        if style == "label" and (inner := _INNER_TIME.fullmatch(rest)) and inner["time"]:
            start, rest = clock_seconds(inner["time"]), inner["rest"]
        found[style] = Opening(style, label, rest, start)
    return found
