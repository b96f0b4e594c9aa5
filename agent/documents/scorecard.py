"""A rep's scorecard: where they stand on each criterion, with the words that show it, call by call."""

from collections.abc import Sequence
from datetime import date
from typing import cast

from agent.app.documents.blocks import Block, Cell, Data, Document, Grid, Heading, Paragraph, Quoted, Room, Tone, table
from agent.app.documents.words import percent, place, profile_words
from agent.core.direction import Direction
from agent.core.errors import NotFound
from agent.core.language import N_, NS_, _, ngettext, retold
from agent.core.statistic import Estimate
from agent.core.wording import day, days
from agent.documents.rated import RatedCalls, made_from, not_rated, outcome_words
from agent.profiles.heat_map import RepProfile
from agent.ratings.model import Rated, Rating
from agent.rubrics.model import Criterion, Rubric, mark_sentences
from agent.stats.profiles import CriterionProfile
from agent.stats.rules import ProfileRules

# About this many criteria fit side by side on a page; more are split over several tables.
_SIDE_BY_SIDE = 5
_STATUSES = NS_("rated", "not_applicable", "failed")


def scorecard(
    rep: str,
    rated: RatedCalls,
    figures: RepProfile | None,
    rules: ProfileRules,
    *,
    notes: Sequence[str] = (),
    made_on: date,
) -> Document:
    """The scorecard of one rep. NotFound where the rep has no rated call."""
    mine = rated.of(rep)
    calls = mine.in_order()
    if not calls or figures is None:
        with_ratings = ", ".join(rated.reps) or "nobody"
        label = f"{rated.rubric.label} ({figures.title})" if figures else rated.rubric.label
        raise NotFound(f"{rep} has no rated call against {label}; there are ratings of: {with_ratings}")
    rows = {row.criterion: row for row in figures.profile}
    blocks: list[Block] = [
        Paragraph(f"{note}.") for note in (*notes, *mark_sentences(figures.rubric, figures.marks), *figures.uncounted)
    ]
    blocks += [
        Heading(_("Where it stands")),
        Paragraph(_("Over: {population}.", population=figures.title)),
        _summary(mine, rows),
        Paragraph(_legend(rules), soft=True),
    ]
    blocks += [Heading(_("In their own words")), *_evidence(mine)]
    blocks += [Heading(_("Call by call")), *_by_call(mine)]
    blocks += [Heading(_("Agreed")), Room(4, _("What we take from this"))]
    return Document(
        title=_("Scorecard: {rep}", rep=rep),
        logged=f"Scorecard: {rep}",
        subtitle=ngettext("{n} rated call", "{n} rated calls", len(calls), n=len(calls))
        + f", {days(calls[0].date, calls[-1].date)}",
        made_on=made_on,
        provenance=made_from(mine.rubric, mine.ratings),
        blocks=tuple(blocks),
        data=(profile_data(mine.rubric, figures.profile), rating_data(mine)),
    )


def _summary(mine: RatedCalls, rows: dict[str, CriterionProfile]) -> Grid:
    cells = [
        ((say := Direction.of(c)).named(c.name), *profile_words(rows[c.id], say))
        for c in mine.rubric.criteria
        if c.id in rows
    ]
    columns = (
        (_("Criterion"), 3.8),
        (_("Rate or mean level (range, 95 %)"), 4.0),
        (_("State"), 2.4),
        (_("Left out"), 2.1),
    )
    return table(columns, cells)


def _legend(rules: ProfileRules) -> str:
    return _(
        "Yes/no criteria: share of calls that show the behavior; scales: mean level; with the range that luck leaves, "
        "which decides whether it is a gap. A state is named where luck does not explain it: present rules out a "
        "share of {low} or less, absent one of {high} or more, each wrongly in at most {error}. “Cannot tell” means: "
        "too few calls, not: in between. Calls to which it does not apply, and ratings that failed, count neither way.",
        low=percent(rules.present_low),
        high=percent(rules.absent_high),
        error=percent((1 - rules.confidence) / 2, 1),
    )


def _evidence(mine: RatedCalls) -> list[Block]:
    """For each criterion the latest quote that shows it and the latest turn that came close and did not."""
    blocks: list[Block] = []
    for criterion in mine.rubric.criteria:
        latest = [r for r in _latest_first(mine) if r.criterion == criterion.id and isinstance(r.judgement, Rated)]
        say = Direction.of(criterion)
        quotes = [*_shown(latest, criterion)[:1], *_missed(latest, say)[:1]]
        blocks += [Heading(say.named(criterion.name), 3), *quotes] if quotes else []
    return blocks or [Paragraph(_("No rating carries a quote."))]


def _latest_first(mine: RatedCalls) -> list[Rating]:
    return sorted(mine.ratings, key=lambda r: (mine.calls[r.call].date, r.call), reverse=True)


def _shown(ratings: Sequence[Rating], criterion: Criterion) -> list[Quoted]:
    """Quotes, highest level first. Of a behavior to avoid, what shows it is not good."""
    say = Direction.of(criterion)
    tone: Tone = "bad" if say.avoid else "good"
    best = sorted(ratings, key=lambda r: -r.judgement.value if isinstance(r.judgement, Rated) else 0)
    return [
        Quoted(
            quote.text,
            place(quote.speaker, r.call, quote.span.turn),
            r.reason,
            f"{say.moment('missed')}: {outcome_words(r.judgement, criterion)}"
            if say.avoid
            else outcome_words(r.judgement, criterion),
            tone,
        )
        for r in best
        if isinstance(r.judgement, Rated)
        for quote in r.judgement.quotes[:1]
    ]


def _missed(ratings: Sequence[Rating], say: Direction) -> list[Quoted]:
    """The turn that came nearest and did not count. Of a behavior to avoid that is the good thing."""
    label, tone = (_("came close, and avoided it"), "good") if say.avoid else (_("not counted"), "bad")
    return [
        Quoted(near.text, place(near.speaker, r.call, near.turn), near.why, label, cast(Tone, tone))
        for r in ratings
        if isinstance(r.judgement, Rated) and (near := r.judgement.nearest)
    ]


def _by_call(mine: RatedCalls) -> list[Block]:
    by_cell = {(r.call, r.criterion): r for r in mine.ratings}
    criteria, calls = mine.rubric.criteria, mine.in_order()
    grids: list[Block] = []
    for start in range(0, len(criteria), _SIDE_BY_SIDE):
        part = criteria[start : start + _SIDE_BY_SIDE]
        rows = [
            (
                c.id,
                day(c.date),
                *(
                    outcome_words(by_cell[c.id, k.id].judgement, k) if (c.id, k.id) in by_cell else not_rated()
                    for k in part
                ),
            )
            for c in calls
        ]
        grids.append(
            table(((_("Call"), 2.4), (_("Date"), 2.2), *((Direction.of(k).named(k.name), 2.0) for k in part)), rows)
        )
    return grids


def profile_data(rubric: Rubric, rows: Sequence[CriterionProfile]) -> Data:
    """Profiles as numbers: one row for each rep and criterion."""
    columns = NS_(
        "rep",
        "criterion",
        "scale",
        "n",
        "rate or mean",
        "low",
        "high",
        "state",
        "not applicable",
        "failed",
        "method",
    )
    known = Direction.by_id(rubric.criteria)
    return Data(N_("Profiles"), columns, tuple(_profile_row(row, known[row.criterion]) for row in rows))


def _profile_row(row: CriterionProfile, say: Direction) -> tuple[Cell, ...]:
    statistic = row.score
    if isinstance(statistic, Estimate):
        numbers: tuple[Cell, ...] = (statistic.n, statistic.value, statistic.low, statistic.high)
        method = retold(statistic.method)
    else:
        numbers, method = (statistic.n, None, None, None), retold(statistic.undefined)
    return (
        row.rep,
        row.criterion,
        _(say.scale.name),
        *numbers,
        say.state(row.state),
        row.not_applicable,
        row.failed,
        method,
    )


def rating_data(rated: RatedCalls) -> Data:
    """The ratings that count: one row each, with the first quote."""
    columns = NS_("call", "date", "rep", "criterion", "status", "value", "rater", "turn", "quote", "reason")
    return Data(N_("Ratings"), columns, tuple(_rating_row(r, rated) for r in rated.ratings))


def _rating_row(rating: Rating, rated: RatedCalls) -> tuple[Cell, ...]:
    judgement, call = rating.judgement, rated.calls[rating.call]
    quotes = judgement.quotes
    return (
        rating.call,
        call.date.isoformat(),
        call.rep,
        rating.criterion,
        _(judgement.status),
        judgement.value,
        rating.rater,
        quotes[0].span.turn if quotes else None,
        quotes[0].text if quotes else "",
        rating.reason,
    )
