"""A model drafts a guide, the rules check it, and it may put right once what they found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agent.app.replies import DraftGuideReply
from agent.core.errors import ReplyInvalid
from agent.guides.lint import findings, set_findings
from agent.guides.model import Guide, Question
from agent.interviews.model import Outcome
from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role

Stages = Sequence[dict[str, str]]  # id, name, won


def draft_request(
    outcome: Outcome, stages: Stages, other: Guide | None, role: Role, prompt: Prompt
) -> Request[DraftGuideReply]:
    """The request for one set of questions. `other` is the set for the other outcome, if there is one already."""
    inputs: dict[str, Any] = {
        "outcome": outcome,
        "stages": list(stages),
        "other": [{"stage": q.stage, "question": q.question} for q in other.questions] if other else [],
    }
    return role.request(prompt, DraftGuideReply, inputs, subject=f"guide-{outcome}")


async def draft_guide(outcome: Outcome, stages: Stages, other: Guide | None, role: Role, prompt: Prompt) -> Guide:
    """The model's guide, after one re-ask that names what the rules found. What is still wrong, lint shows.

    Raises ReplyInvalid where the model wrote no question.
    """
    request = draft_request(outcome, stages, other, role, prompt)
    first = await role.ask(request)
    faults = faults_of(first.value, outcome, stages, other)
    if not faults:
        return _guide(first.value, outcome, stages)
    listed = "\n".join(f"- {fault}" for fault in faults)
    correction = f"Some of this cannot be used:\n{listed}\n\nGive all questions once more with these points put right."
    return _guide((await role.ask(first.asked.follow_up(first.text, correction))).value, outcome, stages)


def faults_of(reply: DraftGuideReply, outcome: Outcome, stages: Stages, other: Guide | None) -> list[str]:
    """What the rules hold against a draft, one line each. A question that breaks several rules is one line."""
    known = {stage["id"] for stage in stages}
    faults = [f"{q.question!r}: there is no stage {q.stage!r}" for q in reply.questions if q.stage not in known]
    for text in [text for q in reply.questions for text in (q.question, *q.probes)]:
        if found := findings(text):
            faults.append(f"{text!r} {'; it '.join(f.why.split(';')[0] for f in found)}")
    if not reply.questions:
        return ["there is no question"]
    guides = [_guide(reply, outcome, stages), *([other] if other else [])]
    of_this = (f for f in set_findings(guides, [s["id"] for s in stages]) if f.outcome in ("", outcome))
    return faults + [finding.why for finding in of_this]


def _guide(reply: DraftGuideReply, outcome: Outcome, stages: Stages) -> Guide:
    known = {stage["id"] for stage in stages}
    questions = tuple(
        Question(stage=q.stage if q.stage in known else "", question=q.question.strip(), probes=tuple(q.probes))
        for q in reply.questions
        if q.question.strip()
    )
    if not questions:
        raise ReplyInvalid(
            f"the model wrote no question for buyers of {outcome} deals; run it again, or use --template"
        )
    return Guide(outcome=outcome, questions=questions)
