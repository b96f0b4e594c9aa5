"""`calls speakers` and `interviews speakers`: who may be behind a label. A person confirms with `--speakers`."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agent.cli.context import console, print_json, run, say

if TYPE_CHECKING:
    from agent.analysis.speakers import Proposal
    from agent.errors import ModelError
    from agent.text.unmatched import Unmatched
    from agent.wiring import Workspace

    Proposed = list[tuple[Unmatched, list[Proposal]]]

# What a shell reads as it stands between double quotation marks. Labels come out of other people's files.
_HARMLESS = re.compile(r"[\w .,:/()#@&+=-]+")


def show_proposals(
    space: Workspace,
    kind: Literal["call", "interview"],
    directory: Path,
    manifest: Path,
    renames: list[str] | None,
    speakers: list[str] | None,
    form: str | None,
    *,
    budget: float | None,
    dry_run: bool,
    json: bool,
) -> None:
    """Print a proposal for every file whose labels match nobody; store nothing."""
    from agent.text.manifest import pairs
    from agent.text.unmatched import unmatched

    says = pairs("--speakers", speakers or [])
    files, problems = unmatched(kind, directory, manifest, pairs("--map", renames or []), says, format=form)
    for problem in problems:
        say(f"problem: {problem}")
    if dry_run:
        _plan(space, files, json)
        return
    proposed, failed = run(lambda: _ask(space, files, budget)) if files else ([], [])
    if json:
        print_json([_data(file, found, proposed) for file, found in proposed])
    else:
        _show(proposed, kind, nothing=not files)
    if failed:
        raise failed[0]


def _plan(space: Workspace, files: Sequence[Unmatched], json: bool) -> None:
    from agent.analysis.speakers import speakers_request
    from agent.cli.plan import show_plan

    role, prompt = space.planned_role("drafter"), space.prompt("propose_speakers")
    show_plan(space, [speakers_request(file, role, prompt) for file in files], json)


async def _ask(space: Workspace, files: Sequence[Unmatched], budget: float | None) -> tuple[Proposed, list[ModelError]]:
    """The proposals in the order of `files`, and the errors of those that got none."""
    from agent.analysis.asking import each
    from agent.analysis.speakers import propose_speakers
    from agent.errors import ModelError

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
            say(f"problem: {file.file}: no proposal: {result}")
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


def _show(proposed: Proposed, kind: str, nothing: bool) -> None:
    from rich.text import Text

    out = console()
    if nothing:
        out.print("Every file names its people: nothing to propose.")
        return
    options: list[str] = []
    for file, found in proposed:
        people = ", ".join(f"{name} ({part})" for part, name in file.people)
        out.print(Text(f"{file.id} ({file.file}), with {people}"), soft_wrap=True)
        for proposal in found:
            for line in _lines(file, proposal, proposed):
                out.print(Text(line), soft_wrap=True)
            options += [option(file, proposal, proposed)] if proposal.part else []
    if options:
        out.print("Nothing is stored. What you find right, add to the import:")
        out.print(Text(f"  closeread {kind}s import … {' '.join(dict.fromkeys(options))}"), soft_wrap=True)


def _lines(file: Unmatched, proposal: Proposal, proposed: Proposed) -> list[str]:
    if proposal.part is None:
        return [f"  {proposal.label}: no proposal: {proposal.reason}"]
    return [
        f"  {proposal.label}: {proposal.part}? {proposal.reason}",
        *(f"    turn {line.span.turn}, {line.speaker}: “{line.text}”" for line in proposal.lines),
        f"    to confirm: {option(file, proposal, proposed)}",
    ]


def _data(file: Unmatched, found: list[Proposal], proposed: Proposed) -> dict[str, Any]:
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
