"""The figures of a run for each criterion: agreement with the reference, evidence, errors, steadiness.

All figures are about the first draw, which is the one used in production; only the flip rate looks at the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agent.core.language import N_
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.evals.run import Key, Run, right
from agent.evals.suite import Reference
from agent.ratings.agreement_table import criterion_table
from agent.ratings.model import Failed, Judgement, NotApplicable, Rated
from agent.rubrics.model import Criterion
from agent.stats.agreement.alpha import krippendorff_alpha
from agent.stats.agreement.kappas import cohen_kappa, gwet_ac
from agent.stats.agreement.plain import share_of_units
from agent.stats.bootstrap import Resampling, UnitSums, estimate
from agent.stats.calibration import criterion_agreement
from agent.stats.intervals import clopper_pearson
from agent.stats.rating_table import RatingTable

RESAMPLING = Resampling(resamples=1000, seed=0)
_REFERENCE, _MODEL = "reference", "model"


@dataclass(frozen=True)
class Pairing:
    """One criterion's answers and references, by case."""

    criterion: Criterion
    given: Mapping[str, Judgement]
    right: Mapping[str, Reference]

    @property
    def cases(self) -> tuple[str, ...]:
        """Cases that have both an answer and a reference."""
        return tuple(case for case in self.right if case in self.given)

    @property
    def table(self) -> RatingTable:
        """A rating table with two raters: the reference and the model."""
        cells: dict[tuple[str, str], Judgement] = {}
        for case in self.cases:
            value = self.right[case].value
            cells[case, _REFERENCE] = NotApplicable() if value is None else Rated(value=value)
            cells[case, _MODEL] = self.given[case]
        return criterion_table(self.criterion, cells)

    def shown(self) -> list[tuple[bool, bool]]:
        """For cases with a level from both: whether the behavior is there according to the reference, and to the
        model."""
        pairs = []
        for case in self.cases:
            value, judgement = self.right[case].value, self.given[case]
            if value is not None and isinstance(judgement, Rated):
                pairs.append((self.criterion.shown(value), self.criterion.shown(judgement.value)))
        return pairs


def pairing(run: Run, criterion: Criterion) -> Pairing:
    """The pairing of one criterion, from the first draw of a run."""
    given = {a.case: a.judgement for a in run.answers if a.criterion == criterion.id and a.draw == 0}
    return Pairing(criterion, given, {r.case: r for r in run.references if r.criterion == criterion.id})


def agreement(pairs: Pairing) -> dict[str, Statistic]:
    """Exact and within-one agreement, kappa (quadratic on scales), alpha, AC1 (AC2 on scales)."""
    if not pairs.cases:
        nothing = Undefined(undefined=N_("no case was answered"), n=0)
        return dict.fromkeys(("exact", "within_one", "kappa", "alpha", "ac1"), nothing)
    table, binary = pairs.table, pairs.criterion.scale.binary
    two_levels = Undefined(undefined=N_("on two levels any two ratings are within one"), n=len(pairs.cases))
    return {
        "exact": criterion_agreement(table, 0),
        "within_one": two_levels if binary else criterion_agreement(table, 1),
        "kappa": cohen_kappa(table, RESAMPLING, "identity" if binary else "quadratic"),
        "alpha": krippendorff_alpha(table, RESAMPLING),
        "ac1": gwet_ac(table, RESAMPLING, "identity" if binary else "quadratic"),
    }


def errors(pairs: Pairing) -> dict[str, Statistic]:
    """Sensitivity and specificity for "the behavior is there": above the lowest level."""
    shown = pairs.shown()
    present, absent = [m for r, m in shown if r], [m for r, m in shown if not r]
    rates: dict[str, Statistic] = {
        "sensitivity": clopper_pearson(sum(present), len(present)),
        "specificity": clopper_pearson(sum(not m for m in absent), len(absent)),
    }
    missing = {"sensitivity": "no case in which it is there", "specificity": "no case in which it is absent"}
    return {n: Undefined(undefined=missing[n], n=0) if isinstance(f, Undefined) else f for n, f in rates.items()}


@dataclass(frozen=True)
class TurnCounts:
    """How many turns of one case were quoted by both, by the model, and by the reference."""

    hit: int
    said: int
    wanted: int


def turn_counts(pairs: Pairing) -> list[TurnCounts]:
    """The counts for cases on which both say that the behavior is there and whose reference names the turns."""
    counts = []
    for case in pairs.cases:
        reference, judgement = pairs.right[case], pairs.given[case]
        if not isinstance(judgement, Rated) or reference.value is None or not reference.turns:
            continue
        if pairs.criterion.shown(judgement.value) and pairs.criterion.shown(reference.value):
            mine, theirs = {q.span.turn for q in judgement.quotes}, set(reference.turns)
            counts.append(TurnCounts(len(mine & theirs), len(mine), len(theirs)))
    return counts


def evidence(pairs: Pairing) -> dict[str, Statistic]:
    """Quoted turns: precision, recall, F1; and the share of claims whose quotes were all located."""
    counts = turn_counts(pairs)
    claims = [j for j in pairs.given.values() if _claims(pairs.criterion, j)]
    located = clopper_pearson(sum(isinstance(j, Rated) for j in claims), len(claims))
    return {
        **evidence_figures(counts),
        "located": located if isinstance(located, Estimate) else Undefined(undefined=N_("nothing was claimed"), n=0),
    }


def evidence_figures(counts: Sequence[TurnCounts]) -> dict[str, Statistic]:
    """Precision Σ hit / Σ said, recall Σ hit / Σ wanted, F1 2 Σ hit / (Σ said + Σ wanted), over cases."""
    hit, said, wanted = ([getattr(c, name) for c in counts] for name in ("hit", "said", "wanted"))
    both = [s + w for s, w in zip(said, wanted, strict=True)]
    return {
        "precision": ratio(hit, said, "quoted turns that the reference has"),
        "recall": ratio(hit, wanted, "the reference's turns that were quoted"),
        "f1": ratio([2 * h for h in hit], both, "F1 of quoted turns"),
    }


def _claims(criterion: Criterion, judgement: Judgement) -> bool:
    """Whether a judgement claims, with quotes, that the behavior is there. Checks of a description have no quotes."""
    match judgement:
        case Rated():
            return criterion.shown(judgement.value) and bool(judgement.quotes)
        case Failed():
            return judgement.kind == "evidence"
        case NotApplicable():
            return False


def ratio(parts: Sequence[int], wholes: Sequence[int], what: str) -> Statistic:
    """Σ parts / Σ wholes over cases, with a bootstrap interval over cases.

    Where every case is perfect (or none has any) resampling shows nothing: the interval is then the exact one for so
    many cases.
    """
    n = sum(whole > 0 for whole in wholes)
    if n == 0:
        return Undefined(undefined=N_("no case on which model and reference both have turns"), n=0)
    if sum(parts) in (0, sum(wholes)):
        return share_of_units(np.full(n, float(sum(parts) > 0)), what, RESAMPLING.confidence)
    rows = np.column_stack([np.array(parts, dtype=float), np.array(wholes, dtype=float)])
    return estimate(UnitSums(rows, lambda t: (t[:, 0], t[:, 1]), n, what, "no turns"), RESAMPLING)


def flip_rate(run: Run, criterion: Criterion) -> Statistic:
    """How often two draws of the same case say different things: share of differing pairs of draws, over cases."""
    if run.draws < 2:
        return Undefined(undefined=N_("one draw; three draws show how often the same request flips"), n=0)
    said: dict[str, list[str]] = {}
    for answer in run.answers:
        if answer.criterion == criterion.id:
            said.setdefault(answer.case, []).append(answer.judgement.said)
    shares = [_differing_pairs(words) for words in said.values() if len(words) > 1]
    if not shares:
        return Undefined(undefined=N_("no case was drawn twice"), n=0)
    return share_of_units(np.array(shares), "pairs of draws that differ", RESAMPLING.confidence)


def _differing_pairs(words: Sequence[str]) -> float:
    n = len(words)
    same = sum(words.count(word) * (words.count(word) - 1) for word in set(words))
    return 1 - same / (n * (n - 1))


def outcomes(run: Run, criterion: Criterion) -> dict[str, int]:
    """How many answers of the first draw are rated, not applicable, failed, and failed for lack of evidence."""
    counts = {"rated": 0, "not_applicable": 0, "failed": 0, "failed_evidence": 0}
    for answer in run.drawn().values():
        if answer.criterion == criterion.id:
            counts[answer.judgement.status] += 1
            counts["failed_evidence"] += isinstance(answer.judgement, Failed) and answer.judgement.kind == "evidence"
    return counts


def coverage(run: Run, criterion: Criterion) -> Statistic:
    """The share of cases with a reference that got a rating (a level or n/a), out of those that were asked."""
    cases = [r.case for r in run.references if r.criterion == criterion.id]
    counts = outcomes(run, criterion)
    return clopper_pearson(counts["rated"] + counts["not_applicable"], len(cases))


def confusion(pairs: Pairing) -> dict[str, dict[str, int]]:
    """A table of references (rows) by the model's answers (columns): levels, n/a, failed. The row and column of n/a
    are left out if they are all 0."""
    levels = [str(level) for level in pairs.criterion.levels]
    table = {row: dict.fromkeys([*levels, "n/a", "failed"], 0) for row in [*levels, "n/a"]}
    for case in pairs.cases:
        table[pairs.right[case].expected][pairs.given[case].said] += 1
    if not any(table["n/a"].values()) and not any(row["n/a"] for row in table.values()):
        del table["n/a"]
        for row in table.values():
            del row["n/a"]
    return table


def wrong_keys(run: Run) -> list[Key]:
    """The cases and criteria whose first draw differs from the reference."""
    answers, reference = run.drawn(), run.reference()
    return [key for key, answer in answers.items() if not right(answer.judgement, reference[key])]
