"""WebVTT (https://www.w3.org/TR/webvtt1/): captions with voice tags (Teams), with `Name: ` before the words (Zoom), or
with the name in the cue's id (Webex). What is read here serves SubRip and SBV too: they differ in their time lines."""

import html
import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agent.core.errors import Advice
from agent.text.importers.base import Format, Line, Source, left_out
from agent.text.importers.labels import (
    SOUNDS,
    bare_label,
    name_like,
    once_like,
    opens_sentence,
    plausible,
    possible,
    recurring,
)
from agent.text.importers.sceptic import check_labels
from agent.text.importers.times import CLOCK, clock_seconds
from agent.text.names import folded

_AT = r"\d{1,6}:(?:\d{1,2}:)?(?:\d{2}(?:[.,]\d{1,6})?|\d[.,]\d{1,6})"
_TIMING = re.compile(rf"\s*(?P<start>{_AT})\s*(?:-->|->)\s*(?P<end>{_AT})(?P<rest>\s.*)?")
_SBV_TIMING = re.compile(r"\s*(?P<start>\d+:\d\d:\d\d\.\d{3}),(?P<end>\d+:\d\d:\d\d\.\d{3})(?P<rest>)\s*")
_SETTINGS = re.compile(r"(\s+([a-zA-Z]+\d?:\S+|\d+))*\s*")
_CUT_TIMING = re.compile(r"\s*\d+:[\d:.,]*\s*-{0,2}")
_BROKEN_TIMING = re.compile(rf"\s*{_AT}.*-->|.*-->\s*\d+:\d|.*-->\s*$|\s*-->")
_HEADER = re.compile(r"\ufeff?WEBVTT.*|[\w-]+[:=]\S*")
_IDENT = re.compile(r"\s*(\d+|[0-9a-f]{8}-[0-9a-f-]{27,}(/\S+)?)\s*")
_NAMED_IDENT = re.compile(r'(?:\d+\s+)?"(?P<name>[^"]{1,80})"(?:\s*\(\d+\))?')
# The tags of the standard and its cue times; anything else in angle brackets stays: somebody may have said it.
_FONT = r"</?font(?:\s+\w+=(?:\"[^\"<>]*\"|'[^'<>]*'|[^\s<>\"']+))*\s*>"
_TAG = re.compile(rf"{_FONT}|</?(?:v|c|i|b|u|ruby|rt|lang)(?:[.\s][^<>]*)?>|<{CLOCK}>|\{{\\an?\d\}}")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)*(?:\s+(?P<name>[^<>]*))?>|(?P<end></v>)")
_ALONE = re.compile(r"[(\[](?P<label>[^()\[\]]{1,80})[)\]]")
_LABELLED = re.compile(r"(?P<label>(?:[^:：]|:(?=[^\s\d:])){1,80}?)\s*(?:[:：](?:\s+|$)|：)(?P<rest>.*)", re.DOTALL)
_IN_ROUND = re.compile(r"\(([^()]{1,80})\)")
_ROUND = re.compile(r"\((?P<label>[^()\[\]:]{1,80})\):?\s+(?P<rest>\S.*)")
_BRACKETED = re.compile(r"(?P<label>\[[^\[\]]{1,80}\]):?\s*(?P<rest>.*)", re.DOTALL)
_NEXT = re.compile(r"\s*(>>|»|[-–—]\s)\s*\S")
_CHEVRON = re.compile(r"\A\s*(>>|»)\s*")
_IN_BRACKETS = re.compile(r"(\[[^\[\]]*\]|♪[^♪]*♪?)")
_ROLLING = 0.3  # the share of captions that begin with words of the one before in a file whose captions roll
_DISORDER = 0.1  # a larger share of captions out of order is a file of two recordings, not a slip


@dataclass(frozen=True, slots=True)
class Cue:
    """One caption: the line its payload starts at, its id, its time in seconds and its
    payload's rows with their lines."""

    ident: str
    start: float
    payload: tuple[tuple[int, str], ...]
    note: str = ""

    @property
    def number(self) -> int:
        return self.payload[0][0] if self.payload else 0

    @property
    def rows(self) -> list[str]:
        return [row for _, row in self.payload]


def _sniff(source: Source) -> bool:
    return source.text.lstrip()[:6] == "WEBVTT"


def _read(source: Source) -> list[Line]:
    if not _sniff(source):
        raise source.problem(
            1,
            "this is not WebVTT: the first line is not WEBVTT",
            Advice(text="export it again as text or WebVTT, or say which format it is", option="--format"),
        )
    cues, comments = cues_of(source, comments=True)
    return [*caption_lines(source, cues), *comments]


def cues_of(source: Source, *, comments: bool = False, sbv: bool = False) -> tuple[list[Cue], list[Line]]:
    """The cues of a caption file in file order, those without words left out, and what was left out beside them.

    A time line begins a cue wherever it stands, and the row above it is its id; what follows is its payload up to the
    next, blank lines or not. `comments`: whether the format has blocks of NOTE, STYLE and REGION.
    Raises ImportProblem for words above the first cue, and for a broken or cut time line.
    """
    rows = list(source.lines)
    aside = _without_comments(rows) if comments else []
    timings = [(i, match) for i, row in enumerate(rows) if (match := _timing(source, i, row, sbv=sbv))]
    first = timings[0][0] if timings else len(rows)
    idents = [_ident_row(rows, i, at, named=comments and not sbv) for at, (i, _) in enumerate(timings)]
    for i in idents:
        told = i is not None and (len(rows[i].split()) > 2 or rows[i].strip().endswith((".", "?", "!")))
        if i is not None and told and not _NAMED_IDENT.fullmatch(rows[i].strip()):
            aside.append(left_out(rows[i], i + 1, "a caption's id"))
    head = [i for i in range(first) if rows[i].strip() and i not in idents[:1]]
    for i in head:
        if comments and _in_header(rows, i) and not _HEADER.fullmatch(rows[i].strip()):
            aside.append(left_out(rows[i], i + 1, "the file's head"))
    begin = next((i for i in head if not (comments and _in_header(rows, i))), None)
    if begin is not None:
        raise source.problem(
            begin + 1, f"words outside any caption: {rows[begin].strip()[:40]!r}", "give them a time line"
        )
    cues = []
    for at, (i, match) in enumerate(timings):
        ident = idents[at]
        end = idents[at + 1] if at + 1 < len(timings) else None
        end = end if end is not None else timings[at + 1][0] if at + 1 < len(timings) else len(rows)
        payload = [(n + 1, rows[n]) for n in range(i + 1, end) if rows[n].strip()]
        wanted = _following(rows, idents, at)
        if len(payload) > 1 and payload[-1][1].strip() in wanted and not rows[payload[-1][0] - 2].strip():
            aside.append(left_out(payload[-1][1], payload[-1][0], "a caption's number"))
            payload.pop()
        start = clock_seconds(match["start"])
        if start is None:
            raise source.problem(
                i + 1, f"not a time line: {rows[i].strip()[:60]!r}", "write 00:01:02.000 --> 00:01:04.000"
            )
        if payload:
            cues.append(Cue(rows[ident].strip() if ident is not None else "", start, tuple(payload)))
    _check_cut(source, rows, timings[-1][0] if timings else 0, bool(timings))
    return _rolled_up(_in_order(source, cues), aside), aside


def _timing(source: Source, i: int, row: str, *, sbv: bool) -> re.Match[str] | None:
    """The row as a time line, or None. Raises ImportProblem for a broken one and for words behind one."""
    if sbv:
        return _SBV_TIMING.fullmatch(row)
    if "->" not in row:
        return None
    match = _TIMING.fullmatch(row)
    if match and not _SETTINGS.fullmatch(match["rest"] or ""):
        raise source.problem(i + 1, f"words behind a time line: {match['rest'].strip()[:40]!r}", "put them below it")
    if match is None and "-->" in row and _BROKEN_TIMING.match(row):
        raise source.problem(i + 1, f"not a time line: {row.strip()[:60]!r}", "write 00:01:02.000 --> 00:01:04.000")
    return match


def _ident_row(rows: Sequence[str], timing: int, at: int, *, named: bool) -> int | None:
    """Where the id of the cue with its time line at `timing` stands, or None: right above it, below a
    blank line or, if it is a number, below the words of the cue before. Only where ids may be `named` can
    one be anything but a number."""
    above = timing - 1
    if above < 0 or not rows[above].strip() or "-->" in rows[above] or rows[above].startswith("WEBVTT"):
        return None
    alone = above == 0 or not rows[above - 1].strip() or rows[above - 1].startswith("WEBVTT")
    number = _IDENT.fullmatch(rows[above]) is not None
    return above if (alone and (named or number)) or (number and at > 0) else None


def _following(rows: Sequence[str], idents: Sequence[int | None], at: int) -> set[str]:
    """What the number of the next cue is, where it has one: such a number alone at the end of a payload is not said."""
    following = idents[at + 1] if at + 1 < len(idents) else None
    if at + 1 >= len(idents):
        return set()
    if following is not None:
        return {rows[following].strip()} if rows[following].strip().isdigit() else set()
    mine = idents[at]
    own = rows[mine].strip() if mine is not None else ""
    return {str(int(own) + 1)} if own.isdigit() and len(own) < 9 else set()


def _in_header(rows: Sequence[str], i: int) -> bool:
    """Whether a row belongs to the block that WEBVTT opens."""
    return all(row.strip() for row in rows[: i + 1]) or rows[i].lstrip("\ufeff").startswith("WEBVTT")


def _without_comments(rows: list[str]) -> list[Line]:
    """Makes blocks of NOTE, STYLE and REGION blank; their words come back as left out."""
    gone: list[Line] = []
    i = 0
    while i < len(rows):
        opens = re.match(r"(NOTE|STYLE|REGION)(\s|$)", rows[i]) and (i == 0 or not rows[i - 1].strip())
        if opens and "-->" not in rows[i] and not (i + 1 < len(rows) and "-->" in rows[i + 1]):
            while i < len(rows) and rows[i].strip() and "-->" not in rows[i]:
                told = rows[i].startswith("NOTE ") or len(rows[i].split()) > 3 or "<v" in rows[i]
                if told:
                    gone.append(left_out(rows[i], i + 1, "a comment"))
                rows[i] = ""
                i += 1
        i += 1
    return gone


def _check_cut(source: Source, rows: Sequence[str], last: int, timed: bool) -> None:
    """Raises ImportProblem where the file ends in a caption's number or a part of its time line."""
    filled = [i for i in range(last + 1 if timed else 0, len(rows)) if rows[i].strip()]
    blank_above = [i for i in filled if i > 0 and not rows[i - 1].strip()]
    at = blank_above[-1] if blank_above else None
    if at is None or not timed or len(filled) < 2:
        return
    block = [rows[i].strip() for i in filled if i >= at]
    cut = next((n for n, row in enumerate(block) if _CUT_TIMING.fullmatch(row)), None)
    if len(block) <= 2 and (cut is not None or (len(block) == 1 and _IDENT.fullmatch(block[0]))):
        what = "a caption's time line is missing or not complete"
        hint = "the file may be cut; write 00:01:02.000 --> 00:01:04.000"
        raise source.problem(at + 1 + (cut or 0), what, hint)


def _in_order(source: Source, cues: list[Cue]) -> list[Cue]:
    """The cues by time. A few that stand in the wrong place are put in order and marked; many are refused."""
    latest, late = 0.0, []
    for i, cue in enumerate(cues):
        if cue.start < latest:
            late.append(i)
        latest = max(latest, cue.start)
    if len(late) > max(1, len(cues) * _DISORDER):
        first = cues[late[0]]
        what = f"the caption at {first.start:g} s and {len(late) - 1} more stand out of time order"
        raise source.problem(first.number, what, "the file may hold two recordings: split it")
    for i in late:
        cues[i] = replace(cues[i], note="a caption out of order was sorted by its time")
    return sorted(cues, key=lambda cue: cue.start)


def _rolled_up(cues: list[Cue], aside: list[Line]) -> list[Cue]:
    """Cues without the rows that a rolling caption (YouTube) shows again from the cue
    before, where a file does that."""
    shown = [(len(two.rows), _repeated(one.rows, two.rows)) for one, two in itertools.pairwise(cues)]
    again = [(rows, count) for rows, count in shown if count]
    # People repeat themselves; a caption that rolls shows a row again above a new one.
    moved = sum(rows > count for rows, count in again)
    if moved < 2 or len(again) < len(cues) * _ROLLING or any(_VOICE.search(row) for cue in cues for row in cue.rows):
        return cues
    kept: list[Cue] = []
    before: list[str] = []
    for cue in cues:
        count = _repeated(before, cue.rows)
        aside += [left_out(words_of(row), number, "a caption shown again") for number, row in cue.payload[:count]]
        if cue.payload[count:]:
            kept.append(replace(cue, payload=cue.payload[count:]))
        before = cue.rows
    return kept


def _repeated(before: Sequence[str], rows: Sequence[str]) -> int:
    """How many rows at the beginning of a cue are the last ones of the cue before."""
    old, new = [words_of(row).strip() for row in before], [words_of(row).strip() for row in rows]
    longest = min(len(old), len(new))
    return next((n for n in range(longest, 0, -1) if new[:n] == old[-n:]), 0)


def caption_lines(source: Source, cues: Sequence[Cue]) -> list[Line]:
    """The cues' words by speaker.

    Voice tags name the speakers where there are any; else names in the cues' ids; else a name in brackets on a line of
    its own where the first cue has one (Google Meet, with `-` between speakers); else `Name: ` before the words.
    """
    if any(match["name"] for cue in cues for row in cue.rows for match in _VOICE.finditer(row) if not match["end"]):
        return [line for cue in cues for line in _voiced(cue)]
    named = [_NAMED_IDENT.fullmatch(cue.ident) for cue in cues]
    if cues and sum(match is not None for match in named) * 2 > len(cues):
        return [
            _line(cue, match["name"] if match else None, " ".join(cue.rows))
            for cue, match in zip(cues, named, strict=True)
        ]
    if _names_first(cues):
        return [_line(cue, bare_label(words_of(cue.rows[0])), " ".join(cue.rows[1:])) for cue in cues]
    first = next((row for cue in cues for row in cue.rows), "")
    if _alone(first):
        return [line for cue in cues for line in _under_names(cue)]
    return _labelled_lines(source, _without_round(source, cues))


def _without_round(source: Source, cues: Sequence[Cue]) -> Sequence[Cue]:
    """Captions that all begin with a name in round brackets, as others write them: `Ann Lee: …` for `(Ann Lee) …`.

    What may be a sound or a remark ("(Laughs)") is no name: each has to recur, and is known or of two words or more. A
    name in brackets elsewhere leaves open who speaks there.
    """
    firsts = [_ROUND.fullmatch(cue.payload[0][1].strip()) if cue.payload else None for cue in cues]
    names = [match["label"].strip() for match in firsts if match]
    counts = Counter(map(folded, names))
    sure = all(folded(name) in source.people or (" " in name and name_like(name)) for name in names)
    if not sure or len(names) < len(cues) or len(counts) < 2 or min(counts.values()) < 2:
        return cues
    inner = [_ROUND.fullmatch(row.strip()) for cue in cues for _, row in cue.payload[1:]]
    others = [match["label"] for match in inner if match and folded(match["label"]) not in counts]
    rests = [match["rest"] for match in (*firsts, *inner) if match]
    if any(map(name_like, others)) or any(folded(name) in counts for row in rests for name in _IN_ROUND.findall(row)):
        return cues

    def named(row: str) -> str:
        match = _ROUND.fullmatch(row.strip())
        return f"{match['label'].strip()}: {match['rest']}" if match and folded(match["label"]) in counts else row

    return [replace(cue, payload=tuple((number, named(row)) for number, row in cue.payload)) for cue in cues]


def _names_first(cues: Sequence[Cue]) -> bool:
    """Whether every cue has a row above its words, and few rows are what all of these are (Microsoft Stream)."""
    firsts = [words_of(cue.rows[0]).strip() for cue in cues if len(cue.rows) > 1]
    sure = recurring(firsts)
    return (
        len(firsts) == len(cues) > 3
        and len(sure) * 2 <= len(cues)
        and all(
            folded(first) in sure and plausible(first) and name_like(first) and first[-1] not in ":："
            for first in firsts
        )
    )


def _voiced(cue: Cue) -> Iterator[Line]:
    """A cue may hold several voices (cross-talk); words before, between and after them belong to nobody."""
    payload, speaker, begin = " ".join(row.strip() for row in cue.rows), None, 0
    for tag in _VOICE.finditer(payload):
        yield _line(cue, speaker, payload[begin : tag.start()])
        name = html.unescape(tag["name"] or "").strip()
        speaker, begin = (name if any(map(str.isalnum, name)) else None), tag.end()
    yield _line(cue, speaker, payload[begin:])


def words_of(payload: str) -> str:
    """A payload without the standard's tags and with its character references resolved."""
    return html.unescape(_TAG.sub("", payload))


def _line(cue: Cue, speaker: str | None, payload: str) -> Line:
    return _said(cue, cue.number, speaker, words_of(payload).strip())


def _said(cue: Cue, number: int, speaker: str | None, words: str) -> Line:
    if speaker is None and words and _IN_BRACKETS.fullmatch(words):
        return left_out(words, number, "a sound or a remark in brackets")
    return Line(speaker, words, cue.start, number, joins=True, note=cue.note)


def _alone(row: str) -> str | None:
    match = _ALONE.fullmatch(words_of(row).strip())
    return match["label"] if match and name_like(match["label"]) and match["label"].lower() not in SOUNDS else None


def _under_names(cue: Cue) -> Iterator[Line]:
    speaker, words, begin = None, list[str](), cue.number
    for number, row in cue.payload:
        if label := _alone(row):
            yield _said(cue, begin, speaker, " ".join(words))
            speaker, words, begin = label, [], number
        elif row.strip() != "-":
            words.append(words_of(row).strip())
    yield _said(cue, begin, speaker, " ".join(filter(None, words)))


@dataclass(frozen=True, slots=True)
class _Label:
    name: str
    rest: str
    chevron: bool


def _label(row: str) -> _Label | None:
    """What could be a label at the beginning of a row: `Ann: …`, `[Ann] …`, `[Ann]: …`, `>> Ann: …`."""
    words = words_of(row).strip()
    bare = _CHEVRON.sub("", words, count=1) if _CHEVRON.match(words) else words
    match = _BRACKETED.fullmatch(bare) or _LABELLED.fullmatch(bare.removeprefix("- "))
    if match is None or match["label"].strip("[]").lower() in SOUNDS:
        return None
    name = bare_label(match["label"])
    return _Label(name, match["rest"], bare is not words) if possible(name) else None


def _labelled_lines(source: Source, cues: Sequence[Cue]) -> list[Line]:
    """`Name: ` before the words. A name counts if it opens captions again and again, or is known, or looks like one.

    A label inside a cue is believed only when some cue opens with it, or its row with a dash or `>>`: `Look: …` on a
    second line is no speaker.
    """
    openings = [label for cue in cues for row in _opening_rows(cue) if (label := _label(row))]
    counts = Counter(folded(label.name) for label in openings)
    openings = [
        x for x in openings if plausible(x.name) or counts[folded(x.name)] > 1 or folded(x.name) in source.people
    ]
    firsts = sum(_label(" ".join(cue.rows)) is not None for cue in cues)
    sure = recurring([label.name for label in openings], source.people)
    marked = sure and firsts == len(cues)
    known = {
        folded(x.name)
        for x in openings
        if folded(x.name) in sure or name_like(x.name) or (marked and not opens_sentence(x.name) and once_like(x.name))
    }
    chevrons = Counter(label.chevron for label in openings if folded(label.name) in known)
    lines: list[Line] = []
    speaker: str | None = None
    for cue in cues:
        said = list(_by_label(cue, known))
        # Where `>>` marks each change of speaker, a caption without one goes on.
        if said and said[0].speaker is None and chevrons[True] and not chevrons[False]:
            goes_on = not _CHEVRON.match(words_of(cue.rows[0]))
            said[0] = replace(said[0], speaker=speaker if goes_on else None)
        speaker = said[-1].speaker if said else speaker
        lines += said
    return check_labels(source, [(number, words_of(row)) for cue in cues for number, row in cue.payload], lines)


def _opening_rows(cue: Cue) -> list[str]:
    return [" ".join(cue.rows), *(row for row in cue.rows[1:] if _NEXT.match(words_of(row)))]


def _by_label(cue: Cue, known: set[str]) -> Iterator[Line]:
    speaker, words, begin = None, list[str](), cue.number
    for number, row in cue.payload:
        label = _label(row)
        if speaker is None and not words and _IN_BRACKETS.fullmatch(words_of(row).strip()) and len(cue.payload) > 1:
            yield left_out(words_of(row), number, "a sound or a remark in brackets")
            continue
        if label and folded(label.name) in known:
            if words:
                yield _said(cue, begin, speaker, " ".join(filter(None, words)))
            speaker, words, begin = label.name, [label.rest], number
        elif row.strip() != "-":
            words.append(words_of(row).strip())
    text = " ".join(filter(None, words))
    yield _said(cue, begin, speaker, text if speaker else _CHEVRON.sub("", text))


FORMAT = Format("webvtt", "WebVTT captions: Zoom, Teams, Google Meet, Webex", (".vtt",), _sniff, _read)
