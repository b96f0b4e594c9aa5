"""Where reps stand, put in words: baselines and gaps."""

from collections import Counter
from collections.abc import Sequence

from agent.app.documents.charts import heat_map
from agent.app.documents.part import Part, heads
from agent.app.documents.words import profile_words
from agent.core.direction import Direction
from agent.core.figures import of_them, plural
from agent.core.language import NS_, _, ngettext, retold
from agent.core.statistic import chance
from agent.core.wording import day, fixed
from agent.profiles.views import GapsView, SharedGap
from agent.rubrics.model import Rubric
from agent.stats.gaps import GapReport
from agent.stats.profiles import CriterionProfile


def baseline_part(
    profiles: Sequence[CriterionProfile], rubric: Rubric, provisional: Sequence[str], population: str
) -> Part:
    """Where each rep stood."""
    words = Direction.by_id(rubric.criteria)
    states = Counter(words[row.criterion].state(row.state) for row in profiles)
    said = ", ".join(f"{count} {state}" for state, count in states.most_common())
    told = _(
        "{profiles} profiles of {reps} against {rubric}, {population}: {states}. A state is named only where luck "
        "does not explain the calls.",
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
        heads(*NS_("rep", "criterion", "score", "state", "left out")),
        tuple((p.rep, (say := words[p.criterion]).named(p.criterion), *profile_words(p, say)) for p in profiles),
    )


def gaps_part(gaps: GapsView, rubric: Rubric) -> Part:
    """What the team shares, then what single reps lack; or every gap of the one rep who was asked for."""
    words, of_one = Direction.by_id(rubric.criteria), gaps.any_by_luck is None
    own, note = [gap for gap in gaps.own if of_one or not gap.shared], retold(gaps.note)
    counted = (
        ngettext(
            "{n} criterion is a gap of the team,",
            "{n} criteria are gaps of the team,",
            len(gaps.team),
            n=len(gaps.team),
        ),
        ngettext("{n} gap is a single rep's.", "{n} gaps are single reps'.", len(own), n=len(own)),
    )
    nothing = (_("No criterion is clearly off target."),) * (not own)
    told = (
        _("Over: {population}.", population=gaps.population),
        *(nothing if of_one else counted),
        f"{note[0].upper()}{note[1:]}.",
        luck_of_gaps(gaps),
    )
    first = _("coach first")
    return Part(
        "gaps",
        _("Gaps"),
        (" ".join(told),),
        None,
        heads(
            *NS_("criterion", "off target", "distance to target", "calls", "by luck", "coaching", "who is off target")
        ),
        tuple(
            (
                words[g.criterion].named(g.criterion),
                of_them(len(g.reps), g.of, "rep"),
                words[g.criterion].distance(g.size),
                plural(g.calls, "call"),
                chance(g.by_luck),
                _coached(g, first if g.criterion in gaps.focus else "" if g.beyond_luck else _("may be luck")),
                ", ".join(g.reps),
            )
            for g in gaps.team
        )
        + tuple(
            (
                words[g.criterion].named(g.criterion) + (_(" (team)") if g.shared else ""),
                f"{g.rep}: {g.in_words}",
                words[g.criterion].distance(g.size),
                plural(g.calls, "call"),
                chance(g.by_luck),
                first if g.first else "",
                g.rep,
            )
            for g in own
        ),
        aside=1,
    )


def _coached(gap: SharedGap, said: str) -> str:
    """What to do about a gap of the team, and what coaching on it has done so far."""
    since = gap.coached_since and _("since {day}", day=day(gap.coached_since))
    moved = gap.reps_coached and _("{part} of {whole} moved", part=gap.reps_moved, whole=gap.reps_coached)
    done = ", ".join(str(part) for part in (since, moved) if part)
    return "; ".join(filter(None, (said, done)))


def luck_of_gaps(gaps: GapReport | GapsView) -> str:
    """How many gaps luck alone would make, in two sentences; of one rep in one."""
    own = _(
        "Of {tests} own profiles luck alone would show {own} as gaps, were everybody exactly at target.",
        tests=gaps.own_tests,
        own=fixed(gaps.own_by_luck, 1),
    )
    if gaps.any_by_luck is None:
        return own
    team = _("Luck alone would show one in {chance} of teams without any.", chance=chance(gaps.any_by_luck))
    return f"{team} {own}"
