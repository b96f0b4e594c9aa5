"""What coaching was followed by, put in words: each criterion over all reps, and the reps' own cycles."""

from collections import Counter
from collections.abc import Sequence

from agent.app.documents.charts import cycle_lines
from agent.app.documents.part import Part, heads
from agent.app.documents.words import change_words, score_words
from agent.app.web.wording import plain
from agent.core.direction import Direction
from agent.core.figures import plural
from agent.core.language import NS_, _
from agent.core.marks import verdict_in_words
from agent.core.statistic import Statistic
from agent.core.wording import fixed
from agent.rubrics.model import Rubric
from agent.stats.criterion_movement import ENOUGH_REPS, CriterionMovement
from agent.stats.trends import Movement


def decided_words(decided: Statistic, today: Statistic, say: Direction, unit: str = "call") -> str:
    """The change of the cycle that decided, and where a later one shows another, that beside it."""
    later = "" if today == decided else _("; now {change}", change=change_words(today, say, unit))
    return change_words(decided, say, unit) + later


def _since_or_why(one: CriterionMovement) -> str:
    """In which cycle it moved, or how many reps a verdict takes."""
    if one.too_few_reps:
        return _(": it takes about {n} reps", n=ENOUGH_REPS)
    return _(", in {cycle}", cycle=plain(one.moved_in)) if one.moved_in else ""


def criteria_part(movements: Sequence[CriterionMovement], rubric: Rubric) -> Part:
    """Whether coaching on each criterion works, over all reps coached on it."""
    words = Direction.by_id(rubric.criteria)
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
        "All reps coached on a criterion against those who were not, all cycles so far; "
        "what the whole team rose by is taken out."
    )
    return Part(
        "coaching",
        _("Does coaching on a criterion work?"),
        (f"{'; '.join(said)}. {how}",),
        None,
        heads(
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
                change_words(one.coached_change, say, ""),
                change_words(one.others_change, say, ""),
                decided_words(one.rise, one.today, say, ""),
                verdict_in_words(one.verdict) + _since_or_why(one),
            )
            for one in movements
        ),
    )


def movement_part(rows: Sequence[Movement], rubric: Rubric, false_moved: float) -> Part:
    """What coaching was followed by."""
    last = {(row.rep, row.criterion): row for row in rows}
    words = Direction.by_id(rubric.criteria)
    verdicts = Counter(row.verdict for row in last.values())
    said = ", ".join(f"{count} {plain(verdict)}" for verdict, count in verdicts.most_common())
    return Part(
        "movement",
        _("Movement"),
        (
            _(
                "{criteria} coached criteria of {reps}, last cycle against the baseline: {verdicts}. "
                "If nothing had changed, luck would call at most {by_luck} reps moved.",
                criteria=len(last),
                reps=plural(len({row.rep for row in rows}), "rep"),
                verdicts=said,
                by_luck=fixed(false_moved, 2),
            ),
        ),
        cycle_lines(rows, words),
        heads(
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
                decided_words(r.difference, r.today, say),
                change_words(r.expected_rise, say),
                verdict_in_words(r.verdict)
                + (f"; {say.since(r.reached, r.now)}" if r.verdict == "moved" and say.since(r.reached, r.now) else ""),
                str(r.calls_needed or ""),
            )
            for r in rows
        ),
    )
