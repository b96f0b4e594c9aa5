"""What differs between two versions of a rubric, criterion by criterion and word by word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from agent.core.language import N_, _
from agent.rubrics.drafts_model import WorkingCriterion
from agent.rubrics.model import Counts, Criterion, Example

AnyCriterion = Criterion | WorkingCriterion

State = Literal["added", "removed", "changed", "same"]
Piece = tuple[Literal["same", "removed", "added"], str]

_FIELDS = {
    "name": N_("Name"),
    "description": N_("Description"),
    "scale": N_("Scale"),
    "scale_reason": N_("Why this scale"),
    "weight": N_("Weight"),
    "stage": N_("Stage"),
    "speaker": N_("Who is rated"),
    "not_applicable_when": N_("Does not apply when"),
    "direction": N_("Direction"),
    "only_in": N_("Only in calls of"),
    "counts": N_("Counted"),
}


@dataclass(frozen=True)
class FieldDifference:
    """One field in both versions; `pieces` are its words with what was taken out and put in."""

    field: str
    before: str
    after: str
    pieces: list[Piece]


@dataclass(frozen=True)
class CriterionDifference:
    """One criterion in both versions, by id. `reopens`: calls rated on the old wording say nothing of the new one."""

    id: str
    name: str
    state: State
    fields: list[FieldDifference]
    reopens: bool


@dataclass(frozen=True)
class RubricDifference:
    """All criteria in the new order, then removed ones. `reordered`: the criteria in both versions stand in another
    order."""

    criteria: list[CriterionDifference]
    reordered: bool

    @property
    def any(self) -> bool:
        return self.reordered or any(c.state != "same" for c in self.criteria)


def differences(old: Sequence[AnyCriterion], new: Sequence[AnyCriterion]) -> RubricDifference:
    """What changed from `old` to `new`."""
    before, after = {c.id: c for c in old}, {c.id: c for c in new}
    rows = [_criterion(before.get(c.id), c) for c in new]
    rows += [
        CriterionDifference(c.id, c.name, "removed", _whole(c.description, ""), False) for c in old if c.id not in after
    ]
    kept = [[i for i in side if i in before and i in after] for side in (before, after)]
    return RubricDifference(rows, kept[0] != kept[1])


# As for the gate (agent/calibration/report.py): these do not change what raters are shown.
_UNSEEN = {N_("Weight"), N_("Stage"), N_("Why this scale"), N_("Direction"), N_("Only in calls of")}


def _criterion(old: AnyCriterion | None, new: AnyCriterion) -> CriterionDifference:
    if old is None:
        return CriterionDifference(new.id, new.name, "added", _whole("", new.description), True)
    texts = [(title, _text(getattr(old, f)), _text(getattr(new, f))) for f, title in _FIELDS.items()]
    levels = sorted({*old.anchors, *new.anchors})
    texts += [(f"Anchor {level}", old.anchors.get(level, ""), new.anchors.get(level, "")) for level in levels]
    for kind in ("present", "absent"):
        title = f"{kind.capitalize()} examples"
        texts.append((title, _examples(old.examples, kind), _examples(new.examples, kind)))
    changed = [FieldDifference(title, a, b, pieces(a, b)) for title, a, b in texts if a != b]
    reopens = any(f.field not in _UNSEEN for f in changed)
    return CriterionDifference(new.id, new.name, "changed" if changed else "same", changed, reopens)


def _text(value: object) -> str:
    if isinstance(value, Counts):
        return value.told
    return ", ".join(value) if isinstance(value, tuple) else str("" if value is None else value)


def _whole(before: str, after: str) -> list[FieldDifference]:
    return [FieldDifference(_("Description"), before, after, pieces(before, after))]


def _examples(examples: Sequence[Example], kind: str) -> str:
    lines = [
        f"“{e.text}”" + (f" ({e.source})" if e.source else "") + (f": {e.why}" if e.why else "")
        for e in examples
        if e.kind == kind
    ]
    return "\n".join(lines)


def pieces(before: str, after: str) -> list[Piece]:
    """`after` with the words that `before` had in their place: same, removed, added, in reading order."""
    a, b = before.split(" "), after.split(" ")
    parts: list[Piece] = []
    for tag, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("same", " ".join(a[i:j])))
            continue
        if j > i:
            parts.append(("removed", " ".join(a[i:j])))
        if m > k:
            parts.append(("added", " ".join(b[k:m])))
    return [piece for piece in parts if piece[1]]
