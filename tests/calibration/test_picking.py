from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.calibration.choosing import pick_calls, readings
from agent.core.errors import InputError
from agent.ratings.model import NotApplicable, Provenance, Rated, Rating
from tests.builders import call
from tests.calibration.conftest import RUBRIC
from tests.calibration.test_blindness import AT


def many(count, reps=3, stages=2):
    return [
        call(f"c{n:02}", f"rep{n % reps}").model_copy(update={"stage": f"s{n // reps % stages}"}) for n in range(count)
    ]


def rated(ident, criterion, judgement):
    made = Provenance(rubric=RUBRIC.id)
    return Rating(call=ident, criterion=criterion, rater="x", judgement=judgement, provenance=made, at=AT)


def test_calls_spread_over_reps_and_stages_and_half_and_half_over_an_earlier_reading():
    calls = many(60)
    shown_in_eight_of_ten = {c.id: {"asks_cost": n % 10 < 8, "depth": n % 5 == 0} for n, c in enumerate(calls)}
    chosen = set(pick_calls(calls, 12, (), shown_in_eight_of_ten, 0))
    picked = [c for c in calls if c.id in chosen]
    for trait in (lambda c: c.rep, lambda c: c.stage):
        counted = Counter(map(trait, picked))
        assert len(counted) == len(set(map(trait, calls)))
        assert max(counted.values()) - min(counted.values()) <= 3
    for name in ("asks_cost", "depth"):
        assert 5 <= sum(shown_in_eight_of_ten[c.id][name] for c in picked) <= 7


def test_without_earlier_ratings_reps_and_stages_still_spread():
    picked = pick_calls(many(12), 6, (), {}, 3)
    by_id = {c.id: c for c in many(12)}
    assert set(Counter((by_id[i].rep, by_id[i].stage) for i in picked).values()) == {1}


@given(
    st.integers(1, 30),
    st.integers(1, 12),
    st.sets(st.integers(0, 29)),
    st.integers(0, 9),
    st.dictionaries(st.integers(0, 29), st.dictionaries(st.sampled_from("abc"), st.booleans())),
)
def test_pick_rules(size, count, used_numbers, seed, read_by_number):
    calls, used = many(size), {f"c{n:02}" for n in used_numbers}
    read = {f"c{n:02}": one for n, one in read_by_number.items() if n < size}
    free = {c.id for c in calls} - used
    if len(free) < count:
        with pytest.raises(InputError, match="were in no calibration round yet"):
            pick_calls(calls, count, used, read, seed)
        return
    chosen = pick_calls(calls, count, used, read, seed)
    assert len(set(chosen)) == count
    assert set(chosen) <= free
    assert chosen == sorted(chosen)  # the order tells nothing about the readings
    assert chosen == pick_calls(calls, count, used, read, seed)


def test_a_reading_is_the_half_of_the_scale():
    found = readings(
        [
            rated("c1", "asks_cost", Rated(value=1)),
            rated("c1", "depth", Rated(value=3)),
            rated("c2", "depth", Rated(value=4)),
            rated("c3", "depth", NotApplicable()),
            rated("c3", "gone", Rated(value=1)),
        ],
        [RUBRIC],
    )
    assert found == {"c1": {"asks_cost": True, "depth": False}, "c2": {"depth": True}}
