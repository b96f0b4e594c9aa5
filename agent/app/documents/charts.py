"""Charts as static SVG: drawn once, no script, nothing loaded, readable in black and white.

Figures stand in the chart itself or in its description (`Chart.alt`), which is also inside the SVG for screen readers.
The four are drawn by hand: the library that drew them took 95 MB of the installation (docs/adr/0017).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from textwrap import wrap

from agent.app.documents.deal_words import conversion_words, counts_in_words
from agent.core.direction import Direction
from agent.core.figures import read
from agent.core.language import _, ngettext, retold
from agent.core.marks import STATE_SIGNS
from agent.core.statistic import Estimate, Statistic
from agent.core.wording import fixed, number
from agent.stats.funnel import Funnel
from agent.stats.outcomes import OutcomeLink
from agent.stats.profiles import CriterionProfile
from agent.stats.trends import Movement

MOST_PANELS = 60  # small charts on one page that a person still looks at
_INK, _SOFT, _BAND, _LINE, _BAR, _DARKEST = "#1c2430", "#566173", "#d9dee6", "#e9ecf1", "#8a97ab", (32, 50, 79)
_LETTER = 6.6  # pixels that a letter of the 11-pixel font takes at most, in the browsers looked at
_EDGE = 12  # pixels left free around every chart


@dataclass(frozen=True)
class Chart:
    """A drawing, and a description in words that holds the same figures."""

    title: str
    svg: str
    alt: str


def heat_map(rows: Sequence[CriterionProfile], directions: Mapping[str, Direction]) -> Chart:
    """A table of reps and criteria (in the order of `directions`) in shades: darker is higher on the criterion's own
    scale. Each cell shows its number and its state."""
    scored = [row for row in rows if isinstance(row.score, Estimate)]
    reps = list(dict.fromkeys(row.rep for row in scored))
    columns = [ident for ident in directions if any(row.criterion == ident for row in scored)]
    wide, high = 78, 24
    heads = [_short(directions[ident].named(ident), 36) for ident in columns]
    left = _EDGE + 8 + _widest(_short(rep, 32) for rep in reps)
    top = _EDGE + 12 + 0.5 * _widest(heads)  # names of criteria rise by 30 degrees
    parts = [_text(left - 8, top + high * (i + 0.65), _short(rep, 32), "end") for i, rep in enumerate(reps)]
    for i, head in enumerate(heads):
        x, y = left + wide * (i + 0.4), top - 8
        parts.append(_text(x, y, head, turned=f"rotate(-30 {x:.1f} {y:.1f})"))
    for row in scored:
        say, x, y = (
            directions[row.criterion],
            left + wide * columns.index(row.criterion),
            top + high * reps.index(row.rep),
        )
        part = say.scale.share(row.score.value) if isinstance(row.score, Estimate) else 0.0
        shade = "".join(f"{round(255 + (end - 255) * part):02x}" for end in _DARKEST)
        parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide}" height="{high}" fill="#{shade}" stroke="#ffffff"/>')
        parts.append(
            _text(
                x + wide / 2, y + high * 0.65, _tile_text(row, say), "middle", fill="#ffffff" if part > 0.55 else _INK
            )
        )
    says = "; ".join(
        f"{r.rep}, {(say := directions[r.criterion]).named(r.criterion)}: {say.level(r.score)}, {say.state(r.state)}"
        for r in rows
    )
    title = _(
        "Every rep on every criterion (+ consistently does it, − consistently does not, ~ variable, ? cannot tell)"
    )
    right = max((0.87 * len(head) * _LETTER - wide * (len(heads) - i - 0.4) for i, head in enumerate(heads)), default=0)
    return _chart(title, left + wide * len(columns) + max(right, 0), top + high * len(reps), parts, says)


def cycle_lines(rows: Sequence[Movement], directions: Mapping[str, Direction]) -> Chart:
    """One panel for each rep and criterion: the cycles with their intervals, over a band for the baseline's
    interval. The panel of a behavior to avoid says so, since there a falling line is the aim."""
    pairs = list(dict.fromkeys((r.rep, r.criterion) for r in rows))
    shown, columns = pairs[:MOST_PANELS], 4
    wide, high, step, fall, left, top = 170, 80, 200, 138, _EDGE + 44, _EDGE + 52
    parts = []
    for i, (verdict, words) in enumerate((v, _(v.replace("_", " "))) for v in ("moved", "not_moved", "cannot_tell")):
        parts += [_sign(verdict, left + 110 * i, _EDGE + 8), _text(left + 110 * i + 10, _EDGE + 12, words)]
    for i, (rep, criterion) in enumerate(shown):
        x, y = left + step * (i % columns), top + fall * (i // columns)
        own = [row for row in rows if (row.rep, row.criterion) == (rep, criterion)]
        parts += _panel(own, directions[criterion], x, y, wide, high, axis=i % columns == 0)
    more = len(pairs) - len(shown)
    left_out = ngettext(" {n} more is not drawn.", " {n} more are not drawn.", more, n=more) if more else ""
    says = "; ".join(
        f"{r.rep}, {(say := directions[r.criterion]).named(r.criterion)}, {retold(r.cycle.replace('_', ' '))}: "
        f"{say.moved(r.verdict, r.baseline, r.now)}"
        for r in rows
        if (r.rep, r.criterion) in shown
    )
    return _chart(
        _("Cycles against the baseline (band: the range that luck leaves for the baseline, 95 %)"),
        left + step * min(len(shown), columns),
        top + fall * ceil(len(shown) / columns) - 16,
        parts,
        says + left_out,
    )


def _panel(
    rows: Sequence[Movement], say: Direction, x: float, y: float, wide: float, high: float, *, axis: bool
) -> list[str]:
    """One rep on one criterion. A cycle without calls leaves a gap."""

    def place(value: float | None, instead: float) -> float:
        part = say.scale.share(instead if value is None else value)
        return y + high * (1 - min(max(part, 0.0), 1.0))

    name = f"{rows[0].rep}: {say.named(rows[0].criterion)}{_('; less is the aim') if say.avoid else ''}"
    parts = [_text(x, y - 20 + 12 * i, line, size=10) for i, line in enumerate(_two_lines(name, 30))]
    for part in (0.0, 0.5, 1.0):
        parts.append(_rule(x, y + high * (1 - part), x + wide, y + high * (1 - part), _LINE))
        parts += [_text(x - 6, y + high * (1 - part) + 4, f"{100 * part:.0f} %", "end")] if axis else []
    if isinstance(base := rows[0].baseline, Estimate):
        upper, lower = place(base.high, base.value), place(base.low, base.value)
        parts.append(
            f'<rect x="{x:.1f}" y="{upper:.1f}" width="{wide}" height="{max(lower - upper, 1):.1f}" fill="{_BAND}"/>'
        )
    points = []
    for i, row in enumerate(rows):
        at = x + wide * (i + 0.5) / len(rows)
        parts.append(_text(at, y + high + 15, retold(row.cycle.replace("_", " ")), "middle"))
        if isinstance(row.now, Estimate) and isinstance(row.baseline, Estimate):
            points.append((at, place(row.now.value, row.now.value), row.verdict))
            parts.append(_rule(at, place(row.now.low, row.now.value), at, place(row.now.high, row.now.value), _INK))
    if len(points) > 1:
        path = " ".join(f"{at:.1f},{value:.1f}" for at, value, _ in points)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{_INK}" stroke-width="2"/>')
    return parts + [_sign(verdict, at, value) for at, value, verdict in points]


def funnel_chart(funnel: Funnel) -> Chart:
    """How many deals reached each stage, and the share that went on from the stage before, with its interval or its
    bounds."""
    went_on = {step.end: f": {conversion_words(step)}" for step in funnel.steps}
    counts = zip(funnel.reached, counts_in_words(funnel), strict=True)
    labels = [count + went_on.get(stage, "") for (stage, _), count in counts]
    ticks = _ticks(0, max([1, *(count for _, count in funnel.reached)]))
    most = ticks[-1]
    left, high, wide = _EDGE + 8 + _widest(stage for stage, _ in funnel.reached), 36, 380
    parts, foot = [], _EDGE + high * len(funnel.reached)
    for tick in ticks:
        x = left + wide * tick / most
        parts += [_rule(x, _EDGE, x, foot, _LINE), _text(x, foot + 16, number(round(tick)), "middle")]
    parts.append(_text(left + wide / 2, foot + 34, _("deals"), "middle"))
    for i, ((stage, count), label) in enumerate(zip(funnel.reached, labels, strict=True)):
        y, width = _EDGE + high * i, wide * count / most
        parts.append(_text(left - 8, y + 22, stage, "end"))
        parts.append(
            f'<rect x="{left:.1f}" y="{y + 4:.1f}" width="{width:.1f}" height="28" fill="{_BAR}" stroke="{_INK}"/>'
        )
        parts.append(_text(left + width + 6, y + 22, label))
    right = max(
        (wide * count / most + len(label) * _LETTER for (_, count), label in zip(funnel.reached, labels, strict=True)),
        default=0,
    )
    says = "; ".join(f"{stage}: {label}" for (stage, _), label in zip(funnel.reached, labels, strict=True))
    title = _("Funnel of {who}", who=funnel.who) if funnel.who else _("Funnel of the team")
    return _chart(title, left + max(wide, right), foot + 36, parts, says)


def forest_plot(links: Sequence[OutcomeLink], win_rate: Statistic, directions: Mapping[str, Direction]) -> Chart:
    """The win rate that goes with ten points more of each criterion (fewer for one to avoid), with its interval,
    next to the rate now. A mark is filled if the link is called an association."""
    names = {link.criterion: directions[link.criterion].named(link.criterion) for link in links}
    drawn = [(link, m) for link in links if isinstance(m := link.with_more, Estimate)]
    now = win_rate.value if isinstance(win_rate, Estimate) else None
    shown = [end for _, m in drawn for end in (m.value, m.low, m.high)]
    ends = [end for end in (*shown, now) if end is not None]
    low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])
    left, wide, tall = _EDGE + 8 + _widest(_short(names[link.criterion], 40) for link, _ in drawn), 520, 28
    foot = _EDGE + tall * len(drawn)

    def place(value: float) -> float:
        return left + wide * (value - low) / ((high - low) or 1)

    parts = []
    for tick in ticks:
        parts.append(_rule(place(tick), _EDGE, place(tick), foot, _LINE))
        parts.append(_text(place(tick), foot + 16, f"{round(100 * tick)} %", "middle"))
    parts.append(
        _text(
            left + wide / 2,
            foot + 34,
            _("win rate with ten points more (of a behavior to avoid: fewer); dashed: now"),
            "middle",
        )
    )
    parts += [_rule(place(now), _EDGE, place(now), foot, _SOFT, dashed=True)] if now is not None else []
    for i, (link, m) in enumerate(drawn):
        y, fill = _EDGE + tall * (i + 0.5), _INK if link.verdict == "association" else "#ffffff"
        parts.append(_text(left - 8, y + 4, _short(names[link.criterion], 40), "end"))
        parts += [_rule(place(m.low), y, place(m.high), y, _INK)] if m.low is not None and m.high is not None else []
        parts.append(f'<circle cx="{place(m.value):.1f}" cy="{y:.1f}" r="5" fill="{fill}" stroke="{_INK}"/>')
    says = "; ".join(
        f"{names[link.criterion]}: {read(link.with_more, 'rate', 'rep')}, {retold(link.verdict.replace('_', ' '))}"
        for link in links
    )
    return _chart(_("Movement and the win rate (filled: association)"), left + wide + 24, foot + 36, parts, says)


def _chart(title: str, wide: float, high: float, parts: Sequence[str], says: str) -> Chart:
    """The drawn parts on white, as one image with a description for screen readers."""
    wide, high, said = ceil(wide + _EDGE), ceil(high + _EDGE), f"{title}. {says}."
    opened = (
        f'<svg role="img" xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} '
        f'{high}" font-family="sans-serif"><title>{escape(said)}</title><rect width="{wide}" '
        f'height="{high}" fill="#ffffff"/>'
    )
    return Chart(title, opened + "".join(parts) + "</svg>", said)


def _text(
    x: float, y: float, words: str, anchor: str = "start", *, size: int = 11, fill: str = _INK, turned: str = ""
) -> str:
    turn = f' transform="{turned}"' if turned else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" '
        f'fill="{fill}"{turn}>{escape(words)}</text>'
    )


def _rule(x: float, y: float, to_x: float, to_y: float, color: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to_x:.1f}" y2="{to_y:.1f}" stroke="{color}"{dash}/>'


def _sign(verdict: str, x: float, y: float) -> str:
    """The verdict as a shape: a triangle for moved, a square for not moved, a circle for cannot tell."""
    if verdict == "cannot_tell":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_INK}"/>'
    if verdict == "moved":
        return f'<path d="M{x - 5:.1f} {y + 4:.1f}h10l-5 -9z" fill="{_INK}"/>'
    return f'<rect x="{x - 3.5:.1f}" y="{y - 3.5:.1f}" width="7" height="7" fill="{_INK}"/>'


def _ticks(low: float, high: float) -> list[float]:
    """About five round values that span `low` to `high`."""
    rough = (high - low or 1) / 5
    size = 10.0 ** floor(log10(rough))
    step = next(size * times for times in (1, 2, 5, 10) if size * times >= rough * 0.999)
    return [step * i for i in range(floor(low / step + 1e-9), ceil(high / step - 1e-9) + 1)]


def _widest(words: Iterable[str]) -> float:
    return max((len(word) for word in words), default=0) * _LETTER


def _short(words: str, most: int) -> str:
    return words if len(words) <= most else words[: most - 1].rstrip() + "…"


def _two_lines(words: str, most: int) -> list[str]:
    """The words broken at a space into at most two lines of `most` characters."""
    lines = wrap(words, most, max_lines=2, placeholder="…") or [""]
    return ["", *lines][-2:]


def _tile_text(row: CriterionProfile, say: Direction) -> str:
    """The text of a tile: "5 of 12 +", or the mean level on a longer scale."""
    if not isinstance(row.score, Estimate):
        return ""
    binary = say.scale.binary
    shown = round(row.score.value * row.score.n)
    score = _("{part} of {whole}", part=shown, whole=row.score.n) if binary else fixed(row.score.value, 1)
    return f"{score} {STATE_SIGNS[row.state]}"
