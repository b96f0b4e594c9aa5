"""A person's decision on sharper wordings: a draft taken as it is, edited, or written by hand."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

from agent.calls.store import Calls
from agent.core.errors import InputError
from agent.rubrics.store import Rubrics

if TYPE_CHECKING:
    from agent.calibration.report import RoundReport
    from agent.rubrics.model import Criterion, Example, Rubric
    from agent.workspace import Workspace

Change = Literal["same", "gone", "new"]
# Below this share of common words a text was written anew: word by word the two would only be shuffled together.
_ALIKE = 0.5


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


def reworded_rubric(space: Workspace, report: RoundReport, given: Sequence[Rewording], label: str = "") -> Rubric:
    """Store the round's rubric with these wordings as a new version.

    UsageError for an unknown criterion, InputError for an empty text, words that are not in the call, and where
    nothing changed, Conflict for a label that is taken, Forbidden unless an ops lead.
    """
    from agent.calibration.sharpening import with_criteria
    from agent.calibration.sharpening_verbs import next_label, take_over

    changed = [reworded(space, report, one) for one in given]
    name = label.strip() or next_label(space, report.rubric.label)
    return take_over(space, report, with_criteria(report.rubric, changed, name), name, "this wording")


def reworded(space: Workspace, report: RoundReport, given: Rewording) -> Criterion:
    """The criterion in its new wording. `flaws` are those that the rules find in it."""
    from agent.calibration.rounds import criterion_of

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
    from agent.rubrics.model import Example
    from agent.text.quotes import NotLocated, QuoteIndex

    if given.call not in report.round.calls:
        raise InputError(f"{given.call!r} is no call of round {report.round.number}")
    turn = int(given.turn) if given.turn.strip().isdecimal() else None
    quote = QuoteIndex(space.store[Calls].get(given.call).transcript.turns).locate(given.words, None, turn)
    if isinstance(quote, NotLocated):
        raise InputError(f"{given.call}: {quote.detail}")
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
    found = []
    for criterion in new.criteria:
        before = old.criterion(criterion.id)
        if before is None or before.model_copy(update={"flaws": ()}) == criterion.model_copy(update={"flaws": ()}):
            continue
        texts = [(name, word_changes(was, now)) for name, was, now in _texts(before, criterion) if was != now]
        added = tuple(example for example in criterion.examples if example not in before.examples)
        found.append(CriterionChange(criterion, tuple(texts), added))
    return found


def _texts(old: Criterion, new: Criterion) -> list[tuple[str, str, str]]:
    levels = sorted({*old.anchors, *new.anchors})
    return [
        ("Description", old.description, new.description),
        *((f"Level {level}", old.anchors.get(level, ""), new.anchors.get(level, "")) for level in levels),
        ("Does not apply when", old.not_applicable_when, new.not_applicable_when),
    ]


def newest_version(space: Workspace, rubric: Rubric) -> Rubric:
    """The last stored rubric with all criteria of `rubric`, in whatever wording; `rubric` itself where none came later.

    Versions are not linked to each other: rubrics of another origin have other criteria.
    """
    ids = {criterion.id for criterion in rubric.criteria}
    stored = [one.rubric for one in space.store[Rubrics].all()]
    places = [place for place, one in enumerate(stored) if one.id == rubric.id]
    later = stored[places[0] :] if places else []
    return next((one for one in reversed(later) if ids <= {c.id for c in one.criteria}), rubric)
