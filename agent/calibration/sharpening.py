"""A sharper wording for a criterion, drafted from exactly the calls that split its raters. A person decides on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agent.app.asking import ask_checked
from agent.calibration.replies import SharpenCriterionReply
from agent.calibration.report import CriterionReport, Split
from agent.calls.model import Call
from agent.core.errors import InputError
from agent.core.transcript import Quote
from agent.llm.model import Request, estimate_tokens
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.ratings.model import Judgement, Rated
from agent.rubrics.lint import rule_findings
from agent.rubrics.model import Criterion, Example, Rubric
from agent.rubrics.replies import DraftExample
from agent.scoring.rating import SCALES, speakers_line
from agent.text.quotes import NotLocated, QuoteIndex
from agent.text.rendering import numbered


@dataclass(frozen=True)
class Sharpened:
    """A draft. `difference` says what the old wording left open, `notes` what to look at before accepting."""

    criterion: Criterion
    difference: str
    notes: tuple[str, ...]
    request: str


def chosen_splits(report: CriterionReport, calls: Mapping[str, Call], context_tokens: int) -> list[Split]:
    """The splits that a request shows: the furthest apart first, as many as fit into half the context, one at least.

    InputError where no call split the raters.
    """
    if not report.splits:
        raise InputError(
            f"{report.criterion.id}: no call of this round split the raters, so nothing shows what to change"
        )
    chosen: list[Split] = []
    room = context_tokens // 2
    for split in report.splits:
        room -= estimate_tokens(numbered(calls[split.call].transcript.turns))
        if chosen and room < 0:
            break
        chosen.append(split)
    return chosen


def sharpen_request(
    report: CriterionReport, calls: Mapping[str, Call], role: Role, prompt: Prompt
) -> Request[SharpenCriterionReply]:
    """The request for one criterion: transcripts first, then the wording and what each rater gave. Names stay out."""
    criterion = report.criterion
    splits = chosen_splits(report, calls, role.context_tokens)
    raters = sorted({rating.rater for split in report.splits for rating in split.ratings})
    shown = {rater: f"Manager {place}" for place, rater in enumerate(raters, 1)}
    inputs = {
        "calls": [_call(split, calls[split.call], shown) for split in splits],
        "criterion": {
            "name": criterion.name,
            "scale": SCALES[criterion.scale],
            "speaker": criterion.speaker,
            "description": criterion.description,
            "not_applicable_when": criterion.not_applicable_when,
            "anchors": sorted(criterion.anchors.items()),
            "examples": [{"kind": e.kind, "text": e.text, "why": e.why} for e in criterion.examples],
        },
    }
    return role.request(prompt, SharpenCriterionReply, inputs, subject=criterion.id)


def _call(split: Split, call: Call, names: Mapping[str, str]) -> dict[str, Any]:
    decided = split.adjudication
    return {
        "id": call.id,
        "transcript": numbered(call.transcript.turns),
        "speakers": speakers_line(call.transcript),
        "remarks": [
            {
                "who": names[rating.rater],
                "gave": _gave(rating.judgement),
                "reason": rating.reason,
                "quotes": [{"turn": q.span.turn, "text": q.text} for q in getattr(rating.judgement, "quotes", ())],
            }
            for rating in split.ratings
        ],
        "decided": f"{_gave(decided.judgement)}: {decided.reason}" if decided else "",
    }


def _gave(judgement: Judgement) -> str:
    return str(judgement.value) if isinstance(judgement, Rated) else judgement.status.replace("_", " ")


async def sharpen(report: CriterionReport, calls: Mapping[str, Call], role: Role, prompt: Prompt) -> Sharpened:
    """A sharper criterion under the same id. A near miss whose words are not found after a re-ask is left out."""
    old, splitting = report.criterion, {split.call for split in report.splits}

    def locate(example: DraftExample) -> Quote | NotLocated:
        if example.source not in splitting:
            return NotLocated("not found", f"{example.source!r} is not one of the calls that split the managers")
        return QuoteIndex(calls[example.source].transcript.turns).locate(example.quote, None, example.turn)

    def faults(reply: SharpenCriterionReply) -> list[str]:
        found = [] if reply.near_miss is None else [locate(reply.near_miss)]
        return [*_wording_faults(reply, old), *(f.detail for f in found if isinstance(f, NotLocated))]

    first, second = await ask_checked(role, sharpen_request(report, calls, role, prompt), faults)
    reply = second or first
    if problems := _wording_faults(reply.value, old):
        raise InputError(
            f"{old.id}: the drafted wording cannot be used ({'; '.join(problems)}); edit the rubric by hand"
        )
    example, note = None, "the draft names no near miss"
    if (given := reply.value.near_miss) is not None:
        quote = locate(given)
        if isinstance(quote, Quote):
            example = Example(kind="absent", text=quote.text, source=given.source, quote=quote, why=given.why)
        else:
            note = f"the near miss was left out: {quote.detail}"
    return _sharpened(old, reply.value, example, note, reply.request)


def _wording_faults(reply: SharpenCriterionReply, old: Criterion) -> list[str]:
    levels = sorted(anchor.level for anchor in reply.anchors)
    found = []
    if not reply.description.strip() or reply.description.strip() == old.description.strip():
        found.append("the description is empty or unchanged")
    if old.anchors and levels != list(old.levels):
        found.append(f"anchors are wanted for each of the levels {list(old.levels)}, got {levels}")
    return found


def _sharpened(
    old: Criterion, reply: SharpenCriterionReply, example: Example | None, note: str, request: str
) -> Sharpened:
    anchors = {anchor.level: anchor.text for anchor in reply.anchors} if old.anchors else dict(old.anchors)
    new = old.model_copy(
        update={
            "description": " ".join(reply.description.split()),
            "anchors": anchors,
            "examples": (*old.examples, *([example] if example else [])),
            "flaws": (),
        }
    )
    notes = tuple(rule_findings(new)) + (() if example else (note,))
    return Sharpened(new, reply.difference, notes, request)


def with_criteria(rubric: Rubric, changed: Sequence[Criterion], label: str) -> Rubric:
    """`rubric` with the criteria of the same ids replaced, under a new label."""
    new = {criterion.id: criterion for criterion in changed}
    return Rubric(criteria=tuple(new.get(c.id, c) for c in rubric.criteria), label=label)
