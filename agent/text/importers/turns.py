"""From the lines of any format to a transcript: names given, order checked, one speaker's cues joined."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import cast, get_args

from agent.core.errors import ImportProblem
from agent.core.transcript import SpeakerRole, Transcript, Turn
from agent.text.importers.base import Line

ROLES: tuple[SpeakerRole, ...] = get_args(SpeakerRole)
NOBODY = "?"
SAME = "same"
_NAME_IT = (
    f'write the name before the words, or say --speakers "{NOBODY}=NAME" or "{NOBODY}={SAME}" for who spoke before'
)


def folded(name: str) -> str:
    """A speaker's name for comparison: Unicode form, case and white space do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def transcript_of(where: str, lines: Iterable[Line], speakers: Mapping[str, str] | None = None) -> Transcript:
    """The transcript that `lines` make. `where` is the file's name for errors.

    `speakers` maps a label of the file to a role word (`rep`, `customer`, `buyer`, `interviewer`, `other`) or to the
    person's name; the label `?` stands for words without a speaker, its value `same` for whoever spoke before.
    Raises ImportProblem for no words at all, words of nobody, times out of order, characters that are no text.
    """
    mapping = {folded(label): value.strip() for label, value in (speakers or {}).items()}
    spoken = [_clean(line) for line in lines]
    named = _named(where, [line for line in spoken if line.text], mapping)
    if not named:
        raise ImportProblem(where, None, "there are no words in this file", "check that the export has a transcript")
    _check_order(where, named)
    return Transcript(turns=_turns(named), roles=_roles(named, mapping))


def _clean(line: Line) -> Line:
    speaker = " ".join(line.speaker.split()) if line.speaker else None
    return replace(line, speaker=speaker or None, text=line.text.strip())


def _named(where: str, lines: Sequence[Line], mapping: Mapping[str, str]) -> list[Line]:
    named: list[Line] = []
    for line in lines:
        _check_characters(where, line)
        speaker = line.speaker or _of_nobody(mapping, named)
        if speaker is None:
            words = line.text if len(line.text) <= 40 else line.text[:39] + "…"
            raise ImportProblem(where, line.number, f"no speaker: these words belong to nobody: {words!r}", _NAME_IT)
        named.append(replace(line, speaker=_renamed(speaker, mapping)))
    return named


def _check_characters(where: str, line: Line) -> None:
    try:
        f"{line.speaker or ''}{line.text}".encode()
    except UnicodeEncodeError:
        what = "a character here is half of a surrogate pair, which is no text"
        raise ImportProblem(where, line.number, what, "export the file again as UTF-8") from None


def _of_nobody(mapping: Mapping[str, str], before: Sequence[Line]) -> str | None:
    value = mapping.get(NOBODY)
    if value == SAME:
        return before[-1].speaker if before else None
    return NOBODY if value else None


def _renamed(speaker: str, mapping: Mapping[str, str]) -> str:
    value = mapping.get(folded(speaker), "")
    if not value or (value == SAME and speaker == NOBODY):
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


def _roles(lines: Sequence[Line], mapping: Mapping[str, str]) -> dict[str, SpeakerRole]:
    names = dict.fromkeys(cast(str, line.speaker) for line in lines)
    by_word = {role: role for role in ROLES}
    return {name: by_word[value] for name in names if (value := mapping.get(folded(name), "")) in by_word}
