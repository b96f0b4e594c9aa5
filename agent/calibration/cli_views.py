"""What the calibration commands print: verdicts, splits side by side, leniency, the log; and the same as JSON."""

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from rich.text import Text

from agent.app.cli.context import console, table
from agent.calibration.report import CriterionReport, RoundReport, Split
from agent.calibration.sharpening import difference
from agent.calibration.steps import reference_words
from agent.calibration.views import RoundLogView
from agent.core.figures import plural
from agent.core.statistic import Estimate, Statistic, interval_words, percent
from agent.ratings.cli_lines import outcome_text
from agent.ratings.model import Rating
from agent.rubrics.model import Rubric
from agent.stats.calibration import Calibration

_MODEL_COLUMNS = ["criterion", "verdict", "n", "agree", "range that decides", "alpha"]


def show_report(report: RoundReport, details: bool) -> None:
    """A report on the terminal; `details` adds the calls that split the raters."""
    out, round_ = console(), report.round
    people = ", ".join(round_.people)
    out.print(
        f"Round {round_.number}: {report.rubric.label}, {len(round_.calls)} calls, rated by {people}", markup=False
    )
    if round_.source:
        out.print(f"Imported ({round_.source}): whether it was blind was not seen here.", markup=False)
    out.print(f"{report.sentence}.", markup=False, soft_wrap=True)
    columns = ["criterion", "verdict", "this round", "on this wording", "to do"]
    table("", columns, [_people_row(one) for one in report.criteria])
    for criterion in report.criteria:
        _show_criterion(criterion, details)
    if details:
        _show_how_sure(report)


def _people_row(report: CriterionReport) -> list[object]:
    state = report.state
    more = plural(state.more_calls, "more call") if state.more_calls else ""
    return [report.criterion.id, state.verdict, report.counted, state.counted, more]


def _show_how_sure(report: RoundReport) -> None:
    """What the verdicts rest on, for whoever wants to know."""
    rows = [
        [*_row(c.criterion.id, c.state.calibration), c.state.wordings, f"{percent(c.state.error, 1)}"]
        for c in report.criteria
        if c.state.calibration
    ]
    table(
        "\nHow sure is this? All rounds on this wording",
        [*_MODEL_COLUMNS, "wordings", "error over them"],
        rows,
        right=["n", "agree"],
    )
    if any(c.model for c in report.criteria):
        rows = [_row(c.criterion.id, c.model.calibration) for c in report.criteria if c.model]
        table("The model against what people agreed on", _MODEL_COLUMNS, rows, right=["n", "agree"])
        undecided = sum(c.model.undecided for c in report.criteria if c.model)
        failed = sum(c.model.failed for c in report.criteria if c.model)
        console().print(
            f"Left out of the model's table: {undecided} cells on which people differed and nobody adjudicated, and "
            f"{failed} failed ratings of the model. If they are the hard ones, the model looks better than it is."
        )
    _show_raters(report)


def _row(name: str, calibration: Calibration) -> list[object]:
    agreement, alpha = calibration.agreement, calibration.chance_corrected
    return [
        name,
        calibration.verdict,
        agreement.n,
        value_text(agreement, percent),
        interval_text(agreement, percent),
        value_text(alpha, "{:.2f}".format),
    ]


def value_text(statistic: Statistic, form: Callable[[float], str]) -> str:
    """The value in a cell; a dash where it is undefined."""
    return form(statistic.value) if isinstance(statistic, Estimate) else "–"


def interval_text(statistic: Statistic, form: Callable[[float], str]) -> str:
    """Both ends in a cell; says so where there is no interval."""
    if not isinstance(statistic, Estimate):
        return "undefined"
    return interval_words(statistic, form) or "withheld"


def _points(share: float) -> str:
    return f"{100 * share:+.0f} %"


def _show_criterion(report: CriterionReport, details: bool) -> None:
    out, state = console(), report.state
    differ = f"; {len(report.splits)} differ" if report.splits else ""
    out.print(f"\n{report.criterion.id}: {state.verdict}, {state.counted}{differ}", style="bold", markup=False)
    if details and state.means:
        out.print(f"  {state.means}", markup=False, soft_wrap=True)
    for reason in state.reasons:
        out.print(f"  short: {reason}", markup=False, soft_wrap=True)
    if not state.passed:
        out.print(f"  next: {state.next_step}", markup=False, soft_wrap=True)
    if details:
        show_splits(report.splits)


def show_splits(splits: Sequence[Split]) -> None:
    """A row a call: the raters' levels, quotes and reasons side by side, and what was decided."""
    if not splits:
        return
    raters = list(dict.fromkeys(rating.rater for split in splits for rating in split.ratings))
    settled = any(split.adjudication for split in splits)
    rows = []
    for split in splits:
        given = {rating.rater: _remark(rating) for rating in split.ratings}
        decided = [_decision(split)] if settled else []
        rows.append([split.call, *(given.get(rater, "–") for rater in raters), *decided])
    table("", ["call", *raters, *(["decided"] if settled else [])], rows)


def _decision(split: Split) -> str:
    decided = split.adjudication
    if decided is None:
        return "open"
    return f"{getattr(decided.judgement, 'value', 'n/a')}\n{decided.reason} ({decided.by})"


def _remark(rating: Rating) -> str:
    quotes = rating.judgement.quotes
    lines = [outcome_text(rating), *(f"turn {q.span.turn}: “{q.text}”" for q in quotes)]
    return "\n".join([*lines, rating.reason or ("no reason given" if not quotes else "")]).strip()


def _show_raters(report: RoundReport) -> None:
    rows = [
        [
            r.rater,
            r.leniency.n,
            value_text(r.leniency, _points),
            interval_text(r.leniency, _points),
            value_text(r.drift, _points),
            interval_text(r.drift, _points),
        ]
        for r in report.raters
    ]
    console().print(
        "\nLeniency: above the others, as a share of the scale. Drift: its change since the rater's last round."
    )
    table("", ["rater", "calls", "leniency", "95 % interval", "drift", "95 % interval"], rows, right=["calls"])
    if report.reference:
        console().print(f"\nThe same as the reference, {reference_words(report.reference)}:", markup=False)
        for r in report.raters:
            said = f"{r.met} of {r.compared} ratings" if r.compared else "nothing to compare"
            console().print(f"  {r.rater}: {'is the reference' if r.rater == report.reference else said}", markup=False)


def show_ratings(ratings: Sequence[Rating], rubric_order: Sequence[str]) -> None:
    """Ratings side by side, a row a call and criterion."""
    raters = list(dict.fromkeys(rating.rater for rating in ratings))
    cells: dict[tuple[str, str], dict[str, str]] = {}
    for rating in ratings:
        row = cells.setdefault((rating.call, rating.criterion), {})
        row[rating.rater] = _remark(rating)
    ordered = sorted(cells, key=lambda cell: (cell[0], rubric_order.index(cell[1])))
    rows = [[*cell, *(cells[cell].get(rater, "–") for rater in raters)] for cell in ordered]
    table("", ["call", "criterion", *raters], rows)


def show_log(lines: Sequence[RoundLogView]) -> None:
    """The log, oldest first; runs of saved drafts by one rater are one line."""
    rows: list[list[object]] = []
    for (number, by, kind), run in groupby(lines, key=lambda line: (line.round, line.by, line.kind)):
        same = list(run)
        if kind == "drafted" and len(same) > 1:
            total = sum(line.facts["ratings"] for line in same)
            rows.append([number, f"{same[-1].at:%Y-%m-%d %H:%M:%S}", by, kind, f"{total} in {len(same)} steps"])
            continue
        for line in same:
            told = ", ".join(f"{name} {_listed(value)}" for name, value in line.facts.items() if value not in ("", []))
            rows.append([number, f"{line.at:%Y-%m-%d %H:%M:%S}", by or "(no name)", kind, told])
    table("", ["round", "at (UTC)", "who", "what", "details"], rows)


def show_difference(old: Rubric, new: Rubric) -> None:
    """The difference between two rubrics in colours."""
    colours = {"+": "green", "-": "red", "@": "cyan"}
    for line in difference(old, new):
        console().print(Text(line, style=colours.get(line[:1], "")), soft_wrap=True)


def _listed(value: Any) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)
