"""From the notes of both analysts to a codebook of specific behaviors."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from agent.app.asking import all_or_first_error, ask_checked
from agent.app.replies import Entry, MergePatternsReply
from agent.core.errors import InputTooLong
from agent.interviews.model import Codebook, CodebookEntry, Interview, Observation
from agent.llm.model import Request, estimate_request_tokens
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.patterns.coding import Moments
from agent.rubrics.model_checks import check_and_rewrite

LEAST_INTERVIEWS = 3


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
    """`ident`, with a number behind it if it is taken; it is taken afterwards."""
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
    """Observations on our own reps, by interview and place, so that the merge sees one order however they came."""
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
    """The codebook of behaviors noted in at least `least` interviews; every entry checked, and rewritten once if it fails."""
    notes = ours(observations)
    request = merge_request(notes, least, role, merge_prompt, moments)
    _refuse_if_too_long(request, role, len(notes))

    def faults(reply: MergePatternsReply) -> list[str]:
        wrong = {n for entry in reply.entries for n in entry.notes if not 1 <= n <= len(notes)}
        return [f"there is no note {n}; notes run from 1 to {len(notes)}" for n in sorted(wrong)]

    first, second = await ask_checked(role, request, faults)
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


def _refuse_if_too_long(request: Request[MergePatternsReply], role: Role, notes: int) -> None:
    tokens = estimate_request_tokens(request)
    if tokens > role.context_tokens:
        raise InputTooLong(
            f"merging {notes} notes takes about {tokens} tokens, and {role.model} reads {role.context_tokens}; "
            "bind a model with a longer context to the drafter, or extract from fewer interviews at a time"
        )
