"""Which patterns become criteria. The method asks for six to eight; few interviews let few of them reach certainty.

Those that separate won from lost come first, all of them. What is missing up to eight is filled with those that lean,
the surest first, each marked as not confirmed. A person may name others.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.core.errors import InputError
from agent.core.language import _, ngettext
from agent.patterns.model import Pattern, PatternSet
from agent.patterns.verbs import current
from agent.stats.contrast import Counts, expected_leaning
from agent.workspace import Workspace

MOST_CRITERIA = 8

# "" fills up with patterns that lean, "distinguishing" does not.
Only = Literal["", "distinguishing"]


@dataclass(frozen=True)
class Proposed:
    """A pattern that would become a criterion. `mark` says what is uncertain about it; empty if it separates won from
    lost."""

    pattern: Pattern
    mark: str


@dataclass(frozen=True)
class Proposal:
    """What would be drafted, with one sentence about what it is worth."""

    patterns: tuple[Proposed, ...]
    sentence: str


def proposal(space: Workspace, only: Only = "", patterns: Sequence[str] = ()) -> Proposal:
    """The patterns as people edited them, without those they rejected; just `patterns` (ids) where some are named.

    InputError names the ids there are where one of `patterns` is none.
    """
    pattern_set = current(space).extraction.patterns
    named = {p.id: p for p in pattern_set.patterns}
    if unknown := [ident for ident in patterns if ident not in named]:
        raise InputError(
            _("there is no pattern {unknown}; there are {named}", unknown=", ".join(unknown), named=", ".join(named))
        )
    if patterns:
        chosen = [named[ident] for ident in dict.fromkeys(patterns)]
    else:
        chosen = [p for p in pattern_set.patterns if p.distinguishing]
        leaning = sorted((p for p in pattern_set.patterns if p.leaning), key=_sureness, reverse=True)
        chosen += [] if only else leaning[: max(0, MOST_CRITERIA - len(chosen))]
    return Proposal(tuple(Proposed(p, _mark(p, pattern_set)) for p in chosen), _sentence(chosen, pattern_set))


def _sureness(pattern: Pattern) -> float:
    return abs(pattern.contrast.probability_won - 0.5)


def _mark(pattern: Pattern, patterns: PatternSet) -> str:
    if pattern.distinguishing:
        return ""
    seen = _(
        "seen in {count} of {of} won and {count_2} of {of_2} lost deals",
        count=pattern.won.count,
        of=pattern.won.of,
        count_2=pattern.lost.count,
        of_2=pattern.lost.of,
    )
    if not pattern.leaning:
        return _("chosen by hand: {seen}, which separates nothing", seen=seen)
    needed = patterns.confirm.get(pattern.id)
    wait = (
        _("by {needed} interviews a side or by the scores", needed=needed)
        if needed
        else "by more interviews or by the scores"
    )
    return _("leaning: {seen}; to be confirmed {wait}", seen=seen, wait=wait)


def _sentence(chosen: Sequence[Pattern], patterns: PatternSet) -> str:
    leaning = sum(p.leaning for p in chosen)
    sure = sum(p.distinguishing for p in chosen)
    said = ngettext("{n} separates won from lost", "{n} separate won from lost", sure, n=sure)
    if leaning:
        counts = [Counts(p.won.count, p.won.of, p.lost.count, p.lost.of) for p in patterns.patterns]
        chance = min(float(leaning), expected_leaning(counts).value)
        said += ngettext(
            ", {n} only leans (about {value} of them by chance alone)",
            ", {n} only lean (about {value} of them by chance alone)",
            leaning,
            n=leaning,
            value=f"{chance:.1f}",
        )
    if len(chosen) > MOST_CRITERIA:
        said += _(
            "; {chosen} are more than the six to {most_criteria} that a manager can keep in mind: leave some out",
            chosen=len(chosen),
            most_criteria=MOST_CRITERIA,
        )
    return said
