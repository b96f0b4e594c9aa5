"""The one self-contained HTML page of a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.calls.store import Calls
from agent.db.ledger import SqlLedger
from agent.interviews.sides import counted
from agent.interviews.store import Interviews
from agent.profiles.heat_map import team_heat_map
from agent.profiles.season import season
from agent.ratings.store import Ratings
from agent.rubrics.store import RubricStates

if TYPE_CHECKING:
    from agent.app.telling import Note
    from agent.documents.after_scores_page import Part
    from agent.workspace import Workspace


def report_html(
    space: Workspace,
    note: Note,
    title: str,
    origin: str,
    rubric: str = "",
    after: Sequence[Part] = (),
) -> str:
    """The report of a workspace, on the ratings that count; `after` are its parts after the scores."""
    from datetime import UTC, datetime

    from agent.calibration.rounds import calibration_reports
    from agent.documents.page import Contents, render
    from agent.patterns.verbs import current
    from agent.patterns.views import moments_line, patterns_worth
    from agent.scoring.views import TrialView

    store = space.store
    figures_of = season(space, note, rubric)
    extraction, found = current(space).extraction, figures_of.rubric
    figures = team_heat_map(figures_of)
    contents = Contents(
        title=title,
        made_at=datetime.now(UTC),
        interviews=counted(space, store[Interviews].all(extraction.patterns.interviews)),
        extraction=extraction,
        worth=patterns_worth(extraction.patterns),
        moments=moments_line(extraction.patterns),
        rubric=found,
        calls=store[Calls].all(),
        ratings=[one.rating for one in store[Ratings].that_count(found.id)],
        figures=figures,
        cost=[_spent(s) for s in store[SqlLedger].totals()],
        origin=origin,
        moment_names={m.id: m.name for m in space.stages.moments},
        notes=(store[RubricStates].of(found.id).sentence, str(figures_of.using), *figures_of.uncounted),
        calibration=calibration_reports(space),
        after=after,
        trial=TrialView.of(space, found),
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
        "usd": f"{spent.usd:.2f}" if known else "price unknown",
    }
