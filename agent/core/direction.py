"""How a gap, a moment and a movement of a criterion are worded, by its direction: a behavior to show, or one to avoid.

A criterion with a negative weight is one to avoid: showing it in every call is the gap, falling is the aim, and the
good moment is a call without it. Nobody writes such a sentence without asking here:

    say = Direction.of(criterion)
    say.seen(profile.score)                             # "does it in 11 of 11 calls; the aim is not to"
    say.state(profile.state)                            # "consistently does it (to avoid)"
    say.severity(gap.severity)                          # "consistently does it; the aim is not to"
    say.moment("missed")                                # "Did it (to avoid)"
    say.moved(row.verdict, row.baseline, row.now)       # "moved: from 11 of 12 calls to 3 of 12, less is the aim"

Templates have it as `direction(criterion)`: `{{ direction(criterion).state(cell.state) }}`. A behavior to show keeps
the plain words ("consistently absent", "Missed", "Done"), so that nothing changes where no criterion is to be avoided.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from agent.core.figures import of_them, plural
from agent.core.language import N_, _, ngettext, retold
from agent.core.scale import Scale
from agent.core.statistic import Estimate, Statistic
from agent.core.wording import fixed, number

AIM_NOT = N_("the aim is not to")
_MOVED = {
    "moved": (N_("moved: from {before} to {now}"), N_("moved: from {before} to {now}; less is the aim")),
    "not_moved": (N_("not moved: from {before} to {now}"), N_("not moved: from {before} to {now}; less is the aim")),
    "cannot_tell": (
        N_("cannot tell: from {before} to {now}"),
        N_("cannot tell: from {before} to {now}; less is the aim"),
    ),
}
STATES = (N_("consistently present"), N_("consistently absent"), N_("variable"), N_("cannot tell"))
_AVOIDED_STATES = {
    "consistently present": N_("consistently does it (to avoid)"),
    "consistently absent": N_("consistently avoids it"),
    "variable": N_("variable (to avoid)"),
}


class _Criterion(Protocol):
    @property
    def id(self) -> str: ...

    @property
    def scale(self) -> Scale: ...

    @property
    def weight(self) -> float: ...

    @property
    def only_in(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class Direction:
    """The words for one criterion. `avoid`: the behavior is one to avoid. `stages`: the call stages that its figures
    cover; empty means all stages."""

    avoid: bool
    scale: Scale
    stages: tuple[str, ...] = ()

    @classmethod
    def of(cls, criterion: _Criterion) -> "Direction":
        """The words for `criterion`; a criterion with a negative weight is one to avoid."""
        return cls(criterion.weight < 0, criterion.scale, tuple(criterion.only_in))

    @classmethod
    def by_id(cls, criteria: Iterable[_Criterion]) -> "dict[str, Direction]":
        """Of each criterion, by its id, in their order."""
        return {criterion.id: cls.of(criterion) for criterion in criteria}

    @property
    def tag(self) -> str:
        """What is written beside a criterion's name: "to avoid", the stages ("demo calls"), both, or nothing."""
        calls = [_("{stages} calls", stages=", ".join(self.stages))] if self.stages else []
        return "; ".join([*([_("to avoid")] if self.avoid else []), *calls])

    def named(self, name: str) -> str:
        """The criterion's name, with the tag behind it if there is one."""
        return f"{name} ({self.tag})" if self.tag else name

    def level(self, score: Statistic) -> str:
        """The figure alone: "11 of 12 calls", "level 4.2 of 5 on 12 calls", or why there is none."""
        if not isinstance(score, Estimate):
            return retold(score.undefined)
        if self.scale.binary:
            return of_them(round(score.value * score.n), score.n, "call")
        return _(
            "level {value} of {highest} on {calls}",
            value=fixed(score.value, 1),
            highest=self.scale.highest,
            calls=plural(score.n, "call"),
        )

    def seen(self, score: Statistic) -> str:
        """What the calls show, as a part of a sentence about a rep, with the aim where it is not to."""
        does = (
            _("does it in {score}", score=self.level(score))
            if self.scale.binary and isinstance(score, Estimate)
            else self.level(score)
        )
        aim = _(AIM_NOT) if self.scale.binary else _("lower is better, {aim_not}", aim_not=_(AIM_NOT))
        return f"{does}; {aim}" if self.avoid and isinstance(score, Estimate) else does

    def state(self, state: str) -> str:
        """A state of a profile: what the rep does, not whether that is good."""
        return _(_AVOIDED_STATES.get(state, state) if self.avoid else state)

    def severity(self, severity: str) -> str:
        """How bad a gap is, in words. For a behavior to avoid, a gap that the code calls "absent" means that
        avoiding it is absent."""
        if not self.avoid:
            return _(severity)
        return (
            _("consistently does it; {aim_not}", aim_not=_(AIM_NOT))
            if severity == "consistently absent"
            else _("does it more than the target allows")
        )

    @property
    def off_target(self) -> str:
        """The end of "3 of 18 reps are clearly …": which side of the target is the wrong one."""
        return _("beyond the target (they do it too often)") if self.avoid else _("below target")

    def far(self, size: float) -> str:
        """A distance on the scale as people count it: "30 points" of a rate, "1.2 levels" of a longer scale. `size`
        is a share of the scale's range, 0 to 1."""
        if self.scale.binary:
            return ngettext("{n} point", "{n} points", round(100 * size), n=number(100 * size, 0))
        return _("{n} levels", n=fixed(size * self.scale.span, 1))

    def distance(self, size: float) -> str:
        """How far a gap is from its target, in words. `size` is a share of the scale's range, 0 to 1."""
        if self.avoid:
            return _("{far} more than the target allows", far=self.far(size))
        return _("{far} short of the target", far=self.far(size))

    def moment(self, kind: Literal["missed", "done"]) -> str:
        """The heading of a moment of a plan. For a behavior to avoid, "missed" is a call that shows it."""
        return moment_words(kind, avoid=self.avoid)

    def no_missed(self) -> str:
        """What to say if no call has the moment that went wrong."""
        return (
            _("No call shows it: there is nothing to avoid yet.")
            if self.avoid
            else _("No call shows where it was missed.")
        )

    def no_done(self) -> str:
        """What to say if nobody has a moment that went well."""
        if self.avoid:
            return _("Nobody on the team has a rated call without it yet.")
        return _("Nobody on the team has done it on a rated call yet.")

    def peers_done(self, rep: str, peer: str) -> str:
        """What to say if the moment that went well is a peer's; `rep` may name several reps."""
        if self.avoid:
            return _("No call of {rep} is without it; the example is {peer}'s, a peer.", rep=rep, peer=peer)
        return _("No call of {rep} shows it done; the example is {peer}'s, a peer.", rep=rep, peer=peer)

    def moved(self, verdict: str, before: Statistic, now: Statistic) -> str:
        """A verdict with the two figures it is about: "moved: from 2 of 12 calls to 9 of 12 calls"."""
        return _(_MOVED[verdict][self.avoid], before=self.level(before), now=self.level(now))

    def span(self, before: Statistic, now: Statistic) -> str:
        """The change from one figure to another, "from 11 of 12 calls to 3 of 12 calls"; adds that less is the aim
        if it is."""
        ends = {"before": self.level(before), "now": self.level(now)}
        return (
            _("from {before} to {now}; less is the aim", **ends) if self.avoid else _("from {before} to {now}", **ends)
        )

    def since(self, reached: Statistic, now: Statistic) -> str:
        """Says that the figure is worse now than when the criterion was called moved; empty if it is not. It
        compares the two figures and tests nothing."""
        if not isinstance(reached, Estimate) or not isinstance(now, Estimate):
            return ""
        if (now.value > reached.value) if self.avoid else (now.value < reached.value):
            said = N_("more since: now {now}") if self.avoid else N_("less since: now {now}")
            return _(said, now=self.level(now))
        return ""

    @property
    def better(self) -> str:
        """The verb for a change in the wanted direction: "rose" or "fell"."""
        return _("fell") if self.avoid else _("rose")

    @property
    def gain(self) -> str:
        """The noun for a change in the wanted direction: "rise" or "fall"."""
        return _("fall") if self.avoid else _("rise")


def moment_words(kind: Literal["missed", "done"], *, avoid: bool) -> str:
    """The heading of a moment in a coaching plan, for callers that know the direction and not the criterion."""
    if avoid:
        return _("Did it (to avoid)") if kind == "missed" else _("Avoided it")
    return _("Missed") if kind == "missed" else _("Done")
