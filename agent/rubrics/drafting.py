"""Drafting criteria from patterns, with examples located in calls and interviews."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from agent.app.telling import Phase, unseen
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.errors import Advice, InputError
from agent.core.scale import SCALES
from agent.core.transcript import TOLD, Quote
from agent.interviews.model import Interview
from agent.interviews.store import Interviews
from agent.llm.asking import all_or_first_error, ask_checked
from agent.llm.model import Request, estimate_tokens
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.patterns.checking import Checked, check_and_rewrite
from agent.patterns.extraction import slug, unique
from agent.patterns.model import Evidence, Pattern
from agent.rubrics.checks import MOST_WORDS
from agent.rubrics.model import Criterion, Example, Rubric
from agent.rubrics.proposal import Only, Proposed, proposal
from agent.rubrics.replies import DraftCriteriaReply, DraftExample, DraftStagedCriterionReply
from agent.rubrics.store import Rubrics
from agent.text.quotes import NotLocated, QuoteIndex
from agent.text.rendering import numbered
from agent.text.words import words_in
from agent.workspace import Workspace

# Six calls show more than one rep and cost a model about ten pages to read.
MOST_CALLS = 6
TO_AVOID = "To avoid:"
NOTHING = "no pattern separates won from lost, not even by leaning, so there is nothing to make a criterion of"


@dataclass(frozen=True)
class Sources:
    """The calls and interviews that examples may be quoted from."""

    calls: tuple[Call, ...]
    interviews: tuple[Interview, ...]
    stages: tuple[dict[str, str], ...]

    def locate(self, example: DraftExample, kind: str, speaker: str) -> Quote | NotLocated:
        """The quote of `example` in its source; evidence of a behavior must be said by the person who is rated."""
        call = next((c for c in self.calls if c.id == example.source), None)
        interview = next((i for i in self.interviews if i.id == example.source), None)
        if call is not None:
            rated = None if kind == "absent" or speaker == "any" else call.transcript.speakers_as(_role(speaker))
            return QuoteIndex(call.transcript.turns).locate(example.quote, rated, example.turn)
        if interview is not None:
            buyers = interview.transcript.speakers_as("buyer")
            return QuoteIndex(interview.transcript.turns).locate(example.quote, buyers, example.turn)
        return NotLocated("not found", f"there is no source {example.source!r}")


def _role(speaker: str) -> Any:
    return speaker


def choose_calls(calls: Sequence[Call], context_tokens: int) -> tuple[Call, ...]:
    """Up to six calls, one rep after the other, as many as fit into half the context."""
    by_rep: dict[str, list[Call]] = {}
    for call in sorted(calls, key=lambda c: (c.rep, c.date, c.id)):
        by_rep.setdefault(call.rep, []).append(call)
    chosen: list[Call] = []
    room = context_tokens // 2
    for call in (c for row in zip_longest(*by_rep.values()) for c in row if c is not None):
        room -= estimate_tokens(numbered(call.transcript.turns))
        if room < 0 or len(chosen) == MOST_CALLS:
            break
        chosen.append(call)
    return tuple(chosen)


def draft_request(pattern: Pattern, sources: Sources, role: Role, prompt: Prompt) -> Request[DraftCriteriaReply]:
    """The request that turns one pattern into a criterion."""
    inputs = {
        "calls": [{"id": c.id, "rep": c.rep, "transcript": numbered(c.transcript.turns)} for c in sources.calls],
        "pattern": {"name": pattern.name, "behavior": pattern.behavior},
        "side": pattern.side,
        "won": f"{pattern.won.count} of {pattern.won.of}",
        "lost": f"{pattern.lost.count} of {pattern.lost.of}",
        "quotes": [{"source": e.interview, "turn": e.quote.span.turn, "text": _said(e)} for e in pattern.evidence],
        "stages": sources.stages,
    }
    return role.request(prompt, _reply_to(prompt), inputs, subject=pattern.id)


def _reply_to(prompt: Prompt) -> type[DraftCriteriaReply]:
    staged = prompt.meta.reply == DraftStagedCriterionReply.__name__
    return DraftStagedCriterionReply if staged else DraftCriteriaReply


def _said(evidence: Evidence) -> str:
    mark = f" ({TOLD} in notes, not the buyer's words: no example)" if evidence.told else ""
    return f"{evidence.quote.text}{mark}"


async def draft_criterion(
    pattern: Pattern, sources: Sources, role: Role, prompt: Prompt, check_prompt: Prompt
) -> Criterion:
    """One checked criterion. Examples whose quote is not found after a re-ask are left out, and its flaws say so."""

    def faults(reply: DraftCriteriaReply) -> list[str]:
        located = [sources.locate(e, kind, reply.speaker) for kind, e in examples_of(reply)]
        unknown = sorted({a.level for a in reply.anchors} - set(SCALES[reply.scale].levels))
        wrong = [f"anchor level {level} is outside the scale {reply.scale}" for level in unknown]
        asked_for = _missed(reply, sources) if isinstance(reply, DraftStagedCriterionReply) else []
        return [miss.detail for miss in located if isinstance(miss, NotLocated)] + wrong + asked_for

    first, second = await ask_checked(role, draft_request(pattern, sources, role, prompt), faults, tolerant=True)
    draft = (second or first).value

    def usable(rewrite: str) -> bool:
        return not isinstance(draft, DraftStagedCriterionReply) or not _misworded(rewrite, draft.form)

    checked = await check_and_rewrite(
        "Criterion for rating sales calls", draft.name, draft.description, role, check_prompt, usable
    )
    return _criterion(pattern, draft, sources, checked)


def _misworded(description: str, form: str) -> list[str]:
    """What of the method's two short sentences a description is not."""
    words, avoiding = words_in(description), form == "negative"
    return [
        *([f"the description has {words} words; {MOST_WORDS} at most"] if words > MOST_WORDS else []),
        *([] if sentences(description) == 2 else ["the description has to be exactly two sentences"]),
        *([] if description.startswith(TO_AVOID) == avoiding else [f"“{TO_AVOID}” begins what is to be avoided only"]),
    ]


def _missed(reply: DraftStagedCriterionReply, sources: Sources) -> list[str]:
    """What the newer prompt asks of a draft, and code can see."""
    missing = sorted(set(SCALES[reply.scale].levels) - {a.level for a in reply.anchors})
    unknown = sorted(set(reply.stages) - {stage["id"] for stage in sources.stages})
    return [
        *_misworded(reply.description, reply.form),
        *([] if reply.absent else ["there is no absent example; give at least one"]),
        *(f"there is no anchor for level {level}" for level in missing),
        *(f"there is no stage {stage!r}" for stage in unknown),
    ]


def sentences(text: str) -> int:
    """How many sentences a text has."""
    return len(re.findall(r"[.!?][”\"')]*(?=\s+[^\Wa-z]|\s*$)", text))


def examples_of(reply: DraftCriteriaReply) -> list[tuple[Any, DraftExample]]:
    """All examples with their kind."""
    return [("present", e) for e in reply.present] + [("absent", e) for e in reply.absent]


def _criterion(pattern: Pattern, draft: DraftCriteriaReply, sources: Sources, checked: Checked) -> Criterion:
    scale, examples, flaws = SCALES[draft.scale], [], list(checked.flaws)
    for kind, given in examples_of(draft):
        quote = sources.locate(given, kind, draft.speaker)
        if isinstance(quote, NotLocated):
            flaws.append(f"an example was left out: {quote.detail}")
        else:
            examples.append(Example(kind=kind, text=quote.text, source=given.source, quote=quote, why=given.why))
    if (words := words_in(checked.description)) > MOST_WORDS:
        flaws.append(f"the description has {words} words; two sentences with at most {MOST_WORDS} are remembered")
    flaws += [f"no {kind} example" for kind in ("present", "absent") if not any(e.kind == kind for e in examples)]
    stages = {stage["id"] for stage in sources.stages}
    asked_in = draft.stages if isinstance(draft, DraftStagedCriterionReply) else []
    return Criterion(
        id=slug(re.sub(r"\W+", "_", draft.id)),
        name=draft.name,
        description=checked.description,
        scale=scale,
        scale_reason=draft.scale_reason,
        anchors={a.level: a.text for a in draft.anchors if a.level in scale.levels},
        examples=tuple(examples),
        weight=-1.0 if draft.form == "negative" else 1.0,
        stage=draft.stage if draft.stage in stages else "",
        speaker=draft.speaker,
        not_applicable_when=draft.not_applicable_when,
        pattern=pattern.id,
        direction=draft.direction,
        flaws=tuple(flaws),
        only_in=tuple(s for s in dict.fromkeys(asked_in) if s in stages),
    )


async def draft_rubric(
    patterns: Sequence[Proposed],
    sources: Sources,
    role: Role,
    prompts: tuple[Prompt, Prompt],
    label: str,
    concurrency: int,
    step: Callable[[], None],
) -> Rubric:
    """A rubric with a criterion for each pattern. `prompts` are `draft_criteria` and `check_criterion`."""
    if not patterns:
        raise InputError(
            NOTHING,
            advice=Advice("patterns list", "/patterns", "add interviews, or name the patterns yourself"),
        )

    async def draft(proposed: Proposed) -> Criterion:
        criterion = await draft_criterion(proposed.pattern, sources, role, *prompts)
        marks = (proposed.mark,) if proposed.mark else ()
        return criterion.model_copy(update={"flaws": (*marks, *criterion.flaws)})

    drafted = await all_or_first_error(patterns, draft, concurrency, step)
    taken: set[str] = set()
    return Rubric(criteria=tuple(c.model_copy(update={"id": unique(c.id, taken)}) for c in drafted), label=label)


async def draft_criteria(
    space: Workspace,
    label: str,
    concurrency: int,
    budget: float | None,
    phase: Phase = unseen,
    job: str = "",
    *,
    only: Only = "",
    named: Sequence[str] = (),
) -> Rubric:
    """Draft one criterion for each pattern of the proposal and store the rubric. The cost is booked on `job`."""
    patterns = proposal(space, only, named).patterns
    async with space.roles("drafter", budget_usd=budget, job=job) as roles:
        rubric = await draft_rubric(
            patterns,
            sources(space, roles["drafter"].context_tokens),
            roles["drafter"],
            (space.prompt("draft_criteria"), space.prompt("check_criterion")),
            label,
            concurrency,
            phase("drafting criteria", len(patterns)),
        )
    return space.store[Rubrics].add(rubric)


def sources(space: Workspace, context_tokens: int) -> Sources:
    """The calls and interviews that examples are quoted from."""
    first = space.store[Calls].in_turn(MOST_CALLS)
    return Sources(
        calls=choose_calls(space.store[Calls].all(first) if first else [], context_tokens),
        interviews=tuple(space.store[Interviews].all()),
        stages=tuple({"id": s.id, "won": s.won} for s in space.stages.stages),
    )


def draft_sources(space: Workspace) -> Sources:
    """What the drafter's model can be given of them at once."""
    return sources(space, space.planned_role("drafter").context_tokens)


def trial_estimate(texts: Sources, drafts: int) -> str:
    """What trying so many drafts on ten calls would take on top, in a sentence; empty without calls."""
    calls = texts.calls
    if not calls or not drafts:
        return ""
    call = sum(estimate_tokens(numbered(c.transcript.turns)) for c in calls) / len(calls)
    tokens = round(20 * (call + 800 + 350 * drafts), -3)  # 800: the rating prompt; 350: a criterion with its examples
    return (
        f"Trying them on ten calls, each read twice, then takes 20 requests more and about {tokens:,.0f} input tokens."
    )


def draft_requests(
    space: Workspace, only: Only = "", named: Sequence[str] = (), *, texts: Sources | None = None
) -> list[Request[Any]]:
    """The first request of each draft; each draft is also checked once or twice, with short requests. `texts` are the
    sources where they were read already."""
    role, prompt = space.planned_role("drafter"), space.prompt("draft_criteria")
    texts = texts or draft_sources(space)
    return [draft_request(p.pattern, texts, role, prompt) for p in proposal(space, only, named).patterns]
