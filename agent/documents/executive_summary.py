"""The executive summary: what separates won deals from lost ones, where the team stands on it, what it is worth."""

from collections.abc import Sequence
from datetime import date

from agent.app.documents.blocks import Block, Bullets, Data, Document, Heading, Paragraph, Quoted, table
from agent.app.documents.words import place
from agent.core.figures import plural
from agent.core.language import N_, NS_, _
from agent.documents.rated import RatedCalls, made_from
from agent.documents.team_report import gap_line
from agent.interviews.model import Interview
from agent.patterns.model import Extraction, Pattern
from agent.patterns.views import told_in_words
from agent.profiles.heat_map import HeatMap

_MOST_PATTERNS = 8
_SIDES = (("won", N_("Buyers who bought tell of it")), ("lost", N_("Buyers who did not buy tell of it")))


def executive_summary(
    extraction: Extraction,
    interviews: Sequence[Interview],
    rated: RatedCalls | None,
    figures: HeatMap | None,
    sentences: Sequence[str],
    *,
    made_on: date,
) -> Document:
    """One or two pages. `figures` is None where no call is rated; `sentences` say what the patterns are worth."""
    won = sum(i.outcome == "won" for i in interviews)
    patterns = [p for p in extraction.patterns.patterns if p.distinguishing]
    blocks: list[Block] = [Heading(_("What separates won deals from lost ones"))]
    blocks += [Paragraph(sentences[0])] if sentences else []
    for side, title in _SIDES:
        blocks += _patterns([p for p in patterns if p.side == side][:_MOST_PATTERNS], _(title))
    blocks += [Paragraph(sentence) for sentence in sentences[1:]]
    blocks += _team(figures)
    return Document(
        title=_("Win-loss summary"),
        logged="Win-loss summary",
        subtitle=_(
            "{interviews} interviews, {won} won and {lost} lost",
            interviews=len(interviews),
            won=won,
            lost=len(interviews) - won,
        ),
        made_on=made_on,
        provenance=made_from(
            rated.rubric if rated else None,
            rated.ratings if rated else (),
            _("patterns {id}", id=extraction.patterns.id),
        ),
        blocks=tuple(blocks),
        data=(pattern_data(extraction.patterns.patterns),),
    )


def _patterns(patterns: Sequence[Pattern], title: str) -> list[Block]:
    if not patterns:
        return []
    columns = ((_("Behavior"), 6.0), (_("Won"), 1.3), (_("Lost"), 1.3))
    rows = [
        (
            f"{p.name}{told_in_words(p)}",
            *(_("{part} of {whole}", part=side.count, whole=side.of) for side in (p.won, p.lost)),
        )
        for p in patterns
    ]
    first = [e for e in patterns[0].evidence if not e.told][:1]
    said = [
        Quoted(e.quote.text, place(e.quote.speaker, e.interview, e.quote.span.turn), patterns[0].behavior)
        for e in first
    ]
    return [Heading(title, 2), table(columns, rows, right=(1, 2)), *said]


def _team(figures: HeatMap | None) -> list[Block]:
    blocks: list[Block] = [Heading(_("Where the team stands"))]
    if figures is None or not figures.reps:
        return [*blocks, Paragraph(_("No call is rated yet."))]
    known = {c.id: c for c in figures.criteria}
    of = _("{reps} over: {population}.", reps=plural(len(figures.reps), "rep"), population=figures.title)
    if not figures.gaps.team:
        none = _("No gap is shared by so many reps that the team should be coached on it.")
        return [*blocks, Paragraph(f"{of} {none}")]
    return [
        *blocks,
        Paragraph(f"{of} {_('Gaps that several reps share:')}"),
        Bullets(tuple(gap_line(g, known[g.criterion]) for g in figures.gaps.team)),
    ]


def pattern_data(patterns: Sequence[Pattern]) -> Data:
    """All patterns with their counts."""
    columns = NS_(
        "pattern",
        "behavior",
        "verdict",
        "won",
        "of won",
        "lost",
        "of lost",
        "probability won",
        "p",
        "p, all patterns allowed for",
    )
    rows = tuple(
        (
            p.name,
            p.behavior,
            _(p.verdict),
            p.won.count,
            p.won.of,
            p.lost.count,
            p.lost.of,
            p.contrast.probability_won,
            p.contrast.p,
            p.contrast.p_holm,
        )
        for p in patterns
    )
    return Data(N_("Patterns"), columns, rows)
