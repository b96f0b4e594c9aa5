"""Ratings as columns, and the counts that come of them."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import InputError
from agent.core.scale import BINARY, MOST_LEVELS, SCALES
from agent.rubrics.model import Criterion
from agent.stats.frame import CallFrame, Measure, RatingFrame
from agent.stats.tally import Tally, stack
from tests.stats.tallies import tally_calls, tally_days

MEASURES = (Measure("asked", BINARY), Measure("depth", SCALES["1-5"]), Measure("pushed", BINARY, -1))
MONDAY = date(2026, 3, 2)

rows = st.lists(
    st.tuples(
        st.integers(0, 2),  # rep
        st.integers(0, 9),  # day
        st.tuples(st.integers(0, 1), st.integers(1, 5), st.integers(0, 1)),
        st.lists(st.sampled_from(["rated", "not_applicable", "failed"]), min_size=3, max_size=3),
    ),
    max_size=30,
)


def frame_of(calls: list[tuple[int, int, tuple[int, int, int], list[str]]]) -> RatingFrame:
    flat = [
        (f"rep {rep}", measure.id, f"call {at:02}", MONDAY + timedelta(day), levels[m], statuses[m])
        for at, (rep, day, levels, statuses) in enumerate(calls)
        for m, measure in enumerate(MEASURES)
    ]
    names = ("rep", "criterion", "call", "day", "value", "status")
    return RatingFrame.from_columns(MEASURES, **{n: [row[i] for row in flat] for i, n in enumerate(names)})


def small_frame(**changed: object) -> RatingFrame:
    columns: dict[str, object] = {
        "rep": ["Ann", "Ann"],
        "criterion": ["asked", "depth"],
        "call": ["c1", "c1"],
        "day": [MONDAY, MONDAY],
        "value": [1.0, 4.0],
        "status": ["rated", "rated"],
    }
    return RatingFrame.from_columns(MEASURES, **(columns | changed))  # type: ignore[arg-type]


@given(rows)
def test_counts_by_day_are_those_of_a_loop(calls: list[tuple[int, int, tuple[int, int, int], list[str]]]) -> None:
    frame = frame_of(calls)
    window = (MONDAY + timedelta(2), MONDAY + timedelta(7))
    tally = tally_days(frame).over(np.full((1, len(frame.reps), 2), [d.toordinal() for d in window]))
    counted: Counter[tuple[str, int, object]] = Counter()
    for rep, day, levels, statuses in calls:
        if 2 <= day < 7:
            for m, status in enumerate(statuses):
                counted[f"rep {rep}", m, levels[m] if status == "rated" else status] += 1
    for r, rep_name in enumerate(frame.reps):
        for m, measure in enumerate(MEASURES):
            seen = [int(c) for c in tally.levels[0, r, m, : len(measure.scale.levels)]]
            assert seen == [counted[rep_name, m, level] for level in measure.scale.levels]
            assert tally.not_applicable[0, r, m] == counted[rep_name, m, "not_applicable"]
            assert tally.failed[0, r, m] == counted[rep_name, m, "failed"]


@given(rows)
def test_chosen_calls_and_the_rest_make_the_whole(
    calls: list[tuple[int, int, tuple[int, int, int], list[str]]],
) -> None:
    frame = frame_of(calls)
    some = np.arange(len(frame.calls)) % 2 == 0
    parts = [tally_calls(frame, some), tally_calls(frame, ~some)]
    whole = tally_calls(frame, np.ones_like(some))
    assert (parts[0].levels + parts[1].levels == whole.levels).all()
    assert int(whole.rated.sum() + whole.not_applicable.sum() + whole.failed.sum()) == len(frame)


@given(rows)
def test_turning_over_twice_changes_nothing(calls: list[tuple[int, int, tuple[int, int, int], list[str]]]) -> None:
    tally = tally_calls(frame_of(calls), np.ones(len(calls), dtype=bool))
    once = tally.oriented()
    assert (once.levels[..., 2, :2] == tally.levels[..., 2, 1::-1]).all()
    assert (once.levels[..., :2, :] == tally.levels[..., :2, :]).all()
    assert (once.oriented().levels == tally.levels).all()


def test_parts_run_from_lowest_to_highest_level() -> None:
    levels = np.zeros((1, 1, 3, 5), dtype=np.int64)
    levels[0, 0, 0, 1], levels[0, 0, 1, 2], levels[0, 0, 1, 4] = 4, 1, 1
    nothing = np.zeros((1, 1, 3), dtype=np.int64)
    value, known = Tally(["Ann"], MEASURES, levels, nothing, nothing).parts()
    assert value[0, 0].tolist() == [1.0, 0.75, 0.0]
    assert known[0, 0].tolist() == [True, True, False]


def test_periods_stack_and_come_apart() -> None:
    tally = tally_calls(small_frame(), np.array([True]))
    both = stack([tally, tally.oriented()])
    assert both.levels.shape == (2, 1, 3, MOST_LEVELS)
    assert (both.period(1).levels == tally.oriented().levels).all()


def test_a_negative_weight_is_a_behavior_to_avoid() -> None:
    criterion = Criterion(id="pushed", name="Pushed", description="Pushes for a date.", scale="binary", weight=-1.0)
    assert Measure.of(criterion) == MEASURES[2]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"value": [1.0, 6.0]}, "rating 2: 6 is not a level of depth"),
        ({"value": [1.0, 2.5]}, "rating 2: 2.5 is not a level of depth"),
        ({"value": [None, 3.0]}, "rating 1: nan is not a level of asked"),
        ({"criterion": ["asked", "asked"], "value": [1.0, 0.0]}, "call c1 has more than one rating of asked"),
        ({"criterion": ["asked", "tone"]}, "criterion 'tone' is not known; known are: asked, depth, pushed"),
        ({"status": ["rated", "lost"]}, "status 'lost' is not known"),
        ({"call": ["c1"]}, "different lengths"),
    ],
)
def test_wrong_columns_are_refused_with_a_place(changed: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        small_frame(**changed)


def test_a_value_that_is_not_rated_is_not_read() -> None:
    frame = small_frame(value=[None, 99.0], status=["failed", "not_applicable"])
    assert frame.slot.tolist() == [-1, -1]


def test_codes_outside_the_names_are_refused() -> None:
    with pytest.raises(InputError, match="column rep is outside"):
        RatingFrame(["Ann"], MEASURES, ["c1"], *(np.array([c]) for c in (1, 0, 0, 5, 1.0, 0)))


def test_calls_of_ratings_know_rep_day_and_stage() -> None:
    calls = CallFrame.of_ratings(small_frame(), {"c1": "demo"})
    assert (calls.reps[calls.rep[0]], int(calls.day[0]), calls.stages[calls.stage[0]]) == (
        "Ann",
        MONDAY.toordinal(),
        "demo",
    )


@pytest.mark.parametrize("torn", [{"rep": ["Ann", "Bo"]}, {"day": [MONDAY, MONDAY + timedelta(1)]}])
def test_a_call_has_one_rep_and_one_day(torn: dict[str, object]) -> None:
    with pytest.raises(InputError, match="call c1 has ratings of two reps or days"):
        CallFrame.of_ratings(small_frame(**torn))


def test_no_ratings_are_no_counts() -> None:
    empty = RatingFrame.from_columns(MEASURES, rep=[], criterion=[], call=[], day=[], value=[], status=[])
    assert tally_days(empty).over(np.zeros((2, 0, 2), dtype=np.int64)).levels.shape == (2, 0, 3, MOST_LEVELS)
