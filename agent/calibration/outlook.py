"""Before a round is held: what its number of calls can achieve, for each criterion and in one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.calibration.report import CriterionState, calls_wanted
from agent.calibration.rounds import current_states
from agent.core.figures import plural
from agent.core.language import N_, _, ngettext
from agent.core.statistic import percent
from agent.rubrics.model import Rubric
from agent.stats.calibration import CalibrationRule, Prospect, prospects
from agent.workspace import Workspace


@dataclass(frozen=True)
class Outlook:
    """Criteria that can achieve the same. `held` calls of their wording are judged already, on `agreeing` of which
    raters agree, at most `within` levels apart. `ahead` holds this round first, then rounds of the same size up to
    the planned number of calls."""

    criteria: tuple[str, ...]
    people: int
    held: int
    agreeing: int
    ahead: tuple[Prospect, ...]
    within: int = 0

    @property
    def sentence(self) -> str:
        """What this round and those after it can achieve: "8 calls: can show a problem; cannot pass yet. 16: …"."""
        parts = [self._said(one, first=place == 0) for place, one in enumerate(self.ahead)]
        calls = self.ahead[0].calls
        begin = plural(calls, "call")
        if self.held:
            so_far = _("{agreeing} of {held} agree so far", agreeing=self.agreeing, held=self.held)
            if self.within:
                so_far = ngettext(
                    "{agreeing} of {held} agree within {n} level so far",
                    "{agreeing} of {held} agree within {n} levels so far",
                    self.within,
                    n=self.within,
                    agreeing=self.agreeing,
                    held=self.held,
                )
            begin = _(
                "{more} more calls, {calls} in all ({so_far})", more=calls - self.held, calls=calls, so_far=so_far
            )
        if any(one.in_parts and one.needed is not None for one in self.ahead):
            parts.append(_("A call counts by the share of pairs of raters that agree on it"))
        return f"{begin}: {'. '.join(parts)}"

    def _said(self, one: Prospect, *, first: bool) -> str:
        number = "" if first else f"{one.calls}: "
        if one.needed is None or one.needed > self.agreeing + one.calls - self.held:
            can = N_("can show a problem") if one.fails_at is not None else N_("show where raters differ")
            return _("{value}{can}; cannot pass yet", value=number, can=_(can))
        needed, chance = f"{one.needed:.1f}".removesuffix(".0"), percent(one.passed_by_then)
        if one.in_parts:
            return number + _("passes if agreement adds up to {needed}, {chance} or more", needed=needed, chance=chance)
        if one.needed == one.calls:
            return number + _("passes if {who} agree on all, {chance}", who=self._who, chance=chance)
        return number + _("passes if {who} agree on {needed}, {chance}", who=self._who, needed=needed, chance=chance)

    @property
    def _who(self) -> str:
        return {2: _("both"), 3: _("all three")}.get(self.people) or _("all {people}", people=self.people)


def outlooks(states: Sequence[CriterionState], calls: int, people: int, rule: CalibrationRule) -> list[Outlook]:
    """What a round of `calls` calls with so many people can achieve on criteria that have not passed, grouped.

    The percentages are for people who truly agree on 95 % of calls.
    """
    grouped: dict[tuple[int, int, tuple[Prospect, ...], int], list[str]] = {}
    for state in states:
        if state.verdict in ("passed", "fell", "failed"):
            continue
        held = state.calibration.looks if state.calibration else ()
        rounds = max(1, -(-(rule.planned_calls - state.calls) // calls))
        levels, points = len(state.criterion.levels), rule.tolerance[state.criterion.scale]
        ahead = prospects([calls] * min(rounds, 6), levels, points, max(2, people), rule, held=held)
        grouped.setdefault((state.calls, state.agreeing, ahead, points), []).append(state.criterion.id)
    raters = max(2, people)
    return [Outlook(tuple(ids), raters, *group) for group, ids in grouped.items()]


def outlooks_of(space: Workspace, rubric: Rubric, calls: int, people: int) -> list[Outlook]:
    """The same for a rubric of the workspace, after all its rounds."""
    return outlooks(current_states(space, rubric), calls, people, space.calibration_rule)


def proposed_calls(space: Workspace, rubric: Rubric) -> int:
    """How many calls to rate in the next round: what is left of the plan, in rounds of at most 12."""
    return calls_wanted(current_states(space, rubric)) or 8


def plan_words(rule: CalibrationRule) -> str:
    """The plan in one sentence without its full stop."""
    third = rule.planned_calls // 3
    return _(
        "Rounds on one wording add up. Plan two rounds of {planned_calls} calls or three of {third}; "
        "the percentages are for raters who truly agree on 95 % of calls, where about half of the calls show the "
        "criterion; where nine of ten do, two raters pass in 59 % by 24 calls, not in 89 %",
        planned_calls=rule.planned_calls // 2,
        third=third,
    )
