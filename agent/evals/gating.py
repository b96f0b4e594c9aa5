"""The gate: may a prompt, a model or a rubric change be used? Every check says what it found and what to look at."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from agent.core.errors import GateClosed
from agent.core.statistic import percent
from agent.evals.comparing import Comparison, compare
from agent.evals.report import NoValue
from agent.evals.run import Run, right
from agent.evals.suite_files import FilePart, Gates
from agent.ratings.model import Failed
from agent.stats.drops import POWER, WORTH_SEEING, Changes, judge_drops

Result = Literal["passed", "closed", "not measured"]


class Check(FilePart):
    """One check. `look_at` names the cases that made it fail."""

    name: str
    result: Result
    detail: str
    look_at: list[str] = Field([])


class Verdict(FilePart):
    """The gate's decision on one candidate compared with one baseline."""

    suite: str
    candidate: str
    candidate_prompt: str
    candidate_model: str
    baseline: str
    baseline_prompt: str
    baseline_model: str
    checks: list[Check]

    @property
    def passed(self) -> bool:
        """Whether no check failed. A verdict without checks does not pass."""
        return bool(self.checks) and all(check.result != "closed" for check in self.checks)

    def require(self) -> None:
        """Raises GateClosed, with what to look at, unless the verdict passed."""
        closed = [check for check in self.checks if check.result == "closed"]
        if self.passed:
            return
        first = closed[0] if closed else Check(name="gate", result="closed", detail="nothing was checked")
        where = f"; look at {', '.join(first.look_at[:6])}" if first.look_at else ""
        more = f" ({len(closed) - 1} more checks are closed)" if len(closed) > 1 else ""
        raise GateClosed(f"do not ship {self.candidate}: {first.name}: {first.detail}{where}{more}")


def judge(candidate: Run, baseline: Run, gates: Gates, suite_cases: Sequence[str] = ()) -> Verdict:
    """The decision on the candidate compared with the accepted baseline, under the suite's tolerances.

    `suite_cases` are all cases that the suite has today: both runs have to cover them.
    """
    compared = compare(baseline, candidate)
    checks = [
        *([whole_suite(candidate, baseline, suite_cases)] if suite_cases else []),
        same_cases(candidate, baseline, compared),
        *_drops(gates, compared),
        must_pass(candidate),
        _growth(candidate, baseline, ("evidence",), "evidence failures", gates.max_evidence_failure_growth),
        _growth(candidate, baseline, ("reply", "model"), "other failures", gates.max_failure_growth),
        _cost(candidate, baseline, gates),
        _latency(candidate, baseline, gates),
    ]
    return Verdict(
        suite=candidate.suite,
        candidate=candidate.id,
        candidate_prompt=candidate.prompt,
        candidate_model=candidate.model,
        baseline=baseline.id,
        baseline_prompt=baseline.prompt,
        baseline_model=baseline.model,
        checks=checks,
    )


def whole_suite(candidate: Run, baseline: Run, suite_cases: Sequence[str]) -> Check:
    """Both runs must cover the suite. Two runs on the same few easy cases agree and prove nothing about the others."""
    for run, who in ((candidate, "candidate"), (baseline, "baseline")):
        if missing := sorted(set(suite_cases) - set(run.cases)):
            of = f"{len(suite_cases) - len(missing)} of {len(suite_cases)}"
            detail = f"the {who} covers {of} cases of the suite; run it on all of them"
            return Check(name="whole suite", result="closed", detail=detail, look_at=missing)
    return Check(name="whole suite", result="passed", detail=f"all {len(suite_cases)} cases")


def same_cases(candidate: Run, baseline: Run, compared: Comparison) -> Check:
    """The candidate must answer every case and criterion that the baseline answered."""
    missing = sorted(
        {f"{case} {criterion}".strip() for case, criterion in set(baseline.drawn()) - set(candidate.drawn())}
    )
    missing += [f"{case} (not answered)" for case in candidate.unanswered]
    # In a suite of refusals nothing is rated, so nothing is compared.
    if compared.n_cases == 0 and not (candidate.refused and baseline.refused):
        return Check(name="cases", result="closed", detail="the two runs have no answered case in common")
    if missing:
        detail = f"{len(missing)} ratings of the baseline are not in the candidate; run the whole suite"
        return Check(name="cases", result="closed", detail=detail, look_at=missing)
    return Check(name="cases", result="passed", detail=f"{compared.n_cases} cases in both runs")


def _drops(gates: Gates, compared: Comparison) -> list[Check]:
    """One check for each criterion, and one for all together: see `agent.stats.drops`. A tolerance of 0 means that
    no drop is tolerated."""
    told = [(c, c.difference) for c in compared.criteria if not isinstance(c.difference, NoValue)]
    tolerances = [gates.max_drop_by.get(c.criterion, gates.max_drop) for c, _ in told]
    changes = [Changes(c.farther, c.closer, c.n, -change.value) for c, change in told]
    each, together = judge_drops(changes, tolerances, gates.changed_by_itself)
    checks = [
        Check(name=f"{c.criterion} against the baseline", result="closed", detail=c.difference.undefined)
        for c in compared.criteria
        if isinstance(c.difference, NoValue)
    ]
    for (comparison, change), tolerance, drop in zip(told, tolerances, each, strict=True):
        detail = (
            f"{change.value:+.3f}, n = {comparison.n}, {comparison.farther} worse and {comparison.closer} better, "
            f"tolerated drop {tolerance:g}, p {drop.p:.3f}; a drop of {WORTH_SEEING:g} is seen in {percent(drop.seen)}"
            + (f" ({drop.cases_needed} cases: 80 %)" if drop.seen < POWER else "")
        )
        worse = [f.case for f in compared.flips if f.criterion == comparison.criterion and f.change == "worse"]
        none_allowed = tolerance == 0 and change.value < 0  # compliance and quotes: no drop at all
        result: Result = "closed" if drop.worse or none_allowed else "passed"
        checks.append(
            Check(name=f"{comparison.criterion} against the baseline", result=result, detail=detail, look_at=worse)
        )
    if len(told) > 1:
        worse = sorted({f.case for f in compared.flips if f.change == "worse"})
        changed = f"{sum(c.worse for c in changes)} worse and {sum(c.better for c in changes)} better"
        detail = f"{changed} of {sum(c.cases for c in changes)} ratings, p {together.p:.3f}"
        result = "closed" if together.worse else "passed"
        checks.append(Check(name="all criteria together", result=result, detail=detail, look_at=worse))
    return checks


def must_pass(run: Run) -> Check:
    """Every must-pass case has to be right on all its criteria, and refused if the import has to refuse it."""
    answers, references = run.drawn(), run.reference()
    wrong = [
        f"{case} {criterion}"
        for (case, criterion), reference in references.items()
        if case in run.must_pass
        and not ((case, criterion) in answers and right(answers[case, criterion].judgement, reference))
    ]
    wrong += [f"{case}: {why}" for case, why in run.refused.items() if why and case in run.must_pass]
    if wrong:
        detail = f"{len(wrong)} ratings of must-pass cases are wrong"
        return Check(name="must-pass cases", result="closed", detail=detail, look_at=wrong)
    if not run.must_pass:
        return Check(name="must-pass cases", result="not measured", detail="the suite names none")
    return Check(name="must-pass cases", result="passed", detail=f"all {len(run.must_pass)} are right")


def failure_share(run: Run, kinds: Sequence[str]) -> float:
    """Share of first-draw answers that failed for one of `kinds`."""
    answers = run.drawn()
    failed = [a for a in answers.values() if isinstance(a.judgement, Failed) and a.judgement.kind in kinds]
    return len(failed) / len(answers) if answers else 0.0


def _growth(candidate: Run, baseline: Run, kinds: Sequence[str], name: str, tolerance: float) -> Check:
    before, after = failure_share(baseline, kinds), failure_share(candidate, kinds)
    look = [
        f"{a.case} {a.criterion}"
        for a in candidate.drawn().values()
        if isinstance(a.judgement, Failed) and a.judgement.kind in kinds
    ]
    closed = after - before > tolerance + 1e-9
    detail = f"{percent(before, 1)} before, {percent(after, 1)} now"
    return Check(name=name, result="closed" if closed else "passed", detail=detail, look_at=look)


def _cost(candidate: Run, baseline: Run, gates: Gates) -> Check:
    before, after = baseline.spending, candidate.spending
    if before.usd and after.usd is not None:
        return _ratio("cost", before.usd, after.usd, gates.max_cost_growth, "${:.4f}")
    cases = max(len(baseline.cases), 1) * baseline.draws, max(len(candidate.cases), 1) * candidate.draws
    tokens = [s.input_tokens + s.output_tokens for s in (before, after)]
    if not tokens[0]:
        return Check(name="cost", result="not measured", detail="the baseline used no tokens")
    return _ratio("cost in tokens a case", tokens[0] / cases[0], tokens[1] / cases[1], gates.max_cost_growth, "{:,.0f}")


def _latency(candidate: Run, baseline: Run, gates: Gates) -> Check:
    before, after = baseline.spending.seconds, candidate.spending.seconds
    if not before or after is None:
        detail = "one of the runs was answered from a cache or recordings only"
        return Check(name="latency", result="not measured", detail=detail)
    return _ratio("latency", before, after, gates.max_latency_growth, "{:.1f} s")


def _ratio(name: str, before: float, after: float, tolerance: float, form: str) -> Check:
    grown = after / before - 1
    detail = (
        f"{form.format(before)} before, {form.format(after)} now ({100 * grown:+.0f} %, "
        f"tolerated +{percent(tolerance)})"
    )
    return Check(name=name, result="closed" if grown > tolerance + 1e-9 else "passed", detail=detail)
