"""Reports and comparisons as one HTML page each: nothing is loaded from elsewhere, all text is escaped."""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.core.language import N_, _, retold
from agent.core.statistic import p_value
from agent.core.wording import fixed
from agent.evals.comparing import Comparison
from agent.evals.report import Figure, Report, Value

FOLDER = Path(__file__).parent / "report_templates"
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


def report_page(report: Report) -> str:
    """The report of a run with its confusion tables and everything that is not right."""
    return _render("report.html.j2", r=report, figures=FIGURES, yardsticks=YARDSTICKS, shades=shades(report))


def comparison_page(comparison: Comparison) -> str:
    """Two runs side by side, and every flip with both quotes."""
    return _render("comparison.html.j2", c=comparison)


def _render(name: str, **given: Any) -> str:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(figure=in_cell, p_value=p_value)
    return environment.get_template(name).render(**given)


def in_cell(value: Figure) -> str:
    """A figure in a table cell; the reason where it is undefined."""
    if not isinstance(value, Value):
        return _("not defined: {why}", why=retold(value.undefined))
    if value.low is None or value.high is None:
        return _("{value}, n = {n}", value=fixed(value.value, 2), n=value.n)
    ends = _("roughly {low} to {high}") if value.rough else _("{low} to {high}")
    interval = ends.format(low=fixed(value.low, 2), high=fixed(value.high, 2))
    return _("{value} ({interval}), n = {n}", value=fixed(value.value, 2), interval=interval, n=value.n)


def shades(report: Report) -> dict[str, dict[str, dict[str, float]]]:
    """How dark each confusion cell is: its share of its row, per criterion."""
    return {
        c.criterion: {
            row: {column: count / max(sum(cells.values()), 1) for column, count in cells.items()}
            for row, cells in c.confusion.items()
        }
        for c in report.criteria
    }
