"""Suites, reports, comparisons and verdicts on the terminal."""

from agent.app.cli.context import console, table
from agent.core.statistic import p_value
from agent.evals.comparing import Comparison, Flip
from agent.evals.gating import Verdict
from agent.evals.report import CriterionReport, Figure, Report, Value
from agent.evals.run import Run

HIDDEN = "they are counted and not shown, so that no prompt is bent until they come out right"
METRICS = ("exact", "within_one", "kappa", "alpha", "ac1", "sensitivity", "specificity")


def number(shown: Figure) -> str:
    """A figure without its interval, as .93; – where it is undefined."""
    value = getattr(shown, "value", None)
    return "–" if value is None else short(value)


def short(value: float) -> str:
    """Two digits without a leading zero, so that intervals fit beside each other."""
    return f"{value:.2f}".replace("0.", ".", 1) if abs(value) < 0.995 else f"{value:.2f}"


def with_interval(value: Figure, of: int) -> str:
    """A figure with its interval (`~` for a rough range) and its own n, where that is another
    than that of its line, `of`."""
    if not isinstance(value, Value):
        return "–"
    about = "~" if value.rough else ""
    ends = "" if value.low is None or value.high is None else f" ({about}{short(value.low)}–{short(value.high)})"
    return number(value) + ends + ("" if value.n == of else f" n {value.n}")


def _answered_by(report: Report) -> str:
    return f"{report.model} at {report.endpoint}" if report.endpoint else report.model


def show_report(report: Report, metrics: tuple[str, ...] = ()) -> None:
    """The tables of one run."""
    console().print(
        f"{report.suite}, split {report.split}: {_answered_by(report)}, {report.prompt or 'no prompt'}", markup=False
    )
    console().print(f"{report.n_cases} cases, {report.mode} a request, draws: {report.draws}\n", markup=False)
    chosen = metrics or METRICS
    for at in range(0, len(chosen), 3):
        part = chosen[at : at + 3]
        rows = [_line(c, *(getattr(c, m) for m in part)) for c in report.criteria]
        table("", ["criterion", "n", *(m.replace("_", " ") for m in part)], rows, right=["n"])
    _evidence(report.criteria)
    for name, title in (("exact", "Exact agreement"), ("kappa", "Kappa")):
        _yardsticks(report.criteria, name, title)
    _notes(report)
    _failures(report)
    console().print(
        f"run {report.run}; 95 % intervals, ~ a rough range; n where a figure rests on other cases than its line; "
        "– is undefined, --json says why",
        markup=False,
    )


def _line(c: CriterionReport, *figures: Figure | int) -> list[object]:
    """A row: the criterion, its n, numbers as they are and figures with their intervals."""
    cells = [figure if isinstance(figure, int) else with_interval(figure, c.n) for figure in figures]
    return [c.criterion, c.n, *cells]


def _evidence(criteria: list[CriterionReport]) -> None:
    first = [_line(c, c.outcomes["failed"], c.coverage, c.evidence.located, c.flip_rate) for c in criteria]
    columns = ["criterion", "n", "failed", "coverage", "located", "flip rate"]
    table("Steadiness", columns, first, right=["n", "failed"])
    second = [_line(c, c.evidence.precision, c.evidence.recall, c.evidence.f1) for c in criteria]
    table("Quoted turns", ["criterion", "n", "precision", "recall", "F1"], second, right=["n"])


def _yardsticks(criteria: list[CriterionReport], name: str, title: str) -> None:
    rows = [_line(c, getattr(c, name), c.human_ceiling[name], c.constant[name], c.floor[name]) for c in criteria]
    columns = ["criterion", "n", "model", "people", "one guess", "words"]
    table(f"{title} beside people, one constant guess and counting words", columns, rows, right=["n"])


def _notes(report: Report) -> None:
    for c in report.criteria:
        for note in c.notes:
            console().print(f"{c.criterion}: {note}", markup=False)
    if report.second_opinion is not None:
        console().print(report.second_opinion.sentence, markup=False)


def _failures(report: Report, most: int = 20) -> None:
    shown = [f for f in report.failures if f.split == "dev"]
    if hidden := len(report.failures) - len(shown):
        console().print(f"{hidden} ratings of split test are not right; {HIDDEN}", markup=False)
    rows = [
        [f.case, f.criterion, f.expected, f.got, "must pass" if f.must_pass else "", f.reason] for f in shown[:most]
    ]
    if rows:
        more = len(shown) - len(rows)
        title = f"Not right: {len(shown)}" + (f" (the first {most})" if more else "")
        table(title, ["case", "criterion", "right", "got", "", "reason"], rows)


def show_comparison(comparison: Comparison, most: int = 30) -> None:
    """The second run against the first, and what flipped."""
    console().print(f"first   {comparison.first}: {comparison.first_with}", markup=False)
    console().print(f"second  {comparison.second}: {comparison.second_with}", markup=False)
    rows = [
        [
            c.criterion,
            c.n,
            "–" if c.first is None else f"{c.first:.3f}",
            "–" if c.second is None else f"{c.second:.3f}",
            with_interval(c.difference, c.n),
            c.closer,
            c.farther,
            "–" if c.p is None else p_value(c.p),
            c.verdict,
        ]
        for c in comparison.criteria
    ]
    columns = ["criterion", "n", "first", "second", "difference", "closer", "farther", "p", "second is"]
    table(f"Closeness to the reference on {comparison.n_cases} shared cases", columns, rows, right=columns[1:8])
    shown = [f for f in comparison.flips if f.split == "dev"]
    for flip in shown[:most]:
        _show_flip(flip)
    if hidden := len(comparison.flips) - len(shown):
        console().print(f"{hidden} ratings of split test flipped; {HIDDEN}", markup=False)
    if len(shown) > most:
        console().print(f"{len(shown) - most} more flips: see --json or --html", markup=False)
    if not comparison.flips:
        console().print("No rating flipped.")


def _show_flip(flip: Flip) -> None:
    out = console()
    line = f"{flip.change}: {flip.case}, {flip.criterion}: {flip.first} → {flip.second} (right: {flip.expected})"
    out.print(line, markup=False)
    for side, quotes, why in (
        ("first", flip.first_quotes, flip.first_reason),
        ("second", flip.second_quotes, flip.second_reason),
    ):
        out.print(f"  {side}: {why}", markup=False)
        for quote in quotes:
            out.print(f"    turn {quote.turn}: “{quote.text}”", markup=False)


def show_verdict(verdict: Verdict) -> None:
    """Every check of the gate."""
    rows = [[c.name, c.result, c.detail, ", ".join(c.look_at[:6])] for c in verdict.checks]
    table(f"{verdict.candidate} against {verdict.baseline}", ["check", "result", "what", "look at"], rows)
    console().print("Ship." if verdict.passed else "Do not ship.")


def spent_line(done: Run) -> str:
    """What a run cost, in a line."""
    spent = done.spending
    money = "price unknown" if spent.usd is None else f"list price ${spent.usd:.4f}"
    told = ", ".join(f"{count} from {source}" for source, count in spent.answered.items()) or "none"
    about = "about " if spent.estimated else ""
    seconds = "" if spent.seconds is None else f", {spent.seconds:.1f} s a request"
    return (
        f"{spent.requests} replies ({told}), {about}{spent.input_tokens:,} input and {spent.output_tokens:,} output "
        f"tokens, {money}, paid now ${spent.paid_usd:.4f}{seconds}"
    )
