import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from agent.stats.contrast import (
    Counts,
    bar,
    contrasts,
    expected_false,
    expected_leaning,
    false_naming_rate,
    interviews_to_confirm,
    probability_greater,
    shrunken_rates,
    verdict,
)
from agent.stats.multiplicity import holm

SIDES = st.integers(5, 20)


@st.composite
def counted(draw):
    won_of, lost_of = draw(SIDES), draw(SIDES)
    return Counts(draw(st.integers(0, won_of)), won_of, draw(st.integers(0, lost_of)), lost_of)


@given(counted())
def test_probabilities_of_both_directions_add_up_to_one(c):
    forth = float(probability_greater(c.won, c.won_of, c.lost, c.lost_of))
    back = float(probability_greater(c.lost, c.lost_of, c.won, c.won_of))
    assert forth + back == pytest.approx(1, abs=1e-6)


def test_probability_agrees_with_a_million_draws():
    rng = np.random.default_rng(1)
    first = beta.rvs(7.5, 2.5, size=1_000_000, random_state=rng)
    second = beta.rvs(3.5, 6.5, size=1_000_000, random_state=rng)
    assert float(probability_greater(7, 9, 3, 9)) == pytest.approx(float((first > second).mean()), abs=0.002)


@given(counted())
def test_swapping_sides_swaps_the_verdict(c):
    swapped = Counts(c.lost, c.lost_of, c.won, c.won_of)
    here, there = contrasts([c])[0], contrasts([swapped])[0]
    turned = {"won": "lost", "lost": "won"}
    said = verdict(c, here.probability_won)
    mirrored = " ".join(turned.get(word, word) for word in said.split())
    assert verdict(swapped, there.probability_won) == mirrored
    assert here.p == pytest.approx(there.p)


@given(counted())
def test_distinguishing_needs_sixty_percent_on_one_side_only(c):
    said = verdict(c, contrasts([c])[0].probability_won)
    won, lost = c.won / c.won_of, c.lost / c.lost_of
    if won >= 0.6 and lost >= 0.6:
        assert said == "common"
    if said == "distinguishing won":
        assert won >= 0.6 > lost


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (Counts(7, 9, 2, 9), "distinguishing won"),
        (Counts(2, 9, 7, 9), "distinguishing lost"),
        (Counts(6, 9, 2, 9), "leaning won"),
        (Counts(5, 9, 0, 9), "leaning won"),
        (Counts(8, 9, 7, 9), "common"),
        (Counts(4, 9, 4, 9), "common"),
        (Counts(4, 4, 0, 9), "too few"),
        (Counts(0, 0, 0, 0), "too few"),
    ],
)
def test_verdicts(counts, expected):
    probability = float(probability_greater(counts.won, counts.won_of, counts.lost, counts.lost_of))
    assert verdict(counts, probability) == expected


@pytest.mark.parametrize(("won_of", "lost_of"), [(5, 5), (7, 7), (9, 9), (12, 12), (6, 14), (10, 8), (20, 20)])
def test_at_most_five_percent_of_patterns_without_a_difference_are_named(won_of, lost_of):
    assert max(false_naming_rate(rate / 100, won_of, lost_of) for rate in range(1, 51)) <= 0.05


def test_the_bar_is_the_design_value_at_nine_against_nine_and_higher_at_five():
    assert bar(9, 9) == 0.975
    assert bar(5, 5) > 0.98


def said(won, lost, word):
    """Whether the verdict on each pair of counts out of nine begins with `word`; each pair is asked about once."""
    pairs, at = np.unique(np.column_stack([won, lost]), axis=0, return_inverse=True)
    probabilities = probability_greater(pairs[:, 0], 9, pairs[:, 1], 9)
    answers = [
        verdict(Counts(int(w), 9, int(k), 9), float(p)).startswith(word)
        for (w, k), p in zip(pairs, probabilities, strict=True)
    ]
    return np.array(answers)[at.ravel()]


def test_enumeration_agrees_with_simulation():
    rng = np.random.default_rng(7)
    won, lost = rng.binomial(9, 0.5, 20_000), rng.binomial(9, 0.5, 20_000)
    named = said(won, lost, "distinguishing")
    assert np.mean(named) == pytest.approx(false_naming_rate(0.5, 9, 9), abs=0.005)


def test_what_leans_by_chance_agrees_with_simulation():
    """Twelve patterns of one common share of a half, nine interviews a side."""
    rng = np.random.default_rng(8)
    won, lost = rng.binomial(9, 0.5, 20_000), rng.binomial(9, 0.5, 20_000)
    leaning = said(won, lost, "leaning")
    twelve = [Counts(4, 9, 5, 9)] * 12
    assert expected_leaning(twelve).value == pytest.approx(12 * np.mean(leaning), abs=12 * 0.01)
    assert expected_leaning([Counts(2, 4, 2, 4)]).value == 0  # too few to call anything leaning


@given(st.lists(st.floats(0, 1), max_size=15))
def test_holm_never_lowers_a_p_and_keeps_the_order(p_values):
    adjusted = holm(p_values)
    assert all(a >= p for a, p in zip(adjusted, p_values, strict=True))
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    assert [adjusted[i] for i in order] == sorted(adjusted)
    assert all(a <= 1 for a in adjusted)


def test_holm_on_a_worked_example():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_expected_false_counts_all_that_were_looked_at():
    patterns = [Counts(4, 9, 5, 9)] * 10
    found = expected_false(patterns)
    assert found.n == 10
    assert found.value == pytest.approx(10 * false_naming_rate(9.5 / 19, 9, 9))


def test_more_patterns_take_more_interviews_and_no_difference_cannot_be_confirmed():
    few, many = interviews_to_confirm(Counts(7, 9, 2, 9), 1), interviews_to_confirm(Counts(7, 9, 2, 9), 14)
    assert few is not None
    assert many is not None
    assert 9 < few < many
    assert interviews_to_confirm(Counts(4, 9, 4, 9), 14) is None


def test_what_was_seen_is_taken_for_less():
    won, lost = shrunken_rates(Counts(7, 9, 2, 9))
    assert 0.25 < lost < 0.4 < 0.6 < won < 0.75
    assert won + lost == pytest.approx(1)
    larger = shrunken_rates(Counts(70, 90, 20, 90))
    assert larger == pytest.approx((0.76, 0.24), abs=0.02)  # many interviews are believed
    assert interviews_to_confirm(Counts(7, 9, 2, 9), 17) == 61
