"""What counts on a call, criterion by criterion, as every list, page and chart marks it
(`agent.core.marks`), and in one line."""

from collections.abc import Mapping, Sequence

from pydantic import Field

from agent.app.verb import Who
from agent.app.view import View
from agent.calls.store import CallRow
from agent.calls.views import CallView
from agent.core.errors import NotFound
from agent.core.language import NN_, _, ngettext
from agent.core.marks import RESULT_WORDS, Kind
from agent.core.scale import Scale
from agent.db.schema_counting import NONE, SPLIT
from agent.rubrics.in_use import in_use, in_use_of
from agent.rubrics.model import Criterion, Rubric

PresentLevels = Mapping[Scale, int]
"""The level from which on a scale shows the behavior (`rules.profiles.present_level`)."""


class CallResult(View):
    """What counts on one criterion of a call. `level` is null unless it is rated."""

    criterion: str
    result: Kind
    level: int | None
    in_words: str
    part: float = Field(description="The level's part of the scale, from 0 to 1; 0 without a level.")

    @property
    def quarter(self) -> int:
        """The part in quarters, as a mark is filled."""
        return round(self.part * 4)


class CallInList(CallView):
    """A call in a list, with what counts against one rubric: a result a criterion, in the rubric's order. `shown` of
    `rated` criteria are shown; those that do not apply, failed or differ are in neither number."""

    rubric: str = Field(description="Id; empty where there is none.")
    results: list[CallResult]
    shown: int
    rated: int
    blind: bool = Field(
        description="It is in a calibration round that is still blind: nothing counts until it is over."
    )
    disputed: bool = Field(description="A rating of it is disputed and nobody has answered.")
    to_review: bool = Field(description="Two readings differ on it, or a rating failed.")

    @classmethod
    def against(cls, row: CallRow, rubric: Rubric | None, present: PresentLevels) -> "CallInList":
        """The call of a row that was requested with this rubric."""
        results = results_of(rubric, row.cells, row.sources, present) if rubric else []
        shown, rated = counts_of(results)
        return cls(**vars(row), rubric=rubric.id if rubric else "", results=results, shown=shown, rated=rated)

    @property
    def scored(self) -> bool:
        """Whether anything counts."""
        return any(one.result not in ("none", "differs") for one in self.results)


def results_of(rubric: Rubric, cells: str, sources: str, present: PresentLevels) -> list[CallResult]:
    """One result a criterion, from what the table of what counts says of a call (nothing where both are empty)."""
    marks = zip(cells or NONE * len(rubric.criteria), sources or NONE * len(rubric.criteria), strict=True)
    return [
        result_of(criterion, "differs" if source == SPLIT else _MARKS.get(cell, cell), present)
        for criterion, (cell, source) in zip(rubric.criteria, marks, strict=True)
    ]


_MARKS: dict[str, Kind] = {"n": "not_applicable", "f": "failed", NONE: "none"}


def result_of(criterion: Criterion, said: str, present: PresentLevels) -> CallResult:
    """The result of a level's digit, or of a kind without a level."""
    if not said.isdigit():
        kind: Kind = said  # type: ignore[assignment]
        return CallResult(criterion=criterion.id, result=kind, level=None, in_words=_(RESULT_WORDS[kind]), part=0)
    level, scale = int(said), criterion.scale
    kind = "shown" if level >= present[scale] else "not_shown"
    return CallResult(
        criterion=criterion.id, result=kind, level=level, in_words=scale.in_words(level), part=scale.share(level)
    )


def counts_of(results: Sequence[CallResult]) -> tuple[int, int]:
    """How many criteria are shown, and of how many that are rated."""
    rated = [one for one in results if one.level is not None]
    return sum(one.result == "shown" for one in rated), len(rated)


def line_of(results: Sequence[CallResult]) -> str:
    """One line for a call: "3 of 5 criteria shown; 1 does not apply; 1 failed"."""
    shown, rated = counts_of(results)
    said = [_("{value} of {rated} criteria shown", value=shown, rated=rated)] if rated else []
    kinds: tuple[Kind, ...] = ("not_applicable", "failed", "differs", "none")
    for kind in kinds:
        if count := sum(one.result == kind for one in results):
            said.append(ngettext(*_COUNTED[kind], count, n=count))
    return "; ".join(said)


_COUNTED: dict[Kind, tuple[str, str]] = {
    "not_applicable": NN_("{n} does not apply", "{n} do not apply"),
    "failed": NN_("{n} failed", "{n} failed"),
    "differs": NN_("{n} on which raters differ", "{n} on which raters differ"),
    "none": NN_("{n} not rated", "{n} not rated"),
}


def holding(rubric: Rubric, criterion: str, kind: str, present: PresentLevels) -> tuple[tuple[int, str], ...]:
    """The codes of the counting table that mean `kind`, as a pattern: for one criterion,
    or for any if none is named."""
    return tuple(
        (at, chars)
        for at, one in enumerate(rubric.criteria)
        if criterion in ("", one.id) and (chars := _chars(one, kind, present))
    )


def _chars(criterion: Criterion, kind: str, present: PresentLevels) -> str:
    if kind in ("shown", "not_shown"):
        least = present[criterion.scale]
        return "".join(str(one) for one in criterion.levels if (one >= least) == (kind == "shown"))
    return {"not_applicable": "n", "failed": "f", "differs": SPLIT}.get(kind, "")


def rubric_of(who: Who, reference: str = "") -> Rubric | None:
    """The rubric asked for, or the one in use; None if there is none and none was asked for."""
    try:
        return (in_use(who.space.store, reference) if reference else in_use_of(who)).rubric
    except NotFound:
        if reference:
            raise
        return None
