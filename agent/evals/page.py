"""Reports and comparisons as pages, and as one HTML file each."""

from collections.abc import Mapping
from typing import Any

from agent.app.web.templates import alone
from agent.core.language import N_, _, retold
from agent.core.wording import fixed
from agent.evals.comparing import Comparison
from agent.evals.report import Figure, Report, Value

YARDSTICKS = (
    (N_("human ceiling"), "human_ceiling"),
    (N_("constant guess"), "constant"),
    (N_("counting words"), "floor"),
)
FIGURES = (
    (N_("Coverage"), "coverage"),
    (N_("Exact"), "exact"),
    (N_("Within one"), "within_one"),
    (N_("Kappa"), "kappa"),
    (N_("Alpha"), "alpha"),
    (N_("AC1 / AC2"), "ac1"),
    (N_("Sensitivity"), "sensitivity"),
    (N_("Specificity"), "specificity"),
    (N_("Flip rate"), "flip_rate"),
)


def report_values(report: Report, names: Mapping[str, str]) -> dict[str, Any]:
    """What a template needs to show the figures of a run; `names` of criteria by their ids."""
    shown = [failure for failure in report.failures if failure.split == "dev"]
    return {
        "r": report,
        "names": names,
        "shown": shown,
        "hidden": len(report.failures) - len(shown),
        "figures": FIGURES,
        "yardsticks": YARDSTICKS,
        "shades": shades(report),
        "figure": in_cell,
    }


def comparison_values(comparison: Comparison, names: Mapping[str, str], most: int | None = None) -> dict[str, Any]:
    """What a template needs to show two runs side by side, with at most so many flips."""
    shown = [flip for flip in comparison.flips if flip.split == "dev"]
    return {
        "c": comparison,
        "names": names,
        "shown": shown[:most],
        "more": len(shown[most:]) if most else 0,
        "hidden": len(comparison.flips) - len(shown),
        "figure": in_cell,
    }


def report_page(report: Report) -> str:
    """The report of a run as a file: figures, confusion tables and everything that is not right."""
    title = _("Suite {suite}: {model}", suite=report.suite, model=report.model)
    return alone("evals/_report.html", title, ["evals.css"], report_values(report, {}))


def comparison_page(comparison: Comparison) -> str:
    """Two runs side by side, and every rating that changed with the quotes of both."""
    title = _("{second} against {first}", second=comparison.second, first=comparison.first)
    return alone("evals/_comparison.html", title, ["evals.css"], comparison_values(comparison, {}))


def in_cell(value: Figure) -> str:
    """A figure for a table cell; the reason, if it is undefined."""
    if not isinstance(value, Value):
        return _("not defined: {why}", why=retold(value.undefined))
    if value.low is None or value.high is None:
        return _("{value}, n = {n}", value=fixed(value.value, 2), n=value.n)
    ends = _("roughly {low} to {high}") if value.rough else _("{low} to {high}")
    interval = ends.format(low=fixed(value.low, 2), high=fixed(value.high, 2))
    return _("{value} ({interval}), n = {n}", value=fixed(value.value, 2), interval=interval, n=value.n)


def shades(report: Report) -> dict[str, dict[str, dict[str, float]]]:
    """How dark each cell of the confusion tables is: its share of its row, 0 to 1, by criterion."""
    return {
        c.criterion: {
            row: {column: count / max(sum(cells.values()), 1) for column, count in cells.items()}
            for row, cells in c.confusion.items()
        }
        for c in report.criteria
    }
