import pytest

from agent.core.statistic import Undefined
from agent.evals.figures import Pairing, agreement
from agent.evals.suite import Reference
from agent.evals.yardsticks import constant, cross_validated, floor, human_ceiling, in_words
from agent.ratings.model import Rated
from tests.builders import criterion

YES_NO, DEPTH = criterion("c"), criterion("c", scale="1-5")


def references(*humans, **given):
    return [
        Reference(case=f"k{i}", criterion="c", value=0, humans=dict(zip("pqrs", row, strict=False)), **given)
        for i, row in enumerate(humans)
    ]


def pairing(right, said, on=YES_NO):
    return Pairing(
        on,
        {f"k{i}": Rated(value=v) for i, v in enumerate(said)},
        {f"k{i}": Reference(case=f"k{i}", criterion="c", value=v) for i, v in enumerate(right)},
    )


def test_two_people_are_held_against_each_other():
    # 6 of 8 calls alike; each person's levels: p 5 of 8 yes, q 5 of 8 yes; p_e = 2 * (pooled) = .53125
    rows = [(1, 1)] * 4 + [(0, 0)] * 2 + [(1, 0), (0, 1)]
    found = human_ceiling(YES_NO, references(*rows))
    assert found["exact"].value == pytest.approx(6 / 8)
    assert found["kappa"].value == pytest.approx((0.75 - 0.53125) / (1 - 0.53125))
    assert found["exact"].n == 8


def test_three_people_are_each_held_against_the_other_two():
    # 1, 1, 0: p's rest (1, 0) is a tie and so is q's: left out. r is against 1, 1: wrong.
    found = human_ceiling(YES_NO, references((1, 1, 0), (1, 1, 1)))
    assert found["exact"].value == pytest.approx((0 + 1) / 2)


def test_a_scale_is_held_against_the_median():
    # rests, lower median: (2, 4) -> 2, (1, 4) -> 1, (1, 2) -> 1. p 1 v 2, q 2 v 1, r 4 v 1.
    found = human_ceiling(DEPTH, references((1, 2, 4), (3, 3, 3)))
    assert found["exact"].value == pytest.approx((0 + 1) / 2)
    assert found["within_one"].value == pytest.approx((2 / 3 + 1) / 2)


def test_one_person_gives_no_ceiling():
    found = human_ceiling(YES_NO, references((1,), (0,)))
    assert all(isinstance(statistic, Undefined) for statistic in found.values())
    assert isinstance(human_ceiling(YES_NO, [])["exact"], Undefined)


def test_people_who_never_differ_keep_an_honest_interval():
    found = human_ceiling(YES_NO, references(*[(1, 1)] * 4, *[(0, 0)] * 4))["kappa"]
    assert found.value == 1.0
    assert found.low == pytest.approx(1 - (1 - 0.025 ** (1 / 8)) / 0.5)


def test_agreement_on_nearly_constant_ratings_flatters_and_kappa_says_so():
    rows = [(1, 1)] * 18 + [(1, 0), (0, 1)]
    found = human_ceiling(YES_NO, references(*rows))
    assert found["exact"].value == pytest.approx(0.9)
    assert found["kappa"].value < 0


def test_turns_of_people_give_a_ceiling_of_evidence():
    marked = {"p": (1, 2), "q": (1,), "r": (1, 3)}
    reference = Reference(case="k0", criterion="c", value=1, human_turns=marked)
    # majority of the others is turn 1 for each; hit 1 each; said 2 + 1 + 2, wanted 1 + 1 + 1
    assert human_ceiling(YES_NO, [reference])["evidence_f1"].value == pytest.approx(2 * 3 / (5 + 3))


def test_the_constant_guess_is_the_most_frequent_level():
    found = constant(pairing([1, 1, 1, 0], [1, 0, 1, 0]))
    assert found["exact"].value == pytest.approx(3 / 4)
    assert found["kappa"].value == 0.0
    tied = constant(pairing([1, 2, 2, 1], [1, 1, 1, 1], DEPTH))
    assert tied["exact"].value == pytest.approx(0.5)
    assert isinstance(constant(pairing([], []))["exact"], Undefined)


def test_the_floor_learns_a_word_that_gives_the_answer_away_and_nothing_from_noise():
    right = [i % 2 for i in range(30)]
    telling = {f"k{i}": f"hello there number {i} {'bananas' if v else 'apples'}" for i, v in enumerate(right)}
    found, guesses = floor(pairing(right, right), telling)
    assert found["exact"].value == 1.0
    assert guesses == {f"k{i}": v for i, v in enumerate(right)}
    same = {case: "the same words in every call" for case in telling}
    assert floor(pairing(right, right), same)[0]["exact"].value <= 0.6


def test_the_floor_never_sees_the_case_it_guesses():
    # Each text is one word of its own: whoever saw it would know the answer, whoever did not can only guess.
    texts = [f"word{i}" for i in range(40)]
    values = [i % 2 for i in range(40)]
    assert sum(a == b for a, b in zip(cross_validated(texts, values), values, strict=True)) <= 26


def test_the_floor_of_few_cases_or_one_level_is_undefined():
    texts = {f"k{i}": "some words" for i in range(30)}
    assert "10 cases" in floor(pairing([0, 1, 0], [0, 1, 0]), texts)[0]["exact"].undefined
    assert isinstance(floor(pairing([1] * 30, [1] * 30), texts)[0]["exact"], Undefined)


def words(right, said, guesses, ceiling=None):
    pairs = pairing(right, said)
    nothing = {"exact": Undefined(undefined="none")}
    return in_words(pairs, guesses, ceiling or nothing, agreement(pairs)["exact"])


def test_no_better_than_a_yardstick_is_said_in_words():
    right = [1] * 15 + [0] * 5
    always = words(right, [1] * 20, {f"k{i}": v for i, v in enumerate(right)})
    assert any(s.startswith("no better than always guessing 1") for s in always)
    assert any(s.startswith("no better than counting words") for s in always)
    half = [1] * 10 + [0] * 10
    assert words(half, half, dict.fromkeys((f"k{i}" for i in range(20)), 0)) == []
    human = human_ceiling(YES_NO, references(*[(1, 1)] * 10, *[(0, 0)] * 10))
    assert any("below the human ceiling" in s for s in words(half, [1 - half[0], *half[1:]], {}, human))
