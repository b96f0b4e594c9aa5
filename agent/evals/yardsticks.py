"""Three yardsticks for a model: people among themselves, a constant guess, and counting words.

A model that agrees with the reference on 85 % of calls is poor where people agree on 97 %, and worthless where the
most frequent level alone is right on 86 %.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from statistics import median_low
from typing import Any

import numpy as np

from agent.core.language import N_
from agent.core.lazy import lazy
from agent.core.statistic import Estimate, Statistic, Undefined
from agent.evals.figures import RESAMPLING, Pairing, TurnCounts, agreement, evidence_figures
from agent.evals.suite import Reference
from agent.ratings.model import Rated
from agent.rubrics.model import Criterion
from agent.stats.agreement.plain import share_of_units
from agent.stats.agreement.preconditions import weights
from agent.stats.bootstrap import FloatArray, UnitSums, estimate
from agent.stats.intervals import exact_lower_bound, newcombe_paired
from agent.stats.rating_table import RatingTable

linear_model = lazy("sklearn.linear_model")
model_selection = lazy("sklearn.model_selection")
text_features = lazy("sklearn.feature_extraction.text")
threadpoolctl = lazy("threadpoolctl")

FOLDS = 5
MOST_WORDS = 2_000
FEWEST = 10  # cases below which a classifier of words is not trained
SHOWN = ("exact", "within_one", "kappa")

Yardstick = dict[str, Statistic]


def human_ceiling(criterion: Criterion, references: Sequence[Reference], no_ceiling: str = "") -> Yardstick:
    """Each person compared with the majority of the others, on the same cases.

    Two people are compared with each other. The others' rating is their median level (the lower of two). If an even
    number of people is split in halves on a yes/no question, the pair is left out. n counts cases. `no_ceiling` says
    why the ratings give none (cases chosen by how well people agreed would make them look better or worse than they
    are).
    """
    if no_ceiling:
        return dict.fromkeys(SHOWN, Undefined(undefined=no_ceiling, n=0))
    pairs = {r.case: _against_rest(criterion, r.humans) for r in references}
    pairs = {case: pair for case, pair in pairs.items() if pair}
    if len(pairs) < 2:
        nothing = Undefined(undefined=N_("fewer than two cases were rated by two people"), n=len(pairs))
        return {**dict.fromkeys(SHOWN, nothing), **_human_evidence(references)}
    rows = list(pairs.values())
    exact = np.array([np.mean([a == b for a, b in pair]) for pair in rows])
    near = np.array([np.mean([abs(a - b) <= 1 for a, b in pair]) for pair in rows])
    binary = criterion.scale.binary
    confidence = RESAMPLING.confidence
    within: Statistic = Undefined(undefined=N_("on two levels any two ratings are within one"), n=len(rows))
    return {
        "exact": share_of_units(exact, "one person against the others", confidence),
        "within_one": within if binary else share_of_units(near, "one person within a point of the others", confidence),
        "kappa": pooled_kappa(criterion, rows),
        **_human_evidence(references),
    }


def _against_rest(criterion: Criterion, humans: Mapping[str, int | None]) -> list[tuple[int, int]]:
    rated = {rater: value for rater, value in humans.items() if value is not None}
    pairs = []
    for rater, value in rated.items():
        rest = sorted(v for r, v in rated.items() if r != rater)
        if rest and not (criterion.scale.binary and sum(rest) * 2 == len(rest)):
            pairs.append((value, median_low(rest)))
    return pairs


def pooled_kappa(criterion: Criterion, by_case: Sequence[Sequence[tuple[int, int]]]) -> Statistic:
    """Cohen's kappa (quadratic on scales) over all pairs; each case has the same weight. Bootstrap over cases."""
    levels = criterion.levels
    q = len(levels)
    w = weights(
        RatingTable(np.zeros((1, 1), dtype=np.int64), levels, criterion.scale.metric),
        "identity" if criterion.scale.binary else "quadratic",
    )
    rows = []
    for pairs in by_case:
        first = [levels.index(a) for a, _ in pairs]
        second = [levels.index(b) for _, b in pairs]
        rows.append([w[first, second].mean(), *np.eye(q)[first].mean(axis=0), *np.eye(q)[second].mean(axis=0), 1.0])

    def fraction(totals: FloatArray) -> tuple[FloatArray, FloatArray]:
        n = totals[:, -1]
        mine, theirs = totals[:, 1 : q + 1] / n[:, None], totals[:, q + 1 : -1] / n[:, None]
        chance = ((mine @ w) * theirs).sum(axis=1)
        return totals[:, 0] / n - chance, 1 - chance

    reason = "all ratings are the same level, so nothing is left to correct for chance"
    table = np.array(rows)
    statistic = estimate(UnitSums(table, fraction, len(rows), "kappa, one against the rest", reason), RESAMPLING)
    if not isinstance(statistic, Estimate) or statistic.value < 1:
        return statistic
    # Nobody ever differs, so resamples show nothing: the exact bound of agreement, carried through the correction.
    chance = 1 - float(fraction(table.sum(axis=0, keepdims=True))[1][0])
    bound = exact_lower_bound(len(rows), len(rows), (1 - RESAMPLING.confidence) / 2)
    low = max(-1.0, 1 - (1 - bound) / (1 - chance))
    return Estimate(value=1.0, n=len(rows), low=low, high=1.0, method="kappa, one against the rest; exact bound")


def _human_evidence(references: Sequence[Reference]) -> Yardstick:
    """F1 of the turns that one person marked compared with the majority of the others; empty if no marks are stored."""
    counts = []
    for reference in references:
        hit = said = wanted = 0
        marked = {rater: set(turns) for rater, turns in reference.human_turns.items()}
        for rater, mine in marked.items():
            others = [turns for name, turns in marked.items() if name != rater]
            votes = Counter(turn for turns in others for turn in turns)
            theirs = {turn for turn, count in votes.items() if count * 2 > len(others)}
            if others:
                hit, said, wanted = hit + len(mine & theirs), said + len(mine), wanted + len(theirs)
        if said or wanted:
            counts.append(TurnCounts(hit, said, wanted))
    return {"evidence_f1": evidence_figures(counts)["f1"]} if counts else {}


def constant(pairs: Pairing) -> Yardstick:
    """A guesser that always gives the reference's most frequent level (the lowest of equals): what can be had
    without reading."""
    guess = constant_guess(pairs)
    if guess is None:
        return dict.fromkeys(SHOWN, Undefined(undefined=N_("no case was answered"), n=0))
    return _of(pairs, dict.fromkeys(pairs.cases, guess))


def constant_guess(pairs: Pairing) -> int | None:
    """The most frequent level of the reference, over the cases answered."""
    known = [v for case in pairs.cases if (v := pairs.right[case].value) is not None]
    counts = Counter(known)
    return min(counts, key=lambda level: (-counts[level], level)) if counts else None


def _of(pairs: Pairing, guesses: Mapping[str, int]) -> Yardstick:
    given = {case: Rated(value=value) for case, value in guesses.items()}
    statistics = agreement(Pairing(pairs.criterion, given, pairs.right))
    if len(set(guesses.values())) == 1 and isinstance(kappa := statistics["kappa"], Estimate):
        # Observed agreement is then agreement by chance, whatever the weights: 0 without uncertainty.
        statistics["kappa"] = Estimate(value=0.0, n=kappa.n, method="0: a constant says nothing")
    return {name: statistics[name] for name in SHOWN}


def floor(pairs: Pairing, texts: Mapping[str, str]) -> tuple[Yardstick, dict[str, int]]:
    """TF-IDF and logistic regression on the transcript's words, cross-validated: each case is guessed by a model
    that has not seen it. Also returns the guesses."""
    known = [c for c in pairs.cases if pairs.right[c].value is not None and texts.get(c, "").strip()]
    values = [pairs.right[c].value for c in known]
    if len(known) < FEWEST or len(set(values)) < 2:
        reason = f"a word-count floor needs {FEWEST} cases of two levels; there are {len(known)}"
        return dict.fromkeys(SHOWN, Undefined(undefined=reason, n=len(known))), {}
    if find_spec("sklearn") is None:
        reason = "scikit-learn is not installed (the extra learning)"
        return dict.fromkeys(SHOWN, Undefined(undefined=reason, n=len(known))), {}
    guesses = dict(zip(known, cross_validated([texts[c] for c in known], values), strict=True))
    return _of(pairs, guesses), guesses


def cross_validated(texts: Sequence[str], values: Sequence[Any]) -> list[int]:
    """A guess for every text by a classifier trained on the other folds (shuffled with a fixed seed)."""
    guesses = [0] * len(texts)
    # One thread: several of them cost more in waiting for each other than fits this small give them to do.
    with threadpoolctl.threadpool_limits(1):
        for train, test in model_selection.KFold(n_splits=FOLDS, shuffle=True, random_state=0).split(texts):
            guessed = _guessed([texts[i] for i in train], [values[i] for i in train], [texts[i] for i in test])
            for i, guess in zip(test, guessed, strict=True):
                guesses[i] = guess
    return guesses


def _guessed(texts: Sequence[str], values: Sequence[int], unseen: Sequence[str]) -> list[int]:
    if len(set(values)) == 1:
        return [values[0]] * len(unseen)
    words = text_features.TfidfVectorizer(sublinear_tf=True, max_features=MOST_WORDS)
    model = linear_model.LogisticRegression(max_iter=2000).fit(words.fit_transform(texts), values)
    return [int(guess) for guess in model.predict(words.transform(unseen))]


_COUNTING = (
    N_("no better than counting words ({value}, n = {n})"),
    N_("not surely better than counting words ({value}, {low} to {high})"),
)
_ALWAYS = (
    N_("no better than always guessing {guess} ({value}, n = {n})"),
    N_("not surely better than always guessing {guess} ({value}, {low} to {high})"),
)


def in_words(pairs: Pairing, floor_guesses: Mapping[str, int], ceiling: Yardstick, exact: Statistic) -> list[str]:
    """What the yardsticks say about the model's exact agreement, one sentence for each."""
    if not isinstance(exact, Estimate):
        return []
    said = []
    guess = constant_guess(pairs)
    if guess is not None:
        none, unsure = (one.replace("{guess}", str(guess)) for one in _ALWAYS)
        said += _beats(pairs, dict.fromkeys(pairs.cases, guess), (none, unsure))
    said += _beats(pairs, floor_guesses, _COUNTING)
    human = ceiling["exact"]
    if isinstance(human, Estimate) and exact.value < human.value - 1e-9:
        below = N_("below the human ceiling: {value} against {human} (n = {n})")
        said.append(below.format(value=f"{exact.value:.2f}", human=f"{human.value:.2f}", n=human.n))
    return said


def _beats(pairs: Pairing, guesses: Mapping[str, int], what: tuple[str, str]) -> list[str]:
    """A sentence, unless the model is certainly right more often than the guesses on the same cases. `what` are the
    sentences for "not better" and "not certainly better"."""
    counts: Counter[tuple[bool, bool]] = Counter()
    for case, guess in guesses.items():
        judgement, value = pairs.given[case], pairs.right[case].value
        if value is not None:
            counts[isinstance(judgement, Rated) and judgement.value == value, guess == value] += 1
    statistic = newcombe_paired(counts[True, True], counts[True, False], counts[False, True], counts[False, False])
    if not isinstance(statistic, Estimate) or statistic.low is None:
        return []
    if statistic.value <= 0:
        return [what[0].format(value=f"{statistic.value:+.2f}", n=statistic.n)]
    if statistic.low <= 0:
        ends = {"low": f"{statistic.low:+.2f}", "high": f"{statistic.high:+.2f}"}
        return [what[1].format(value=f"{statistic.value:+.2f}", **ends)]
    return []
