"""The report's pages after the scores: baseline, gaps, movement, outcomes, funnel, as parts the page can show."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agent.app.documents.charts import Chart, cycle_lines, forest_plot, funnel_chart, heat_map
from agent.app.documents.deal_words import (
    WITH_MORE,
    beside_verdict,
    conversion_words,
    linked_words,
    rank_words,
    reached_words,
)
from agent.app.documents.words import change_words, percent, score_words, state_words
from agent.app.web.wording import plain
from agent.core.direction import Direction
from agent.core.figures import plural, read
from agent.core.language import NS_, _, ngettext, retold
from agent.core.marks import verdict_in_words
from agent.core.statistic import Statistic, chance
from agent.core.wording import fixed
from agent.documents.team_report import luck_of_gaps
from agent.outcomes.funnels import Funnels
from agent.outcomes.learned import LearnedReport
from agent.outcomes.links import LinkReport
from agent.rubrics.model import Rubric
from agent.stats.criterion_movement import CriterionMovement
from agent.stats.gaps import GapReport
from agent.stats.profiles import CriterionProfile
from agent.stats.telling import WHAT_TO_DO
from agent.stats.trends import Movement


@dataclass(frozen=True)
class Part:
    """One section: sentences, a chart if there is one, and the figures as a table."""

    id: str
    title: str
    sentences: tuple[str, ...]
    chart: Chart | None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def _heads(*names: str) -> tuple[str, ...]:
    return tuple(map(_, names))


def baseline_part(
    profiles: Sequence[CriterionProfile], rubric: Rubric, provisional: Sequence[str], population: str
) -> Part:
    """Where each rep stood."""
    words = {one.id: Direction.of(one) for one in rubric.criteria}
    states = Counter(words[row.criterion].state(row.state) for row in profiles)
    said = ", ".join(f"{count} {state}" for state, count in states.most_common())
    told = _(
        "{profiles} profiles of {reps} against {rubric}, {population}: {states}. A state is named only where luck does not "
        "explain the calls.",
        profiles=len(profiles),
        reps=plural(len({p.rep for p in profiles}), "rep"),
        rubric=rubric.label,
        population=population,
        states=said,
    )
    if provisional:
        told += _(" Provisional for want of calls: {reps}.", reps=", ".join(provisional))
    return Part(
        "baseline",
        _("Baseline"),
        (told,),
        heat_map(profiles, words),
        _heads(*NS_("rep", "criterion", "score", "state", "left out")),
        tuple(
            (
                p.rep,
                (say := words[p.criterion]).named(p.criterion),
                score_words(p.score, say),
                state_words(p.state, p.shown, say),
                str(p.not_applicable + p.failed),
            )
            for p in profiles
        ),
    )


def gaps_part(report: GapReport, rubric: Rubric, population: str) -> Part:
    """What the team shares, and what single reps lack."""
    words = {one.id: Direction.of(one) for one in rubric.criteria}
    own, note = [gap for gap in report.own if not gap.shared], retold(report.note)
    told = (
        _("Over: {population}.", population=population),
        ngettext(
            "{n} criterion is a gap of the team,",
            "{n} criteria are gaps of the team,",
            len(report.team),
            n=len(report.team),
        ),
        ngettext("{n} gap is a single rep's.", "{n} gaps are single reps'.", len(own), n=len(own)),
        f"{note[0].upper()}{note[1:]}.",
        luck_of_gaps(report),
    )
    return Part(
        "gaps",
        _("Gaps"),
        (" ".join(told),),
        None,
        _heads(*NS_("criterion", "who is off target", "distance to target", "by luck")),
        tuple(
            (
                words[g.criterion].named(g.criterion),
                _(
                    "{part} of {reps}, {calls}: {names}",
                    part=len(g.reps),
                    reps=plural(g.of, "rep"),
                    calls=plural(g.calls, "call"),
                    names=", ".join(g.reps),
                ),
                words[g.criterion].distance(g.size),
                chance(g.by_luck),
            )
            for g in report.team
        )
        + tuple(
            (
                words[g.criterion].named(g.criterion),
                f"{g.rep}, {plural(g.calls, 'call')}",
                words[g.criterion].distance(g.size),
                chance(g.by_luck),
            )
            for g in own
        ),
    )


def _decided(decided: Statistic, today: Statistic, say: Direction) -> str:
    """The change of the cycle that decided, and where a later one shows another, that beside it."""
    later = "" if today == decided else _("; now {change}", change=change_words(today, say))
    return change_words(decided, say) + later


def criteria_part(movements: Sequence[CriterionMovement], rubric: Rubric) -> Part:
    """Whether coaching on each criterion works, over all reps coached on it."""
    words = {one.id: Direction.of(one) for one in rubric.criteria}
    moved = [words[one.criterion].named(one.criterion) for one in movements if one.verdict == "moved"]
    still = [words[one.criterion].named(one.criterion) for one in movements if one.verdict == "not_moved"]
    said = [
        _("Coached reps changed beyond the others on {criteria}", criteria=", ".join(moved))
        if moved
        else _("On no criterion coached reps surely changed beyond the others")
    ]
    said += [_("a change worth having is ruled out on {criteria}", criteria=", ".join(still))] if still else []
    left = len(movements) - len(moved) - len(still)
    said += [_("of {left} it cannot be told", left=left)] if left else []
    how = _(
        "All reps coached on a criterion against those who were not, all cycles so far; what the whole team rose by is taken out."
    )
    return Part(
        "coaching",
        _("Does coaching on a criterion work?"),
        (f"{'; '.join(said)}. {how}",),
        None,
        _heads(
            *NS_(
                "criterion",
                "reps coached, not",
                "coached changed by",
                "others changed by",
                "beyond the others",
                "verdict",
            )
        ),
        tuple(
            (
                (say := words[one.criterion]).named(one.criterion),
                _("{coached} and {others}", coached=one.coached, others=one.others),
                change_words(one.coached_change, say),
                change_words(one.others_change, say),
                _decided(one.rise, one.today, say),
                verdict_in_words(one.verdict) + (_(", in {cycle}", cycle=plain(one.moved_in)) if one.moved_in else ""),
            )
            for one in movements
        ),
    )


def movement_part(rows: Sequence[Movement], rubric: Rubric, false_moved: float) -> Part:
    """What coaching was followed by."""
    last = {(row.rep, row.criterion): row for row in rows}
    words = {one.id: Direction.of(one) for one in rubric.criteria}
    verdicts = Counter(row.verdict for row in last.values())
    said = ", ".join(f"{count} {plain(verdict)}" for verdict, count in verdicts.most_common())
    return Part(
        "movement",
        _("Movement"),
        (
            _(
                "{criteria} coached criteria of {reps}, last cycle against the baseline: {verdicts}. If nothing had changed, luck "
                "would call at most {by_luck} reps moved.",
                criteria=len(last),
                reps=plural(len({row.rep for row in rows}), "rep"),
                verdicts=said,
                by_luck=fixed(false_moved, 2),
            ),
        ),
        cycle_lines(rows, words),
        _heads(
            *NS_("rep", "criterion", "cycle", "baseline", "now", "difference"),
            *NS_("expected by itself", "verdict", "calls needed"),
        ),
        tuple(
            (
                r.rep,
                (say := words[r.criterion]).named(r.criterion),
                plain(r.cycle),
                score_words(r.baseline, say),
                score_words(r.now, say),
                _decided(r.difference, r.today, say),
                change_words(r.expected_rise, say),
                verdict_in_words(r.verdict)
                + (f"; {say.since(r.reached, r.now)}" if r.verdict == "moved" and say.since(r.reached, r.now) else ""),
                str(r.calls_needed or ""),
            )
            for r in rows
        ),
    )


def outcomes_part(links: LinkReport, rubric: Rubric) -> Part:
    """What goes with the win rate."""
    report, words = links.report, {one.id: Direction.of(one) for one in rubric.criteria}
    named = {link.criterion: words[link.criterion].named(link.criterion) for link in report.links}
    note = retold(report.note)
    deals = _(
        "{before} deals in the window before coaching, {after} after, {across} across an edge and left out.",
        before=report.deals_before,
        after=report.deals_after,
        across=report.deals_across,
    )
    return Part(
        "outcomes",
        _("Movement and the win rate"),
        (
            _("Over: {population}.", population=links.population),
            f"{linked_words(report.links, words, named)} {deals} {note[0].upper()}{note[1:]}.",
        ),
        forest_plot(report, words),
        _heads(*NS_("criterion", "verdict"), WITH_MORE, *NS_("odds ratio", "rank correlation", "reps needed")),
        tuple(
            (
                named[link.criterion],
                verdict_in_words(link.verdict) + beside_verdict(link),
                str(read(link.with_more, "rate", "rep")),
                str(read(link.model, "number", "rep")),
                rank_words(link.correlation, link.p_correlation),
                str(link.n_needed or ""),
            )
            for link in report.links
        ),
    )


def learned_part(learned: LearnedReport, rubric: Rubric) -> Part:
    """Whether scores still tell won deals from lost ones since coaching began."""
    words = {one.id: Direction.of(one) for one in rubric.criteria}
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
        "With it: in half of a deal's scored calls or more. Near copies repeat an example of the rubric or another showing; "
        "they only say why."
    )
    return Part(
        "telling",
        _("Do scores still tell won deals from lost ones?"),
        (_("Over: {population}.", population=learned.population), f"{said} {how}"),
        None,
        _heads(
            *NS_("criterion", "verdict", "what to do", "won before it was coached", "won since"),
            *NS_("rise of the score (to avoid: fall)", "near copies"),
        ),
        tuple(
            (
                words[row.criterion].named(row.criterion),
                verdict_in_words(row.verdict.replace(" ", "_")),
                retold(WHAT_TO_DO[row.verdict]),
                row.wins_before.words,
                row.wins_after.words,
                str(read(row.rise, "points", "rep")),
                str(read(row.copies, "counted", "showing")),
            )
            for row in learned.rows
        ),
    )


def funnel_part(funnels: Funnels) -> Part:
    """Where deals are lost."""
    funnel = funnels.team
    steps = (*funnel.steps, *funnel.rule_steps)
    return Part(
        "funnel",
        _("Funnel"),
        (
            _(
                "Over: {population}: {reached}. Coach first: {reason}.",
                population=funnels.population,
                reached=reached_words(funnel),
                reason=retold(funnels.first.reason),
            ),
        ),
        funnel_chart(funnel),
        _heads(*NS_("step", "went on", "10-3-1", "against it")),
        tuple(
            (
                _("{start} to {end}", start=s.start, end=s.end),
                conversion_words(s),
                "" if s.yardstick is None else percent(s.yardstick),
                _(s.against),
            )
            for s in steps
        ),
    )
