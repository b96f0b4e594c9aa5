"""Drafting guides and checking questions, with a model or by the rules alone. Guides are
files; the workspace keeps none."""

from collections.abc import Sequence
from typing import Any

from agent.app.verb import Who, verb
from agent.core.errors import Advice, ReplyInvalid, UsageError
from agent.guides.file import from_template, read_guides
from agent.guides.model import Finding, Guide, Question
from agent.guides.replies import DraftGuideReply, GuideLintReply
from agent.guides.review import GuideReview, review
from agent.guides.rules import LANGUAGES, broken, findings, rewrite, set_findings
from agent.interviews.sides import counted
from agent.interviews.store import Interviews
from agent.llm.asking import ask_checked
from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.patterns.store import Extractions
from agent.text.outcomes import Outcome
from agent.text.recognising import language_of, languages_of
from agent.workspace import Workspace

StageFacts = Sequence[dict[str, str]]
"""Stages of a deal: id, name, and what is true when it is left in good order (won)."""


def stages_of(space: Workspace, wanted: Sequence[str] = ()) -> list[dict[str, str]]:
    """The stages asked for (none named: all), in the order of the deal. UsageError for one that is not configured."""
    known = [{"id": s.id, "name": s.name, "won": s.won} for s in space.stages.stages]
    unknown = sorted(set(wanted) - {stage["id"] for stage in known})
    if unknown:
        listed = ", ".join(stage["id"] for stage in known)
        raise UsageError(f"there is no stage {unknown[0]!r}; {space.settings.config_path('stages.yaml')} has {listed}")
    return [stage for stage in known if not wanted or stage["id"] in wanted]


def template_guides(space: Workspace, stages: StageFacts) -> list[Guide]:
    """The shipped questions for these stages, one guide for each outcome. No model is needed."""
    names = {stage["id"]: stage["name"] for stage in stages}
    return [from_template(guide, names) for guide in read_guides(space.settings.config_path("guide.yaml"))]


def _other(outcome: Outcome, there: Sequence[Guide]) -> Guide | None:
    """The guide for the other outcome, if it is among those `there`."""
    return next((g for g in there if g.outcome != outcome), None)


@verb("ops_lead", audit="guide_drafted", facts=lambda made: {"questions": len(made.questions)})
async def draft_guide(
    who: Who, outcome: Outcome, stages: StageFacts, there: Sequence[Guide] = (), budget: float | None = None
) -> Guide:
    """Questions for buyers of one outcome, by the model bound as drafter; `there` holds the other outcome's, if any."""
    async with who.space.roles("drafter", budget_usd=budget) as roles:
        prompt = who.space.prompt("guide_draft")
        return await write_guide(outcome, stages, _other(outcome, there), roles["drafter"], prompt)


def draft_request(
    space: Workspace, outcome: Outcome, stages: StageFacts, there: Sequence[Guide] = ()
) -> Request[DraftGuideReply]:
    """The first request of a draft; a second one follows if the rules find faults in its reply."""
    role, prompt = space.planned_role("drafter"), space.prompt("guide_draft")
    return guide_request(outcome, stages, _other(outcome, there), role, prompt)


@verb("ops_lead", audit="questions_checked", subject=lambda made: "", facts=lambda made: {"questions": len(made)})
async def check_with_model(
    who: Who, questions: Sequence[str], budget: float | None = None, languages: Sequence[str] | None = None
) -> list[list[Finding]]:
    """What is wrong with each question, by the rules and by the model bound as drafter."""
    async with who.space.roles("drafter", budget_usd=budget) as roles:
        return await findings_with_model(questions, roles["drafter"], who.space.prompt("guide_lint"), languages)


def review_guides(space: Workspace, guides: Sequence[Guide]) -> GuideReview:
    """Which questions brought out behavior in the interviews of the newest extraction, and which brought out
    opinions."""
    extraction = space.store[Extractions].newest()
    interviews = counted(space, space.store[Interviews].all(extraction.patterns.interviews))
    return review(guides, interviews, extraction.observations)


def guide_request(
    outcome: Outcome, stages: StageFacts, other: Guide | None, role: Role, prompt: Prompt
) -> Request[DraftGuideReply]:
    """The request for one set of questions. `other` is the set for the other outcome, if it exists already."""
    inputs: dict[str, Any] = {
        "outcome": outcome,
        "stages": list(stages),
        "other": [{"stage": q.stage, "question": q.question} for q in other.questions] if other else [],
    }
    return role.request(prompt, DraftGuideReply, inputs, subject=f"guide-{outcome}")


async def write_guide(outcome: Outcome, stages: StageFacts, other: Guide | None, role: Role, prompt: Prompt) -> Guide:
    """The model's guide, after one re-ask that lists the rules' objections. The lint shows what is still wrong.

    Raises ReplyInvalid where the model wrote no question.
    """
    request = guide_request(outcome, stages, other, role, prompt)
    again = "Give all questions once more with these points put right."
    first, second = await ask_checked(role, request, lambda reply: faults_of(reply, outcome, stages, other), again)
    return _guide((second or first).value, outcome, stages)


def faults_of(reply: DraftGuideReply, outcome: Outcome, stages: StageFacts, other: Guide | None) -> list[str]:
    """What the rules hold against a draft, one line each. A question that breaks several rules is one line."""
    known = {stage["id"] for stage in stages}
    faults = [f"{q.question!r}: there is no stage {q.stage!r}" for q in reply.questions if q.stage not in known]
    language = language_of(q.question for q in reply.questions) or "en"
    for text in [text for q in reply.questions for text in (q.question, *q.probes)]:
        if against := findings(text, language):
            faults.append(f"{text!r} {'; it '.join(f.why.split(';')[0] for f in against)}")
    if not reply.questions:
        return ["there is no question"]
    guides = [_guide(reply, outcome, stages), *([other] if other else [])]
    of_this = (f for f in set_findings(guides, [s["id"] for s in stages], language) if f.outcome in ("", outcome))
    return faults + [finding.why for finding in of_this]


def _guide(reply: DraftGuideReply, outcome: Outcome, stages: StageFacts) -> Guide:
    known = {stage["id"] for stage in stages}
    questions = tuple(
        Question(stage=q.stage if q.stage in known else "", question=q.question.strip(), probes=tuple(q.probes))
        for q in reply.questions
        if q.question.strip()
    )
    if not questions:
        raise ReplyInvalid(
            f"the model wrote no question for buyers of {outcome} deals",
            advice=Advice(command="guide draft --template", text="ask again, or take the shipped questions"),
        )
    return Guide(outcome=outcome, questions=questions)


def lint_request(questions: Sequence[str], role: Role, prompt: Prompt) -> Request[GuideLintReply]:
    """One request to check all questions."""
    return role.request(prompt, GuideLintReply, {"questions": list(questions)}, subject="guide")


async def findings_with_model(
    questions: Sequence[str], role: Role, prompt: Prompt, languages: Sequence[str] | None = None
) -> list[list[Finding]]:
    """For each question the rules' findings, then what the model found beyond them;
    `languages` are recognised unless given.

    A rewrite of the model's that breaks a rule is replaced by the one made by rule, where its language has rules.
    """
    reply = (await role.ask(lint_request(questions, role, prompt))).value
    languages = languages_of(questions) if languages is None else languages
    flaws = [findings(*question) for question in zip(questions, languages, strict=True)]
    for flaw in reply.flaws:
        if not 1 <= flaw.number <= len(questions):
            continue
        question, mine = questions[flaw.number - 1], flaws[flaw.number - 1]
        if all(flaw.rule != finding.rule for finding in mine):
            language, text = languages[flaw.number - 1], flaw.rewrite.strip()
            if language in LANGUAGES and (not text or broken(text, language)):
                text = rewrite(question, flaw.rule, language)
            mine.append(Finding(rule=flaw.rule, why=flaw.why, rewrite=text, by="model"))
    return flaws
