"""A directory (or zip) of transcripts and its manifest into interviews."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from agent.core.errors import ImportProblem
from agent.core.transcript import SpeakerRole
from agent.interviews.model import Interview
from agent.text.dates import DateOrder
from agent.text.importers import Reader, Reading, Source, reading_of
from agent.text.importers.turns import NOBODY, NOTES
from agent.text.intake import (
    Intake,
    check_roster,
    file_on,
    for_file,
    is_notes,
    load_all,
    manifest_on,
    people_of,
    placed,
    with_open_sides,
)
from agent.text.manifest import InterviewRow, read_interview_manifest
from agent.text.names import People, folded
from agent.text.notes import read_notes
from agent.text.shelf import Shelf, shelf_at


def load_interviews(
    directory: Path | Shelf,
    manifest: Path | Source,
    mapping: Mapping[str, str] | None = None,
    speakers: Mapping[str, str] | None = None,
    roster: Collection[str] | None = None,
    *,
    format: str | None = None,
    reader: Reader = reading_of,
    dates: DateOrder = "",
    reps: People | None = None,
    buyers: People | None = None,
    notes: bool = False,
) -> Intake[Interview]:
    """The interviews that `manifest` lists, read from `directory`, which may be a zip or a
    shelf (and hold the manifest).

    The manifest's buyer (several are separated by semicolons) has the role `buyer`, its interviewer, or the only other
    voice there is, `interviewer`. Of several other voices nobody is given a side (it may be a second buyer): their
    sides stay open, unless `speakers` (label, or FILE:LABEL for one file, -> role word or name) says otherwise.
    `roster` are the known reps, `mapping` renames columns, `format` forces the file format, `reader` reads a file in
    the place of `reading_of`, `dates` orders dates like 3/4/2026, `reps` and `buyers` give people the names they have
    already. With `notes` all files are notes or e-mails of one voice where the manifest's column `kind` does not say
    otherwise. Raises ImportProblem when the manifest or the directory as a whole is unusable.
    """
    shelf = shelf_at(directory)
    listed = read_interview_manifest(manifest_on(shelf, manifest), mapping, dates)
    says, known, others = speakers or {}, reps or People(), buyers or People()

    def one(row: InterviewRow) -> tuple[Reading, Interview]:
        check_roster(listed.name, row, roster)
        if of_one_voice := is_notes(row, shelf, says, notes=notes):
            read = read_notes(file_on(shelf, listed.name, row), row.buyers)
            transcript = read.transcript
        else:
            source = file_on(shelf, listed.name, row)
            told = for_file(says, row, source.name)
            try:
                read = reader(source, format=format, speakers=told, people=people_of(row))
            except ImportProblem as problem:
                raise _or_notes(problem) from None
            asking: dict[str, SpeakerRole] = dict.fromkeys(map(folded, row.interviewer.split(";")), "interviewer")
            transcript = placed(listed.name, row.line, read.transcript, row.buyers, "buyer", asking, "interviewer")
            read = with_open_sides(read, transcript, row.buyers, "interviewer")
        return read, Interview(
            id=row.id,
            alias=row.alias,
            transcript=transcript,
            kind="notes" if of_one_voice else "conversation",
            outcome=row.outcome,
            ending=row.ending,
            date=row.date,
            buyer=others.each(row.buyer, ";"),
            rep=known.one(row.rep),
            account=row.account,
            stage=row.stage,
            details={**({"interviewer": row.interviewer} if of_one_voice and row.interviewer else {}), **row.details},
        )

    return load_all(shelf, directory, manifest, listed, one)


def _or_notes(problem: ImportProblem) -> ImportProblem:
    """Where nobody is named in the whole file, it may be notes."""
    if f'"{NOBODY}=NAME"' not in problem.told.option:
        return problem
    option = f'{problem.told.option}, or "FILE:{NOBODY}={NOTES}" (all: --kind notes) where one voice tells of it'
    return ImportProblem(problem.where, problem.line, problem.what, replace(problem.told, option=option))
