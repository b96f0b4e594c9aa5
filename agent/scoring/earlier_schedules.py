"""Turns schedules of earlier versions (`job schedule`) into scoring rules, so that there is one way to score at set
times."""

import logging
import re

from agent.app.queue.engine import Schedule, earlier_schedules, remove_earlier_schedule
from agent.app.verb import Who
from agent.core.errors import Conflict
from agent.core.people import Scope
from agent.scoring.rules import NewRule, ScoringRule
from agent.scoring.rules_verbs import add_rule, pause_rule
from agent.workspace import Workspace

log = logging.getLogger("closeread.jobs")


def rule_from(schedule: Schedule) -> NewRule:
    """A nightly rule for all unscored calls, at the first hour that the crontab names.

    A rule looks every night. Since each call is scored only once, a schedule of fewer days does not cost more that way.
    """
    hour = re.match(r"\S+\s+(\d+)", schedule.cron)
    budget = schedule.context.get("budget_usd")
    return NewRule(
        name=schedule.name.strip()[:60].strip() or "nightly",
        hour=min(int(hour[1]), 23) if hour else 2,
        zone=schedule.zone,
        usd_a_day=budget or None,
    )


def take_over_all(space: Workspace) -> list[ScoringRule]:
    """Turn all schedules into rules and delete them; returns the rules."""
    made, url = [], space.settings.database_url
    for schedule in earlier_schedules(url):
        made += [rule for rule in [take_over(space, schedule)] if rule]
        remove_earlier_schedule(url, schedule.name)
    return made


def take_over(space: Workspace, schedule: Schedule) -> ScoringRule | None:
    """Store a schedule as a rule; None if a rule has its name. If it asked for a rubric or a prompt of its own the
    rule is switched off until somebody has looked at it, since rules score with what is deployed."""
    who = Who(space, Scope.everything(), as_name=str(schedule.context.get("by") or f"schedule {schedule.name}"))
    try:
        rule = add_rule(who, rule_from(schedule))
    except Conflict:
        return None
    own = [f"{what} {schedule.context[what]}" for what in ("rubric", "prompt") if schedule.context.get(what)]
    if own in ([], ["prompt rate_call"]):
        log.warning("the schedule %s is a scoring rule now: closeread rule list", rule.name)
        return rule
    log.warning(
        "the schedule %s asked for %s; as a rule it would score with the deployed rubric, so it "
        "rests: closeread rule list",
        rule.name,
        " and ".join(own),
    )
    return pause_rule(who, rule.name)
