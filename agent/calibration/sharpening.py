"""Sharper wordings: drafted by a model from exactly the calls that split the raters, or written by a person.

A draft stores nothing; what a person decides on becomes a new version of the rubric.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher, unified_diff
from typing import Any, Literal

from agent.calibration.replies import SharpenCriterionReply
from agent.calibration.report import CriterionReport, RoundReport, Split
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.errors import InputError
from agent.core.transcript import Quote
from agent.llm.asking import ask_checked
from agent.llm.model import Request, estimate_tokens
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.ratings.model import Judgement, Rated
from agent.rubrics.checks import rule_findings
from agent.rubrics.file import write_rubric
from agent.rubrics.model import Criterion, Example, Rubric, criterion_of
from agent.rubrics.replies import DraftExample
from agent.scoring.rating import speakers_line
from agent.text.quotes import NotLocated, QuoteIndex
from agent.text.rendering import numbered
from agent.workspace import Workspace

Change = Literal["same", "gone", "new"]
# Below this share of common words a text was written anew: word by word the two would only be shuffled together.
_ALIKE = 0.5


@dataclass(frozen=True)
class Sharpened:
    """A draft. `difference` says what the old wording left open, `notes` what to look at before accepting.

    `miss_lost`: its near miss is left out, since its words are not in the call.
    """

    criterion: Criterion
    difference: str
    notes: tuple[str, ...]
    request: str
    miss_lost: bool = False


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
        "calls": [_split_for_model(split, calls[split.call], shown) for split in splits],
        "criterion": {
            "name": criterion.name,
            "scale": criterion.scale.range_in_words,
            "speaker": criterion.speaker,
            "description": criterion.description,
            "not_applicable_when": criterion.not_applicable_when,
            "anchors": sorted(criterion.anchors.items()),
            "examples": [{"kind": e.kind, "text": e.text, "why": e.why} for e in criterion.examples],
        },
    }
    return role.request(prompt, SharpenCriterionReply, inputs, subject=criterion.id)


def _split_for_model(split: Split, call: Call, names: Mapping[str, str]) -> dict[str, Any]:
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
                "quotes": [{"turn": q.span.turn, "text": q.text} for q in rating.judgement.quotes],
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
        located = [] if reply.near_miss is None else [locate(reply.near_miss)]
        return [*_wording_faults(reply, old), *(f.detail for f in located if isinstance(f, NotLocated))]

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
    faults = []
    if not reply.description.strip() or reply.description.strip() == old.description.strip():
        faults.append("the description is empty or unchanged")
    if old.anchors and levels != list(old.levels):
        faults.append(f"anchors are wanted for each of the levels {list(old.levels)}, got {levels}")
    return faults


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
    return Sharpened(new, reply.difference, notes, request, example is None and reply.near_miss is not None)


def with_criteria(rubric: Rubric, changed: Sequence[Criterion], label: str) -> Rubric:
    """`rubric` with the criteria of the same ids replaced, under a new label."""
    new = {criterion.id: criterion for criterion in changed}
    return Rubric(criteria=tuple(new.get(c.id, c) for c in rubric.criteria), label=label)


def difference(old: Rubric, new: Rubric) -> list[str]:
    """What changed between two rubrics, as lines of a unified diff of their files."""
    before, after = (write_rubric(rubric, "yaml").splitlines() for rubric in (old, new))
    return list(unified_diff(before, after, old.label, new.label, lineterm="", n=2))


@dataclass(frozen=True)
class NewExample:
    """Words of one of the round's calls that show the behavior, or come close without being it."""

    kind: Literal["present", "absent"]
    call: str
    turn: str
    words: str
    why: str = ""


@dataclass(frozen=True)
class Rewording:
    """What a criterion is to say from now on. What is None stays as it is; anchors by level."""

    criterion: str
    description: str
    anchors: Mapping[int, str] | None = None
    not_applicable_when: str | None = None
    examples: Sequence[NewExample] = field(default_factory=tuple)


def reworded(space: Workspace, report: RoundReport, given: Rewording) -> Criterion:
    """The criterion in its new wording. `flaws` are those that the rules find in it."""
    old = criterion_of(report.rubric, given.criterion)
    description = " ".join(given.description.split())
    if not description:
        raise InputError(f"{old.id}: the description is empty; say what is to be seen or heard in a call")
    anchors = old.anchors if given.anchors is None else _anchors(old, given.anchors)
    rule = old.not_applicable_when if given.not_applicable_when is None else given.not_applicable_when.strip()
    examples = (*old.examples, *(_located(space, report, example) for example in given.examples))
    update = {"description": description, "anchors": anchors, "not_applicable_when": rule, "examples": examples}
    return old.model_copy(update=update | ({"flaws": ()} if update["description"] != old.description else {}))


def _anchors(old: Criterion, given: Mapping[int, str]) -> dict[int, str]:
    if unknown := sorted(set(given) - set(old.levels)):
        raise InputError(f"{old.id} has no level {unknown[0]}; its levels are {', '.join(map(str, old.levels))}")
    written = {level: " ".join(text.split()) for level, text in given.items()}
    return {level: text for level, text in sorted({**old.anchors, **written}.items()) if text}


def _located(space: Workspace, report: RoundReport, given: NewExample) -> Example:
    if given.call not in report.round.calls:
        raise InputError(f"{given.call!r} is no call of round {report.round.number}")
    turn = int(given.turn) if given.turn.strip().isdecimal() else None
    quote = QuoteIndex(space.store[Calls].get(given.call).transcript.turns).locate(given.words, None, turn)
    if isinstance(quote, NotLocated):
        raise InputError(quote.detail, where=given.call)
    return Example(kind=given.kind, text=quote.text, source=given.call, quote=quote, why=given.why.strip())


def word_changes(old: str, new: str) -> list[tuple[Change, str]]:
    """What became of `old`, in runs of words: kept, gone, new, in the order to read them."""
    before, after = re.findall(r"\S+\s*", old), re.findall(r"\S+\s*", new)
    bare = [word.strip() for word in before], [word.strip() for word in after]
    matcher = SequenceMatcher(None, *bare, autojunk=False)
    if matcher.ratio() < _ALIKE:
        whole: list[tuple[Change, str]] = [("gone", old), ("new", new)]
        return [run for run in whole if run[1].strip()]
    runs: list[tuple[Change, str]] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            runs.append(("same", "".join(after[c:d])))
            continue
        runs += [("gone", "".join(before[a:b]))] if b > a else []
        runs += [("new", "".join(after[c:d]))] if d > c else []
    return runs


@dataclass(frozen=True)
class CriterionChange:
    """How one criterion's wording differs between two versions of a rubric."""

    criterion: Criterion
    texts: tuple[tuple[str, list[tuple[Change, str]]], ...]
    examples: tuple[Example, ...]


def changes_between(old: Rubric, new: Rubric) -> list[CriterionChange]:
    """The criteria whose wording differs, with each text that does, and the examples that came in."""
    changes = []
    for criterion in new.criteria:
        before = old.criterion(criterion.id)
        if before is None or before.model_copy(update={"flaws": ()}) == criterion.model_copy(update={"flaws": ()}):
            continue
        texts = [(name, word_changes(was, now)) for name, was, now in _texts(before, criterion) if was != now]
        added = tuple(example for example in criterion.examples if example not in before.examples)
        changes.append(CriterionChange(criterion, tuple(texts), added))
    return changes


def _texts(old: Criterion, new: Criterion) -> list[tuple[str, str, str]]:
    levels = sorted({*old.anchors, *new.anchors})
    return [
        ("Description", old.description, new.description),
        *((f"Level {level}", old.anchors.get(level, ""), new.anchors.get(level, "")) for level in levels),
        ("Does not apply when", old.not_applicable_when, new.not_applicable_when),
    ]
