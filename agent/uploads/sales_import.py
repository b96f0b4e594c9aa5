"""Ratings, deals and coaching cycles out of CSV files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.calls.store import Calls
from agent.coaching.store import Coaching
from agent.interviews.store import Interviews
from agent.outcomes.store import Deals
from agent.ratings.store_import import ImportedRatings
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.core.errors import CloseReadError
    from agent.outcomes.deal_file import DealMap
    from agent.ratings.import_file import RatingIntake
    from agent.rubrics.model import Rubric
    from agent.text.dates import DateOrder
    from agent.text.names import People
    from agent.workspace import Workspace


def store_ratings(space: Workspace, intake: RatingIntake, file: Path, rubric: str) -> Counter[str]:
    """Store what was read, how many new, changed, unchanged; rows that contradict a stored call become problems."""
    from agent.core.errors import ImportProblem
    from agent.ratings.store_import import ImportedCall, ImportedRating

    store = space.store[ImportedRatings]
    known = store.known_calls()
    wrong = {
        call
        for call, facts in intake.calls.items()
        if call in known and (known[call].rep, known[call].date) != (facts.rep, facts.date)
    }
    for call in sorted(wrong):
        stored = known[call]
        what = f"{call} is stored as a call of {stored.rep} on {stored.date}; its ratings are left out"
        intake.problems.append(ImportProblem(str(file), None, what, "put rep and date right, or give it another id"))
    new = [ImportedCall(call, *facts) for call, facts in intake.calls.items() if call not in known]
    given = [ImportedRating(*rating) for rating in intake.ratings if rating.call not in wrong]
    return store.add(new, given, f"import:{file.stem}", rubric)


def funnel_stages(space: Workspace) -> tuple[tuple[str, ...], dict[str, str]]:
    """The funnel's stages in order, and the funnel's stage of each of the workspace's other stages."""
    funnel = space.stages.funnel
    return tuple(s.id for s in funnel), {covered: s.id for s in funnel for covered in s.covers if covered != s.id}


@dataclass(frozen=True)
class Imported:
    """What an import did: rows by `new`, `changed` and `unchanged`, and what could not be used."""

    done: Counter[str]
    problems: tuple[CloseReadError, ...]
    notes: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """As JSON data."""
        counted = {how: self.done.get(how, 0) for how in ("new", "changed", "unchanged")}
        return {**counted, "problems": [str(problem) for problem in self.problems], "notes": list(self.notes)}


def import_ratings(
    space: Workspace, file: Path, rubric: Rubric, columns: Mapping[str, str], dates: DateOrder = ""
) -> tuple[Imported, int]:
    """Store ratings made elsewhere, and the number of calls they are on. `columns`: their column -> our field; `dates`:
    "month_first" or "day_first" for dates like 3/4/2026. ImportProblem where the file as a whole cannot be read."""
    from agent.ratings.import_file import read_ratings

    people = known_reps(space)
    intake = read_ratings(file, rubric, dict(columns), dates, people)
    done = store_ratings(space, intake, file, rubric.id)
    return Imported(done, tuple(intake.problems), (*intake.notes, *new_reps(people))), len(intake.calls)


def import_deals(
    space: Workspace, file: Path, columns: Mapping[str, str], dates: DateOrder = "", preset: str = ""
) -> tuple[Imported, int]:
    """Store deals, and how many lost ones do not say how far they came. `preset`: column map of a CRM."""
    from agent.outcomes.deal_file import read_deals

    funnel, covered = funnel_stages(space)
    people = known_reps(space)
    intake = read_deals(file, funnel, deal_map(space, columns, dates, preset), covered, people)
    done = space.store[Deals].add(intake.rows)
    silent = sum(not deal.stage and deal.outcome == "lost" for deal in intake.rows)
    return Imported(done, tuple(intake.problems), (*intake.notes, *new_reps(people))), silent


def deal_map(space: Workspace, columns: Mapping[str, str], dates: DateOrder, preset: str) -> DealMap:
    """A person's own columns, laid over the map of a CRM where one is named. ConfigError names the maps there are."""
    from agent.outcomes.deal_file import DealMap
    from agent.text.tables import over

    own = dict(columns)
    if not preset:
        return DealMap(columns=own, dates=dates)
    there = space.settings.export_map(preset)
    return DealMap(over(there.columns, own), there.stages, there.outcomes, dates, there.dates)


def known_reps(space: Workspace) -> People:
    """The reps of calls, interviews, deals and cycles, under the name that each has there."""
    from agent.text.names import People

    calls, deals = space.store[Calls].reps(), [deal.rep for deal in space.store[Deals].all()]
    cycles = [period.rep for period in space.store[Coaching].periods()]
    interviews = space.store[Interviews].reps()
    return People(dict.fromkeys((*calls, *interviews, *deals, *cycles)))


def new_reps(people: People) -> tuple[str, ...]:
    """What is said of reps who were not known before the import, if others were."""
    new = people.new
    return (f"new reps: {', '.join(new)}; if one is somebody known, correct the name in the file",) if new else ()


def known_criteria(space: Workspace) -> list[str]:
    """The criteria of all rubrics."""
    return sorted({c.id for stored in space.store[Rubrics].all() for c in stored.rubric.criteria})


def import_coaching(
    space: Workspace, file: Path, columns: Mapping[str, str], dates: DateOrder = ""
) -> tuple[Imported, int]:
    """Store coaching cycles, and the number of reps they are of."""
    from agent.outcomes.deal_file import read_coaching

    people = known_reps(space)
    intake = read_coaching(file, known_criteria(space), dict(columns), dates, people)
    done = space.store[Coaching].add_periods(intake.rows)
    notes = (*intake.notes, *new_reps(people))
    return Imported(done, tuple(intake.problems), notes), len({period.rep for period in intake.rows})
