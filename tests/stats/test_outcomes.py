"""The outcome link, and the two readings it rests on."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from scipy.stats import spearmanr

from agent.core.errors import InputError
from agent.core.scale import BINARY, SCALES
from agent.core.statistic import Estimate, Undefined
from agent.stats.deal_model import WithinFit, fit_within
from agent.stats.deals import DealFrame, WinCounts, wins_before_and_after
from agent.stats.frame import Measure
from agent.stats.outcomes import ScorePair, outcome_links
from agent.stats.rank_correlation import spearman
from agent.stats.rules import OutcomeRules

MEASURES = (Measure("asked", BINARY), Measure("told", BINARY), Measure("depth", SCALES["1-5"]))
RULES = OutcomeRules(permutations=2999)
START, END = date(2026, 3, 31), date(2026, 6, 29)


def team(seed: int, reps: int = 60, slope: float = 0.0) -> tuple[ScorePair, WinCounts]:
    """Reps whose deals follow the first score by `slope`."""
    rng = np.random.default_rng(seed)
    value = rng.uniform(0, 1, (2, reps, 3))
    decided = rng.integers(30, 60, (2, reps))
    won = rng.binomial(decided, expit(-1.5 + rng.normal(0, 0.4, reps) + slope * value[:, :, 0]))
    return ScorePair(value, np.ones((reps, 3), dtype=bool)), WinCounts(won, decided, 0)


# the model


@pytest.mark.slow  # statsmodels takes seconds to import
def test_the_model_is_a_binomial_regression_with_a_dummy_for_each_rep() -> None:
    import statsmodels.api as sm

    scores, wins = team(1, reps=25, slope=2.0)
    time = np.repeat([0.0, 1.0], 25)
    regressors = np.column_stack([time, scores.value[:, :, :2].reshape(50, 2)])
    fit = fit_within(wins.won.reshape(-1), wins.decided.reshape(-1), regressors, np.tile(np.arange(25), 2))
    assert isinstance(fit, WithinFit)
    counts = np.column_stack([wins.won.reshape(-1), (wins.decided - wins.won).reshape(-1)])
    oracle = sm.GLM(
        counts, np.column_stack([np.tile(np.eye(25), (2, 1)), regressors]), family=sm.families.Binomial()
    ).fit(tol=1e-12)
    np.testing.assert_allclose(fit.slope, oracle.params[25:], rtol=1e-6)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), oracle.bse[25:], rtol=1e-6)
    assert fit.freedom == 50 - 25 - 3
    assert fit.dispersion == pytest.approx(max(oracle.pearson_chi2 / fit.freedom, 1))


def test_reps_who_only_lost_tell_nothing() -> None:
    scores, wins = team(2, reps=20, slope=1.0)
    columns = (
        wins.won.reshape(-1),
        wins.decided.reshape(-1),
        scores.value[:, :, :1].reshape(-1, 1),
        np.tile(np.arange(20), 2),
    )
    more = [
        np.append(column, extra, axis=0)
        for column, extra in zip(columns, ([0, 0], [40, 40], [[0.1], [0.9]], [20, 20]), strict=True)
    ]
    fit, with_losers = fit_within(*columns), fit_within(*more)
    assert isinstance(fit, WithinFit)
    assert isinstance(with_losers, WithinFit)
    np.testing.assert_allclose(fit.slope, with_losers.slope, rtol=1e-9)
    assert with_losers.groups == 20


@pytest.mark.parametrize(
    ("won", "regressor", "reason"),
    [
        ([0, 0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 1, 0, 1, 0, 1], "both won and lost"),
        ([1, 2, 1, 2, 1, 2, 1, 2], [1, 1, 0, 0, 1, 1, 0, 0], "do not vary within reps"),
        ([0, 9, 0, 9, 0, 9, 0, 9], [0, 1, 0, 1, 0, 1, 0, 1], "separated perfectly"),
    ],
)
def test_what_cannot_be_fitted_says_why(won: list[int], regressor: list[int], reason: str) -> None:
    fit = fit_within(np.array(won), np.full(8, 9), np.array(regressor, float)[:, None], np.repeat(np.arange(4), 2))
    assert isinstance(fit, Undefined)
    assert reason in fit.undefined


# the rank correlation


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=5, max_size=25))
def test_the_correlation_is_spearmans(pairs: list[tuple[int, int]]) -> None:
    first, second = (np.array(side, float) for side in zip(*pairs, strict=True))
    found, p = spearman(first, second, 999, 0)
    if len(set(first)) == 1 or len(set(second)) == 1:
        assert isinstance(found, Undefined)
        assert p == 1.0
        return
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(spearmanr(first, second).statistic)
    mirrored, _ = spearman(first, -second, 999, 0)
    assert isinstance(mirrored, Estimate)
    assert mirrored.value == pytest.approx(-found.value)
    assert 0 < p <= 1


def test_the_permutation_p_is_close_to_the_usual_one() -> None:
    rng = np.random.default_rng(3)
    first = rng.normal(size=40)
    second = 0.45 * first + rng.normal(size=40)
    _, p = spearman(first, second, 49_999, 1)
    assert p == pytest.approx(spearmanr(first, second).pvalue, rel=0.25)


def test_equal_on_paper_is_a_tie() -> None:
    first = np.array([0.1 + 0.2, 0.3, 0.7, 0.8, 0.9])
    tied, _ = spearman(first, np.array([1.0, 2, 3, 4, 5]), 999, 0)
    assert isinstance(tied, Estimate)
    assert tied.value == pytest.approx(spearmanr([3, 3, 7, 8, 9], [1, 2, 3, 4, 5]).statistic)


# the verdicts


def test_a_strong_link_is_an_association_and_the_others_are_not() -> None:
    links = outcome_links(MEASURES, *team(4, slope=3.0), RULES).links
    assert [link.verdict for link in links] == ["association", "none_seen", "none_seen"]
    for link in links[1:]:
        assert isinstance(link.model, Estimate)
        assert link.model.low is not None
        assert link.model.high is not None
        assert 1 / RULES.smallest_odds_ratio < link.model.low <= link.model.high < RULES.smallest_odds_ratio
    assert links[0].direction == 1
    assert isinstance(links[0].model, Estimate)
    assert links[0].model.low is not None
    assert links[0].model.low > 1
    assert links[0].n_needed is None


def test_a_link_the_other_way_is_named_with_its_direction() -> None:
    link = outcome_links(MEASURES, *team(4, slope=-3.0), RULES).links[0]
    assert (link.verdict, link.direction) == ("association", -1)


def test_a_criterion_coached_together_with_the_linked_one_borrows_its_link() -> None:
    scores, wins = team(4, slope=3.0)
    noise = np.random.default_rng(0).normal(0, 0.12, scores.value.shape[:2])
    scores.value[:, :, 1] = np.clip(scores.value[:, :, 0] + noise, 0, 1)
    links = outcome_links(MEASURES, scores, wins, RULES).links
    assert links[1].p_holm < 0.05
    assert (links[1].verdict, links[1].borrowed_from) == ("cannot_tell", "asked")
    assert (links[0].verdict, links[0].borrowed_from) == ("association", "")


def test_a_few_reps_cannot_tell() -> None:
    scores, wins = team(5, reps=7, slope=3.0)
    for link in outcome_links(MEASURES, scores, wins, RULES).links:
        assert isinstance(link.correlation, Undefined)
        assert link.verdict == "cannot_tell"
        assert link.n_needed is None  # nothing to judge by


def seen_through_calls(
    rng: np.random.Generator, reps: int, slope: float, calls: int = 12
) -> tuple[ScorePair, WinCounts]:
    """Rates before and after coaching seen through a dozen calls each; deals follow the first true rate by `slope`."""
    before = rng.beta(2, 3, (reps, 3))
    true = np.stack([before, np.clip(before + rng.uniform(-0.2, 0.7, (reps, 3)), 0.03, 0.97)])
    decided = rng.poisson(40, (2, reps)) + 1
    won = rng.binomial(decided, expit(rng.normal(-2, 0.3, reps) + slope * true[:, :, 0]))
    seen = rng.binomial(calls, true) / calls
    everywhere = np.ones((reps, 3), dtype=bool)
    return ScorePair(seen, everywhere, seen * (1 - seen) / (calls - 1)), WinCounts(won, decided, 0)


def test_the_noise_of_scores_is_allowed_for() -> None:
    """A dozen calls make a link look weaker than it is; the odds ratio does not, and its interval covers the truth."""
    rng, slope = np.random.default_rng(9), 1.8
    estimates, covered, blind = [], [], []
    for _ in range(40):
        scores, wins = seen_through_calls(rng, 60, slope)
        model = outcome_links(MEASURES, scores, wins, OutcomeRules(permutations=999)).links[0].model
        naive = outcome_links(MEASURES, ScorePair(scores.value, scores.known), wins, OutcomeRules(permutations=999))
        assert isinstance(model, Estimate)
        assert isinstance(naive.links[0].model, Estimate)
        assert model.low is not None
        assert model.high is not None
        estimates.append(np.log(model.value))
        blind.append(np.log(naive.links[0].model.value))
        covered.append(model.low <= np.exp(slope / 10) <= model.high)
    assert np.mean(estimates) == pytest.approx(slope / 10, abs=0.03)
    assert np.mean(blind) < 0.75 * slope / 10
    assert np.mean(covered) >= 0.85


def test_none_seen_is_rare_where_there_is_a_link_worth_acting_on() -> None:
    rng = np.random.default_rng(10)
    rules, limit = OutcomeRules(permutations=999), 10 * np.log(OutcomeRules().smallest_odds_ratio)
    said = [outcome_links(MEASURES, *seen_through_calls(rng, 100, limit), rules).links[0].verdict for _ in range(40)]
    assert said.count("none_seen") <= 6  # 2.5 % on one side of the interval; seven would be odd (p < .001)


def test_calls_that_are_mostly_chance_say_no_odds_ratio_but_how_many_reps_would() -> None:
    rng = np.random.default_rng(11)
    flat = rng.binomial(12, 0.5, (2, 30, 3)) / 12
    pair = ScorePair(flat, np.ones((30, 3), dtype=bool), flat * (1 - flat) / 11)
    _, wins = seen_through_calls(rng, 30, 0.0)
    assert {link.verdict for link in outcome_links(MEASURES, pair, wins, RULES).links} == {"cannot_tell"}
    scores, wins = seen_through_calls(rng, 20, 0.0)
    for link in outcome_links(MEASURES, scores, wins, RULES).links:
        assert link.verdict != "cannot_tell" or link.n_needed is None or link.n_needed > 20


def test_the_order_of_criteria_and_reps_changes_no_verdict() -> None:
    scores, wins = team(6, reps=40, slope=2.5)
    straight = outcome_links(MEASURES, scores, wins, RULES)
    order, mixed = [2, 0, 1], np.random.default_rng(1).permutation(40)
    turned = outcome_links(
        [MEASURES[at] for at in order],
        ScorePair(scores.value[:, mixed][:, :, order], scores.known),
        WinCounts(wins.won[:, mixed], wins.decided[:, mixed], 0),
        RULES,
    )
    assert [turned.links[order.index(at)].verdict for at in range(3)] == [link.verdict for link in straight.links]


def test_nothing_says_caused() -> None:
    report = outcome_links(MEASURES, *team(4, slope=3.0), RULES)
    assert "cause" not in report.model_dump_json().lower()


# deals


def deals(*rows: tuple[str, date, date | None, str]) -> DealFrame:
    return DealFrame.from_columns(
        ["lead", "won"],
        rep=[row[0] for row in rows],
        opened=[row[1] for row in rows],
        closed=[row[2] for row in rows],
        furthest_stage=["won" if row[3] == "won" else "lead" for row in rows],
        outcome=[row[3] for row in rows],
    )


def test_deals_count_where_they_were_opened_and_decided() -> None:
    frame = deals(
        ("Ann", date(2026, 1, 5), date(2026, 2, 1), "won"),
        ("Ann", date(2026, 1, 5), date(2026, 3, 30), "lost"),
        ("Ann", date(2026, 1, 5), date(2026, 3, 31), "lost"),  # decided when coaching had begun
        ("Ann", date(2025, 12, 1), date(2026, 2, 1), "won"),  # opened before the window
        ("Ann", date(2026, 6, 29), date(2026, 9, 26), "won"),
        ("Ann", date(2026, 7, 1), date(2026, 9, 27), "won"),  # decided after the window
        ("Ann", date(2026, 7, 1), None, "open"),
        ("Bo", date(2026, 4, 1), date(2026, 5, 1), "won"),  # within coaching
    )
    windows = np.array([[START.toordinal(), END.toordinal()]] * 2)
    counts = wins_before_and_after(frame, windows, 90)
    assert counts.won.tolist() == [[1, 0], [1, 0]]
    assert counts.decided.tolist() == [[2, 0], [1, 0]]
    assert counts.across == 3


def test_deals_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="deal 1 is closed before it was opened"):
        deals(("Ann", date(2026, 2, 1), date(2026, 1, 1), "won"))
    with pytest.raises(InputError, match="outcome 'gone' is not known"):
        deals(("Ann", date(2026, 2, 1), date(2026, 3, 1), "gone"))
