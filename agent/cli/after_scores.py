"""The report's and the demo's part after the scores, from whatever of it the workspace has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.cli.context import console, say

if TYPE_CHECKING:
    from agent.cli.season import Loaded
    from agent.report.after_scores import Part
    from agent.wiring import Workspace


def report_parts(space: Workspace, viewer: str = "") -> list[Part]:
    """The sections there is data for: nothing without coaching or deals.

    A calibrated rubric's baselines are drawn when they are asked for (`closeread baseline make`), never by a report.
    """
    from agent.report.after_scores import baseline_part, funnel_part, gaps_part, movement_part, outcomes_part

    store = space.store
    periods, deals = store.coaching.periods(), store.deals.all()
    parts: list[Part] = []
    if periods and (loaded := _with_baselines(space, viewer)) is not None:
        from agent.cli.baseline import profiles_of
        from agent.cli.gaps import gap_report
        from agent.cli.season import baselines
        from agent.cli.tracking import tracking_of

        recorded = baselines(space, loaded)
        rows = profiles_of(space, loaded, recorded).rows()
        parts.append(baseline_part(rows, loaded.rubric, [b.rep for b in recorded if b.provisional]))
        parts.append(gaps_part(gap_report(space, loaded, recorded)))
        found = tracking_of(space, loaded.rubric.id, viewer)
        parts.append(movement_part(found.table.rows(), loaded.rubric, found.table.false_moved))
        if deals:
            from agent.cli.outcomes import outcome_report_of

            parts.append(outcomes_part(outcome_report_of(space, loaded, recorded)))
    if any(deal.stage for deal in deals):
        from agent.cli.funnel_views import team_funnel

        parts.append(funnel_part(*team_funnel(space)))
    return parts


def _with_baselines(space: Workspace, viewer: str) -> Loaded | None:
    from agent.cli.season import load, rubric_in_use

    rubric = rubric_in_use(space, quiet=True)
    if not space.store.baselines.current(rubric.id):
        return None
    return load(space, rubric.id, viewer=viewer)


def import_history(space: Workspace) -> None:
    """The sample's season into the demo's workspace; again changes nothing. Asks no model."""
    from agent.cli.sales_import import funnel_stages, store_ratings
    from agent.cli.season import draw, load
    from agent.settings import shipped
    from agent.text.deal_rows import DealMap, read_coaching, read_deals
    from agent.text.rating_import import read_ratings

    history = shipped("sample") / "ledgerline" / "history"
    rubric = space.store.rubrics.get("ledgerline-team")
    ratings = read_ratings(history / "ratings.csv", rubric)
    store_ratings(space, ratings, history / "ratings.csv", rubric.id)
    funnel, covered = funnel_stages(space)
    deals = read_deals(history / "deals.csv", funnel, DealMap(), covered)
    space.store.deals.add(deals.rows)
    coaching = read_coaching(history / "coaching.csv", [c.id for c in rubric.criteria])
    space.store.coaching.add_periods(coaching.rows)
    if not space.store.baselines.current(rubric.id):
        loaded = load(space, rubric.id)
        space.store.baselines.add(draw(space, loaded, loaded.frame.reps, seed=0))
    say(f"{len(ratings.ratings)} ratings, {len(deals.rows)} deals and {len(coaching.rows)} coaching cycles imported")


def parts_data(parts: list[Part]) -> dict[str, Any]:
    """For the demo's --json: each part's sentences and figures."""
    return {
        part.id: {"says": list(part.sentences), "rows": [dict(zip(part.columns, r, strict=True)) for r in part.rows]}
        for part in parts
    }


def show_parts(parts: list[Part]) -> None:
    """A sentence for each part."""
    for part in parts:
        console().print(f"\n{part.title}", style="bold")
        for sentence in part.sentences:
            console().print(sentence, markup=False)
