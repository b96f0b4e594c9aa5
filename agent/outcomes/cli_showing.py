"""The link with the win rate, learned scores, funnels and weights on the terminal."""

from collections.abc import Mapping

from agent.app.cli.context import console, table
from agent.app.documents.deal_words import (
    WITH_MORE,
    beside_verdict,
    conversion_words,
    linked_words,
    rank_words,
    reached_words,
)
from agent.core.direction import Direction
from agent.core.figures import read
from agent.core.statistic import percent
from agent.outcomes.views import FunnelsView, LearnedView, LinksView, NewVersion, ProposalOfWeights


def _say(text: str) -> None:
    console().print(text, markup=False)


def show_links(links: LinksView, words: Mapping[str, Direction]) -> None:
    """The links, what they are based on, and what they cannot show."""
    named = {link.criterion: words[link.criterion].named(link.criterion) for link in links.links}
    rows = [
        [
            named[link.criterion],
            link.verdict.replace("_", " ") + beside_verdict(link),
            str(read(link.with_more, "rate", "rep")),
            link.n_needed or "",
        ]
        for link in links.links
    ]
    columns = [
        "criterion",
        "verdict",
        WITH_MORE,
        "reps needed",
    ]
    _say(f"Over: {links.population}")
    table("Movement on each criterion and the win rate", columns, rows, right=["reps needed"])
    _say(
        f"{linked_words(links.links, words, named)} Win rate now: {read(links.win_rate, 'counted', 'deal')}. {links.deals_before:,} deals decided in the window "
        f"before coaching, {links.deals_after:,} after; {links.deals_across:,} lie across a window's edge and are left out. "
        f"Reps needed: to see a link worth acting on in four of five cases. {links.sentence} What "
        "statisticians ask for: --json."
    )


def show_telling(learned: LearnedView, words: Mapping[str, Direction]) -> None:
    """Whether scores still tell won deals from lost ones, and what to do."""
    rows = [
        [
            words[row.criterion].named(row.criterion),
            row.verdict,
            row.wins_before.words,
            row.wins_after.words,
            str(read(row.rise, "points", "rep")),
            str(read(row.copies, "counted", "showing")),
            row.what_to_do,
        ]
        for row in learned.rows
    ]
    columns = [
        "criterion",
        "verdict",
        "won before it was coached",
        "won since",
        "rise (to avoid: fall)",
        "near copies",
        "what to do",
    ]
    _say(f"Over: {learned.population}")
    table("Do scores still tell won deals from lost ones?", columns, rows)
    _say(
        f"With it: in half of a deal's scored calls or more. Near copies: of {learned.showings}. {learned.sentence} The "
        "links before coaching began and since: --json."
    )


def show_funnels(funnels: FunnelsView, only: str) -> None:
    """The team's (or one rep's) funnel, then who is clearly behind it."""
    one = funnels.reps[0] if only else None
    shown, first = (one.funnel, one.first) if one else (funnels.team, funnels.coach_first)
    rows = [
        [
            f"{step.start} to {step.end}",
            conversion_words(step),
            "" if step.yardstick is None else percent(step.yardstick),
            step.against,
        ]
        for step in (*shown.steps, *shown.rule_steps)
    ]
    _say(f"Over: {funnels.population}")
    title = f"{shown.who or 'Team'}: {reached_words(shown)}; {shown.open} open"
    table(title, ["step", "went on", "10-3-1", "against it"], rows)
    _say(f"Coach first: {first.reason}")
    if not only:
        _show_behind(funnels)
    if funnels.stage_links:
        links = [
            [k.stage, k.criterion, k.verdict.replace("_", " "), rank_words(k.correlation, k.p_holm)]
            for k in funnels.stage_links
        ]
        columns = ["stage", "criterion", "verdict", "goes with it (1: fully, 0: not)"]
        table(f"\nCriteria ({funnels.calls}) against conversion at their own stage", columns, links)
    elif not only:
        _say("No criterion names a stage that deals go on from, so none is set against a conversion.")


def _show_behind(funnels: FunnelsView) -> None:
    behind = [own for own in funnels.reps if own.first.step is not None]
    if behind:
        _say(
            f"Reps clearly below the team at a step (in a team of equals somebody would be named in 1 of 20 teams; "
            f"{len(funnels.reps)} reps looked at):"
        )
    for own in behind:
        _say(f"  {own.funnel.who}, against the team: {own.first.reason}")


def show_proposal(proposal: ProposalOfWeights) -> None:
    """Proposed weights with their reasons, or why there are none."""
    _say(f"Over: {proposal.population}")
    if not proposal.proposed:
        _say(f"No weights are proposed: {proposal.reason}. {proposal.tied}")
        return
    rows = [
        [
            w.criterion,
            "" if w.now is None else f"{w.now:g}",
            f"{w.weight:.2f}",
            str(read(w.log_odds, "signed")),
            w.reason,
        ]
        for w in proposal.weights
    ]
    columns = ["criterion", "now", "proposed", "pull towards a win (0: none)", "reason"]
    table("", columns, rows, right=["now", "proposed"])
    _say(f"{proposal.reason}. {proposal.tied} To take them over: closeread weights accept")


def show_version(made: NewVersion) -> None:
    """The new version of the rubric."""
    _say(f"{made.label} ({made.id}): {', '.join(f'{ident} {value:.2f}' for ident, value in made.weights.items())}")
