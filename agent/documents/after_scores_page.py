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
from agent.core.direction import Direction
from agent.core.figures import read
from agent.core.marks import verdict_in_words
from agent.core.statistic import Statistic, chance
from agent.outcomes.funnels import Funnels
from agent.outcomes.learned import LearnedReport
from agent.outcomes.links import LinkReport
from agent.rubrics.model import Rubric
from agent.stats.criterion_movement import CriterionMovement
from agent.stats.gaps import GapReport
from agent.stats.profiles import CriterionProfile
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


def baseline_part(
    profiles: Sequence[CriterionProfile], rubric: Rubric, provisional: Sequence[str], population: str
) -> Part:
    """Where each rep stood."""
    words = {one.id: Direction.of(one) for one in rubric.criteria}
    states = Counter(words[row.criterion].state(row.state) for row in profiles)
    said = ", ".join(f"{count} {state}" for state, count in states.most_common())
    short = f" Provisional for want of calls: {', '.join(provisional)}." if provisional else ""
    return Part(
        "baseline",
        "Baseline",
        (
            f"{len(profiles)} profiles of {len({p.rep for p in profiles})} reps against {rubric.label}, {population}: {said}. A state "
            f"is named only where luck does not explain the calls.{short}",
        ),
        heat_map(profiles, words),
        ("rep", "criterion", "score", "state", "left out"),
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
    own = [gap for gap in report.own if not gap.shared]
    return Part(
        "gaps",
        "Gaps",
        (
            f"Over: {population}. {len(report.team)} criteria are gaps of the team, {len(own)} gaps are single reps'. "
            f"{report.note[0].upper()}{report.note[1:]}. Luck alone would show one in "
            f"{chance(report.any_by_luck)} of teams without any. Of {report.own_tests} own profiles luck alone would show {report.own_by_luck:.1f} as "
            "gaps, were everybody exactly at target.",
        ),
        None,
        ("criterion", "who is off target", "distance to target", "by luck"),
        tuple(
            (
                words[g.criterion].named(g.criterion),
                f"{len(g.reps)} of {g.of} reps, {g.calls} calls: {', '.join(g.reps)}",
                words[g.criterion].distance(g.size),
                chance(g.by_luck),
            )
            for g in report.team
        )
        + tuple(
            (
                words[g.criterion].named(g.criterion),
                f"{g.rep}, {g.calls} calls",
                words[g.criterion].distance(g.size),
                chance(g.by_luck),
            )
            for g in own
        ),
    )


def _decided(decided: Statistic, today: Statistic, say: Direction) -> str:
    """The change of the cycle that decided, and where a later one shows another, that beside it."""
    later = "" if today == decided else f"; now {change_words(today, say)}"
    return change_words(decided, say) + later


def criteria_part(movements: Sequence[CriterionMovement], rubric: Rubric) -> Part:
    """Whether coaching on each criterion works, over all reps coached on it."""
    words = {one.id: Direction.of(one) for one in rubric.criteria}
    moved = [words[one.criterion].named(one.criterion) for one in movements if one.verdict == "moved"]
    still = [words[one.criterion].named(one.criterion) for one in movements if one.verdict == "not_moved"]
    said = [
        f"Coached reps changed beyond the others on {', '.join(moved)}"
        if moved
        else "On no criterion coached reps surely changed beyond the others"
    ]
    said += [f"a change worth having is ruled out on {', '.join(still)}"] if still else []
    left = len(movements) - len(moved) - len(still)
    said += [f"of {left} it cannot be told"] if left else []
    return Part(
        "coaching",
        "Does coaching on a criterion work?",
        (
            f"{'; '.join(said)}. All reps coached on a criterion against those who were not, all cycles so far; what the whole "
            "team rose by is taken out.",
        ),
        None,
        ("criterion", "reps coached, not", "coached changed by", "others changed by", "beyond the others", "verdict"),
        tuple(
            (
                (say := words[one.criterion]).named(one.criterion),
                f"{one.coached} and {one.others}",
                change_words(one.coached_change, say),
                change_words(one.others_change, say),
                _decided(one.rise, one.today, say),
                verdict_in_words(one.verdict) + (f", in {one.moved_in.replace('_', ' ')}" if one.moved_in else ""),
            )
            for one in movements
        ),
    )


def movement_part(rows: Sequence[Movement], rubric: Rubric, false_moved: float) -> Part:
    """What coaching was followed by."""
    last = {(row.rep, row.criterion): row for row in rows}
    words = {one.id: Direction.of(one) for one in rubric.criteria}
    verdicts = Counter(row.verdict for row in last.values())
    said = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in verdicts.most_common())
    return Part(
        "movement",
        "Movement",
        (
            f"{len(last)} coached criteria of {len({row.rep for row in rows})} reps, last cycle against the baseline: "
            f"{said}. If nothing had changed, luck would call at most {false_moved:.2f} reps moved.",
        ),
        cycle_lines(rows, words),
        ("rep", "criterion", "cycle", "baseline", "now", "difference", "expected by itself", "verdict", "calls needed"),
        tuple(
            (
                r.rep,
                (say := words[r.criterion]).named(r.criterion),
                r.cycle.replace("_", " "),
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
    return Part(
        "outcomes",
        "Movement and the win rate",
        (
            f"Over: {links.population}.",
            f"{linked_words(report.links, words, named)} {report.deals_before} deals in the window before coaching, "
            f"{report.deals_after} after, {report.deals_across} across an edge and left out. {report.note[0].upper()}{report.note[1:]}.",
        ),
        forest_plot(report, words),
        ("criterion", "verdict", WITH_MORE, "odds ratio", "rank correlation", "reps needed"),
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
        f"Scores on {', '.join(fading)} rose and tell less of wins than before: they may be learned, not lived"
        if fading
        else "No criterion is seen to have lost its link with winning"
    )
    return Part(
        "telling",
        "Do scores still tell won deals from lost ones?",
        (
            f"Over: {learned.population}.",
            f"{said}. With it: in half of a deal's scored calls or more. Near copies repeat an example of the rubric or "
            "another showing; they only say why.",
        ),
        None,
        (
            "criterion",
            "verdict",
            "what to do",
            "won before it was coached",
            "won since",
            "rise of the score (to avoid: fall)",
            "near copies",
        ),
        tuple(
            (
                words[row.criterion].named(row.criterion),
                verdict_in_words(row.verdict.replace(" ", "_")),
                row.what_to_do,
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
        "Funnel",
        (f"Over: {funnels.population}: {reached_words(funnel)}. Coach first: {funnels.first.reason}.",),
        funnel_chart(funnel),
        ("step", "went on", "10-3-1", "against it"),
        tuple(
            (
                f"{s.start} to {s.end}",
                conversion_words(s),
                "" if s.yardstick is None else percent(s.yardstick),
                s.against,
            )
            for s in steps
        ),
    )
