"""Sharper wordings as they are shown outside, and as the API takes them."""

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agent.app.view import View, example
from agent.calibration.sharpening import NewExample, Rewording, Sharpened, difference
from agent.calibration.views import CallId, CriterionId, RubricRef, Words
from agent.rubrics.model import Rubric

_DRAFT: dict[str, Any] = {
    "criterion": "quantifies_cost",
    "description": "The rep asks what the problem costs, in money or hours, before naming a price.",
    "anchors": {"1": "Never asks.", "5": "Asks for the amount and works with it."},
    "not_applicable_when": "The call is about a renewal only.",
}


class DraftsWanted(BaseModel):
    """Which criteria the model is to reword; none named: all that failed."""

    criteria: Annotated[list[CriterionId], Field(max_length=50)] = []
    budget_usd: Annotated[float, Field(ge=0, le=1000)] | None = None

    model_config = example({"criteria": ["quantifies_cost"], "budget_usd": 0.5})


class NearMiss(View):
    """An example out of a call of the round."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=False)  # one shape to send and to take

    kind: Literal["present", "absent"] = "absent"
    call: CallId
    turn: Annotated[int, Field(ge=0, le=10**6)] | None = None
    words: Annotated[str, Field(min_length=1, max_length=4000)]
    why: Words = ""

    @property
    def new(self) -> NewExample:
        turn = "" if self.turn is None else str(self.turn)
        return NewExample(self.kind, self.call, turn, self.words, self.why)


class SharperView(View):
    """A draft. `difference`: what the old wording left open; `notes`: what to look at before accepting."""

    criterion: str
    description: str
    anchors: dict[str, str]
    example: NearMiss | None
    difference: str
    notes: list[str]

    @classmethod
    def of(cls, draft: Sharpened, before: int) -> "SharperView":
        """`before` is how many examples the criterion had."""
        new = draft.criterion
        return cls(
            criterion=new.id,
            description=new.description,
            anchors={str(level): text for level, text in new.anchors.items()},
            example=example_of(draft, before),
            difference=draft.difference,
            notes=list(draft.notes),
        )


def example_of(draft: Sharpened, before: int) -> NearMiss | None:
    """The example that a draft adds, if it adds one."""
    added = [e for e in draft.criterion.examples[before:] if e.quote is not None]
    if not added or added[0].quote is None:
        return None
    example = added[0]
    turn = added[0].quote.span.turn
    return NearMiss(kind=example.kind, call=example.source, turn=turn, words=example.text, why=example.why)


class SharperDrafts(View):
    """Drafts by the model. Nothing is stored: send them, as they are or edited, to `sharpen/accept`."""

    items: list[SharperView]


class RewordingIn(BaseModel):
    """The new wording of one criterion. What is left out stays as it is."""

    criterion: CriterionId
    description: Annotated[str, Field(min_length=1, max_length=4000)]
    anchors: dict[Annotated[str, Field(pattern=r"^\d{1,2}$")], Words] | None = None
    not_applicable_when: Words | None = None
    examples: Annotated[list[NearMiss], Field(max_length=10)] = []

    @property
    def given(self) -> Rewording:
        anchors = None if self.anchors is None else {int(level): text for level, text in self.anchors.items()}
        examples = [example.new for example in self.examples]
        return Rewording(self.criterion, self.description, anchors, self.not_applicable_when, examples)


class AcceptedWordings(BaseModel):
    """Wordings that a person decided on."""

    criteria: Annotated[list[RewordingIn], Field(min_length=1, max_length=50)]
    label: Annotated[str, Field(max_length=200, description="Default: the old label and a number.")] = ""

    model_config = example({"criteria": [_DRAFT], "label": "team-2"})


class NewVersionView(View):
    """The new version, and the lines of a unified diff to it."""

    rubric: RubricRef
    before: RubricRef
    diff: list[str]
    stored: bool = Field(True, description="False where it is only shown, to decide on.")
    drafts: list[SharperView] = Field([], description="The model's drafts that it was made from, if any.")

    @classmethod
    def of(
        cls, new: Rubric, before: Rubric, drafts: Sequence[Sharpened] = (), *, stored: bool = True
    ) -> "NewVersionView":
        examples = {criterion.id: len(criterion.examples) for criterion in before.criteria}
        return cls(
            rubric=RubricRef.model_validate(new),
            before=RubricRef.model_validate(before),
            diff=difference(before, new),
            stored=stored,
            drafts=[SharperView.of(draft, examples[draft.criterion.id]) for draft in drafts],
        )
