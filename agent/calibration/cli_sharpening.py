"""Sharper wordings at the terminal: asking for drafts, showing the difference, storing a new version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.app.cli.context import console, print_json, say

if TYPE_CHECKING:
    from agent.calibration.report import RoundReport
    from agent.calibration.sharpening import Sharpened
    from agent.rubrics.model import Rubric
    from agent.workspace import Workspace


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
    from agent.calibration.sharpening_verbs import accept_drafts, sharpened_data, sharpened_rubric
    from agent.rubrics.file import write_rubric

    new = (accept_drafts if accept else sharpened_rubric)(space, report, drafts, label)
    if out is not None:
        out.write_text(write_rubric(new, "json" if out.suffix == ".json" else "yaml"), encoding="utf-8")
    if json:
        print_json(sharpened_data(report.rubric, new, drafts, accept))
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


def show_taken_over(space: Workspace, report: RoundReport, file: Path, label: str, json: bool) -> None:
    """Store a person's own wording as the new version. InputError where it changes nothing."""
    from agent.calibration.sharpening_verbs import sharpened_data, take_over
    from agent.rubrics.file import read_rubric

    new = take_over(space, report, read_rubric(file, ""), label, str(file))
    if json:
        print_json(sharpened_data(report.rubric, new, [], True))
        return
    show_difference(report.rubric, new)
    _say_stored(report, new)


def _say_stored(report: RoundReport, new: Rubric) -> None:
    raters = ",".join(report.round.raters)
    console().print(f"stored: {new.label} ({new.id})", markup=False)
    say(f"next, with new calls: closeread calibrate open --rubric {new.label} --raters {raters}")


def show_difference(old: Rubric, new: Rubric) -> None:
    """The difference in colours."""
    from rich.text import Text

    from agent.calibration.sharpening_verbs import difference

    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in difference(old, new):
        console().print(Text(line, style=colours.get(line[:1], "")), soft_wrap=True)
