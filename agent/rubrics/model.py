"""What calls are scored against."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from itertools import pairwise
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from agent.core.base import Frozen, content_id
from agent.core.errors import UsageError
from agent.core.language import N_, _
from agent.core.scale import Scale
from agent.core.transcript import Quote
from agent.core.wording import day

RatedSpeaker = Literal["rep", "customer", "any"]


class Example(Frozen):
    """A verbatim piece of a transcript that shows the behavior or its absence.

    `source` is the id of the call or interview; empty, with no quote, where a person wrote the example by hand.
    """

    kind: Literal["present", "absent"]
    text: str = Field(min_length=1)
    source: str = ""
    quote: Quote | None = None
    why: str = ""


class Counts(Frozen):
    """How a level follows from a count: a model lists every occurrence, code locates, counts and gives the level.

    `each` says what one occurrence is, and nothing of how many. `at_least` is the fewest that reach a level, by level;
    a yes/no criterion may give the number alone. Of `turns`, several occurrences in one turn count once.
    """

    each: str = Field(min_length=1)
    of: Literal["occurrences", "turns"] = "occurrences"
    at_least: dict[int, int]

    @field_validator("at_least", mode="before")
    @classmethod
    def _of_yes(cls, given: Any) -> Any:
        if isinstance(given, int) and not isinstance(given, bool):
            return {1: given}
        if isinstance(given, Mapping):  # JSON has texts for keys
            return {int(k) if isinstance(k, str) and k.isascii() and k.isdigit() else k: v for k, v in given.items()}
        return given

    @model_validator(mode="after")
    def _rising(self) -> Self:
        needed = [self.at_least[level] for level in sorted(self.at_least)]
        if not needed or needed[0] < 1 or any(b <= a for a, b in pairwise(needed)):
            raise ValueError(
                "at_least: a higher level takes more occurrences than the one below, the lowest at least one"
            )
        return self

    def level(self, scale: Scale, occurrences: int) -> int:
        """The level of a call with `occurrences` occurrences."""
        return max((level for level, least in self.at_least.items() if occurrences >= least), default=scale.lowest)

    @property
    def rule(self) -> str:
        """In words, after what is counted: "1 from 2 on"."""
        return ", ".join(
            _("{level} from {least} on", level=level, least=least) for level, least in sorted(self.at_least.items())
        )

    @property
    def told(self) -> str:
        """The whole rule in words."""
        if self.of == "turns":
            said = N_("{each} (every occurrence is counted, those in one turn once; level {rule})")
        else:
            said = N_("{each} (every occurrence is counted; level {rule})")
        return _(said, each=self.each, rule=self.rule)


class Criterion(Frozen):
    """One observable behavior with the scale it is rated on.

    `weight` is negative for a behavior that is to be avoided. `pattern` names the pattern it came from. `only_in` are
    the stages whose calls it is rated on, all where empty; `counts` says that its level is a count.
    """

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str = Field(min_length=1)
    description: str = Field(min_length=1)
    scale: Scale
    scale_reason: str = ""
    anchors: dict[int, str] = Field(default_factory=dict)
    examples: tuple[Example, ...] = ()
    weight: float = 1.0
    stage: str = ""
    speaker: RatedSpeaker = "rep"
    not_applicable_when: str = ""
    pattern: str = ""
    direction: str = ""  # how a loss pattern became this criterion, and why
    flaws: tuple[str, ...] = ()
    only_in: tuple[str, ...] = ()
    counts: Counts | None = None

    @model_validator(mode="after")
    def _count_gives_every_level(self) -> Self:
        if self.counts is not None and set(self.counts.at_least) != set(self.levels[1:]):
            wanted = ", ".join(map(str, self.levels[1:]))
            raise ValueError(f"counts.at_least says from how many on for each level above the lowest: {wanted}")
        return self

    @model_validator(mode="after")
    def _anchors_are_levels(self) -> Self:
        unknown = sorted(set(self.anchors) - set(self.levels))
        if unknown:
            raise ValueError(f"anchors for {unknown} are outside the scale {self.scale}")
        return self

    @property
    def levels(self) -> tuple[int, ...]:
        """All levels of the scale, lowest first."""
        return self.scale.levels

    def shown(self, value: int) -> bool:
        """Whether a rating of `value` says that the behavior was there: 1 on a binary scale, else anything above the
        lowest level."""
        return value > self.scale.lowest


class Rubric(Frozen):
    """A versioned set of criteria. `label` is for people; the id is made from what raters are shown."""

    criteria: tuple[Criterion, ...] = Field(min_length=1)
    label: str = ""
    named: str = Field(default="", repr=False)  # its id from before examples of it were removed (agent/retention)

    @model_validator(mode="after")
    def _ids_once(self) -> Self:
        twice = sorted(ident for ident, count in Counter(c.id for c in self.criteria).items() if count > 1)
        if twice:
            raise ValueError(f"criterion ids stand twice: {', '.join(twice)}")
        return self

    @property
    def id(self) -> str:
        return self.named or content_id("ru", [c.model_dump(mode="json", exclude=_unnamed(c)) for c in self.criteria])

    @property
    def scales(self) -> dict[str, Scale]:
        """The scale of each criterion by its id, in the rubric's order."""
        return {c.id: c.scale for c in self.criteria}

    def criterion(self, ident: str) -> Criterion | None:
        """The criterion of that id, if there is one."""
        return next((c for c in self.criteria if c.id == ident), None)

    @property
    def staged(self) -> bool:
        """Whether a criterion is rated on calls of some stages only: then each call needs a stage."""
        return any(c.only_in for c in self.criteria)

    def asked_in(self, stage: str) -> tuple[Criterion, ...]:
        """The criteria that a call of that stage is rated on."""
        return tuple(c for c in self.criteria if not c.only_in or stage in c.only_in)


def _unnamed(criterion: Criterion) -> set[str]:
    """Fields left out of a rubric's id: flaws, and fields that older rubrics do not have, as long as they are empty."""
    return {"flaws", *(name for name in ("only_in", "counts") if not getattr(criterion, name))}


def criterion_of(rubric: Rubric, ident: str) -> Criterion:
    """The criterion of that id. UsageError names those there are."""
    criterion = rubric.criterion(ident)
    if criterion is None:
        known = ", ".join(c.id for c in rubric.criteria)
        raise UsageError(f"{rubric.label} has no criterion {ident!r}; it has {known}")
    return criterion


RubricStateName = Literal["draft", "calibrated", "deployed"]
Mark = Literal["provisional", "not calibrated", "withdrawn"]
"""What a criterion in use bears wherever its scores stand, while calibration has not passed it: `provisional`:
raters agreed on 85 % and it is not confirmed yet; `withdrawn`: it was calibrated or provisional, and an
agreement of 95 % is ruled out."""
MARK_WORDS: dict[Mark, str] = {
    "provisional": N_(
        "{name} is provisional: managers agreed on 85 % of calls at first, which more calls have to confirm"
    ),
    "not calibrated": N_("{name} is not calibrated: managers may read this criterion differently"),
    "withdrawn": N_("{name} is withdrawn: managers do not read this criterion alike any more"),
}


class RubricState(Frozen):
    """Where a rubric stands since `at`. `short` says what was missing when somebody deployed it all the same; `marks`
    are the criteria in use that are not calibrated."""

    rubric: str
    state: RubricStateName
    at: datetime
    by: str = ""
    reason: str = ""
    short: tuple[str, ...] = ()
    marks: dict[str, Mark] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _override_has_a_reason(self) -> Self:
        if self.short and not self.reason:
            raise ValueError("an override needs a reason")
        return self

    @property
    def word(self) -> str:
        """Its state, with how many criteria in use bear a mark: "deployed (2 provisional, 1 withdrawn)"."""
        if self.state != "deployed" or self.short:
            return _("deployed below the gate") if self.short else _(self.state)
        marks = list(self.marks.values())
        counted = ", ".join(f"{marks.count(mark)} {_(mark)}" for mark in MARK_WORDS if mark in marks)
        return _("deployed ({counted})", counted=counted) if counted else _("deployed")

    @property
    def sentence(self) -> str:
        """Where the rubric stands, in one sentence without its full stop."""
        since = day(self.at)
        if self.short:
            facts = {"since": since, "reason": self.reason}
            facts["named"] = ", ".join(line.partition(":")[0] for line in self.short)
            if not self.by:
                return _("Deployed below the gate by override since {since} (“{reason}”); short: {named}", **facts)
            said = N_("Deployed below the gate by override by {by} since {since} (“{reason}”); short: {named}")
            return _(said, by=self.by, **facts)
        match self.state:
            case "draft":
                return _("Draft: not calibrated yet, so its scores are a first impression")
            case "calibrated":
                return _("Calibrated since {since}", since=since)
            case "deployed":
                marked = marked_in_words(self.marks)
                if not marked:
                    return _("Calibrated and deployed since {since}", since=since)
                return _("Deployed since {since}; {marked}", since=since, marked="; ".join(marked))


def marked_in_words(marks: Mapping[str, Mark]) -> list[str]:
    """For each mark, the criteria that bear it: "provisional: asks_cost, next_step"."""
    return [
        f"{_(mark)}: {', '.join(ident for ident in marks if marks[ident] == mark)}"
        for mark in MARK_WORDS
        if mark in marks.values()
    ]


def mark_sentences(rubric: Rubric, marks: Mapping[str, Mark]) -> list[str]:
    """A sentence, without its full stop, for each criterion in use that is not calibrated."""
    return [_(MARK_WORDS[marks[one.id]], name=one.name) for one in rubric.criteria if one.id in marks]
