"""Transcribing recordings, on behalf of somebody who may spend money and store words."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.app.telling import Note
from agent.app.verb import Who, verb
from agent.core.errors import ImportProblem
from agent.speech.hearing_files import HeardFolder, Recorded, hear_files


@dataclass(frozen=True)
class Heard:
    """How many recordings were to be transcribed, and which could not be read."""

    files: int
    problems: tuple[ImportProblem, ...]


@verb(
    "ops_lead",
    audit="recordings_heard",
    subject=lambda done: "",
    facts=lambda done: {"files": done.files, "problems": len(done.problems)},
)
async def hear(
    who: Who,
    files: Sequence[Recorded],
    into: HeardFolder,
    note: Note,
    *,
    allowed: bool = False,
    budget_usd: float | None = None,
) -> Heard:
    """Let the transcriber's model transcribe recordings. InputError if the sound may not leave this machine."""
    problems = await hear_files(who.space, files, into, allowed=allowed, budget_usd=budget_usd, note=note)
    return Heard(len(files), tuple(problems))
