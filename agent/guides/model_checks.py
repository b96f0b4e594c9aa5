"""A model's findings, beside those of the rules."""

from __future__ import annotations

from collections.abc import Sequence

from agent.app.replies import GuideLintReply
from agent.guides.lint import findings
from agent.guides.model import Finding
from agent.guides.rewrites import rewrite
from agent.guides.rules import broken
from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role


def lint_request(questions: Sequence[str], role: Role, prompt: Prompt) -> Request[GuideLintReply]:
    """All questions to be checked in one request."""
    return role.request(prompt, GuideLintReply, {"questions": list(questions)}, subject="guide")


async def findings_with_model(questions: Sequence[str], role: Role, prompt: Prompt) -> list[list[Finding]]:
    """For each question the rules' findings, then what the model found beyond them.

    A rewrite of the model's that breaks a rule is replaced by the one made by rule.
    """
    reply = (await role.ask(lint_request(questions, role, prompt))).value
    found = [findings(question) for question in questions]
    for flaw in reply.flaws:
        if not 1 <= flaw.number <= len(questions):
            continue
        question, mine = questions[flaw.number - 1], found[flaw.number - 1]
        if all(flaw.rule != finding.rule for finding in mine):
            text = flaw.rewrite if flaw.rewrite.strip() and not broken(flaw.rewrite) else rewrite(question, flaw.rule)
            mine.append(Finding(rule=flaw.rule, why=flaw.why, rewrite=text))
    return found
