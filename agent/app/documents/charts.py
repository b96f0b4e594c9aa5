"""Charts as static SVG: drawn once, no script, nothing loaded, readable in black and white.

Figures stand in the chart itself or in its description (`Chart.alt`), which is also inside the SVG for screen readers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.core.direction import Direction
from agent.core.figures import read
from agent.core.marks import STATE_SIGNS
from agent.core.statistic import Estimate
from agent.core.wording import number
from agent.stats.funnel import Funnel
from agent.stats.outcomes import OutcomeReport
from agent.stats.profiles import CriterionProfile
from agent.stats.trends import Movement

if TYPE_CHECKING:
    import altair

_MARGIN = {"left": 32, "right": 32, "top": 12, "bottom": 12}  # browsers' fonts are wider than the one measured with
MOST_PANELS = 60  # small charts on one page that a person still looks at
_INK, _SOFT, _BAND, _LINE = "#1c2430", "#566173", "#d9dee6", "#e9ecf1"


@dataclass(frozen=True)
class Chart:
    """A drawing with the description that holds its figures."""

    title: str
    svg: str
    alt: str


def write_svg(chart: Chart, path: Path) -> Path:
    """Write the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(chart.svg, encoding="utf-8")
    return path


def heat_map(rows: Sequence[CriterionProfile], directions: Mapping[str, Direction]) -> Chart:
    """Reps x criteria, in the order of `directions`: darker is higher on the criterion's own scale; each cell bears its number and its state."""
    import altair as alt

    names = {ident: say.named(ident) for ident, say in directions.items()}
    values = [
        {
            "rep": r.rep,
            "criterion": names[r.criterion],
            "part": part,
            "label": _cell(r, directions[r.criterion]),
            "dark": part > 0.55,
        }
        for r in rows
        if isinstance(r.score, Estimate) and (part := directions[r.criterion].scale.share(r.score.value)) > -1
    ]
    base = alt.Chart(_data(values)).encode(
        x=alt.X(
            "criterion:N",
            sort=list(names.values()),
            title=None,
            axis=alt.Axis(labelAngle=-30, orient="top", labelLimit=240),
        ),
        y=alt.Y("rep:N", title=None),
    )
    tiles = base.mark_rect(stroke="#ffffff").encode(
        color=alt.Color(
            "part:Q", scale=alt.Scale(domain=[0, 1], range=["#ffffff", "#20324f"], interpolate="rgb"), legend=None
        )
    )
    text = base.mark_text(fontSize=11).encode(
        text="label:N", color=alt.condition("datum.dark", alt.value("#ffffff"), alt.value(_INK))
    )
    drawn = (tiles + text).properties(width=alt.Step(78), height=alt.Step(24))
    says = "; ".join(
        f"{r.rep}, {(say := directions[r.criterion]).named(r.criterion)}: {say.level(r.score)}, {say.state(r.state)}"
        for r in rows
    )
    title = "Every rep on every criterion (+ consistently does it, − consistently does not, ~ variable, ? cannot tell)"
    return _chart(title, drawn, says)


def cycle_lines(rows: Sequence[Movement], directions: Mapping[str, Direction]) -> Chart:
    """One panel for each rep and criterion: cycles with intervals over the band of the baseline's interval. Of a behavior
    to avoid the panel says so: there a falling line is the aim."""
    import altair as alt

    pairs = list(dict.fromkeys((r.rep, r.criterion) for r in rows))
    shown = set(pairs[:MOST_PANELS])
    values = [_panel_row(r, directions[r.criterion]) for r in rows if (r.rep, r.criterion) in shown]
    data = _data([v for v in values if v])
    axis = alt.Axis(values=[0, 0.5, 1], labelExpr="100 * datum.value + ' %'", title=None)
    y = alt.Y("now:Q", scale=alt.Scale(domain=[0, 1]), axis=axis)
    x = alt.X("cycle:N", title=None, axis=alt.Axis(labelAngle=0))
    band = (
        alt.Chart()
        .mark_rect(color=_BAND)
        .encode(y=alt.Y("base_low:Q", scale=alt.Scale(domain=[0, 1])), y2="base_high:Q")
    )
    line = alt.Chart().mark_line(color=_INK).encode(x=x, y=y)
    bars = alt.Chart().mark_rule(color=_INK).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
    dots = (
        alt.Chart()
        .mark_point(filled=True, color=_INK, size=45, opacity=1)
        .encode(
            x=x, y=y, shape=alt.Shape("verdict:N", legend=alt.Legend(title=None, orient="top"), scale=_verdict_scale())
        )
    )
    drawn = (
        alt.layer(band, bars, line, dots, data=data)
        .properties(width=170, height=80)
        .facet(facet=alt.Facet("panel:N", title=None, sort=None, header=alt.Header(labelFontSize=10)), columns=4)
    )
    left = f" {len(pairs) - len(shown)} more are not drawn." if len(pairs) > len(shown) else ""
    says = "; ".join(
        f"{r.rep}, {(say := directions[r.criterion]).named(r.criterion)}, {r.cycle.replace('_', ' ')}: {say.moved(r.verdict, r.baseline, r.now)}"
        for r in rows
        if (r.rep, r.criterion) in shown
    )
    return _chart(
        "Cycles against the baseline (band: the range that luck leaves for the baseline, 95 %; 100 % is the highest level)",
        drawn,
        says + left,
    )


def _verdict_scale() -> Any:
    import altair as alt

    return alt.Scale(domain=["moved", "not moved", "cannot tell"], range=["triangle-up", "square", "circle"])


def _panel_row(row: Movement, say: Direction) -> dict[str, Any]:
    """Ends as parts of the scale; nothing where baseline or cycle has no calls."""
    if not (isinstance(row.baseline, Estimate) and isinstance(row.now, Estimate)):
        return {}
    part = {
        name: say.scale.share(float(value))
        for name, value in (
            ("now", row.now.value),
            ("low", row.now.low if row.now.low is not None else row.now.value),
            ("high", row.now.high if row.now.high is not None else row.now.value),
            ("base_low", row.baseline.low if row.baseline.low is not None else row.baseline.value),
            ("base_high", row.baseline.high if row.baseline.high is not None else row.baseline.value),
        )
    }
    panel = f"{row.rep}: {say.named(row.criterion)}{'; less is the aim' if say.avoid else ''}"
    return {**part, "panel": panel, "cycle": row.cycle.replace("_", " "), "verdict": row.verdict.replace("_", " ")}


def funnel_chart(funnel: Funnel) -> Chart:
    """How many deals reached each stage, and what went on from the one before, with its interval."""
    import altair as alt

    steps = {step.end: step.conversion for step in funnel.steps}
    values = [
        {
            "stage": stage,
            "count": count,
            "label": number(count) + (f": {read(steps[stage], 'counted', 'deal')}" if stage in steps else ""),
        }
        for stage, count in funnel.reached
    ]
    order = [stage for stage, _ in funnel.reached]
    most = max((count for _, count in funnel.reached), default=1)
    base = alt.Chart(_data(values)).encode(y=alt.Y("stage:N", sort=order, title=None))
    x = alt.X("count:Q", title="deals", scale=alt.Scale(domain=[0, most * 1.6]), axis=alt.Axis(tickCount=5))
    bars = base.mark_bar(color="#8a97ab", stroke=_INK).encode(x=x)
    text = base.mark_text(align="left", dx=5, color=_INK).encode(x=x, text="label:N")
    drawn = (bars + text).properties(width=620, height=alt.Step(36))
    says = "; ".join(f"{v['stage']}: {v['label']}" for v in values)
    return _chart(f"Funnel of {funnel.who or 'the team'}", drawn, says)


def forest_plot(report: OutcomeReport, directions: Mapping[str, Direction]) -> Chart:
    """The win rate that goes with ten points more of each criterion (fewer of one to avoid), with its interval, beside that
    of now; filled where an association is named."""
    import altair as alt

    names = {ident: say.named(ident) for ident, say in directions.items()}
    values = [
        {
            "criterion": names[link.criterion],
            "value": m.value,
            "low": m.low,
            "high": m.high,
            "named": link.verdict == "association",
        }
        for link in report.links
        if isinstance(m := link.with_more, Estimate)
    ]
    order = [names[link.criterion] for link in report.links]
    x = alt.X(
        "value:Q",
        title="win rate with ten points more (of a behavior to avoid: fewer); dashed: now",
        scale=alt.Scale(zero=False),
        axis=alt.Axis(labelExpr="round(100 * datum.value) + ' %'"),
    )
    base = alt.Chart(_data(values)).encode(
        y=alt.Y("criterion:N", sort=order, title=None, axis=alt.Axis(labelLimit=260))
    )
    now = [{"now": report.win_rate.value}] if isinstance(report.win_rate, Estimate) else []
    one = alt.Chart(_data(now)).mark_rule(strokeDash=[4, 3], color=_SOFT).encode(x="now:Q")
    rules = base.mark_rule(color=_INK).encode(x=alt.X("low:Q"), x2="high:Q")
    dots = base.mark_point(size=80, color=_INK, opacity=1).encode(
        x=x, fill=alt.condition("datum.named", alt.value(_INK), alt.value("#ffffff"))
    )
    drawn = (one + rules + dots).properties(width=520, height=alt.Step(28))
    says = "; ".join(
        f"{names[link.criterion]}: {read(link.with_more, 'rate', 'rep')}, {link.verdict.replace('_', ' ')}"
        for link in report.links
    )
    return _chart("Movement and the win rate (filled: association)", drawn, says)


def _data(rows: Sequence[dict[str, Any]]) -> Any:
    import altair as alt

    return alt.InlineData(values=list(rows))


def _chart(title: str, drawn: altair.TopLevelMixin, says: str) -> Chart:
    import vl_convert

    configured: Any = drawn
    configured = configured.configure(
        aria=False, background="#ffffff", font="sans-serif", padding=_MARGIN
    ).configure_view(stroke=None)
    configured = configured.configure_axis(
        labelColor=_INK, titleColor=_INK, gridColor=_LINE, domainColor=_SOFT, tickColor=_SOFT, labelFontSize=11
    )
    svg = str(vl_convert.vegalite_to_svg(configured.to_json(), allowed_base_urls=[]))
    alt_text = f"{title}. {says}."
    return Chart(title, _described(svg, alt_text), alt_text)


def _described(svg: str, text: str) -> str:
    """The drawing as one image with a description, which is what a screen reader reads."""
    opened = re.sub(r"<svg ", '<svg role="img" ', svg, count=1)
    return re.sub(r"(<svg [^>]*>)", lambda found: f"{found[1]}<title>{escape(text)}</title>", opened, count=1)


def _cell(row: CriterionProfile, say: Direction) -> str:
    """In a tile: "5 of 12 +", or the mean level of a longer scale."""
    if not isinstance(row.score, Estimate):
        return ""
    binary = say.scale.binary
    score = f"{round(row.score.value * row.score.n)} of {row.score.n}" if binary else f"{row.score.value:.1f}"
    return f"{score} {STATE_SIGNS[row.state]}"
