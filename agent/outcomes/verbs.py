"""Whether movement on a criterion goes with the win rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.coaching.store import Coaching
from agent.core.errors import InputError
from agent.outcomes.store import Deals

if TYPE_CHECKING:
    from agent.coaching.model import Baseline
    from agent.profiles.season import Loaded
    from agent.stats.outcomes import OutcomeReport
    from agent.workspace import Workspace


def outcome_report_of(space: Workspace, loaded: Loaded, recorded: list[Baseline]) -> OutcomeReport:
    """The link of a workspace. InputError without deals or coaching."""
    from agent.coaching.movement import outcome_report
    from agent.profiles.season_frames import cycles_of

    deals = the_deals(space)
    cycles = cycles_of(loaded.frame, space.store[Coaching].periods())
    return outcome_report(loaded.frame, recorded, cycles, deals, space.stages.funnel_steps[0], space.rules)


def the_deals(space: Workspace) -> list[Any]:
    """All deals. InputError without any."""
    deals = space.store[Deals].all()
    if not deals:
        raise InputError("there are no deals; run: closeread deals import FILE")
    return list(deals)


def outcome_data(report: OutcomeReport) -> list[dict[str, Any]]:
    """The links as the CLI contract has them."""
    from agent.app.shapes import statistic_data

    rows = []
    for link in report.links:
        correlation, model = statistic_data(link.correlation), statistic_data(link.model)
        rows.append(
            {
                "criterion": link.criterion,
                "correlation": {**_ends(correlation), "n": correlation.get("n", 0), **_reason(correlation)},
                "p_correlation": link.p_correlation,
                "p_holm": link.p_holm,
                "model": {
                    "odds_ratio": model.get("value"),
                    "low": model.get("low"),
                    "high": model.get("high"),
                    "n": model.get("n", 0),
                    "p": link.p_model,
                    **_reason(model),
                },
                "verdict": link.verdict,
                "direction": link.direction,
                "borrowed_from": link.borrowed_from,
                "n_needed": link.n_needed,
            }
        )
    return rows


def _ends(data: dict[str, Any]) -> dict[str, Any]:
    return {"value": data.get("value"), "low": data.get("low"), "high": data.get("high")}


def _reason(data: dict[str, Any]) -> dict[str, Any]:
    return {"undefined": data["undefined"]} if "undefined" in data else {}
