"""The interval that is shown is the one that decides, for every verdict: each is read off the shown figures alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from agent.core.scale import BINARY, SCALES
from agent.core.statistic import Estimate, Statistic
from agent.evals.comparing import difference as difference_of_runs
from agent.evals.comparing import sign_test
from agent.stats.calibration import CalibrationRule, judge
from agent.stats.contrast import GUIDE_SHARE, LEAST_INTERVIEWS, Counts, contrasts, verdict
from agent.stats.criterion_movement import criterion_movements
from agent.stats.deals import WinCounts
from agent.stats.frame import Measure
from agent.stats.funnel import _beside
from agent.stats.gaps import find_gaps
from agent.stats.intervals import clopper_pearson
from agent.stats.outcomes import ScorePair, outcome_links
from agent.stats.profiles import profile
from agent.stats.rating_table import RatingTable
from agent.stats.rules import GapRules, MovementRules, OutcomeRules, ProfileRules
from agent.stats.tally import Tally
from agent.stats.telling import TellingRules, telling
from agent.stats.trends import movement
from agent.stats.weights import DealScores
from tests.builders import criterion as a_criterion

MEASURES = (Measure("asked", BINARY), Measure("depth", SCALES["1-5"]), Measure("pushed", BINARY, -1))
RULES, GAPS, MOVEMENT = ProfileRules(), GapRules(), MovementRules()
seeds = st.integers(0, 10_000)


def ends(found: Statistic) -> tuple[float, float]:
    """Of an interval as it is shown; the whole line where there is none."""
    if not isinstance(found, Estimate) or found.low is None or found.high is None:
        return -np.inf, np.inf
    return found.low, found.high


def tally(rng: np.random.Generator, periods: int, reps: int, rise: float = 0.0) -> Tally:
    """Calls of reps who differ, 0 to 30 a period; later periods stand higher by `rise`."""
    rate = rng.beta(1, 1, (reps, 3))
    levels = np.zeros((periods, reps, 3, 5), dtype=np.int64)
    for at in np.ndindex(periods, reps, 3):
        calls = int(rng.integers(0, 31))
        p = float(np.clip(rate[at[1], at[2]] + rise, 0.02, 0.98))
        sizes = [1 - p, p] if MEASURES[at[2]].scale.binary else rng.dirichlet([1] * 5)
        levels[at][: len(sizes)] = rng.multinomial(calls, sizes)
    nothing = np.zeros(levels.shape[:3], dtype=np.int64)
    return Tally([f"rep {at}" for at in range(reps)], MEASURES, levels, nothing, nothing)


@given(seeds)
def test_states_and_gaps(seed: int) -> None:
    table = profile(tally(np.random.default_rng(seed), 1, 4), RULES)
    gaps = {(gap.rep, gap.criterion) for gap in find_gaps(table, GAPS).own}
    scales = {measure.id: measure for measure in MEASURES}
    for row in table.rows():
        (low, high), value = ends(row.shown), row.shown.value if isinstance(row.shown, Estimate) else 0.5
        if value >= RULES.present and low > RULES.present_low:
            expected = "consistently present"
        elif value <= RULES.absent and high < RULES.absent_high:
            expected = "consistently absent"
        elif low > RULES.variable_low and high < RULES.variable_high:
            expected = "variable"
        else:
            expected = "cannot tell"
        assert row.state == expected
        scale, (low, high) = scales[row.criterion].scale, ends(row.score)
        if scale.binary and isinstance(row.score, Estimate):
            assert (low, high) == ends(row.shown)  # one range on screen for a rate
        target = GAPS.target[scale]
        far = low > scale.lowest + scale.highest - target if scales[row.criterion].direction < 0 else high < target
        assert ((row.rep, row.criterion) in gaps) == far


@settings(max_examples=60)
@given(seeds, st.sampled_from([3, 9]), st.sampled_from([0.0, 0.3]))
def test_movement_of_reps_and_criteria(seed: int, reps: int, rise: float) -> None:
    rng = np.random.default_rng(seed)
    baseline, cycles = tally(rng, 1, reps), tally(rng, 3, reps, rise)
    coached = rng.random((reps, 3)) < 0.5
    names = ("cycle_1", "cycle_2", "cycle_3")
    rows = movement(baseline, cycles, names, coached, MOVEMENT).rows(only_coached=False)
    rows += [row for cycle in criterion_movements(baseline, cycles, names, coached, MOVEMENT) for row in cycle]  # type: ignore[misc]
    scales = {measure.id: measure for measure in MEASURES}
    for row in rows:
        measure = scales[row.criterion]
        low, high = ends(getattr(row, "difference", None) or row.rise)  # type: ignore[attr-defined]
        low, high = (-high, -low) if measure.direction < 0 else (low, high)
        small = high < MOVEMENT.smallest_change[measure.scale]
        expected = "moved" if low > 0 and not small else "not_moved" if small else "cannot_tell"
        assert row.verdict == expected
        assert bool(row.moved_in) == (expected == "moved")
        if row.moved_in in ("", row.cycle):  # no earlier cycle has decided
            assert row.today == (getattr(row, "difference", None) or row.rise)  # type: ignore[attr-defined]


@settings(max_examples=40, deadline=None)
@given(seeds, st.sampled_from([0.0, 1.5, 4.0]))
def test_links_with_the_win_rate(seed: int, slope: float) -> None:
    rng, rules = np.random.default_rng(seed), OutcomeRules(permutations=999)
    value = rng.uniform(0, 1, (2, 24, 3))
    decided = rng.integers(20, 60, (2, 24))
    won = rng.binomial(decided, expit(-1.5 + rng.normal(0, 0.4, 24) + slope * value[:, :, 0]))
    error = np.full(value.shape, 0.01)
    scores = ScorePair(value, np.ones((24, 3), dtype=bool), error)
    for link in outcome_links(MEASURES, scores, WinCounts(won, decided, 0), rules).links:
        low, high = ends(link.model)
        beside = low > 1 or high < 1
        assert beside == (link.p_holm <= 0.05) or not beside  # allowing for few calls may widen it further
        if link.verdict == "association":
            assert beside
        elif link.verdict == "none_seen":
            assert 1 / rules.smallest_odds_ratio < low < high < rules.smallest_odds_ratio
        elif beside:
            assert link.borrowed_from or link.held_back  # it says why it is not named all the same


@settings(max_examples=25, deadline=None)
@given(seeds, st.sampled_from([0.0, 1.5, 3.0]), st.sampled_from([0.0, 3.0]))
def test_learned_not_lived(seed: int, before: float, after: float) -> None:
    rng = np.random.default_rng(seed)
    rep, late = rng.integers(0, 12, 600), np.arange(600) >= 300
    score = rng.binomial(3, np.clip(rng.beta(2, 3, (12, 3))[rep] + 0.3 * late[:, None], 0, 1)) / 3
    won = rng.random(600) < expit(-1 + np.where(late, after, before) * (score[:, 0] - 0.5))
    frame = DealScores(MEASURES, score, np.ones(score.shape, bool), won, rep)
    none = [clopper_pearson(0, 0)] * 3
    for row in telling(frame, late[:, None], TellingRules(), none):
        fading = ends(row.rise)[0] > 0 and ends(row.change)[1] < 1
        expected = "fading" if fading else "still tells" if ends(row.after)[0] > 1 else "cannot tell"
        assert row.verdict == expected
        assert (ends(row.after)[0] > 1) == (row.p_still <= 0.05)
        assert (ends(row.change)[1] < 1) == (row.p_weaker <= 0.05)


@pytest.mark.parametrize(("won_of", "lost_of"), [(5, 5), (7, 9), (9, 9), (12, 12), (20, 20)])
def test_patterns(won_of: int, lost_of: int) -> None:
    step = 1 if won_of < 12 else 3
    counts = [Counts(w, won_of, n, lost_of) for w in range(0, won_of + 1, step) for n in range(0, lost_of + 1, step)]
    for one, contrast in zip(counts, contrasts(counts), strict=True):
        low, high = ends(contrast.difference)
        said = verdict(one, contrast.probability_won)
        often = one.won / won_of >= GUIDE_SHARE, one.lost / lost_of >= GUIDE_SHARE
        assert min(won_of, lost_of) >= LEAST_INTERVIEWS
        assert (said == "distinguishing won") == (low > 0 and often == (True, False))
        assert (said == "distinguishing lost") == (high < 0 and often == (False, True))


@pytest.mark.parametrize(("raters", "levels"), [(2, (0, 1)), (3, (0, 1)), (3, (1, 2, 3)), (4, (0, 1))])
def test_calibration(raters: int, levels: tuple[int, ...]) -> None:
    """After one round of 8 and after two of 12: enough agree where the range is above 75 %, too few where it is below 95 %."""
    rule = CalibrationRule()
    for seed in range(12):
        rng = np.random.default_rng(seed)
        for sizes in ((8,), (12, 12)):
            rounds = []
            for size in sizes:
                one = np.repeat(rng.integers(0, len(levels), (size, 1)), raters, axis=1)
                odd = rng.random(size) < seed / 20
                one[odd, 0] = (one[odd, 0] + 1) % len(levels)
                rounds.append(RatingTable(one, levels, "nominal"))
            found = judge(rounds, 0, rule)
            (low, high), look = ends(found.agreement), found.looks[-1]
            assert look.reached == (low >= rule.ruled_out - 1e-5), (seed, sizes)
            assert look.ruled_out == (high <= rule.aim + 1e-5), (seed, sizes)
            assert isinstance(found.chance_corrected, Estimate) is False or found.chance_corrected.low is None


@given(st.integers(0, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.05, 0.9))
def test_steps_of_the_funnel(counts: tuple[int, int], mark: float) -> None:
    conversion = clopper_pearson(*counts)
    low, high = ends(conversion)
    expected = "below" if high < mark else "above" if low > mark else None
    assert _beside(conversion, mark) == (
        expected or ("in line" if low >= 0.8 * mark and high <= 1.2 * mark else "cannot tell")
    )


@given(st.integers(0, 20), st.integers(0, 20), st.integers(1, 20))
def test_a_new_prompt_against_the_old(closer: int, farther: int, same: int) -> None:
    before = np.array([0.0] * closer + [1.0] * (farther + same))
    after = np.array([1.0] * closer + [0.0] * farther + [1.0] * same)
    low, high = ends(difference_of_runs(a_criterion(), before, after))
    assert (low > 0 or high < 0) == (sign_test(closer, farther) <= 0.05)
