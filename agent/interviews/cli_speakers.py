"""`calls speakers` and `interviews speakers`: who may be behind a label. A person confirms with `--speakers`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agent.app.cli.context import console, print_json, run, say

if TYPE_CHECKING:
    from agent.interviews.speakers import Proposal
    from agent.text.unmatched import Unmatched
    from agent.workspace import Workspace

    Proposed = list[tuple[Unmatched, list[Proposal]]]


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
    from agent.app.cli.plan import show_plan
    from agent.interviews.speaker_verbs import proposal_data, proposals, speakers_requests
    from agent.text.manifest import pairs
    from agent.text.unmatched import unmatched

    says = pairs("--speakers", speakers or [])
    files, problems = unmatched(kind, directory, manifest, pairs("--map", renames or []), says, format=form)
    for problem in problems:
        say(f"problem: {problem}")
    if dry_run:
        show_plan(space, speakers_requests(space, files), json)
        return
    proposed, failed = run(lambda: proposals(space, say, files, budget)) if files else ([], [])
    if json:
        print_json([proposal_data(file, found, proposed) for file, found in proposed])
    else:
        _show(proposed, kind, nothing=not files)
    if failed:
        raise failed[0]


def _show(proposed: Proposed, kind: str, nothing: bool) -> None:
    from rich.text import Text

    from agent.interviews.speaker_verbs import option

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
    from agent.interviews.speaker_verbs import option

    if proposal.part is None:
        return [f"  {proposal.label}: no proposal: {proposal.reason}"]
    return [
        f"  {proposal.label}: {proposal.part}? {proposal.reason}",
        *(f"    turn {line.span.turn}, {line.speaker}: “{line.text}”" for line in proposal.lines),
        f"    to confirm: {option(file, proposal, proposed)}",
    ]
