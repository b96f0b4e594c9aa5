"""The method's "before you start": what is there, what is missing, and what it costs in trust."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agent.core.language import N_, _, ngettext
from agent.core.wording import number

INTERVIEWS = 15  # of the method: fewer, and a pattern is a story about a few customers
EACH_OUTCOME = 5
CALLS_INSIDE = 20  # two reps' baselines
_SLACK_DAYS = 92  # deals close within about a quarter of their calls


@dataclass(frozen=True)
class Facts:
    """What a workspace holds. `outcomes` are the sides on which interviews count, `neither` how many count on
    none. `stages` pairs each stage with what its "won" says; days of calls are ISO 8601."""

    outcomes: Sequence[str]
    interview_days: Sequence[date]
    call_days: Sequence[str]
    stages: Sequence[tuple[str, str]]
    managers: Sequence[str]
    deals: int
    neither: int = 0


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is there, how much of it, and what its lack costs."""

    what: str
    ready: bool
    there: str
    cost: str


def findings(facts: Facts) -> list[Finding]:
    """In the order they are needed."""
    return [_interviews(facts), _mix(facts), _calls(facts), _stages(facts), _managers(facts), _deals(facts)]


def _interviews(facts: Facts) -> Finding:
    n = len(facts.outcomes)
    return Finding(
        _("{interviews} interviews or more", interviews=INTERVIEWS),
        n >= INTERVIEWS,
        _("{n} interviews, and {neither} that count on neither side", n=n, neither=facts.neither)
        if facts.neither
        else ngettext("{n} interview", "{n} interviews", n, n=n),
        _(
            "{n} more are needed: with fewer, most behaviors stay without a verdict, and those that get "
            "one rest on few customers",
            n=max(INTERVIEWS - n, 0),
        ),
    )


def _mix(facts: Facts) -> Finding:
    counted = Counter(facts.outcomes)
    won, lost = counted["won"], counted["lost"]
    return Finding(
        _("{each_outcome} won and {each_outcome} lost interviews or more", each_outcome=EACH_OUTCOME),
        min(won, lost) >= EACH_OUTCOME,
        _("{won} won, {lost} lost", won=won, lost=lost),
        _("without both outcomes nothing separates what wins from what is merely common"),
    )


def _calls(facts: Facts) -> Finding:
    what = _("{calls_inside} calls of the interviews' period or more", calls_inside=CALLS_INSIDE)
    if not facts.call_days:
        return Finding(what, False, _("no calls"), _("there is nothing to score and no baseline"))
    if not facts.interview_days:
        return Finding(
            what,
            False,
            _("{call_days} calls, no interviews", call_days=len(facts.call_days)),
            _("no period to compare them with"),
        )
    first, last = min(facts.interview_days).toordinal(), max(facts.interview_days).toordinal()
    days = [date.fromisoformat(day).toordinal() for day in facts.call_days]
    inside = sum(first - _SLACK_DAYS <= day <= last + _SLACK_DAYS for day in days)
    return Finding(
        what,
        inside >= CALLS_INSIDE,
        _("{inside} of {days} calls within three months of the interviews", inside=inside, days=len(days)),
        _("customers tell of how your team sold then; calls of another time may show another way of selling"),
    )


def _stages(facts: Facts) -> Finding:
    without = [name for name, won in facts.stages if not won.strip()]
    return Finding(
        _("every stage says what won means there"),
        bool(facts.stages) and not without,
        _(
            N_("{n} of {all} stages; not {without}") if without else N_("{n} of {all} stages"),
            n=len(facts.stages) - len(without),
            all=len(facts.stages),
            without=", ".join(without),
        ),
        _(
            "where a stage has no written end, managers rate different things and deals move on by feel "
            "(config/stages.yaml, won)"
        ),
    )


def _managers(facts: Facts) -> Finding:
    n = len(facts.managers)
    return Finding(
        _("two managers or more who rate"),
        n >= 2,
        ngettext("{n} has rated: {names}", "{n} have rated: {names}", n, n=n, names=", ".join(facts.managers))
        if n
        else _("nobody has rated"),
        _("one manager's ratings cannot be told from that manager's taste; no criterion can pass calibration"),
    )


def _deals(facts: Facts) -> Finding:
    return Finding(
        _("deals with their outcomes"),
        facts.deals > 0,
        ngettext("{n} deal", "{n} deals", facts.deals, n=number(facts.deals)),
        _("whether coaching goes with the win rate cannot be answered"),
    )
