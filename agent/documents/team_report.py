"""The team report: every rep on every criterion, the gaps that several share, and those of one."""

from collections.abc import Sequence
from datetime import date

from agent.app.documents.blocks import Block, Bullets, Data, Document, Heading, Paragraph, table
from agent.app.documents.words import counted, score_words, state_words
from agent.core.direction import Direction
from agent.core.errors import Advice, NotFound
from agent.core.statistic import chance
from agent.documents.rated import RatedCalls, left_out, made_from
from agent.documents.scorecard import profile_data, rating_data
from agent.profiles.heat_map import HeatMap
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
            f"Over: {figures.title}",
            *mark_sentences(figures.rubric, figures.marks),
            *figures.uncounted,
        )
    ]
    blocks += _shared(figures) + _own(figures) + _all(figures)
    return Document(
        title="Team report",
        subtitle=f"{counted(len(figures.reps), 'rep')}, {figures.title}",
        made_on=made_on,
        provenance=made_from(rated.rubric, rated.ratings),
        blocks=tuple(blocks),
        data=(profile_data(rated.rubric, rows), _gap_data(figures), rating_data(rated)),
    )


def gap_line(gap: TeamGap, criterion: Criterion) -> str:
    """A gap of the team in two sentences."""
    say, who = Direction.of(criterion), ", ".join(gap.reps)
    if gap.clearly:
        found = f"{len(gap.reps)} of {gap.of} reps are clearly {say.off_target} ({who})"
    else:
        found = (
            f"all {gap.calls} calls together are clearly {say.off_target}, though no rep alone is; by value "
            f"{len(gap.reps)} of {gap.of} reps ({who})"
        )
    whole = say.distance(gap.size)
    return (
        f"{say.named(criterion.name)}: {found}. Over all {gap.of} reps and {gap.calls} calls: {whole}. Luck alone would "
        f"make as much in {chance(gap.by_luck)} of teams."
    )


def _named(figures: HeatMap) -> dict[str, Criterion]:
    return {c.id: c for c in figures.criteria}


def _shared(figures: HeatMap) -> list[Block]:
    gaps = figures.gaps
    found: list[Block] = [Heading("What the team shares")]
    if gaps.team:
        found.append(Bullets(tuple(gap_line(gap, _named(figures)[gap.criterion]) for gap in gaps.team)))
    else:
        found.append(Paragraph("No gap is shared by so many reps that coaching the team on it is called for."))
    luck = (
        f"Luck alone would show one in {chance(gaps.any_by_luck)} of teams without any. Of {gaps.own_tests} own profiles "
        f"luck alone would show {gaps.own_by_luck:.1f} as gaps, were everybody exactly at target."
    )
    return [*found, Paragraph(f"{gaps.note[0].upper()}{gaps.note[1:]}. {luck}", soft=True)]


def _own(figures: HeatMap) -> list[Block]:
    own = [gap for gap in figures.gaps.own if not gap.shared]
    found: list[Block] = [Heading("What single reps need")]
    if not own:
        return [*found, Paragraph("No rep is clearly below target on a criterion that the team does not share.")]
    known = _named(figures)
    columns = (
        ("Rep", 2.0),
        ("Criterion", 3.6),
        ("What", 2.4),
        ("Distance to target", 2.6),
        ("Calls", 1.0),
        ("By luck", 1.4),
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
        f"{gap.calls} calls",
        chance(gap.by_luck),
    )


def _all(figures: HeatMap) -> list[Block]:
    rows = {(row.rep, row.criterion): row for row in figures.rows()}
    found: list[Block] = [Heading("Every rep on every criterion")]
    columns = (("Rep", 2.4), ("Rate or mean level (range, 95 %)", 4.2), ("State", 2.4), ("Left out", 1.8))
    for criterion in figures.criteria:
        say = Direction.of(criterion)
        cells = [
            (
                rep,
                score_words(row.score, say),
                state_words(row.state, row.shown, say),
                left_out(row.not_applicable, row.failed) or "–",
            )
            for rep in figures.reps
            if (row := rows.get((rep, criterion.id)))
        ]
        found += [
            Heading(say.named(criterion.name), 2),
            Paragraph(criterion.description, soft=True, keep=True),
            table(columns, cells),
        ]
    return found


def _gap_data(figures: HeatMap) -> Data:
    columns = ("rep", "criterion", "severity", "distance as share of scale", "calls", "by luck", "shared by team")
    words = {one.id: Direction.of(one) for one in figures.criteria}
    rows = tuple(
        (
            gap.rep,
            gap.criterion,
            words[gap.criterion].severity(gap.severity),
            gap.size,
            gap.calls,
            gap.by_luck,
            "yes" if gap.shared else "no",
        )
        for gap in figures.gaps.own
    )
    return Data("Gaps", columns, rows)
