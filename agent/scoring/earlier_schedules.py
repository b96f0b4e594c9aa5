"""Schedules of earlier versions (`job schedule`) become scoring rules: one way to score by the clock."""

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
    """A nightly rule over all calls that are not scored, at the first hour of the crontab.

    A rule looks every night: each call is scored once all the same, so a schedule of fewer days costs no more.
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
    """Make rules of all schedules there are, and take those out; the rules made."""
    made, url = [], space.settings.database_url
    for schedule in earlier_schedules(url):
        made += [rule for rule in [take_over(space, schedule)] if rule]
        remove_earlier_schedule(url, schedule.name)
    return made


def take_over(space: Workspace, schedule: Schedule) -> ScoringRule | None:
    """Keep a schedule as a rule; None where one of its name is there. One that asked for a rubric or a prompt of its
    own rests until somebody has looked at it, since rules score with what is deployed."""
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
