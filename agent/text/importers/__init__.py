"""Files into transcripts. Each format has a file of its own here and a place in `FORMATS`.

`read_transcript` for a path, `read_transcript_bytes` for an upload or a member of a zip, `detect` for the format alone.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from agent.core.errors import Advice, ImportProblem, UsageError
from agent.core.transcript import Transcript
from agent.text.importers import (
    archive,
    aws_transcribe,
    chats,
    closeread_json,
    csv_table,
    deepgram,
    gong,
    json_lists,
    mail,
    markup,
    odt,
    pdf,
    plain,
    revai,
    srt,
    subtitles,
    webvtt,
    whisper,
    word,
    workbook,
)
from agent.text.importers.base import MAX_BYTES, RECORDINGS, Format, Line, Source
from agent.text.importers.completeness import complete
from agent.text.importers.sceptic import check_words
from agent.text.importers.turns import NOBODY, ROLES, WORDS, transcript_of
from agent.text.names import all_folded

# In the order they are asked: what its first bytes give away, then text: captions, JSON by its keys, tables, the rest.
_PACKED: tuple[Format, ...] = (
    pdf.FORMAT,
    word.FORMAT,
    workbook.FORMAT,
    odt.FORMAT,
    archive.FORMAT,
    markup.RTF,
    mail.FORMAT,
)
_TEXT: tuple[Format, ...] = (
    webvtt.FORMAT,
    srt.FORMAT,
    srt.SBV,
    srt.LRC,
    subtitles.FORMAT,
    gong.FORMAT,
    aws_transcribe.FORMAT,
    deepgram.FORMAT,
    revai.FORMAT,
    closeread_json.FORMAT,
    whisper.FORMAT,
    chats.FORMAT,
    json_lists.FORMAT,
    markup.HTML,
    csv_table.FORMAT,
    plain.FORMAT,
)
# Services whose JSON had a reader of its own once: their names are still understood.
_READ_AS_JSON = frozenset({"assemblyai", "fathom", "fireflies"})
FORMATS: tuple[Format, ...] = (*_PACKED, *_TEXT)

__all__ = [
    "FORMATS",
    "ROLES",
    "Format",
    "Line",
    "Reader",
    "Reading",
    "Source",
    "detect",
    "lines_of",
    "read_source",
    "read_transcript",
    "read_transcript_bytes",
    "reading_of",
    "transcript_in",
]


def read_transcript(
    path: Path, *, format: str | None = None, speakers: Mapping[str, str] | None = None, decided: bool = False
) -> Transcript:
    """The transcript in the file at `path`. Raises ImportProblem; for the arguments see `read_transcript_bytes`.
    `decided`: this program wrote the file, so who speaks was settled before and is not asked again."""
    return transcript_in(replace(read_source(path), decided=decided), format=format, speakers=speakers)


def read_source(path: Path) -> Source:
    """The file at `path`. Raises ImportProblem if it cannot be read or is larger than any transcript."""
    try:
        if path.suffix.lower() in RECORDINGS:
            with path.open("rb") as file:
                return Source(str(path), file.read(16), path=path)  # never read as a whole
        if path.stat().st_size > MAX_BYTES:
            raise ImportProblem(str(path), None, f"the file is larger than {MAX_BYTES // 2**20} MB", "split it")
        return Source(str(path), path.read_bytes())
    except OSError as error:
        raise ImportProblem(str(path), None, f"cannot be read: {error.strerror or error}") from None


def read_transcript_bytes(
    data: bytes, name: str, *, format: str | None = None, speakers: Mapping[str, str] | None = None
) -> Transcript:
    """The transcript in `data`; `name` is what errors call it, and its suffix helps to tell formats apart.

    `format` is the name of one of `FORMATS`, else the content decides. `speakers` maps a label of the file to a role
    word (`rep`, `customer`, `buyer`, `interviewer`, `other`) or to a name; `?` is the label of words without speaker.
    Raises ImportProblem with the line for anything wrong with the file, UsageError for an unknown format name.
    """
    return transcript_in(Source(name, data), format=format, speakers=speakers)


def transcript_in(
    source: Source, *, format: str | None = None, speakers: Mapping[str, str] | None = None
) -> Transcript:
    """The transcript in a file that is in memory with its name; the arguments are those of `read_transcript_bytes`.
    A zip with a single file in it is read as that file."""
    return reading_of(source, format=format, speakers=speakers).transcript


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read from a file: the transcript, the file's format (of a zip with one file: that file's), and notes
    for the person who imports it. `recording` is the hash of the recording in which the words were heard."""

    format: Format
    transcript: Transcript
    notes: tuple[str, ...]
    recording: str = ""


def reading_of(
    source: Source,
    *,
    format: str | None = None,
    speakers: Mapping[str, str] | None = None,
    people: Iterable[str] = (),
) -> Reading:
    """Reads a file into its transcript, format and notes. `people` are known to speak in it, so their labels count
    whatever they look like; the other arguments are those of `read_transcript_bytes`."""
    known = all_folded([*people, *(label for label in speakers or {} if label != NOBODY)])
    words = all_folded(label for label, value in (speakers or {}).items() if value.strip() == WORDS)
    source = replace(source, people=known, words=words)
    form = _format_named(format) if format else detect(source)
    if form is archive.FORMAT:
        source = replace(_only_member(source), people=known, words=words)
        form = detect(source)
    transcript, notes = transcript_of(source.name, lines_of(form, source), speakers)
    if form not in _PACKED and source.is_old_western:
        notes = (*notes, "the file is no UTF-8 and was read as Windows-1252: look at the accents")
    return Reading(form, transcript, notes)


def lines_of(form: Format, source: Source) -> list[Line]:
    """The lines that `form` reads from the file. No word of the file is lost: what is not part of the talk is marked
    as left out."""
    lines = form.read(source)
    if form.suffixes == (".json",) and not source.one_voice:
        lines = complete(source, _named_in_words(source, lines))
    return check_words(source, lines)


def _named_in_words(source: Source, lines: list[Line]) -> list[Line]:
    """The lines with speakers taken from the beginnings of their words ("Ann: …"), for JSON that names no speaker
    anywhere else."""
    if any(line.speaker for line in lines):
        return lines
    spoken = [line for line in lines if line.spoken]
    cues = [
        webvtt.Cue("", line.start or 0.0, tuple((i, row) for row in line.text.split("\n") if row.strip()))
        for i, line in enumerate(spoken)
    ]
    read = webvtt.caption_lines(source, [cue for cue in cues if cue.payload])
    if sum(line.speaker is not None for line in read) * 2 <= len(spoken):
        return lines
    named = [replace(line, start=spoken[line.number or 0].start, number=None) for line in read]
    return [*(line for line in lines if not line.spoken), *named]


class Reader(Protocol):
    """The signature of `reading_of`, for callers that put something in its place, such as a reader that remembers
    what it has read."""

    def __call__(
        self,
        source: Source,
        *,
        format: str | None = None,
        speakers: Mapping[str, str] | None = None,
        people: Iterable[str] = (),
    ) -> Reading: ...


def _only_member(source: Source) -> Source:
    archive.check_kind(source)
    found = archive.members(source)
    if len(found) != 1 or detect(found[0]) is archive.FORMAT:
        what = f"this zip holds {len(found)} files, not one transcript"
        raise source.problem(None, what, "import the zip together with its manifest")
    return found[0]


def detect(source: Source) -> Format:
    """The format of the file, told by its content. Raises ImportProblem for a recording and for an empty, binary or
    wrongly encoded file."""
    if source.is_recording:
        how = "bring it by itself" if source.path is None else "bind a model to the role transcriber"
        hint = f"{how}, or transcribe it and import the transcript"
        raise source.problem(None, "this is a recording, not a transcript", hint)
    form = next((form for form in _PACKED if form.sniff(source)), None)
    if form is None and not source.text.strip():
        raise source.problem(None, "the file is empty", "export the transcript again")
    form = form or next((form for form in _TEXT if form.sniff(source)), None)
    if form is plain.FORMAT and csv_table.is_table(source):
        form = csv_table.FORMAT  # and its refusal names the columns
    if form is None:
        raise source.problem(
            None,
            "no transcript format fits this file",
            Advice(text="export it again as text or WebVTT, or say which format it is", option="--format"),
        )
    return form


def _format_named(name: str) -> Format:
    name = "json" if name in _READ_AS_JSON else name
    form = next((form for form in FORMATS if form.name == name), None)
    if form is None:
        raise UsageError(f"no transcript format is called {name!r}; there are: {', '.join(f.name for f in FORMATS)}")
    return form
