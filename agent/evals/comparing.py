"""Compares two runs on the same cases: better, worse or the same for each criterion, and every rating that changed
with its quotes."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import scipy

from agent.core.errors import InputError
from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.evals.report import Figure, figure_of
from agent.evals.run import Answer, Key, Run, closeness
from agent.evals.suite_files import FilePart
from agent.ratings.model import Rated
from agent.rubrics.model import Criterion
from agent.stats.intervals import exact_lower_bound, exact_upper_bound

Change = Literal["better", "worse", "same"]
SURE = 0.05


class Quoted(FilePart):
    """A turn that an answer quotes."""

    turn: int
    text: str


class Flip(FilePart):
    """One rating on which the two runs differ. `change` compares the second with the reference."""

    case: str
    split: str
    criterion: str
    expected: str
    first: str
    second: str
    change: Change
    first_quotes: list[Quoted]
    second_quotes: list[Quoted]
    first_reason: str
    second_reason: str


class CriterionComparison(FilePart):
    """Second run minus first: mean closeness to the reference (for yes/no: the share that is right), paired by case.

    `p` is exact and two-sided: McNemar's test, or for longer scales the sign test of which run came closer. `verdict`
    is `better` or `worse` if p is at most 0.05, else `same`, which means that no difference was shown.
    """

    criterion: str
    n: int
    first: float | None
    second: float | None
    difference: Figure
    closer: int
    farther: int
    p: float | None
    verdict: Change


class Comparison(FilePart):
    """The second run compared with the first."""

    first: str
    second: str
    first_with: str
    second_with: str
    n_cases: int
    only_in_one: list[str]
    criteria: list[CriterionComparison]
    flips: list[Flip]


def shared_keys(first: Run, second: Run) -> list[Key]:
    """The cases and criteria that both runs answered. InputError if they were compared with different references."""
    mine, theirs = first.reference(), second.reference()
    differing = [key for key in mine if key in theirs and mine[key].value != theirs[key].value]
    if differing:
        case, criterion = differing[0]
        raise InputError(
            f"the reference of {case}, {criterion} changed between {first.id} and {second.id} "
            f"({len(differing)} in all); run the older one again on today's suite"
        )
    for criterion_id in {key[1] for key in mine} & {key[1] for key in theirs}:
        if first.criterion(criterion_id).scale != second.criterion(criterion_id).scale:  # type: ignore[union-attr]
            raise InputError(f"{criterion_id} has another scale in {second.id} than in {first.id}")
    answered = first.drawn().keys() & second.drawn().keys()
    return [key for key in mine if key in theirs and key in answered]


def compare(first: Run, second: Run) -> Comparison:
    """The second run against the first, on the cases that both answered."""
    if first.suite != second.suite:
        raise InputError(
            f"{first.id} is of suite {first.suite}, {second.id} of {second.suite}; compare runs of one suite"
        )
    keys = shared_keys(first, second)
    cases = {case for case, _ in keys}
    return Comparison(
        first=first.id,
        second=second.id,
        first_with=described(first, second),
        second_with=described(second, first),
        n_cases=len(cases),
        only_in_one=sorted((set(first.cases) ^ set(second.cases)) - cases),
        criteria=[compare_criterion(first, second, c, keys) for c in first.criteria if second.criterion(c.id)],
        flips=flips(first, second, keys),
    )


def described(run: Run, beside: Run) -> str:
    """What a run was made with, in a line; names the rubric if the other run used another one."""
    one = ", one criterion a request" if run.mode == "one criterion" else ""
    rubric = f", rubric {run.rubric}" if run.rubric != beside.rubric else ""
    return f"{run.asked}, {run.prompt.partition('#')[0] or 'no prompt'}{rubric}{one}"


def compare_criterion(first: Run, second: Run, criterion: Criterion, keys: Sequence[Key]) -> CriterionComparison:
    """One criterion of two runs."""
    before, after = (_closeness(run, criterion, keys) for run in (first, second))
    closer, farther = int((after > before).sum()), int((after < before).sum())
    p = sign_test(closer, farther) if len(before) else None
    sure = p is not None and p <= SURE
    return CriterionComparison(
        criterion=criterion.id,
        n=len(before),
        first=float(before.mean()) if len(before) else None,
        second=float(after.mean()) if len(before) else None,
        difference=figure_of(difference(criterion, before, after)),
        closer=closer,
        farther=farther,
        p=p,
        verdict=("better" if closer > farther else "worse") if sure else "same",
    )


def _closeness(run: Run, criterion: Criterion, keys: Sequence[Key]) -> np.ndarray[Any, np.dtype[np.float64]]:
    answers, references = run.drawn(), run.reference()
    values = [closeness(criterion, answers[key].judgement, references[key]) for key in keys if key[1] == criterion.id]
    return np.array(values, dtype=float)


def difference(criterion: Criterion, before: Any, after: Any) -> Statistic:
    """Mean closeness after minus before. On yes/no criteria the interval is that of the sign test, which decides: it
    excludes 0 exactly if p is at most `SURE`. On longer scales, where the test counts cases and not points, there is
    none."""
    n = len(before)
    if n == 0:
        return Undefined(undefined=N_("no case was answered in both runs"), n=0)
    value, closer, changed = float((after - before).mean()), int((after > before).sum()), int((after != before).sum())
    if not criterion.scale.binary or not changed:
        return Estimate(value=value, n=n, method="paired difference of closeness; the sign test decides")
    ends = [
        (2 * bound(closer, changed, SURE / 2) - 1) * changed / n for bound in (exact_lower_bound, exact_upper_bound)
    ]
    method = "difference of paired shares; exact, given how many changed"
    return Estimate(value=value, n=n, low=ends[0], high=ends[1], confidence=1 - SURE, method=method)


def sign_test(closer: int, farther: int) -> float:
    """Two-sided exact binomial p of `closer` against `farther` at 1/2: McNemar's exact test on yes/no answers."""
    return float(scipy.stats.binomtest(closer, closer + farther, 0.5).pvalue) if closer + farther else 1.0


def flips(first: Run, second: Run, keys: Sequence[Key]) -> list[Flip]:
    """Ratings that differ: first those that got worse, then those that got better, then those that are wrong in
    another way."""
    mine, theirs, references = first.drawn(), second.drawn(), first.reference()
    flipped = []
    for key in keys:
        before, after = mine[key], theirs[key]
        if before.judgement.said == after.judgement.said:
            continue
        criterion, reference = first.criterion(key[1]), references[key]
        if criterion is None:
            continue
        gain = closeness(criterion, after.judgement, reference) - closeness(criterion, before.judgement, reference)
        flipped.append(
            Flip(
                case=key[0],
                split=first.split_of(key[0]),
                criterion=key[1],
                expected=reference.expected,
                first=before.judgement.said,
                second=after.judgement.said,
                change="better" if gain > 0 else "worse" if gain < 0 else "same",
                first_quotes=quoted(before),
                second_quotes=quoted(after),
                first_reason=before.why,
                second_reason=after.why,
            )
        )
    return sorted(flipped, key=lambda f: ("worse", "better", "same").index(f.change))


def quoted(answer: Answer) -> list[Quoted]:
    """The turns that an answer quotes; for an absent behavior, the turn that comes nearest."""
    judgement = answer.judgement
    if not isinstance(judgement, Rated):
        return []
    if not judgement.quotes and judgement.nearest is not None:
        return [Quoted(turn=judgement.nearest.turn, text=judgement.nearest.text)]
    return [Quoted(turn=q.span.turn, text=q.text) for q in judgement.quotes]
