"""From the lines of any format to a transcript: names given, order checked, one speaker's cues joined.

What stands in a file and was not said, or was said by somebody who is easily overlooked, is told in notes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast, get_args

from agent.core.errors import Advice, ImportProblem
from agent.core.language import N_, NN_, NS_
from agent.core.transcript import SpeakerRole, Transcript, Turn
from agent.text.importers.base import MAX_ROWS, Line
from agent.text.names import folded

ROLES: tuple[SpeakerRole, ...] = get_args(SpeakerRole)
NOBODY = "?"
SAME = "same"
WORDS = "words"
LEFT_OUT = "nobody"
NOTES = "notes"
_NAME_IT = Advice(
    text="write the name before the words",
    option=f'--speakers "{NOBODY}={SAME}" for who spoke before',
    there="say it under Who speaks",
)
_OR_NAME = replace(_NAME_IT, option=f'--speakers "{NOBODY}=NAME", or "{NOBODY}={SAME}" for who spoke before')
_TIME_LINE = re.compile(r"\d:\d\d\s*-->\s*\d|[:.,]\d{1,6}\s*-->\s*\d+:\d")
_CLOCK_FIRST = re.compile(r"[\[(]?\d{1,2}:\d{2}:\d{2}([.,]\d{1,3})?[\])]?(\s|$)|[\[(]\d{1,3}:\d{2}[\])]")
# How many turns have to open with a clock before it is a mark of the file and no time of day that was said.
_CLOCKS = 2
_FEW_TURNS = 4


def transcript_of(
    where: str, lines: Iterable[Line], speakers: Mapping[str, str] | None = None
) -> tuple[Transcript, tuple[str, ...]]:
    """The transcript made of `lines`, and notes about the reading. `where` is the file's name for errors.

    `speakers` maps a label of the file to a role word (`rep`, `customer`, `buyer`, `interviewer`, `other`), to the
    person's name, or to `words`: no label, but part of what the person before says. The label `?` stands for words
    without a speaker, its value `same` for whoever spoke before, `nobody` for leaving them out.
    Raises ImportProblem for no words at all, words of nobody, times out of order, characters that are no text, and
    words that hold what is no speech: a time line, a clock before each, another speaker's label.
    """
    mapping = {folded(label): value.strip() for label, value in (speakers or {}).items()}
    given = list(lines)
    if len(given) > MAX_ROWS:
        raise ImportProblem(where, None, f"the file has more than {MAX_ROWS} turns", "one transcript a file: split it")
    read = [_clean(line) for line in given]
    for line in read:
        try:
            f"{line.speaker or ''}{line.text}".encode()
        except UnicodeEncodeError:
            what = "a character here is half of a surrogate pair, which is no text"
            raise ImportProblem(where, line.number, what, "export the file again as UTF-8") from None
    spoken = [line for line in read if line.spoken and line.text]
    named = _named(where, spoken, mapping)
    if not named:
        raise ImportProblem(where, None, "there are no words in this file", "check that the export has a transcript")
    _check_order(where, named)
    _check_words(where, named)
    turns = _turns(named)
    left = [replace(line, note="belong to nobody") for line in spoken if _dropped(line, mapping)]
    aside = [line for line in read if line.text and not line.spoken]
    notes = (*_told([*aside, *left], "left out"), *_told([x for x in named if x.note], "note"), *_heard(turns))
    names = dict.fromkeys(cast(str, line.speaker) for line in named)
    by_word = {role: role for role in ROLES}
    roles = {name: by_word[value] for name in names if (value := mapping.get(folded(name), "")) in by_word}
    return Transcript(turns=turns, roles=roles), notes


def _clean(line: Line) -> Line:
    speaker = " ".join(line.speaker.split()) if line.speaker else None
    return replace(line, speaker=speaker or None, text=line.text.strip())


def _dropped(line: Line, mapping: Mapping[str, str]) -> bool:
    return line.speaker is None and mapping.get(NOBODY) == LEFT_OUT


def _named(where: str, lines: Sequence[Line], mapping: Mapping[str, str]) -> list[Line]:
    named: list[Line] = []
    structured = any(line.speaker for line in lines)
    for line in lines:
        if _dropped(line, mapping):
            continue
        if line.speaker and mapping.get(folded(line.speaker)) == WORDS and named:
            line = replace(line, speaker=named[-1].speaker, text=f"{line.speaker}: {line.text}", joins=True)
        speaker = line.speaker or _of_nobody(mapping, named)
        if speaker is None:
            words = line.text if len(line.text) <= 40 else line.text[:39] + "…"
            hint = _NAME_IT if structured else _OR_NAME
            raise ImportProblem(where, line.number, f"no speaker: these words belong to nobody: {words!r}", hint)
        named.append(replace(line, speaker=_renamed(speaker, mapping)))
    return named


def _of_nobody(mapping: Mapping[str, str], before: Sequence[Line]) -> str | None:
    value = mapping.get(NOBODY)
    if value == SAME:
        return before[-1].speaker if before else None
    return NOBODY if value else None


def _renamed(speaker: str, mapping: Mapping[str, str]) -> str:
    value = mapping.get(folded(speaker), "")
    if not value or value in (WORDS, LEFT_OUT) or (value == SAME and speaker == NOBODY):
        return speaker
    return speaker if value in ROLES else " ".join(value.split())


def _check_order(where: str, lines: Sequence[Line]) -> None:
    latest = 0.0
    for line in lines:
        if line.start is None:
            continue
        if line.start < latest:
            what = f"{line.speaker}'s words at {line.start:g} s stand after words at {latest:g} s: out of time order"
            raise ImportProblem(where, line.number, what, "put the turns in the order spoken, or correct the time")
        latest = line.start


def _check_words(where: str, lines: Sequence[Line]) -> None:
    """Raises ImportProblem if words contain parts of the file's structure: something was not understood then, and
    nobody can tell who speaks."""
    inside = next((line for line in lines if "-->" in line.text and _TIME_LINE.search(line.text)), None)
    if inside:
        what = f"a time line stands inside {inside.speaker}'s words"
        raise ImportProblem(where, inside.number, what, "put each caption's time line on a line of its own")
    clocks = [line for line in lines if _CLOCK_FIRST.match(line.text)]
    if len(clocks) >= _CLOCKS and len(clocks) * 2 >= len(lines):
        what = f"words open with a clock time: {clocks[0].text[:40]!r}"
        raise ImportProblem(where, clocks[0].number, what, "write the time before the name: [00:01:02] Ann Lee: …")
    labels = Counter(line.speaker for line in lines)
    names = [re.escape(label) for label, _ in labels.most_common(50) if label and len(label) > 2 and label != NOBODY]
    if len(labels) < 2 or not names:
        return
    again = re.compile(rf"(?<![\w:])({'|'.join(sorted(names, key=len, reverse=True))})\s?: ")
    hits = [(line, match[1]) for line in lines if ": " in line.text and (match := again.search(line.text))]
    if len(hits) > 1:
        line, label = hits[0]
        what = f"{line.speaker}'s words hold the label {label!r}: another turn seems to begin inside them"
        raise ImportProblem(where, line.number, what, "begin each turn on a line of its own")


def _turns(lines: Sequence[Line]) -> tuple[Turn, ...]:
    joined: list[list[Line]] = []
    for line in lines:
        if joined and line.joins and joined[-1][0].speaker == line.speaker:
            joined[-1].append(line)
        else:
            joined.append([line])
    return tuple(
        Turn(index=i, speaker=cast(str, group[0].speaker), text=" ".join(x.text for x in group), start=group[0].start)
        for i, group in enumerate(joined)
    )


# The parts of a note, which a page tells one by one.
NS_("left out", "note", "line {n}", "{n} words", "the first", "belong to nobody")
NN_("{n} line", "{n} lines")


def _told(lines: Sequence[Line], kind: str) -> list[str]:
    """One note for each thing that was done to lines: how many lines, how many words, and the first of them."""
    by_note: dict[str, list[Line]] = {}
    for line in lines:
        by_note.setdefault(line.note, []).append(line)
    told = []
    for note, some in by_note.items():
        first = some[0]
        place = f"line {first.number}, " if first.number else ""
        sample = f"{place}{first.text[:50]!r}"
        words = sum(len(line.text.split()) for line in some)
        many = f"{len(some)} lines ({words} words), the first: " if len(some) > 1 else ""
        told.append(f"{note}: {many}{sample}" if kind == "note" else f"left out, {note}: {many}{sample}")
    return told


_ONE_SPEAKER = N_("only one speaker is heard: {name}")
_HEARD_ONCE = N_("heard once: {names}; if that is no speaker, say that it is words")


def _heard(turns: Sequence[Turn]) -> list[str]:
    counts = Counter(turn.speaker for turn in turns)
    if len(counts) == 1:
        return [_ONE_SPEAKER.format(name=turns[0].speaker)]
    once = [name for name, count in counts.items() if count == 1]
    if once and len(turns) >= _FEW_TURNS and len(counts) > 2:
        return [_HEARD_ONCE.format(names=", ".join(once))]
    return []
