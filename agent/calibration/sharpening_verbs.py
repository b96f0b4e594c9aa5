"""Sharper wordings: drafts from the calls that split the raters, and storing a new version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from agent.calls.store import Calls
from agent.core.errors import InputError
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.calibration.report import CriterionReport, RoundReport
    from agent.calibration.sharpening import Sharpened
    from agent.rubrics.model import Rubric
    from agent.workspace import Workspace


async def drafted(
    space: Workspace, report: RoundReport, wanted: Sequence[str], budget: float | None
) -> list[Sharpened]:
    """A draft for each criterion named, or for each that failed. InputError where none failed."""
    from agent.calibration.rounds import criterion_of
    from agent.calibration.sharpening import sharpen

    for ident in wanted:
        criterion_of(report.rubric, ident)
    chosen = [c for c in report.criteria if c.criterion.id in wanted or (not wanted and _failed(c))]
    if not chosen:
        raise InputError(f"no criterion failed in round {report.round.number}; name one with --criterion to sharpen it")
    calls = {call.id: call for call in space.store[Calls].all(report.round.calls)}
    prompt = space.prompt("sharpen_criterion")
    async with space.roles("drafter", budget_usd=budget) as roles:
        return [await sharpen(found, calls, roles["drafter"], prompt) for found in chosen]


def _failed(found: CriterionReport) -> bool:
    return found.reliability.verdict == "failed" and bool(found.splits)


def sharpened_rubric(space: Workspace, report: RoundReport, drafts: Sequence[Sharpened], label: str = "") -> Rubric:
    """The round's rubric with the drafts in it, under a new label; not stored."""
    from agent.calibration.sharpening import with_criteria

    return with_criteria(report.rubric, [d.criterion for d in drafts], label or next_label(space, report.rubric.label))


def accept_drafts(space: Workspace, report: RoundReport, drafts: Sequence[Sharpened], label: str = "") -> Rubric:
    """Store the drafts as a new version of the round's rubric."""
    return space.store[Rubrics].add(sharpened_rubric(space, report, drafts, label))


def take_over(space: Workspace, report: RoundReport, given: Rubric, label: str = "", source: str = "this") -> Rubric:
    """Store a person's own wording as the new version. InputError where it changes nothing; `source` names it there."""
    taken = {stored.rubric.label for stored in space.store[Rubrics].all()}
    name = label or (given.label if given.label not in taken else "") or next_label(space, report.rubric.label)
    if given.id == report.rubric.id:
        raise InputError(f"{source} is {report.rubric.label} unchanged; edit a description, then hand it in again")
    return space.store[Rubrics].add(given.model_copy(update={"label": name}))


def next_label(space: Workspace, label: str) -> str:
    """`name-2` after `name`, `name-3` after `name-2` …: the first that no rubric has."""
    taken = {stored.rubric.label for stored in space.store[Rubrics].all()}
    match = re.fullmatch(r"(.*)-(\d+)", label)
    stem, number = (match[1], int(match[2]) + 1) if match else (label, 2)
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def difference(old: Rubric, new: Rubric) -> list[str]:
    """What changed between two rubrics, as lines of a unified diff of their files."""
    from difflib import unified_diff

    from agent.rubrics.file import write_rubric

    before, after = (write_rubric(rubric, "yaml").splitlines() for rubric in (old, new))
    return list(unified_diff(before, after, old.label, new.label, lineterm="", n=2))


def sharpened_data(old: Rubric, new: Rubric, drafts: Sequence[Sharpened], stored: bool) -> dict[str, object]:
    """Drafts and the difference they make as JSON data."""
    return {
        "rubric": {"id": new.id, "label": new.label, "from": old.label, "stored": stored},
        "drafts": [
            {
                "criterion": d.criterion.model_dump(mode="json"),
                "difference": d.difference,
                "notes": list(d.notes),
                "request": d.request,
            }
            for d in drafts
        ],
        "diff": difference(old, new),
    }
