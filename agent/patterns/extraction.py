"""The whole of step 2: two analysts, a merge, two analysts again, adjudication, counting."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent.app.asking import all_or_first_error
from agent.core.errors import InputError
from agent.interviews.model import Analyst, Codebook, Coding, Extraction, Interview
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.patterns.coding import Cell, Moments, Noted, adjudicate, apply_codebook, note_behaviors
from agent.patterns.concluding import by_cell, conclude, differ
from agent.patterns.merging import least_interviews, merge

ANALYSTS: tuple[Analyst, Analyst] = ("analyst_a", "analyst_b")
Phase = Callable[[str, int], Callable[[], None]]  # name and number of steps -> what to call after each step


@dataclass(frozen=True)
class Readers:
    """Who reads: the two analysts, and the drafter who merges and adjudicates."""

    analyst_a: Role
    analyst_b: Role
    drafter: Role

    def analyst(self, name: Analyst) -> Role:
        """The analyst of that name."""
        return self.analyst_a if name == "analyst_a" else self.analyst_b


async def extract(
    interviews: Sequence[Interview],
    readers: Readers,
    prompts: Mapping[str, Prompt],
    moments: Moments,
    concurrency: int,
    phase: Phase,
    adjudicated_by: str = "model",
) -> Extraction:
    """Patterns from interviews. No pattern is named before both analysts have read every interview.

    `prompts` by name. `adjudicated_by` is `model` or `person`: with `person`, cells on which the analysts differ stay
    undecided and out of the counts until somebody decides them.
    """
    _refuse_one_sided(interviews)
    jobs = [(analyst, interview) for analyst in ANALYSTS for interview in interviews]
    noted = await _note(jobs, readers, prompts["code_interview"], moments, concurrency, phase)
    observations = tuple(o for n in noted for o in n.observations)
    codebook = await merge(
        observations,
        least_interviews(interviews),
        readers.drafter,
        prompts["merge_patterns"],
        prompts["check_criterion"],
        moments,
        concurrency,
        phase("merging notes into a codebook", 0),
    )
    codings = await _apply(jobs, codebook, readers, prompts["apply_codebook"], concurrency, phase)
    if adjudicated_by == "model":
        codings += await _adjudicate(
            interviews, codebook, codings, readers.drafter, prompts["adjudicate_coding"], concurrency, phase
        )
    unlocated = tuple(detail for n in noted for detail in n.unlocated)
    return Extraction(
        observations=observations,
        codebook=codebook,
        codings=tuple(codings),
        patterns=conclude(codebook, codings, interviews, observations, len(unlocated)),
        unlocated=unlocated,
    )


def _refuse_one_sided(interviews: Sequence[Interview]) -> None:
    outcomes = {i.outcome for i in interviews}
    missing = [outcome for outcome in ("won", "lost") if outcome not in outcomes]
    if missing:
        raise InputError(
            f"there is no interview about a {' or '.join(missing)} deal, and a pattern is what tells the two apart; "
            "import interviews of both outcomes (15 to 20 in all)"
        )


async def _note(
    jobs: Sequence[tuple[Analyst, Interview]],
    readers: Readers,
    prompt: Prompt,
    moments: Moments,
    concurrency: int,
    phase: Phase,
) -> list[Noted]:
    async def work(job: tuple[Analyst, Interview]) -> Noted:
        analyst, interview = job
        return await note_behaviors(interview, analyst, readers.analyst(analyst), prompt, moments)

    return await all_or_first_error(jobs, work, concurrency, phase("reading interviews", len(jobs)))


async def _apply(
    jobs: Sequence[tuple[Analyst, Interview]],
    codebook: Codebook,
    readers: Readers,
    prompt: Prompt,
    concurrency: int,
    phase: Phase,
) -> list[Coding]:
    async def work(job: tuple[Analyst, Interview]) -> tuple[Coding, ...]:
        analyst, interview = job
        return await apply_codebook(interview, codebook.id, codebook.entries, analyst, readers.analyst(analyst), prompt)

    coded = await all_or_first_error(jobs, work, concurrency, phase("applying the codebook", len(jobs)))
    return [coding for codings in coded for coding in codings]


async def _adjudicate(
    interviews: Sequence[Interview],
    codebook: Codebook,
    codings: Sequence[Coding],
    role: Role,
    prompt: Prompt,
    concurrency: int,
    phase: Phase,
) -> list[Coding]:
    cells = by_cell(codings)
    open_cells: list[tuple[Interview, list[Cell]]] = []
    for interview in interviews:
        differing = [
            Cell(entry, (cell["analyst_a"], cell["analyst_b"]))
            for entry in codebook.entries
            if differ(cell := cells[entry.id, interview.id])
        ]
        if differing:
            open_cells.append((interview, differing))

    async def work(job: tuple[Interview, list[Cell]]) -> tuple[Coding, ...]:
        return await adjudicate(job[0], codebook.id, job[1], role, prompt)

    decided = await all_or_first_error(
        open_cells, work, concurrency, phase("adjudicating disagreements", len(open_cells))
    )
    return [coding for codings in decided for coding in codings]
