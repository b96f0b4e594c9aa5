"""Rubrics, working copies, checks and differences as they are shown outside and as the API takes them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, computed_field

from agent.app.view import View, example
from agent.calls.store import Calls
from agent.core.errors import InputError
from agent.core.language import _
from agent.core.transcript import Quote, Span
from agent.rubrics.checks import Tested
from agent.rubrics.compliance import Rule
from agent.rubrics.diff import RubricDifference
from agent.rubrics.drafts_model import (
    MOST_CRITERIA,
    MOST_EXAMPLES,
    CriterionFields,
    RubricDraft,
    WorkingCopy,
    WorkingCriterion,
)
from agent.rubrics.model import Criterion, Example, Mark, Rubric, RubricState, RubricStateName
from agent.rubrics.store import RubricStates, StoredRubric
from agent.workspace import Workspace

EARLIER_KEY = "Deprecated: the same as `state`, and gone with the next release."
Label = Annotated[str, Field(max_length=200)]
Prose = Annotated[str, Field(max_length=4000)]
CRITERION: dict[str, Any] = {
    "id": "asks_cost",
    "name": "Asks what the problem costs",
    "description": "The rep asks what the problem costs the customer in money, hours or lost deals.",
    "scale": "binary",
    "weight": 1.0,
    "stage": "discovery",
    "speaker": "rep",
    "not_applicable_when": "The customer has named the cost before the rep could ask.",
    "examples": [
        {
            "kind": "present",
            "text": "What does the late close cost you each month?",
            "source": "call-104",
            "why": "It asks for an amount.",
        }
    ],
}


class RubricName(View):
    """Which rubric."""

    id: str
    label: str


class RubricStateView(View):
    """Where a rubric stands. `short` says what was missing when somebody deployed it all the same."""

    state: RubricStateName
    since: datetime
    by: str
    reason: str
    short: list[str]
    marks: dict[str, Mark] = Field(
        description="Criteria in use that are not calibrated, and how their scores are marked."
    )

    @classmethod
    def of(cls, state: RubricState) -> Self:
        return super().of(state, since=state.at)


class RubricRowView(View):
    """A version in the list."""

    id: str
    label: str
    at: datetime
    criteria: int
    state: RubricStateView

    @classmethod
    def of(cls, space: Workspace, stored: StoredRubric) -> Self:
        rubric = stored.rubric
        state = RubricStateView.of(space.store[RubricStates].of(rubric.id))
        return super().of(rubric, at=stored.at, criteria=len(rubric.criteria), state=state)

    @computed_field(description=EARLIER_KEY, json_schema_extra={"deprecated": True})  # type: ignore[prop-decorator]
    @property
    def standing(self) -> RubricStateView:
        """The state under its earlier key."""
        return self.state


class RubricList(BaseModel):
    """All versions, newest first."""

    items: list[RubricRowView]


class RubricView(View):
    """One version with its criteria. It never changes: a change is a new version."""

    id: str
    label: str
    criteria: list[Criterion]
    state: RubricStateView

    @classmethod
    def of(cls, space: Workspace, rubric: Rubric) -> Self:
        state = RubricStateView.of(space.store[RubricStates].of(rubric.id))
        return super().of(rubric, criteria=_as_seen(space, rubric), state=state)

    @computed_field(description=EARLIER_KEY, json_schema_extra={"deprecated": True})  # type: ignore[prop-decorator]
    @property
    def standing(self) -> RubricStateView:
        """The state under its earlier key."""
        return self.state


def _as_seen(space: Workspace, rubric: Rubric) -> list[Criterion]:
    """The criteria; for a rep without examples out of calls that are not the own ones and out of interviews."""
    if space.store.scope.only_rep is None:
        return list(rubric.criteria)
    named = {example.source for criterion in rubric.criteria for example in criterion.examples}
    own = {"", *space.store[Calls].facts(named)}  # in the scope of a rep these are the own calls alone
    return [
        criterion.model_copy(update={"examples": tuple(e for e in criterion.examples if e.source in own), "flaws": ()})
        for criterion in rubric.criteria
    ]


class ExampleIn(Example):
    """A present or absent example. One that names a source is located there: `turn` decides where words stand twice."""

    model_config = ConfigDict(extra="ignore", strict=False)

    text: Annotated[str, Field(min_length=1, max_length=4000)]
    source: Annotated[str, Field(max_length=200, description="Id of the call or interview; empty: by hand.")] = ""
    turn: Annotated[int | None, Field(ge=0, le=10**6)] = None
    why: Annotated[str, Field(max_length=1000)] = ""
    quote: Quote | None = Field(default=None, description="As it was read; it is located anew where it is not known.")

    def example(self) -> Example:
        """The domain's example, its quote as claimed."""
        claimed = self.quote
        if claimed is None and self.source and self.turn is not None:
            claimed = Quote(span=Span(turn=self.turn, start=0, end=1), speaker="", text=self.text)
        return Example(kind=self.kind, text=self.text, source=self.source, why=self.why, quote=claimed)


class CriterionIn(CriterionFields):
    """A criterion that may be incomplete. `weight` below 0: a behavior to be avoided."""

    model_config = ConfigDict(extra="ignore", strict=False)

    examples: Annotated[list[ExampleIn], Field(max_length=MOST_EXAMPLES)] = Field(default_factory=list)

    def working(self) -> WorkingCriterion:
        """The domain's working criterion; flaws are found by checking and not taken from outside."""
        facts = self.model_dump(exclude={"examples"})
        return WorkingCriterion(**facts, examples=tuple(e.example() for e in self.examples))


def working_copy(criteria: Sequence[CriterionIn]) -> WorkingCopy:
    """Criteria as a working copy. InputError where an id stands twice."""
    ids = [c.id for c in criteria]
    if twice := sorted({i for i in ids if ids.count(i) > 1}):
        raise InputError(_("criterion ids stand twice: {twice}", twice=", ".join(twice)))
    return WorkingCopy(criteria=tuple(c.working() for c in criteria))


class NewRubric(BaseModel):
    """A rubric as a whole. Examples that name a source are located in it."""

    label: Label = ""
    criteria: Annotated[list[CriterionIn], Field(min_length=1, max_length=MOST_CRITERIA)]

    model_config = example({"label": "spring", "criteria": [CRITERION]})


class RubricDraftView(View):
    """The working copy that all who edit this rubric share. `version` is the ETag; 0 was never saved."""

    base: str = Field(description="The rubric that it changes; empty for a new one.")
    version: int
    by: str
    at: datetime | None
    open: bool = Field(description="Whether anything was saved since the base or the last copy was published.")
    criteria: list[WorkingCriterion]

    @classmethod
    def of(cls, draft: RubricDraft) -> Self:
        return super().of(draft, criteria=draft.working.criteria)


class ComplianceView(View):
    """A criterion of the compliance catalogue. `text` are its source's own words, `where`: for which calls it holds."""

    id: str
    name: str
    description: str
    source: str
    text: str
    link: str
    where: str

    @classmethod
    def of(cls, rule: Rule) -> Self:
        return super().of(rule, **rule.criterion.model_dump(include={"id", "name", "description"}))


class ComplianceIn(BaseModel):
    """Ids of the catalogue's criteria that are to be added."""

    criteria: Annotated[list[Annotated[str, Field(max_length=100)]], Field(min_length=1, max_length=MOST_CRITERIA)]

    model_config = example({"criteria": ["recording_told"]})


class RubricDraftList(BaseModel):
    """Working copies, the last saved first."""

    items: list[RubricDraftView]


class RubricDraftIn(BaseModel):
    """All criteria of a working copy, in their order. They may be incomplete."""

    criteria: Annotated[list[CriterionIn], Field(max_length=MOST_CRITERIA)]

    model_config = example({"criteria": [CRITERION]})


class Publication(BaseModel):
    """The label of the new version; empty for the next free one."""

    label: Label = ""

    model_config = example({"label": "spring-2"})


class ToCheck(BaseModel):
    """A criterion to be tested. `model`: also ask the model in the role drafter."""

    criterion: CriterionIn
    model: bool = False

    model_config = example({"criterion": CRITERION, "model": False})


class CriterionTestView(View):
    """One of the three tests: what speaks against it, by the rules and (where asked) by a model."""

    test: str
    means: str
    rules: list[str]
    model: list[str] | None


class CriterionChecksView(View):
    """The three tests, what else is to be mended, and the wording that a model suggests."""

    tests: list[CriterionTestView]
    others: list[str]
    rewrite: str

    @classmethod
    def of(cls, tested: Tested) -> Self:
        return super().of(tested, tests=[CriterionTestView.of(one, test=one.name) for one in tested.tests])


class FieldChangeView(View):
    """One field in both versions."""

    field: str
    before: str
    after: str


class CriterionChangeView(View):
    """One criterion in both versions. `reopens`: raters see something else, so the gate starts anew for it."""

    id: str
    name: str
    state: Literal["added", "removed", "changed", "same"]
    reopens: bool
    fields: list[FieldChangeView]


class RubricDiffView(View):
    """What changed from `old` to `new`."""

    old: str
    new: str
    reordered: bool
    criteria: list[CriterionChangeView]

    @classmethod
    def of(cls, old: Rubric, new: Rubric, difference: RubricDifference) -> Self:
        return super().of(difference, old=old.id, new=new.id)
