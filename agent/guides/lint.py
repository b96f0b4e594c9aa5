"""Findings on questions and on sets of questions. No model is needed."""

from __future__ import annotations

from collections.abc import Sequence

from agent.guides.model import FEWEST, MOST, Finding, Guide, SetFinding
from agent.guides.rewrites import WHY, rewrite
from agent.guides.rules import broken, plain_question, reaches_behavior


def findings(question: str) -> list[Finding]:
    """What the rules hold against `question`, each with a rewrite that breaks none of them."""
    return [Finding(rule=rule, why=WHY[rule], rewrite=rewrite(question, rule)) for rule in broken(question)]


def set_findings(guides: Sequence[Guide], stages: Sequence[str] = ()) -> list[SetFinding]:
    """What is wrong with whole sets: their size, stages (ids) left out, no behavior; and one set used for both."""
    found = [finding for guide in guides for finding in _one_set(guide, stages)]
    won, lost = (
        {plain_question(q.question) for g in guides if g.outcome == o for q in g.questions} for o in ("won", "lost")
    )
    if won and won == lost:
        why = "won and lost deals are asked the same questions; ask each about what happened in it, at the same stages"
        found.append(SetFinding(rule="same_for_both", outcome="", why=why))
    return found


def size_and_behavior(questions: Sequence[str]) -> list[tuple[str, str]]:
    """Findings on a plain list of questions, as (rule, why)."""
    found = []
    count = len(questions)
    if count < FEWEST:
        found.append(("too_few", f"{count} questions; {FEWEST} to {MOST} reach every stage and leave time for stories"))
    if count > MOST:
        found.append(
            ("too_many", f"{count} questions; with more than {MOST} there is no time for what follows an answer")
        )
    if not any(reaches_behavior(question) for question in questions):
        found.append(("no_behavior", "no question asks what anybody asked, said, showed or did"))
    return found


def _one_set(guide: Guide, stages: Sequence[str]) -> list[SetFinding]:
    found = size_and_behavior([q.question for q in guide.questions])
    found += [
        ("stage_without_question", f"no question is about the stage {stage}") for stage in stages if not guide.at(stage)
    ]
    return [SetFinding.model_validate({"rule": rule, "outcome": guide.outcome, "why": why}) for rule, why in found]
