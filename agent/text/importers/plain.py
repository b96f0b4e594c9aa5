"""Plain text in the ways people and call tools write it.

A turn opens with a line in one of these styles and goes on until the next one:

    bracketed   [00:01:02] Ann Lee: …      (00:01:02) Ann Lee: …     [00:01.0 --> 00:02.5] Ann Lee: …
    clock       00:01:02 Ann Lee: …        00:01:02 - Ann Lee: …             00.01.02 Ann Lee: …
    slashed     00:01:02 / Ann Lee / …
    after       Ann Lee (01:02): …         Ann Lee [00:01:02]: …     Ann Lee (01:02)  alone (Rev)
                Ann Lee (min. 1:02)   alone
    heading     Ann Lee  1:02   alone (Otter)    0:02 | Ann Lee   (Gong)    @0:02 - Ann Lee (Acme)   (Fathom)
    caption     [Ann Lee] 10:02:33   alone (Zoom's saved captions; the time is of the day)
    two rows    Ann Lee   alone, 0:02 alone below it (Zoom's web page, tl;dv) or above it
    tabbed      00:01:02 ⇥ Ann Lee: ⇥ …   (Zoom's meeting_saved_closed_caption and others)   Ann Lee | 0:02 | …
    keyed       SPEAKER: S1   alone, the words below it (Speechmatics)
    label       Ann Lee: …                 Ann Lee:: …   where every name has two colons
    tab         Ann Lee ⇥ …
    marked      Ann Lee – …   Ann Lee | …   <Ann Lee> …   on every row
    name        Ann Lee   alone, the words below it

Only styles that the file really uses count, and only labels that recur in one, are known, or look like a
name: a colon or a clock inside somebody's words must not open a turn. What stands above the first turn
and below the last is left out.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from agent.text.importers.base import MAX_ROWS, Format, Line, Source, left_out
from agent.text.importers.labels import bare_label, handle_like, name_like, once_like, plausible, recurring
from agent.text.importers.rare import as_usual, check_rare
from agent.text.importers.sceptic import check_labels, ends_sentence
from agent.text.importers.styles import (
    BRACKETS,
    CLOCK_WORDS,
    EVERY_ROW,
    FOOT,
    HEAD,
    LOOSE,
    MARKER,
    MARKING,
    RULE,
    STYLES,
    TIMED_WORDS,
    TWO_ROWS,
    UNTIMED,
    Opening,
    bare,
    candidates,
    is_time,
    time_of,
)
from agent.text.importers.times import clock_seconds
from agent.text.names import folded

# A style that less than one opening in so many has is a turn of phrase ("Monday 10:30"), not one of the file's styles.
_RARE = 5
# What exports write above and below the conversation; nobody spoke it.
_HEAD_ROWS, _NEAR_MARKER, _MAX_FRONT_MATTER, _MAX_VALUE = 40, 5, 80, 6
_NUMBERED = re.compile(r"(\d{1,6})(?:\t+|[.:)]?\s+)(\S.*)")
_ANEW, _NAME_WORDS = 0.8, 3
_ABOVE, _BELOW, _PAGE = "above the first turn", "below the last turn", "written by the tool"

# A row that opens a turn (or words of nobody), when, and the rows of the words with their numbers.
_Turn = tuple[Opening | None, int, float | None, list[tuple[int, str]]]


def _sniff(source: Source) -> bool:
    return bool(source.text.strip()) and source.document is None


def _read(source: Source) -> list[Line]:
    return lines_of_text(source, source.lines)


def lines_of_text(source: Source, written: Sequence[str]) -> list[Line]:
    """The turns in rows of text, numbered from 1, and the rows that were left out. `source` has the names of known
    speakers."""
    if len(written) > MAX_ROWS:
        raise source.problem(MAX_ROWS, f"the file has more than {MAX_ROWS} lines", "one transcript a file: split it")
    if source.one_voice:
        return [Line(None, row, None, number) for number, row in enumerate(written, start=1)]
    text = _Text(source, _without_numbers([bare(row) for row in as_usual(written)]))
    lines = [*text.lines(), *text.aside]
    check_rare(source, written, [opening.label if opening else "" for opening in text.openings])
    return check_labels(source, list(enumerate(written, start=1)), lines)


def _without_numbers(rows: list[str]) -> list[str]:
    """The rows without their line numbers, if every row has one."""
    numbered = [_NUMBERED.fullmatch(row) for row in rows if row]
    counts = [int(match[1]) for match in numbered if match]
    if len(counts) < max(3, len(numbered)) or counts != list(range(counts[0], counts[0] + len(counts))):
        return rows
    return [_NUMBERED.sub(r"\2", row) for row in rows]


class _Text:
    """The rows of one text while they are turned into lines. Rows that turn out not to be spoken are moved to
    `aside` and blanked in `rows`."""

    def __init__(self, source: Source, rows: list[str]) -> None:
        self.source, self.rows = source, rows
        self.aside: list[Line] = []
        self._candidates = self._believable([candidates(row) for row in rows])
        self._cut_head()
        self._cut_foot()
        self.openings = self._chosen()
        self.times = self._times_above()
        self._clocked = any(o and o.style in ("clock", "slashed") for o in self.openings)

    def _believable(self, found: Sequence[Mapping[str, Opening]]) -> list[Mapping[str, Opening]]:
        """The openings without labels that look like no name and occur once: anything before a colon may be a label
        if it recurs."""
        counts = Counter((style, opening.name) for each in found for style, opening in each.items())
        return [
            {
                style: o
                for style, o in each.items()
                if counts[style, o.name] > 1 or plausible(o.label) or o.name in self.source.people
            }
            for each in found
        ]

    def lines(self) -> list[Line]:
        if not any(self.openings):
            return self._nobodys()
        self._cut_repeated()
        self._cut_remarks()
        self._cut_ends()
        return self._collected()

    def _leave_out(self, i: int, why: str) -> None:
        if self.rows[i] and not RULE.fullmatch(self.rows[i]):
            self.aside.append(left_out(self.rows[i], i + 1, why))
        self.rows[i], self._candidates[i] = "", {}

    def _cut_head(self) -> None:
        """Leaves out the head that an export adds: front matter, everything above a line `Transcript`, and `Date: …`.

        A label that occurs again is a speaker's and no head.
        """
        rows = self.rows
        begin = 0
        if rows and rows[0] == "---":
            ends = next((i for i, row in enumerate(rows[1:_MAX_FRONT_MATTER], start=1) if row == "---"), None)
            begin = ends + 1 if ends else 0
        begin = max(begin, self._after_marker())
        for i in range(begin):
            self._leave_out(i, _ABOVE)
        counts = Counter(c["label"].name for c in self._candidates if "label" in c)
        for i, row in enumerate(rows[: begin + _HEAD_ROWS]):
            head = HEAD.fullmatch(row)
            if row and not RULE.fullmatch(row) and not FOOT.fullmatch(row.strip("*_ ")) and head is None:
                break
            if head and counts[folded(head["label"])] > 1:
                break
            self._leave_out(i, _ABOVE)
        self._cut_keys(counts)

    def _cut_keys(self, counts: Mapping[str, int]) -> None:
        """Leaves out keys at the top such as `Interviewee: Ann Lee` or `Client: Acme`: they occur once, and no value
        is a sentence. One of them must name a speaker of the file, or none may look like a name, or a blank row must
        part them from people who recur."""
        keys: list[int] = []
        for i, row in enumerate(self.rows[:_HEAD_ROWS]):
            found = self._candidates[i].get("label")
            if (row and (counts[found.name] > 1 if found else not keys)) or not self._is_value(
                found.rest if found else row
            ):
                break
            keys += [i] if found else []
        if not keys or sum(count > 1 for count in counts.values()) < 2:
            return
        values = {folded(self._candidates[i]["label"].rest) for i in keys}
        labels = [self._candidates[i]["label"].label for i in keys]
        apart = len(keys) > 1 and not self.rows[keys[-1] + 1]
        nobody = all(" " in label and not name_like(label) for label in labels)
        if apart or nobody or any(counts[value] > 1 for value in values):
            for i in keys:
                self._leave_out(i, _ABOVE)

    @staticmethod
    def _is_value(rest: str) -> bool:
        return len(rest.split()) <= _MAX_VALUE and not re.search(r"[.?!…](\s|$)", rest)

    def _after_marker(self) -> int:
        """The row where the conversation begins below a line that says only `Transcript`, else 0.

        The line counts only if a turn follows right below it and none of the speakers below speaks above it: somebody
        may just have said the word.
        """
        names = [{opening.name for opening in c.values()} for c in self._candidates]
        for i in reversed(range(len(self.rows))):
            if not MARKER.fullmatch(self.rows[i]):
                continue
            near = [n for n in range(i + 1, len(self.rows)) if self.rows[n]][:_NEAR_MARKER]
            if not any(self._candidates[n] for n in near):
                continue
            below = set[str]().union(*names[i + 1 :])
            if not any(names[n] & below for n in range(i)):
                return i + 1
        return 0

    def _cut_foot(self) -> None:
        """Leaves out what exports add below the conversation, and lines of the tool within it."""
        for i, row in enumerate(self.rows):
            if row and FOOT.fullmatch(row.strip("*_ ")):
                self._leave_out(i, _PAGE)
        for i in reversed(range(len(self.rows))):
            if self.rows[i] and not RULE.fullmatch(self.rows[i]):
                break
            self._leave_out(i, _BELOW)

    def _below(self, i: int) -> int | None:
        """The next row that is not blank."""
        return next((n for n in range(i + 1, min(i + 6, len(self.rows))) if self.rows[n]), None)

    # Which rows open turns

    def _chosen(self) -> list[Opening | None]:
        handles = self._handles()
        if handles:
            return handles
        by_style = {style: self._in_style(style) for style in STYLES} | {TWO_ROWS: self._two_rows()}
        for style in EVERY_ROW:
            if not self._in_every_row(style, by_style[style]):
                by_style[style] = {}
        sure = {style: self._recurring(openings) for style, openings in by_style.items()}
        good = {
            style: {i: o for i, o in openings.items() if o.name in sure[style] or name_like(o.label)}
            for style, openings in by_style.items()
        }

        def score(style: str) -> float:
            openings = good[style]
            if len(openings) * 2 < len(by_style[style]):
                return 0
            points = sum(2 if o.name in sure[style] else 1 for o in openings.values())
            return points * (1 if style == "label" else 1.5)

        best = max(by_style, key=lambda style: (score(style), -min(by_style[style], default=0)))
        if score(best) == 0:
            return self._names_alone()
        labels = self._labels(by_style["label"], sure["label"])
        chosen = labels if best == "label" else self._timed(best, by_style, good, labels)
        return [chosen.get(i) for i in range(len(self.rows))]

    def _recurring(self, openings: Mapping[int, Opening]) -> frozenset[str]:
        return recurring([o.label for o in openings.values()], self.source.people)

    def _in_style(self, style: str) -> dict[int, Opening]:
        """The rows that could open a turn in `style`. A heading counts only with words below it."""
        found = {i: c[style] for i, c in enumerate(self._candidates) if style in c}
        if style == "label" or style in EVERY_ROW:
            return found
        return {i: o for i, o in found.items() if o.rest or self._has_words_below(i, style, found)}

    def _has_words_below(self, i: int, style: str, headings: Mapping[int, Opening]) -> bool:
        below = self._below(i)
        if below is None or below in headings or MARKER.fullmatch(self.rows[below]):
            return False
        opens = CLOCK_WORDS.fullmatch(self.rows[below])
        return not (opens and style in LOOSE and not is_time(self.rows[below]))

    def _in_every_row(self, style: str, openings: Mapping[int, Opening]) -> bool:
        recur = style == "tab" or {o.name for o in openings.values()} == self._recurring(openings)
        return bool(openings) and recur and len(openings) == sum(map(bool, self.rows))

    def _two_rows(self) -> dict[int, Opening]:
        """Turns that open with a name and a time on separate rows, keyed by the first of the two rows. Which of the
        two comes first has to be the same everywhere."""
        alone = {i: time for i, row in enumerate(self.rows) if row and (time := time_of(row)) is not None}
        first = next((c for row, c in zip(self.rows, self._candidates, strict=True) if row), {})
        if MARKING & set(first):  # the file opens with a turn in a style of one row
            return {}
        ways: list[dict[int, Opening]] = []
        for step in (-1, 1):
            found: dict[int, Opening] = {}
            for i, time in alone.items():
                at = i + step
                label = bare_label(self.rows[at]) if 0 <= at < len(self.rows) and at not in alone else ""
                below = self._below(max(i, at))
                if (
                    plausible(label)
                    and any(map(str.isalpha, label))
                    and ":" not in label
                    and not BRACKETS.fullmatch(self.rows[at])
                    and below
                ):
                    found[min(i, at)] = Opening(TWO_ROWS, label, "", time)
            sure = self._recurring(found)
            named = sum(o.name in sure or name_like(o.label) for o in found.values())
            ways.append(found if len(found) > 1 and named >= 0.8 * len(alone) else {})
        return max(ways, key=len)

    def _labels(self, openings: Mapping[int, Opening], sure: frozenset[str]) -> dict[int, Opening]:
        """The rows `Name: …` that open turns: those of people who recur, and of somebody heard once if the file's
        form or the look of the name supports it."""
        rows = [i for i, row in enumerate(self.rows) if row]
        firm = [i for i, o in openings.items() if o.name in sure]
        first = min((i for i, o in openings.items() if o.name in sure or name_like(o.label)), default=0)
        everywhere = all(i in openings for i in rows if i >= first)
        begins = [i for i in firm if i == 0 or not self.rows[i - 1]]
        spaced = len(firm) > 1 and len(begins) >= 0.8 * len(firm)
        few = len(sure) < 2
        chosen: dict[int, Opening] = {}
        for i, opening in openings.items():
            placed = everywhere or (spaced and (i == 0 or not self.rows[i - 1])) or (few and not spaced)
            marked = everywhere and len(firm) * 2 >= len(rows) and once_like(opening.label)
            if opening.name in sure or (placed and name_like(opening.label)) or marked:
                chosen[i] = opening
        return chosen

    def _timed(
        self,
        best: str,
        by_style: Mapping[str, Mapping[int, Opening]],
        good: Mapping[str, Mapping[int, Opening]],
        labels: Mapping[int, Opening],
    ) -> dict[int, Opening]:
        """The rows that open turns in a file that mostly uses the style `best`, including rows in other styles that it
        uses.

        A label without a time counts, where times stand on headings above the words, only if that name opens a turn
        elsewhere ("Budget: …" is then one of the words below).
        """
        chosen = dict(by_style[best] if best in MARKING else good[best])
        if best in MARKING:
            chosen |= {i: c[best] for i, c in enumerate(self._candidates) if best in c and i not in chosen}
        total = sum(len(openings) for style, openings in good.items() if style not in UNTIMED)
        for style, openings in good.items():
            if style not in UNTIMED and style != best and len(openings) > 1 and len(openings) * _RARE >= total:
                chosen = {**openings, **chosen}
        known = {o.name for o in chosen.values()}
        for style, openings in by_style.items():
            if style != "label" and style not in EVERY_ROW:
                chosen |= {i: o for i, o in openings.items() if i not in chosen and o.name in known and o.label != ""}
        headed = any(not o.rest for o in chosen.values())
        for i, opening in (by_style["label"] if headed else {**by_style["label"], **labels}).items():
            if i not in chosen and (opening.name in known or (not headed and i in labels)):
                chosen[i] = opening
        if best == TWO_ROWS:
            for i in by_style[best]:
                chosen.pop(i + 1, None)
        return chosen

    def _handles(self) -> list[Opening | None]:
        """Chat handles in lower case before a colon, if every row has one; else an empty list."""
        found = [c.get("label") for c in self._candidates]
        filled = [o for row, o in zip(self.rows, found, strict=True) if row]
        every = bool(filled) and all(o and handle_like(o.label) for o in filled)
        return found if every else []

    def _names_alone(self) -> list[Opening | None]:
        """Names on lines of their own: above words, and after a blank line or met twice in such a place."""
        rows = self.rows
        if sum(map(is_time, rows)) > 1 and not self.source.people & {folded(row) for row in rows}:
            return [None] * len(rows)  # such names would stand beside the times
        places = [i for i, row in enumerate(rows) if name_like(bare_label(row)) and i + 1 < len(rows) and rows[i + 1]]
        often = Counter(rows[i] for i in places)
        openings: list[Opening | None] = [None] * len(rows)
        for i in places:
            above_is_name = i > 0 and openings[i - 1] is not None
            after_blank = (i == 0 or not rows[i - 1] or is_time(rows[i - 1])) and not rows[i].startswith("#")
            if not above_is_name and (after_blank or often[rows[i]] > 1):
                openings[i] = Opening("name", bare_label(rows[i]))
        return openings

    def _times_above(self) -> dict[int, float]:
        """Times that stand alone above a turn (Google Meet, Teams), by row number.

        Somebody's last words may be a clock time on a row of its own. So the rows count only if no turn has a time of
        its own, and either the first turn or at least two turns have one above them.
        """
        if any(opening and opening.start is not None for opening in self.openings):
            return {}
        found: dict[int, float] = {}
        first = next((i for i, opening in enumerate(self.openings) if opening), len(self.rows))
        waiting = -1
        for i, row in enumerate(self.rows):
            time = None if self.openings[i] or not row else time_of(row)
            if self.openings[i] and waiting >= 0:
                found[waiting] = time_of(self.rows[waiting]) or 0.0
            waiting = i if time is not None else waiting if not row else -1
        return found if len(found) > 1 or any(i < first for i in found) else {}

    # What is left out around and between turns

    def _cut_repeated(self) -> None:
        """Leaves out a row such as "user avatar" that stands right above half of the headings and nowhere else."""
        headings = [i for i, o in enumerate(self.openings) if o and not o.rest and i > 0]
        above = Counter(self.rows[i - 1] for i in headings if self.rows[i - 1] and not self.openings[i - 1])
        for text, count in above.items():
            if count > 1 and count * 2 >= len(headings) and self._time_free(text):
                for i, row in enumerate(self.rows):
                    if row == text:
                        self._leave_out(i, _PAGE)

    def _time_free(self, text: str) -> bool:
        return time_of(text) is None and self.rows.count(text) <= sum(o is not None for o in self.openings) + 1

    def _cut_remarks(self) -> None:
        """Leaves out a paragraph that is one remark in square brackets: "[Recording paused]"."""
        for i, row in enumerate(self.rows):
            around = self.rows[i - 1 : i] + self.rows[i + 1 : i + 2]
            ends = i + 1 < len(self.rows) and self.openings[i + 1] is not None
            alone = i > 0 and not around[0] and (len(around) < 2 or not around[1] or ends)
            if alone and row[:1] == "[" and BRACKETS.fullmatch(row) and not self.openings[i] and i not in self.times:
                self._leave_out(i, "a remark in brackets")

    def _cut_ends(self) -> None:
        """Leaves out what stands above the first turn, and paragraphs below the last turn if no other turn has two
        paragraphs."""
        first = next(i for i, opening in enumerate(self.openings) if opening)
        for i in range(first):
            if not self.rows[i] or i in self.times:
                continue
            timed = TIMED_WORDS.fullmatch(self.rows[i])
            opening = self._candidates[i].get("label")
            touching = all(self.rows[n] for n in range(i, first))
            # `ann: hello` right above the first turn is not a title: somebody speaks whose label is not believed.
            if not timed and not (touching and opening and opening.rest and once_like(opening.label)):
                self._leave_out(i, _ABOVE)
        last = max(i for i, opening in enumerate(self.openings) if opening)
        turns = [i for i, opening in enumerate(self.openings) if opening]
        blanks = sum(1 for i in turns if i and not self.rows[i - 1])
        inner = any(
            not self.rows[i - 1]
            and self.rows[i]
            and not self.openings[i]
            and i not in self.times
            and not (self.openings[i - 2] and not self.openings[i - 2].rest)  # type: ignore[union-attr]
            for i in range(first + 2, last)
        )
        if len(turns) < 3 or inner or blanks < len(turns) - 1:
            return
        begin = next((i for i in range(last + 2, len(self.rows)) if not self.rows[i - 1] and self.rows[i]), None)
        if begin is not None and any(self.rows[i] for i in range(last + 1, begin - 1)) | bool(self.openings[last].rest):  # type: ignore[union-attr]
            for i in range(begin, len(self.rows)):
                self._leave_out(i, _BELOW)

    # Lines

    def _collected(self) -> list[Line]:
        """One line for each turn, made of all its rows.

        A turn without words is an empty turn if it is written like the other turns and its speaker is heard elsewhere.
        Otherwise its row (`Budget:`, `at 10:30 Bob`) belongs to the words of the turn above.
        """
        turns: list[_Turn] = []
        pending: float | None = None
        skip = -1
        for i, (row, opening) in enumerate(zip(self.rows, self.openings, strict=True)):
            if opening:
                start = pending if opening.start is None else opening.start
                turns.append((opening, i, start, [(i, opening.rest)] if opening.rest else []))
                pending, skip = None, i + 1 if opening.style == TWO_ROWS else -1
            elif i in self.times:
                pending = self.times[i]
            elif not row or RULE.fullmatch(row) or i == skip:
                continue
            elif timed := self._timed_words(row):
                turns.append((None, i, timed[0], [(i, timed[1])]))
            elif turns:
                turns[-1][3].append((i, row))
            else:
                turns.append((None, i, None, [(i, row)]))
        return self._without_silent(turns)

    def _without_silent(self, turns: Sequence[_Turn]) -> list[Line]:
        heard = {opening.name for opening, _, _, words in turns if opening and words}
        style = next((opening.style for opening in self.openings if opening), "")
        lines: list[tuple[str | None, list[tuple[int, str]], float | None, int]] = []
        for opening, i, start, words in turns:
            if words:
                lines.append((opening.label if opening else None, words, start, i + 1))
            elif opening and (opening.style not in (style, TWO_ROWS) or opening.name not in heard):
                if lines:
                    lines[-1][1].append((i, self.rows[i]))
                else:
                    lines.append((None, [(i, self.rows[i])], None, i + 1))
        alone = len(heard) == 1 and _begin_anew([[row for _, row in words] for _, words, _, _ in lines])
        found: list[Line] = []
        for label, words, start, number in lines:
            own = words[:1] if alone else words
            found.append(Line(label, " ".join(row for _, row in own), start, number))
            found += [Line(None, row, None, i + 1, joins=True) for i, row in words[len(own) :]]
        return found

    def _timed_words(self, row: str) -> tuple[float, str] | None:
        """The start and the words of a row with a time and no name. Nobody is their speaker until `--speakers` names
        one."""
        timed = (CLOCK_WORDS if self._clocked else TIMED_WORDS).fullmatch(row)
        start = clock_seconds(timed["time"]) if timed else None
        return (start, timed["rest"]) if timed and start is not None else None

    def _nobodys(self) -> list[Line]:
        """The words of a text in which nobody is named, with the times that stand before or above them."""
        filled = [i for i, row in enumerate(self.rows) if row]
        before = {
            i: m for i in filled if (m := CLOCK_WORDS.fullmatch(self.rows[i])) and clock_seconds(m["time"]) is not None
        }
        alone = {i: time for i in filled if (time := time_of(self.rows[i])) is not None}
        bracketed = {i: m for i, m in before.items() if self.rows[i][0] in "[("}
        timed = before if len(before) > 1 and len(before) * 2 >= len(filled) else bracketed
        timed = {i: m for i, m in timed.items() if i not in alone}
        first = min([*timed, *(alone if len(alone) > 1 else ())], default=0)
        lines: list[tuple[list[str], float | None, int]] = []
        pending: float | None = None
        for i in filled:
            row = self.rows[i]
            numbered = row.isdigit() and i + 1 in alone
            if i < first and not numbered:
                self.aside.append(left_out(row, i + 1, _ABOVE))
            elif BRACKETS.fullmatch(row) and i not in alone:
                self.aside.append(left_out(row, i + 1, "a sound or a remark in brackets"))
            elif i in alone and (len(alone) > 1 or not lines):
                if not (i - 1 in alone and alone[i] == alone[i - 1]):
                    pending = alone[i]
            elif numbered or RULE.fullmatch(row):
                continue
            elif i in timed:
                lines.append(([timed[i]["rest"]], clock_seconds(timed[i]["time"]), i + 1))
            elif pending is None and lines and lines[-1][1] is not None:
                lines[-1][0].append(row)
            else:
                lines.append(([row], pending, i + 1))
                pending = None
        return [Line(None, " ".join(words), start, number, joins=start is not None) for words, start, number in lines]


def _begin_anew(turns: Sequence[Sequence[str]]) -> bool:
    """Whether the rows after a turn's first one mostly follow the end of a sentence, as new turns do. If only one
    speaker was found, these rows may be another's whose name was not recognised."""
    above = [row for words in turns for row in words[:-1]]
    ends = sum(ends_sentence(row) or len(row.split()) <= _NAME_WORDS for row in above)  # a name alone, or a sentence
    return bool(above) and ends >= _ANEW * len(above)


FORMAT = Format("text", "plain text: names before the words", (".txt", ".text", ".md", ".log"), _sniff, _read)
