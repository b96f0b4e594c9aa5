"""The one self-contained HTML page of a workspace."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from agent.app.documents.part import Part
from agent.app.telling import Note
from agent.calibration.rounds import calibration_reports
from agent.calls.store import CallFilters, Calls
from agent.core.language import _
from agent.core.wording import fixed
from agent.db.ledger import SqlLedger
from agent.documents.page import Contents, render
from agent.interviews.sides import counted
from agent.interviews.store import Interviews
from agent.patterns.updating import age
from agent.patterns.verbs import current
from agent.patterns.views import moments_line, patterns_worth
from agent.profiles.heat_map import team_heat_map
from agent.profiles.season import season
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics, RubricStates
from agent.scoring.views import TrialView
from agent.workspace import Workspace

_CALLS = 200  # that are shown with their words: a page of more is no page any more
_RATINGS_OF = 5_000  # calls up to which the ratings of all are counted by status


def report_html(
    space: Workspace,
    note: Note,
    title: str,
    origin: str,
    rubric: str = "",
    drafted: str = "",
    anew: str = "",
    after: Sequence[Part] = (),
) -> str:
    """The report of a workspace, on the ratings that count; `after` are its parts after the scores.

    `drafted` is the rubric that `rubric` was before it was made to fit calls: its trial is shown beside; `anew` one
    that was drafted from the same patterns with a newer prompt.
    """
    store = space.store
    figures_of = season(space, note, rubric)
    extraction, found = current(space).extraction, figures_of.rubric
    figures = team_heat_map(figures_of)
    calls = store[Calls].heard()
    if len(calls) > _CALLS:
        rows = store[Calls].page(CallFilters(rubric=found.id, scored=True), limit=_CALLS)
        calls = [row.id for row in rows if row.has_transcript]
    counted_ones = None if store[Calls].count() <= _RATINGS_OF else calls
    contents = Contents(
        title=title,
        made_at=datetime.now(UTC),
        interviews=counted(space, store[Interviews].all(extraction.patterns.interviews)),
        extraction=extraction,
        worth=f"{patterns_worth(extraction.patterns)} {age(space).in_words}".strip(),
        moments=moments_line(extraction.patterns),
        rubric=found,
        calls=store[Calls].all(calls) if calls else [],
        of_calls=len(store[Calls].heard()),
        ratings=[one.rating for one in store[Ratings].that_count(found.id, counted_ones)],
        ratings_of=0 if counted_ones is None else len(calls),
        figures=figures,
        cost=[_spent(s) for s in store[SqlLedger].totals()],
        origin=origin,
        moment_names={m.id: m.name for m in space.stages.moments},
        notes=(store[RubricStates].of(found.id).sentence, str(figures_of.using), *figures_of.uncounted),
        calibration=calibration_reports(space),
        after=after,
        trial=TrialView.of(space, found),
        trial_of_draft=TrialView.of(space, store[Rubrics].get(drafted)) if drafted else None,
        anew=store[Rubrics].get(anew) if anew else None,
        trial_anew=TrialView.of(space, store[Rubrics].get(anew)) if anew else None,
    )
    return render(contents)


def _spent(spent: Any) -> dict[str, Any]:
    known = spent.usd > 0 or not spent.unpriced
    return {
        "model": spent.model,
        "prompt": spent.prompt,
        "requests": spent.requests,
        "reused": spent.reused,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "usd": fixed(spent.usd, 2) if known else _("price unknown"),
    }
