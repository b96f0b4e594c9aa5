"""Sharper wordings at the terminal: asking for drafts, showing the difference, storing a new version."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.cli.context import console, print_json, run, say
from agent.errors import InputError

if TYPE_CHECKING:
    from agent.analysis.calibrating import CriterionReport, RoundReport
    from agent.analysis.sharpening import Sharpened
    from agent.domain.rubric import Rubric
    from agent.wiring import Workspace


def drafted(space: Workspace, report: RoundReport, wanted: Sequence[str], budget: float | None) -> list[Sharpened]:
    """A draft for each criterion named, or for each that failed. InputError where none failed."""
    from agent.analysis.sharpening import sharpen
    from agent.cli.rounds import criterion_of

    for ident in wanted:
        criterion_of(report.rubric, ident)
    chosen = [c for c in report.criteria if c.criterion.id in wanted or (not wanted and _failed(c))]
    if not chosen:
        raise InputError(f"no criterion failed in round {report.round.number}; name one with --criterion to sharpen it")
    calls = {call.id: call for call in space.store.calls.all(report.round.calls)}
    prompt = space.prompt("sharpen_criterion")

    async def asked() -> list[Sharpened]:
        async with space.roles("drafter", budget_usd=budget) as roles:
            return [await sharpen(found, calls, roles["drafter"], prompt) for found in chosen]

    return run(asked)


def _failed(found: CriterionReport) -> bool:
    return found.reliability.verdict == "failed" and bool(found.splits)


def finish(
    space: Workspace,
    report: RoundReport,
    drafts: Sequence[Sharpened],
    label: str,
    accept: bool,
    out: Path | None,
    json: bool,
) -> None:
    """Show the drafts with the difference they make; store them if accepted, write them if a file is named."""
    from agent.analysis.sharpening import with_criteria
    from agent.text.rubric_file import write_rubric

    new = with_criteria(report.rubric, [d.criterion for d in drafts], label or next_label(space, report.rubric.label))
    if accept:
        new = space.store.rubrics.add(new)
    if out is not None:
        out.write_text(write_rubric(new, "json" if out.suffix == ".json" else "yaml"), encoding="utf-8")
    if json:
        print_json(_data(report.rubric, new, drafts, accept))
        return
    for draft in drafts:
        console().print(f"{draft.criterion.id}: {draft.difference}", markup=False)
        for note in draft.notes:
            console().print(f"  look at: {note}", markup=False)
    show_difference(report.rubric, new)
    if accept:
        _say_stored(report, new)
    else:
        number = report.round.number
        say(f"not stored. Take it as it is: closeread calibrate sharpen {number} --accept")
        say(f"or edit it: … --out draft.yaml, then: closeread calibrate sharpen {number} --file draft.yaml")


def take_over(space: Workspace, report: RoundReport, file: Path, label: str, json: bool) -> None:
    """Store a person's own wording as the new version. InputError where it changes nothing."""
    from agent.text.rubric_file import read_rubric

    given = read_rubric(file, "")
    taken = {stored.rubric.label for stored in space.store.rubrics.all()}
    name = label or (given.label if given.label not in taken else "") or next_label(space, report.rubric.label)
    if given.id == report.rubric.id:
        raise InputError(f"{file} is {report.rubric.label} unchanged; edit a description, then hand it in again")
    new = space.store.rubrics.add(given.model_copy(update={"label": name}))
    if json:
        print_json(_data(report.rubric, new, [], True))
        return
    show_difference(report.rubric, new)
    _say_stored(report, new)


def _say_stored(report: RoundReport, new: Rubric) -> None:
    raters = ",".join(report.round.raters)
    console().print(f"stored: {new.label} ({new.id})", markup=False)
    say(f"next, with new calls: closeread calibrate open --rubric {new.label} --raters {raters}")


def next_label(space: Workspace, label: str) -> str:
    """`name-2` after `name`, `name-3` after `name-2` …: the first that no rubric has."""
    taken = {stored.rubric.label for stored in space.store.rubrics.all()}
    match = re.fullmatch(r"(.*)-(\d+)", label)
    stem, number = (match[1], int(match[2]) + 1) if match else (label, 2)
    while f"{stem}-{number}" in taken:
        number += 1
    return f"{stem}-{number}"


def difference(old: Rubric, new: Rubric) -> list[str]:
    """What changed between two rubrics, as lines of a unified diff of their files."""
    from difflib import unified_diff

    from agent.text.rubric_file import write_rubric

    before, after = (write_rubric(rubric, "yaml").splitlines() for rubric in (old, new))
    return list(unified_diff(before, after, old.label, new.label, lineterm="", n=2))


def show_difference(old: Rubric, new: Rubric) -> None:
    """The difference in colours."""
    from rich.text import Text

    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in difference(old, new):
        console().print(Text(line, style=colours.get(line[:1], "")), soft_wrap=True)


def _data(old: Rubric, new: Rubric, drafts: Sequence[Sharpened], stored: bool) -> dict[str, object]:
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
