"""The team report: every rep on every criterion, the gaps that several share, and those of one."""

from collections.abc import Sequence
from datetime import date

from agent.app.documents.blocks import Block, Bullets, Data, Document, Heading, Paragraph, table
from agent.app.documents.words import profile_words
from agent.core.direction import Direction
from agent.core.errors import Advice, NotFound
from agent.core.figures import of_them, plural
from agent.core.language import N_, NS_, _, retold
from agent.core.statistic import chance
from agent.documents.rated import RatedCalls, made_from
from agent.documents.scorecard import profile_data, rating_data
from agent.profiles.heat_map import HeatMap
from agent.profiles.parts import luck_of_gaps
from agent.rubrics.model import Criterion, mark_sentences
from agent.stats.gaps import RepGap, TeamGap


def team_report(rated: RatedCalls, figures: HeatMap, *, notes: Sequence[str] = (), made_on: date) -> Document:
    """The report on all reps that have rated calls. NotFound where nobody has."""
    calls = rated.in_order()
    if not calls:
        raise NotFound(
            f"no call is rated against {rated.rubric.label}",
            advice=Advice(f"score run --rubric {rated.rubric.id}", "/jobs/new/score"),
        )
    rows = figures.rows()
    blocks: list[Block] = [
        Paragraph(f"{note}.")
        for note in (
            *notes,
            _("Over: {population}", population=figures.title),
            *mark_sentences(figures.rubric, figures.marks),
            *figures.uncounted,
        )
    ]
    blocks += _shared(figures) + _own(figures) + _all(figures)
    return Document(
        title=_("Team report"),
        logged="Team report",
        subtitle=f"{plural(len(figures.reps), 'rep')}, {figures.title}",
        made_on=made_on,
        provenance=made_from(rated.rubric, rated.ratings),
        blocks=tuple(blocks),
        data=(profile_data(rated.rubric, rows), _gap_data(figures), rating_data(rated)),
    )


def gap_line(gap: TeamGap, criterion: Criterion) -> str:
    """A gap of the team in two sentences."""
    say, who = Direction.of(criterion), ", ".join(gap.reps)
    reps = of_them(len(gap.reps), gap.of, "rep")
    if gap.clearly:
        found = _("{reps} are clearly {off_target} ({who})", reps=reps, off_target=say.off_target, who=who)
    else:
        found = _(
            "all {calls} together are clearly {off_target}, though no rep alone is; by value {reps} ({who})",
            calls=plural(gap.calls, "call"),
            off_target=say.off_target,
            reps=reps,
            who=who,
        )
    return _(
        "{criterion}: {found}. Over all {reps} and {calls}: {distance}. Luck alone would make as "
        "much in {chance} of teams.",
        criterion=say.named(criterion.name),
        found=found,
        reps=plural(gap.of, "rep"),
        calls=plural(gap.calls, "call"),
        distance=say.distance(gap.size),
        chance=chance(gap.by_luck),
    )


def _named(figures: HeatMap) -> dict[str, Criterion]:
    return {c.id: c for c in figures.criteria}


def _shared(figures: HeatMap) -> list[Block]:
    gaps = figures.gaps
    found: list[Block] = [Heading(_("What the team shares"))]
    if gaps.team:
        found.append(Bullets(tuple(gap_line(gap, _named(figures)[gap.criterion]) for gap in gaps.team)))
    else:
        found.append(Paragraph(_("No gap is shared by so many reps that coaching the team on it is called for.")))
    note = retold(gaps.note)
    return [*found, Paragraph(f"{note[0].upper()}{note[1:]}. {luck_of_gaps(gaps)}", soft=True)]


def _own(figures: HeatMap) -> list[Block]:
    own = [gap for gap in figures.gaps.own if not gap.shared]
    found: list[Block] = [Heading(_("What single reps need"))]
    if not own:
        return [*found, Paragraph(_("No rep is clearly below target on a criterion that the team does not share."))]
    known = _named(figures)
    columns = (
        (_("Rep"), 2.0),
        (_("Criterion"), 3.2),
        (_("What"), 2.2),
        (_("Distance to target"), 2.6),
        (_("Calls"), 1.8),
        (_("By luck"), 1.4),
    )
    return [*found, table(columns, [_gap_cells(gap, known[gap.criterion]) for gap in own], right=(4, 5))]


def _gap_cells(gap: RepGap, criterion: Criterion) -> tuple[str, ...]:
    say = Direction.of(criterion)
    far = say.distance(gap.size)
    return (
        gap.rep,
        say.named(criterion.name),
        say.severity(gap.severity),
        far,
        plural(gap.calls, "call"),
        chance(gap.by_luck),
    )


def _all(figures: HeatMap) -> list[Block]:
    rows = {(row.rep, row.criterion): row for row in figures.rows()}
    found: list[Block] = [Heading(_("Every rep on every criterion"))]
    columns = (
        (_("Rep"), 2.4),
        (_("Rate or mean level (range, 95 %)"), 4.2),
        (_("State"), 2.4),
        (_("Left out"), 1.8),
    )
    for criterion in figures.criteria:
        say = Direction.of(criterion)
        cells = [(rep, *profile_words(row, say)) for rep in figures.reps if (row := rows.get((rep, criterion.id)))]
        found += [
            Heading(say.named(criterion.name), 2),
            Paragraph(criterion.description, soft=True, keep=True),
            table(columns, cells),
        ]
    return found


def _gap_data(figures: HeatMap) -> Data:
    columns = NS_("rep", "criterion", "severity", "distance as share of scale", "calls", "by luck", "shared by team")
    words = Direction.by_id(figures.criteria)
    rows = tuple(
        (
            gap.rep,
            gap.criterion,
            words[gap.criterion].severity(gap.severity),
            gap.size,
            gap.calls,
            gap.by_luck,
            _("yes") if gap.shared else _("no"),
        )
        for gap in figures.gaps.own
    )
    return Data(N_("Gaps"), columns, rows)
