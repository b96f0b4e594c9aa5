"""Working copies of rubrics: what is being edited and may still be incomplete."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from agent.core.base import Frozen
from agent.core.errors import InputError
from agent.core.scale import BINARY, Scale
from agent.rubrics.model import Counts, Criterion, Example, RatedSpeaker, Rubric

Line = Annotated[str, StringConstraints(max_length=200)]
Prose = Annotated[str, StringConstraints(max_length=4000)]
MOST_CRITERIA, MOST_EXAMPLES = 60, 40


class CriterionFields(Frozen):
    """What can be typed of a criterion: name and description may be empty, and anchors of another scale are kept."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=100)]
    name: Line = ""
    description: Prose = ""
    scale: Scale = BINARY
    scale_reason: Prose = ""
    anchors: dict[int, Prose] = Field(default_factory=dict, max_length=10, description="By level.")
    weight: float = Field(default=1.0, ge=-100, le=100, allow_inf_nan=False)
    stage: Line = ""
    speaker: RatedSpeaker = "rep"
    not_applicable_when: Prose = ""
    pattern: Line = Field(default="", description="The pattern it was made of.")
    direction: Prose = ""
    only_in: tuple[Line, ...] = Field(
        default=(), max_length=20, description="Stages whose calls it is rated on; empty: all."
    )
    counts: Counts | None = Field(default=None, description="That its level is a count of occurrences.")


class WorkingCriterion(CriterionFields):
    """A criterion being edited, with its located examples and what the checks found."""

    examples: tuple[Example, ...] = Field(default=(), max_length=MOST_EXAMPLES)
    flaws: tuple[Prose, ...] = Field(default=(), max_length=40)

    @classmethod
    def of(cls, criterion: Criterion) -> WorkingCriterion:
        """A finished criterion as it is taken up for editing."""
        return cls.model_validate(criterion.model_dump())

    @property
    def levels(self) -> tuple[int, ...]:
        """All levels of the scale, lowest first."""
        return self.scale.levels

    def finished(self) -> Criterion:
        """The criterion, with the anchors of its scale only. InputError says what is missing."""
        if missing := [name for name in ("name", "description") if not getattr(self, name).strip()]:
            raise InputError(f"{self.name.strip() or self.id} has no {' and no '.join(missing)} yet")
        kept = {level: text for level, text in self.anchors.items() if level in self.levels and text.strip()}
        try:
            return Criterion.model_validate(self.model_dump() | {"anchors": kept})
        except ValidationError as error:
            first = error.errors()[0]
            raise InputError(f"{self.id}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error


class WorkingCopy(Frozen):
    """Criteria in the order they will stand in."""

    criteria: tuple[WorkingCriterion, ...] = Field(default=(), max_length=MOST_CRITERIA)

    @model_validator(mode="after")
    def _ids_once(self) -> Self:
        ids = [c.id for c in self.criteria]
        if twice := sorted({i for i in ids if ids.count(i) > 1}):
            raise ValueError(f"criterion ids stand twice: {', '.join(twice)}")
        return self

    @classmethod
    def of(cls, rubric: Rubric) -> WorkingCopy:
        """A rubric as it is taken up for editing. InputError for one that is larger than can be edited."""
        if len(rubric.criteria) > MOST_CRITERIA:
            raise InputError(
                f"a rubric has at most {MOST_CRITERIA} criteria, and this one has {len(rubric.criteria)}: split it, or "
                "leave out what nobody coaches"
            )
        try:
            return cls(criteria=tuple(map(WorkingCriterion.of, rubric.criteria)))
        except ValidationError as error:
            first = error.errors()[0]
            where, limit = ".".join(map(str, first["loc"])), first.get("ctx", {}).get("max_length", "")
            raise InputError(f"{where} is too long to be edited: {limit} at most") from error

    def criterion(self, ident: str) -> WorkingCriterion | None:
        """The criterion of that id, if there is one."""
        return next((c for c in self.criteria if c.id == ident), None)

    def replaced(self, criterion: WorkingCriterion) -> WorkingCopy:
        """The copy with `criterion` in place of the one with its id, or appended if there is none."""
        if self.criterion(criterion.id) is None:
            return WorkingCopy(criteria=(*self.criteria, criterion))
        return WorkingCopy(criteria=tuple(criterion if c.id == criterion.id else c for c in self.criteria))

    def without(self, ident: str) -> WorkingCopy:
        """The copy without the criterion of that id."""
        return WorkingCopy(criteria=tuple(c for c in self.criteria if c.id != ident))

    def moved(self, ident: str, by: int) -> WorkingCopy:
        """The copy with one criterion moved down by this many places (negative: up), as far as possible."""
        order = list(self.criteria)
        at = next(i for i, c in enumerate(order) if c.id == ident)
        order.insert(min(max(at + by, 0), len(order) - 1), order.pop(at))
        return WorkingCopy(criteria=tuple(order))

    def finished(self, label: str) -> Rubric:
        """The copy as a rubric. InputError says what is missing in which criterion."""
        if not self.criteria:
            raise InputError("a rubric has at least one criterion; add one")
        return Rubric(criteria=tuple(c.finished() for c in self.criteria), label=label)


class RubricDraft(Frozen):
    """The working copy of the rubric `base` (empty: of a new one). All who edit it share it.

    `version` grows at each save and never goes back; 0 was never saved. `open` is False where nothing was changed since
    the base was published, or since the last copy was published or given up.
    """

    base: str
    version: int = Field(ge=0)
    by: str = ""
    at: datetime | None = None
    open: bool = False
    working: WorkingCopy
