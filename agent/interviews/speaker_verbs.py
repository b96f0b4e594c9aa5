"""Who may be behind a speaker label: proposals that a person confirms. Nothing is stored."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.app.telling import Note
    from agent.core.errors import ModelError
    from agent.interviews.speakers import Proposal
    from agent.llm.model import Request
    from agent.text.unmatched import Unmatched
    from agent.workspace import Workspace

    Proposed = list[tuple[Unmatched, list[Proposal]]]


# What a shell reads as it stands between double quotation marks. Labels come out of other people's files.
_HARMLESS = re.compile(r"[\w .,:/()#@&+=-]+")


async def proposals(
    space: Workspace, note: Note, files: Sequence[Unmatched], budget: float | None
) -> tuple[Proposed, list[ModelError]]:
    """The proposals in the order of `files`, and the errors of those that got none, which `note` is told too."""
    from agent.app.asking import each
    from agent.core.errors import ModelError
    from agent.interviews.speakers import propose_speakers

    results: dict[str, list[Proposal] | ModelError] = {}
    prompt = space.prompt("propose_speakers")
    async with space.roles("drafter", budget_usd=budget) as roles:
        drafter = roles["drafter"]
        await each(
            files,
            lambda file: propose_speakers(file, drafter, prompt),
            space.concurrency,
            lambda file, result: results.update({file.file: result}),
        )
    given = [(file, results[file.file]) for file in files]
    for file, result in given:
        if isinstance(result, ModelError):
            note(f"problem: {file.file}: no proposal: {result}")
    # A file without a proposal still counts: a plain --speakers option would map its labels too.
    made: Proposed = [(file, [] if isinstance(result, ModelError) else result) for file, result in given]
    return made, [result for _, result in given if isinstance(result, ModelError)]


def option(file: Unmatched, proposal: Proposal, proposed: Proposed) -> str:
    """The option that confirms `proposal`: for this file alone where another file's same label is not the same part."""
    parts = {
        next((p.part for p in found if p.label == proposal.label), None)
        for other, found in proposed
        if proposal.label in other.transcript.speakers
    }
    label = proposal.label if parts == {proposal.part} else f"{file.file}:{proposal.label}"
    value = f"{label}={proposal.part}"
    return f'--speakers "{value}"' if _HARMLESS.fullmatch(value) else f"--speakers {shlex.quote(value)}"


def proposal_data(file: Unmatched, found: list[Proposal], proposed: Proposed) -> dict[str, Any]:
    """The proposals for one file as JSON data."""
    rows = [
        {
            "label": proposal.label,
            "part": proposal.part,
            "reason": proposal.reason,
            "lines": [{"turn": q.span.turn, "speaker": q.speaker, "text": q.text} for q in proposal.lines],
            "option": option(file, proposal, proposed) if proposal.part else None,
        }
        for proposal in found
    ]
    return {"id": file.id, "file": file.file, "speakers": rows}


def speakers_requests(space: Workspace, files: Sequence[Unmatched]) -> list[Request[Any]]:
    """What proposals for `files` would ask."""
    from agent.interviews.speakers import speakers_request

    role, prompt = space.planned_role("drafter"), space.prompt("propose_speakers")
    return [speakers_request(file, role, prompt) for file in files]
