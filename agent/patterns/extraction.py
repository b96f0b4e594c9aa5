"""From interviews to patterns: two analysts, a merge, two analysts again, adjudication, counting."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from agent.app.telling import Phase
from agent.core.errors import InputError, InputTooLong
from agent.interviews.model import Interview
from agent.llm.asking import all_or_first_error, ask_checked
from agent.llm.model import Request, estimate_request_tokens
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.patterns.checking import check_and_rewrite
from agent.patterns.coding import Cell, Moments, Noted, adjudicate, apply_codebook, note_behaviors
from agent.patterns.concluding import by_cell, conclude, differ
from agent.patterns.model import Analyst, Codebook, CodebookEntry, Coding, Extraction, Observation, ReadInterview
from agent.patterns.replies import Entry, MergePatternsReply

ANALYSTS: tuple[Analyst, Analyst] = ("analyst_a", "analyst_b")
LEAST_INTERVIEWS = 3


@dataclass(frozen=True)
class Readers:
    """The roles that read: the two analysts, and the drafter, who merges and adjudicates."""

    analyst_a: Role
    analyst_b: Role
    drafter: Role

    def analyst(self, name: Analyst) -> Role:
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
    refuse_one_sided(interviews)
    jobs = _both(interviews)
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
        read={interview.id: ReadInterview.of(interview) for interview in interviews},
    )


def _both(interviews: Sequence[Interview]) -> list[tuple[Analyst, Interview]]:
    return [(analyst, interview) for analyst in ANALYSTS for interview in interviews]


@dataclass(frozen=True)
class ReadMore:
    """What both analysts noted in further interviews, and how they applied the codebook there."""

    observations: tuple[Observation, ...]
    codings: tuple[Coding, ...]
    unlocated: tuple[str, ...]


async def read_more(
    interviews: Sequence[Interview],
    codebook: Codebook,
    readers: Readers,
    prompts: Mapping[str, Prompt],
    moments: Moments,
    concurrency: int,
    phase: Phase,
    adjudicated_by: str = "model",
) -> ReadMore:
    """Read further interviews as the others were read, with the same codebook."""
    jobs = _both(interviews)
    noted = await _note(jobs, readers, prompts["code_interview"], moments, concurrency, phase)
    codings = await _apply(jobs, codebook, readers, prompts["apply_codebook"], concurrency, phase)
    if adjudicated_by == "model":
        prompt = prompts["adjudicate_coding"]
        codings += await _adjudicate(interviews, codebook, codings, readers.drafter, prompt, concurrency, phase)
    return ReadMore(
        tuple(o for n in noted for o in n.observations), tuple(codings), tuple(d for n in noted for d in n.unlocated)
    )


def refuse_one_sided(interviews: Sequence[Interview]) -> None:
    """Raises InputError if all interviews have the same outcome."""
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


def least_interviews(interviews: Sequence[Interview]) -> int:
    """In how many interviews a behavior must be noted to become an entry: half of the smaller outcome group.

    A pattern has to reach 60 % of one group; half leaves room for interviews in which both analysts missed it.
    """
    groups = Counter(i.outcome for i in interviews)
    return max(LEAST_INTERVIEWS, -(-min(groups.values()) // 2))


def slug(text: str) -> str:
    """`text` as an id: lower-case words joined by underscores, beginning with a letter."""
    words = re.sub(r"[^a-z0-9]+", "_", text.casefold()).strip("_")
    return words if words[:1].isalpha() else f"p_{words}".rstrip("_")


def unique(ident: str, taken: set[str]) -> str:
    """`ident`, with a number appended if it is already in `taken`. Adds the result to `taken`."""
    candidate, number = ident, 2
    while candidate in taken:
        candidate, number = f"{ident}_{number}", number + 1
    taken.add(candidate)
    return candidate


def merge_request(
    observations: Sequence[Observation], least: int, role: Role, prompt: Prompt, moments: Moments
) -> Request[MergePatternsReply]:
    """All notes on our own reps, numbered in the order of interviews; outcomes and analysts are not shown."""
    interviews = {o.interview for o in observations}
    notes = [
        {"number": i, "interview": o.interview, "moment": o.moment, "behavior": o.behavior, "quote": o.quote.text}
        for i, o in enumerate(observations, 1)
    ]
    inputs = {
        "notes": notes,
        "moments": moments.listed,
        "interviews": len(interviews),
        "least": min(least, max(1, len(interviews))),
    }
    return role.request(prompt, MergePatternsReply, inputs, subject="codebook")


def ours(observations: Sequence[Observation]) -> list[Observation]:
    """Observations on our own reps, sorted by interview and place, so that the merge always sees the same order."""
    return sorted(
        (o for o in observations if o.subject == "ours"),
        key=lambda o: (o.interview, o.quote.span.turn, o.quote.span.start, o.analyst, o.behavior),
    )


async def merge(
    observations: Sequence[Observation],
    least: int,
    role: Role,
    merge_prompt: Prompt,
    check_prompt: Prompt,
    moments: Moments,
    concurrency: int,
    step: Callable[[], None],
) -> Codebook:
    """The codebook of behaviors noted in at least `least` interviews; every entry checked, and
    rewritten once if it fails."""
    notes = ours(observations)
    request = merge_request(notes, least, role, merge_prompt, moments)
    tokens = estimate_request_tokens(request)
    if tokens > role.context_tokens:
        raise InputTooLong(
            f"merging {len(notes)} notes takes about {tokens} tokens, and {role.model} reads {role.context_tokens}; "
            "bind a model with a longer context to the drafter, or extract from fewer interviews at a time"
        )

    def faults(reply: MergePatternsReply) -> list[str]:
        wrong = {n for entry in reply.entries for n in entry.notes if not 1 <= n <= len(notes)}
        return [f"there is no note {n}; notes run from 1 to {len(notes)}" for n in sorted(wrong)]

    first, second = await ask_checked(role, request, faults, tolerant=True)
    entries = (second or first).value.entries

    async def checked(entry: Entry) -> tuple[str, tuple[str, ...]]:
        result = await check_and_rewrite(
            "Behavior that buyers recount in interviews", entry.name, entry.behavior, role, check_prompt
        )
        return result.description, result.flaws

    results = await all_or_first_error(entries, checked, concurrency, step)
    taken: set[str] = set()
    return Codebook(
        entries=tuple(
            _entry(entry, behavior, flaws, notes, moments, taken)
            for entry, (behavior, flaws) in zip(entries, results, strict=True)
        )
    )


def _entry(
    entry: Entry, behavior: str, flaws: tuple[str, ...], notes: Sequence[Observation], moments: Moments, taken: set[str]
) -> CodebookEntry:
    grouped = [notes[n - 1] for n in dict.fromkeys(entry.notes) if 1 <= n <= len(notes)]
    named = tuple(dict.fromkeys(moments.known(m) for m in entry.moments)) or ("other",)
    return CodebookEntry(
        id=unique(slug(entry.name), taken),
        name=entry.name,
        behavior=behavior,
        moments=named[:3],
        observations=tuple(dict.fromkeys(o.id for o in grouped)),
        flaws=flaws,
    )
