"""Whether movement on a criterion goes with the win rate."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.core.errors import InputError
from agent.core.statistic import statistic_data
from agent.outcomes.store import Deals
from agent.profiles.population import BASELINE
from agent.profiles.season_frames import cycles_of, score_pair, win_counts
from agent.stats.outcomes import OutcomeReport, outcome_links

if TYPE_CHECKING:
    from agent.profiles.season import Season
    from agent.workspace import Workspace


def outcome_report_of(found: Season) -> OutcomeReport:
    """Movement of every criterion against the change of the win rate, over reps. InputError without deals or coaching."""
    space, deals = found.space, the_deals(found.space)
    cycles = cycles_of(found, found.periods)
    wins = win_counts(found.reps, deals, space.stages.funnel_steps[0], cycles, space.rules.outcomes.window_days)
    pair = score_pair(found.tally(BASELINE), found.tally_in(cycles.last[None]))
    return outcome_links(found.measures, pair, wins, space.rules.outcomes)


def the_deals(space: Workspace) -> list[Any]:
    """All deals. InputError without any."""
    deals = space.store[Deals].all()
    if not deals:
        raise InputError("there are no deals; run: closeread deals import FILE")
    return list(deals)


def outcome_data(report: OutcomeReport) -> list[dict[str, Any]]:
    """The links as the CLI contract has them."""
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
