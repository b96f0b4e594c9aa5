"""The report of a run: every figure with its interval, beside the yardsticks. Its JSON schema is published."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from agent.core.statistic import Estimate, Statistic
from agent.evals.figures import (
    agreement,
    confusion,
    coverage,
    errors,
    evidence,
    flip_rate,
    outcomes,
    pairing,
    wrong_keys,
)
from agent.evals.run import Run
from agent.evals.second_opinion import Listed, listed
from agent.evals.suite_files import FilePart
from agent.evals.yardsticks import constant, floor, human_ceiling, in_words
from agent.rubrics.model import Criterion


class Value(FilePart):
    """A figure. `low` and `high` are null where no interval can be given, and a rough range where `rough`."""

    value: float
    low: float | None
    high: float | None
    n: int
    rough: bool = False


class NoValue(FilePart):
    """A figure that cannot be computed from these data, and why."""

    undefined: str


Figure = Value | NoValue


class EvidenceFigures(FilePart):
    """Quoted turns against the reference's, and claims whose quotes were all located."""

    precision: Figure
    recall: Figure
    f1: Figure
    located: Figure


class CriterionReport(FilePart):
    """One criterion. `notes` says in words what the yardsticks say."""

    criterion: str
    scale: str
    n: int
    coverage: Figure
    outcomes: dict[str, int]
    exact: Figure
    within_one: Figure
    kappa: Figure
    alpha: Figure
    ac1: Figure
    sensitivity: Figure
    specificity: Figure
    evidence: EvidenceFigures
    flip_rate: Figure
    human_ceiling: dict[str, Figure]
    constant: dict[str, Figure]
    floor: dict[str, Figure]
    confusion: dict[str, dict[str, int]]
    notes: list[str]


class Failure(FilePart):
    """One case that is not right."""

    case: str
    split: str
    criterion: str
    expected: str
    got: str
    reason: str
    must_pass: bool


class Cost(FilePart):
    """What the run takes: see Spending."""

    requests: int
    input_tokens: int
    output_tokens: int
    estimated: bool
    usd: float | None
    paid_usd: float
    seconds: float | None
    answered: dict[str, int]


class Report(FilePart):
    """The report of one run, as `closeread eval run --json` prints it."""

    run: str
    suite: str
    split: str
    model: str
    prompt: str
    rubric: str
    mode: str
    draws: int
    endpoint: str = Field(default="", description="The server that answered; empty for the provider's own.")
    n_cases: int
    cost: Cost
    criteria: list[CriterionReport]
    failures: list[Failure]
    unanswered: dict[str, str]
    second_opinion: Listed | None


def report_of(run: Run, texts: Mapping[str, str]) -> Report:
    """The report. `texts` are the cases' words by id, which the word-count floor needs."""
    return Report(
        run=run.id,
        suite=run.suite,
        split=run.split or "all",
        model=run.model,
        endpoint=run.endpoint,
        prompt=run.prompt,
        rubric=run.rubric,
        mode=run.mode,
        draws=run.draws,
        n_cases=len(run.cases),
        cost=Cost.model_validate(run.spending.model_dump()),
        criteria=[criterion_report(run, c, texts) for c in run.criteria],
        failures=failures(run),
        unanswered=run.unanswered,
        second_opinion=listed(run) if run.draws > 1 else None,
    )


def criterion_report(run: Run, criterion: Criterion, texts: Mapping[str, str]) -> CriterionReport:
    """All figures of one criterion."""
    pairs = pairing(run, criterion)
    agreed, shown = agreement(pairs), evidence(pairs)
    ceiling = human_ceiling(criterion, list(pairs.right.values()), run.no_ceiling)
    counted, guesses = floor(pairs, texts)
    figures: dict[str, Any] = {name: figure_of(statistic) for name, statistic in {**agreed, **errors(pairs)}.items()}
    return CriterionReport(
        criterion=criterion.id,
        scale=criterion.scale.name,
        n=len(pairs.cases),
        coverage=figure_of(coverage(run, criterion)),
        outcomes=outcomes(run, criterion),
        **figures,
        evidence=EvidenceFigures(**{name: figure_of(statistic) for name, statistic in shown.items()}),
        flip_rate=figure_of(flip_rate(run, criterion)),
        human_ceiling=_figures(ceiling),
        constant=_figures(constant(pairs)),
        floor=_figures(counted),
        confusion=confusion(pairs),
        notes=in_words(pairs, guesses, ceiling, agreed["exact"]),
    )


def figure_of(statistic: Statistic) -> Figure:
    """A statistic in the form the report uses."""
    if isinstance(statistic, Estimate):
        return Value(
            value=statistic.value, low=statistic.low, high=statistic.high, n=statistic.n, rough=statistic.rough
        )
    return NoValue(undefined=statistic.undefined)


def _figures(values: Mapping[str, Statistic]) -> dict[str, Figure]:
    return {name: figure_of(statistic) for name, statistic in values.items()}


def failures(run: Run) -> list[Failure]:
    """Everything that is not right, must-pass cases first; also cases that were never answered."""
    answers, references = run.drawn(), run.reference()
    failures = [
        Failure(
            case=case,
            split=run.split_of(case),
            criterion=criterion,
            expected=references[case, criterion].expected,
            got=answers[case, criterion].judgement.said,
            reason=answers[case, criterion].why,
            must_pass=case in run.must_pass,
        )
        for case, criterion in wrong_keys(run)
    ]
    failures += [_whole_case(run, case, "an import error", why) for case, why in run.refused.items() if why]
    failures += [_whole_case(run, case, "an answer", why) for case, why in run.unanswered.items()]
    return sorted(failures, key=lambda f: not f.must_pass)


def _whole_case(run: Run, case: str, expected: str, why: str) -> Failure:
    return Failure(
        case=case,
        split=run.split_of(case),
        criterion="",
        expected=expected,
        got="none",
        reason=why,
        must_pass=case in run.must_pass,
    )


def report_schema() -> dict[str, Any]:
    """The JSON schema of the report."""
    return Report.model_json_schema()
