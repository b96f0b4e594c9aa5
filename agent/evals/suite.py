"""A suite read from its folder: cases with their references. Every fault is one line that names its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from pydantic import Field

from agent.calls.model import Call
from agent.core.base import Frozen, content_id
from agent.core.errors import InputError
from agent.evals.suite_files import CriterionCase, QuoteCase, Split, SuiteFile
from agent.rubrics.model import Criterion, Rubric


class Reference(Frozen):
    """The right answer for one case and criterion. `value` None: the criterion does not apply. `turns` None: not
    known."""

    case: str
    criterion: str
    value: int | None
    turns: tuple[int, ...] | None = None
    humans: dict[str, int | None] = Field(default_factory=dict)
    human_turns: dict[str, tuple[int, ...]] = Field(default_factory=dict)

    @property
    def expected(self) -> str:
        """The right answer as a word: the level, or n/a."""
        return "n/a" if self.value is None else str(self.value)


@dataclass(frozen=True)
class Case:
    """One case. It has exactly one of `call`, `criterion` and `quote`, or `refused` if the import has to refuse it.

    `refused` is the import's message (None if it gave none), `import_problem` the message it has to give. `like` is the
    case that this one is a variant of: both have the same right answers.
    """

    id: str
    split: Split
    tags: frozenset[str]
    must_pass: bool
    references: tuple[Reference, ...]
    note: str = ""
    call: Call | None = None
    criterion: CriterionCase | None = None
    quote: QuoteCase | None = None
    import_problem: str = ""
    refused: str | None = None
    like: str = ""
    reads: str = ""  # id of the interview or pattern that a suite of notes or drafts asks about

    @property
    def text(self) -> str:
        """The words of the case, for the word-count floor."""
        if self.call is not None:
            return "\n".join(turn.text for turn in self.call.transcript.turns)
        return self.criterion.description if self.criterion is not None else ""


@dataclass(frozen=True)
class Suite:
    """A suite with all its cases. `criteria` are what the cases are judged by, whatever the kind. `left_out` tells
    which lines of its tables are no rows, for the person who runs it."""

    name: str
    folder: Path
    file: SuiteFile
    criteria: tuple[Criterion, ...]
    cases: tuple[Case, ...]
    rubric: Rubric | None = None
    extras: Mapping[str, Any] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Made from its cases and their references. The wording of criteria is not part of it, since that may be
        what is tried out."""
        cases = [
            [c.id, c.split, c.text, c.import_problem, [r.model_dump(mode="json") for r in c.references]]
            for c in self.cases
        ]
        return content_id("su", [[[c.id, c.scale.name] for c in self.criteria], cases])

    def with_rubric(self, rubric: Rubric) -> "Suite":
        """The same cases with another wording. InputError unless its criteria have the same ids and scales."""
        if self.rubric is None:
            raise InputError(f"suite {self.name} is held against no rubric, so there is no wording to try")
        mine, theirs = ({c.id: c.scale.name for c in r.criteria} for r in (self.rubric, rubric))
        if mine != theirs:
            parted = sorted(set(mine.items()) ^ set(theirs.items()))[0][0]
            raise InputError(
                f"{rubric.label} and the rubric of suite {self.name} differ in {parted}: manual ratings "
                "are of one criterion and scale, so new ones need new ratings"
            )
        return replace(self, rubric=rubric, criteria=rubric.criteria)

    def chosen(self, split: str = "", tag: str = "", cases: tuple[str, ...] = ()) -> tuple[Case, ...]:
        """The cases of one split, with a tag, or by id. InputError if there are none, or an id is not there."""
        known = {case.id for case in self.cases}
        if unknown := sorted(set(cases) - known):
            raise InputError(f"suite {self.name} has no case {', '.join(unknown)}")
        fitting = tuple(
            c
            for c in self.cases
            if (not split or c.split == split) and (not tag or tag in c.tags) and (not cases or c.id in cases)
        )
        if not fitting:
            raise InputError(f"suite {self.name} has no case with split {split or 'any'!r} and tag {tag or 'any'!r}")
        return fitting
