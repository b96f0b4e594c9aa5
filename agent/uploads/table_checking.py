"""What importing deals, ratings or coaching cycles would do, without storing anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agent.coaching.store import Coaching
from agent.outcomes.store import Deals
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.core.errors import ImportProblem
    from agent.uploads.staging import Staged
    from agent.workspace import Workspace

Found = tuple[Counter[str], Sequence["ImportProblem"]]


def check_table(space: Workspace, staged: Staged, path: Path, renames: Mapping[str, str]) -> Found:
    """Rows by `new`, `changed`, `unchanged`, and the problems. ImportProblem where the file as a whole is unusable."""
    match staged.kind:
        case "deals":
            return _deals(space, staged, path, renames)
        case "ratings":
            return _ratings(space, staged, path, renames)
        case _:
            return _coaching(space, staged, path, renames)


def _deals(space: Workspace, staged: Staged, path: Path, renames: Mapping[str, str]) -> Found:
    from agent.outcomes.deal_file import read_deals
    from agent.uploads.sales_import import deal_map, funnel_stages, known_reps

    funnel, covered = funnel_stages(space)
    intake = read_deals(path, funnel, deal_map(space, renames, staged.dates, staged.preset), covered, known_reps(space))
    before = {deal.id: deal for deal in space.store[Deals].all([deal.id for deal in intake.rows])}
    return Counter(_how(before.get(deal.id), deal) for deal in intake.rows), intake.problems


def _ratings(space: Workspace, staged: Staged, path: Path, renames: Mapping[str, str]) -> Found:
    from agent.ratings.import_file import read_ratings
    from agent.uploads.sales_import import known_reps

    rubric = space.store[Rubrics].get(staged.rubric)
    intake = read_ratings(path, rubric, dict(renames), staged.dates, known_reps(space))
    # Which of them are new is known only to the transaction that stores them.
    return Counter({"new": len(intake.ratings)}), intake.problems


def _coaching(space: Workspace, staged: Staged, path: Path, renames: Mapping[str, str]) -> Found:
    from agent.outcomes.deal_file import read_coaching
    from agent.uploads.sales_import import known_criteria, known_reps

    intake = read_coaching(path, known_criteria(space), dict(renames), staged.dates, known_reps(space))
    before = {(period.rep, period.cycle): period for period in space.store[Coaching].periods()}
    return Counter(_how(before.get((p.rep, p.cycle)), p) for p in intake.rows), intake.problems


def _how(before: object, now: object) -> str:
    return "new" if before is None else "unchanged" if before == now else "changed"
