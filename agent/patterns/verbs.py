"""Extracting patterns from interviews, and what they are worth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.app.telling import Phase, unseen
from agent.interviews.store import Interviews
from agent.patterns.store import Extractions

if TYPE_CHECKING:
    from agent.interviews.model import Coding, Extraction, PatternSet
    from agent.llm.model import Request
    from agent.workspace import Workspace


PROMPTS = ("code_interview", "merge_patterns", "check_criterion", "apply_codebook", "adjudicate_coding")


def patterns_worth(patterns: PatternSet) -> str:
    """What the verdicts are worth, in words."""
    named = [p for p in patterns.patterns if p.verdict.startswith("distinguishing")]
    surviving = sum(p.contrast.p_holm <= 0.05 for p in named)
    chance = patterns.expected_false.value
    text = (
        f"{len(named)} of {len(patterns.patterns)} behaviors are called distinguishing. If none made any difference, "
        f"chance alone would name about {chance:.1f}. {surviving} of them also survive Holm's correction."
    )
    needed = [patterns.confirm[p.id] for p in named if p.id in patterns.confirm]
    if needed:
        text += f" To confirm them each on its own takes {min(needed)} to {max(needed)} interviews of each outcome."
    if not 5 <= len(named) <= 8:
        text += " The method expects five to eight."
    return text


def _fourth(patterns: PatternSet) -> int:
    """How many patterns the fourth moment has: a moment that ties with it is not one of the best three."""
    return patterns.moments[3][1] if len(patterns.moments) > 3 else 0


def moments_line(patterns: PatternSet) -> str:
    """Where the distinguishing patterns concentrate."""
    if not patterns.moments:
        return "No behavior is distinguishing, so there is no moment to coach first."
    top = [m for m in patterns.moments[:3] if m[1] > _fourth(patterns)] or list(patterns.moments[:3])
    total = sum(count for _, count in patterns.moments)
    inside = sum(count for _, count in top)
    named = ", ".join(f"{moment} ({count})" for moment, count in top)
    return f"Moments: {named}; they hold {inside} of {total} distinguishing behaviors."


async def extract_patterns(
    space: Workspace,
    adjudicated_by: str,
    concurrency: int,
    budget: float | None,
    phase: Phase = unseen,
    job: str = "",
) -> Extraction:
    """Two analysts read all interviews, their notes become a codebook, both apply it, code counts. Stored.

    `adjudicated_by`: "model" or "person", who decides where the two analysts differ. What it takes is booked on `job`.
    """
    from agent.patterns.extraction import Readers, extract

    prompts = {name: space.prompt(name) for name in PROMPTS}
    interviews = space.store[Interviews].all()
    async with space.roles("analyst_a", "analyst_b", "drafter", budget_usd=budget, job=job) as roles:
        readers = Readers(roles["analyst_a"], roles["analyst_b"], roles["drafter"])
        extraction = await extract(interviews, readers, prompts, space.moments, concurrency, phase, adjudicated_by)
    space.store[Extractions].add(extraction)
    return extraction


def first_reading(space: Workspace, interviews: Sequence[str] = ()) -> list[Request[Any]]:
    """The requests of the analysts' first reading of those interviews, of all if none is named: exact. What follows
    depends on its replies."""
    from agent.patterns.coding import noting_requests
    from agent.patterns.extraction import ANALYSTS

    prompt = space.prompt("code_interview")
    documents = space.store[Interviews].all(interviews)
    return [
        request
        for analyst in ANALYSTS
        for interview in documents
        for request in noting_requests(interview, analyst, space.planned_role(analyst), prompt, space.moments)
    ]


def pattern_with_differences(space: Workspace, pattern: str) -> dict[str, Any]:
    """One pattern as JSON data, as edited, with where the two analysts differed on what it comes from. NotFound if it
    is none."""
    from agent.app.shapes import pattern_data
    from agent.patterns.concluding import by_cell, differ
    from agent.patterns.verbs_edits import current

    found = current(space)
    sources = found.sources.get(found.pattern(pattern).id, ())
    shown = found.extraction.patterns.model_copy(update={"patterns": (found.pattern(pattern),)})
    cells = {key: cell for key, cell in by_cell(found.raw.codings).items() if key[0] in sources}
    differing = [
        {"interview": interview, "pattern": source, **{reader: _coding(c) for reader, c in cell.items()}}
        for (source, interview), cell in sorted(cells.items(), key=lambda pair: (pair[0][1], pair[0][0]))
        if differ(cell)
    ]
    return pattern_data(shown)[0] | {"differences": differing}


def _coding(coding: Coding) -> dict[str, Any]:
    return {
        "present": coding.present,
        "reason": coding.reason,
        "problem": coding.problem,
        "quotes": [q.text for q in coding.quotes],
    }


def decide(space: Workspace, pattern: str, interview: str, *, present: bool, reason: str) -> Extraction:
    """A person's decision whether a pattern is present in an interview; it wins over analysts and model. Stored.

    `pattern` is one that was extracted; what was merged or split follows from those.
    """
    from agent.patterns.concluding import decide_by_person

    extraction = space.store[Extractions].newest()
    interviews = space.store[Interviews].all(extraction.patterns.interviews)
    decided = decide_by_person(extraction, interviews, pattern, interview, present, reason)
    space.store[Extractions].add(decided)
    return decided
