"""The one self-contained HTML page of a workspace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.report.after_scores import Part
    from agent.services.telling import Note
    from agent.wiring import Workspace


def report_html(
    space: Workspace,
    note: Note,
    title: str,
    origin: str,
    rubric: str = "",
    viewer: str = "",
    after: Sequence[Part] = (),
) -> str:
    """The report of a workspace, with the ratings that `viewer` may see; `after` are its parts after the scores."""
    from datetime import UTC, datetime

    from agent.report.page import Contents, render
    from agent.services.pattern_edits import current
    from agent.services.patterns import moments_line, patterns_worth
    from agent.services.rounds import calibration_reports
    from agent.services.standing import standing_line

    store = space.store
    extraction, found = current(space).extraction, store.rubrics.get(rubric)
    look = store.ratings.look(rubric=found.id, viewer=viewer)
    for withheld in look.withheld:
        note(str(withheld))
    contents = Contents(
        title=title,
        made_at=datetime.now(UTC),
        interviews=store.interviews.all(extraction.patterns.interviews),
        extraction=extraction,
        worth=patterns_worth(extraction.patterns),
        moments=moments_line(extraction.patterns),
        rubric=found,
        calls=store.calls.all(),
        ratings=look.ratings,
        cost=[_spent(s) for s in store.ledger.totals()],
        origin=origin,
        moment_names={m.id: m.name for m in space.stages.moments},
        notes=(standing_line(store.rubric_states.of(found.id)), *map(str, look.withheld)),
        calibration=calibration_reports(space),
        after=after,
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
