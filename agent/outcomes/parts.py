"""What goes with deals won, put in words: the link with the win rate, learned scores, the funnel."""

from collections.abc import Mapping

from agent.app.documents.charts import forest_plot, funnel_chart
from agent.app.documents.deal_words import (
    WITH_MORE,
    beside_verdict,
    conversion_words,
    linked_words,
    rank_words,
    reached_words,
)
from agent.app.documents.part import Part, heads
from agent.core.direction import Direction
from agent.core.figures import read
from agent.core.language import NS_, _, retold
from agent.core.marks import verdict_in_words
from agent.core.statistic import percent
from agent.core.wording import number
from agent.outcomes.views import FunnelsView, LearnedView, LinksView

Words = Mapping[str, Direction]
"""How each criterion is worded, by its id."""


def links_part(links: LinksView, words: Words) -> Part:
    """What goes with the win rate, what it is based on, and what it cannot show."""
    named = {link.criterion: words[link.criterion].named(link.criterion) for link in links.links}
    deals = _(
        "Win rate now: {rate}. {before} deals decided in the window before coaching, {after} after; {across} lie "
        "across a window's edge and are left out. Reps needed: to see a link worth acting on in four of five cases.",
        rate=read(links.win_rate, "counted", "deal"),
        before=number(links.deals_before),
        after=number(links.deals_after),
        across=number(links.deals_across),
    )
    return Part(
        "outcomes",
        _("Movement and the win rate"),
        (
            _("Over: {population}.", population=links.population),
            f"{linked_words(links.links, words, named)} {deals} {retold(links.sentence)}",
        ),
        forest_plot(links.links, links.win_rate, words),
        heads(*NS_("criterion", "verdict"), WITH_MORE, *NS_("reps needed", "odds ratio", "rank correlation")),
        tuple(
            (
                named[link.criterion],
                verdict_in_words(link.verdict) + beside_verdict(link),
                str(read(link.with_more, "rate", "rep")),
                str(link.n_needed or ""),
                str(read(link.model, "number", "rep")),
                rank_words(link.correlation, link.p_correlation),
            )
            for link in links.links
        ),
        aside=2,
    )


def learned_part(learned: LearnedView, words: Words) -> Part:
    """Whether scores still tell won deals from lost ones since coaching began, and what to do."""
    fading = [words[row.criterion].named(row.criterion) for row in learned.rows if row.verdict == "fading"]
    said = (
        _(
            "Scores on {criteria} rose and tell less of wins than before: they may be learned, not lived.",
            criteria=", ".join(fading),
        )
        if fading
        else _("No criterion is seen to have lost its link with winning.")
    )
    how = _(
        "With it: in half of a deal's scored calls or more. Near copies repeat an example of the rubric or another "
        "showing; they only say why. Compared were {showings}.",
        showings=learned.showings,
    )
    return Part(
        "telling",
        _("Do scores still tell won deals from lost ones?"),
        (_("Over: {population}.", population=learned.population), f"{said} {how} {retold(learned.sentence)}"),
        None,
        heads(
            *NS_("criterion", "verdict", "what to do", "won before it was coached", "won since"),
            *NS_("rise of the score (to avoid: fall)", "near copies"),
        ),
        tuple(
            (
                words[row.criterion].named(row.criterion),
                verdict_in_words(row.verdict.replace(" ", "_")),
                retold(row.what_to_do),
                row.wins_before.words,
                row.wins_after.words,
                str(read(row.rise, "points", "rep")),
                str(read(row.copies, "counted", "showing")),
            )
            for row in learned.rows
        ),
    )


def funnel_parts(funnels: FunnelsView, rep: str = "") -> list[Part]:
    """Where deals are lost, of the team (and which reps are behind it) or of one rep; then criteria against the
    conversion at their own stage, where any names one."""
    of = next((one for one in funnels.reps if one.funnel.who == rep), None) if rep else None
    funnel, first = (of.funnel, of.first) if of else (funnels.team, funnels.coach_first)
    sentences = [
        _(
            "Over: {population}: {reached}; {open} open. Coach first: {reason}.",
            population=funnels.population,
            reached=reached_words(funnel),
            open=number(funnel.open),
            reason=retold(first.reason),
        )
    ]
    behind = [own for own in funnels.reps if own.first.step is not None]
    if behind and not of:
        sentences.append(
            _(
                "Reps clearly below the team at a step (in a team of equals somebody would be named in 1 of 20 teams; "
                "{n} reps looked at): {reps}.",
                n=len(funnels.reps),
                reps="; ".join(f"{own.funnel.who}: {retold(own.first.reason)}" for own in behind),
            )
        )
    if not funnels.stage_links and not of:
        sentences.append(_("No criterion names a stage that deals go on from, so none is set against a conversion."))
    steps = Part(
        "funnel",
        _("Funnel of {rep}", rep=funnel.who) if of else _("Funnel"),
        tuple(sentences),
        funnel_chart(funnel),
        heads(*NS_("step", "went on", "10-3-1", "against it")),
        tuple(
            (
                _("{start} to {end}", start=s.start, end=s.end),
                conversion_words(s),
                "" if s.yardstick is None else percent(s.yardstick),
                _(s.against),
            )
            for s in (*funnel.steps, *funnel.rule_steps)
        ),
    )
    links = Part(
        "stages",
        _("Criteria against conversion at their own stage"),
        (_("Over: {population}.", population=funnels.calls),),
        None,
        heads(*NS_("stage", "criterion", "verdict", "goes with it (1: fully, 0: not)")),
        tuple(
            (k.stage, k.criterion, verdict_in_words(k.verdict), rank_words(k.correlation, k.p_holm))
            for k in funnels.stage_links
        ),
    )
    return [steps, links] if funnels.stage_links else [steps]
