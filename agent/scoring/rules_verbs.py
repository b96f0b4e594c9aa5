"""Making, pausing, resuming and deleting scoring rules."""

from datetime import UTC, datetime
from typing import Any

from agent.app.verb import Who, verb
from agent.calls.store import Calls
from agent.core.errors import InputError
from agent.scoring.rules import NewRule, ScoringRule, ScoringRules
from agent.scoring.rules_work import night_of


def _named(rule: ScoringRule) -> str:
    return rule.name


def _facts(rule: ScoringRule) -> dict[str, Any]:
    return {"calls": rule.words, "when": rule.when_words, "a_day": rule.usd_a_day, "a_month": rule.usd_a_month}


@verb("ops_lead", audit="rule_added", subject=_named, facts=_facts)
def add_rule(who: Who, new: NewRule) -> ScoringRule:
    """Score new calls by this rule from now on; a nightly rule begins with the next night. Conflict if the name is
    taken, InputError for a rep or a stage that no call has."""
    store = who.space.store
    for what, named, there in (("rep", new.reps, store[Calls].reps()), ("stage", new.stages, store[Calls].stages())):
        if unknown := [name for name in named if name not in there]:
            raise InputError(f"no call has the {what} {unknown[0]!r}; there are: {', '.join(there[:20]) or 'none'}")
    return store[ScoringRules].add(new, who.signature, night_of(new, datetime.now(UTC)))


@verb("ops_lead", audit="rule_paused", subject=_named)
def pause_rule(who: Who, name: str) -> ScoringRule:
    """Pause a rule. A job that it has started goes on."""
    return _switched(who, name, False)


@verb("ops_lead", audit="rule_resumed", subject=_named)
def resume_rule(who: Who, name: str) -> ScoringRule:
    """Resume a rule; calls that came in during the pause are scored too."""
    return _switched(who, name, True)


def _switched(who: Who, name: str, on: bool) -> ScoringRule:
    rules = who.space.store[ScoringRules]
    rules.switch(rules.get(name).id, on)
    return rules.get(name)


@verb("ops_lead", audit="rule_removed", subject=_named)
def remove_rule(who: Who, name: str) -> ScoringRule:
    """Delete a rule; its ratings stay."""
    found = who.space.store[ScoringRules].get(name)
    who.space.store[ScoringRules].remove(found.id)
    return found
