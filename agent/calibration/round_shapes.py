"""Calibration rounds and their reports as JSON data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agent.app.shapes import rating_data, statistic_data

if TYPE_CHECKING:
    from agent.calibration.model import CalibrationRound
    from agent.calibration.report import CriterionReport, ModelReliability, RoundReport, Split
    from agent.stats.reliability import Reliability


def round_data(found: CalibrationRound) -> dict[str, Any]:
    """A round as JSON data."""
    return {"id": found.id, **found.model_dump(mode="json"), "waiting_for": list(found.waiting)}


def reliability_data(found: Reliability) -> dict[str, Any]:
    """A verdict with all that it rests on, as JSON data."""
    data = found.model_dump(mode="json", exclude={"agreement", "chance_corrected", "applies", "round"})
    return data | {
        "agreement": statistic_data(found.agreement),
        "chance_corrected": statistic_data(found.chance_corrected),
        "applies": statistic_data(found.applies),
        "rounds_tried": found.round,
    }


def report_data(report: RoundReport) -> dict[str, Any]:
    """A round's report as JSON data, criteria with most disagreement first."""
    return {
        "round": round_data(report.round),
        "rubric": {"id": report.rubric.id, "label": report.rubric.label},
        "criteria": [_criterion_data(c) for c in report.criteria],
        "calls_to_pass_next": report.calls_next,
        "raters": [
            {"rater": r.rater, "leniency": statistic_data(r.leniency), "drift": statistic_data(r.drift)}
            for r in report.raters
        ],
    }


def _criterion_data(found: CriterionReport) -> dict[str, Any]:
    return {
        "criterion": found.criterion.id,
        **reliability_data(found.reliability),
        "splits": [_split_data(split) for split in found.splits],
        "leniency_points": {rater: statistic_data(value) for rater, value in found.leniency.items()},
        "model": None if found.model is None else _model_data(found.model),
        "next_step": found.next_step,
    }


def _split_data(split: Split) -> dict[str, Any]:
    decided = split.adjudication
    return {
        "call": split.call,
        "points_apart": split.distance,
        "ratings": [rating_data(rating) for rating in split.ratings],
        "adjudicated": None if decided is None else decided.model_dump(mode="json"),
    }


def _model_data(found: ModelReliability) -> dict[str, Any]:
    return reliability_data(found.reliability) | {"undecided_calls": found.undecided, "failed_ratings": found.failed}
