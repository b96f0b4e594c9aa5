"""Carries out scoring rules: checks whether one is due, and starts a job for calls that it has not had yet.

Each call comes into one job of a rule, ever: what failed there waits for a person. A look may break off at any place
and be begun anew: what is in a job is not taken a second time, and a night counts as seen to only at the end.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from agent.app.queue.store import Jobs
from agent.app.verb import Who
from agent.core.errors import ConfigError, InputError, NotFound, RoleUnbound
from agent.core.people import Scope
from agent.people.names import Names
from agent.rubrics.in_use import in_use
from agent.rubrics.store import Rubrics
from agent.scoring.rules import NewRule, Ran, ScoringRule, ScoringRules
from agent.scoring.running import Scoring
from agent.scoring.verbs import start_scoring
from agent.workspace import Workspace

LOOK_EVERY = timedelta(seconds=30)
_PRIORITY = 500  # behind what somebody waits for


def carry_out(space: Workspace, now: datetime) -> list[str]:
    """Start the jobs of all rules that are on and due; returns their ids. Of several programs only one handles a
    rule."""
    rules = space.store[ScoringRules]
    started = []
    for rule in rules.all():
        if rule.on and rules.claim(rule.id, now, now - LOOK_EVERY):
            started += [job for job in [_look(space, rule, now)] if job]
    return started


def night_of(rule: NewRule, now: datetime) -> str:
    """The last day (ISO 8601) on which a nightly rule was due; empty for a rule that runs when calls arrive."""
    if rule.when == "arrival":
        return ""
    here = now.astimezone(ZoneInfo(rule.zone))
    return (here.date() - timedelta(days=here.hour < rule.hour)).isoformat()


def _look(space: Workspace, rule: ScoringRule, now: datetime) -> str:
    """Start a job if the rule is due and calls are waiting; returns its id, else empty."""
    night, rules = night_of(rule, now), space.store[ScoringRules]
    if rule.when == "nightly" and night <= rule.slot:
        return ""
    who = Who(space, Scope.everything(), as_name=rule.signature)
    if not _is_free(space, rule, now):
        return ""
    try:
        ran = _start(who, rule, now)
    except (ConfigError, InputError, NotFound, RoleUnbound) as error:
        ran = Ran(at=now, stopped=str(error))
    if ran is not None and ran.stopped and (rule.ran is None or rule.ran.stopped != ran.stopped):
        who.audit("rule_stopped", rule.name, why=ran.stopped)
    if ran is None and rule.ran is not None and rule.ran.stopped:
        ran = Ran(at=now)  # what stopped it is over, and nothing waits
    rules.ran(rule.id, night, ran)
    return ran.job if ran else ""


def _is_free(space: Workspace, rule: ScoringRule, now: datetime) -> bool:
    """Whether no job of the rule is under way. A job that was paused on an earlier day is cancelled, since a new one
    gets a new budget."""
    newest = space.store[ScoringRules].newest_job(rule)
    if newest is None or newest[1] not in ("queued", "running", "paused"):
        return True
    ident, state, at = newest
    if state != "paused" or at.astimezone(ZoneInfo(rule.zone)).date() >= now.astimezone(ZoneInfo(rule.zone)).date():
        return False
    space.store[Jobs].cancel(ident, rule.signature)
    return True


def _start(who: Who, rule: ScoringRule, now: datetime) -> Ran | None:
    """Start a job for the waiting calls, within the budgets; None if nothing is waiting."""
    space, rules = who.space, who.space.store[ScoringRules]
    called = space.store[Names].now("rep")
    fitting = rules.fitting(rule, [called.get(rep, rep) for rep in rule.reps])
    if not fitting:
        return None
    if not space.store[Rubrics].all() or (using := in_use(space.store)).why != "deployed":
        return Ran(at=now, stopped="no rubric is deployed, and a rule scores with nothing else")
    scoring = Scoring(space, using.rubric, space.prompt("rate_call"), 0)
    missing = set(scoring.missing([], retry_failed=False).ids)
    waiting = [ident for ident in fitting if ident in missing]
    if not waiting:
        return None
    left, of = rule_budget_left(space, rule, now)
    if left is not None and left <= 0:
        return Ran(at=now, stopped=f"its budget of the {of} is used up")
    job = start_scoring(who, rubric=using.rubric.id, calls=waiting, budget_usd=left, priority=_PRIORITY)
    return None if job is None else Ran(at=now, job=job.id, calls=job.calls)


def rule_budget_left(space: Workspace, rule: ScoringRule, now: datetime) -> tuple[float | None, str]:
    """US dollars that the rule may still spend, and of which time that is; None where nothing limits it."""
    day = now.astimezone(ZoneInfo(rule.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    left = [
        (limit - space.store[ScoringRules].spent_usd(rule, begin.astimezone(UTC)), of)
        for limit, begin, of in ((rule.usd_a_day, day, "day"), (rule.usd_a_month, day.replace(day=1), "month"))
        if limit is not None
    ]
    return min(left, default=(None, ""))
