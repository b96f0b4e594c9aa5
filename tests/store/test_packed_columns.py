"""Columns out of packed rows are the columns read rating by rating."""

from dataclasses import fields

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.calibration.model import CalibrationRound
from agent.calibration.store import Rounds
from agent.ratings.columns import RatingColumnsReader
from agent.ratings.model import Failed, NotApplicable, Provenance, Rated, Rating
from agent.ratings.packed_columns import columns_of
from agent.ratings.store import Ratings
from tests.calibration.conftest import RUBRIC, filled_store
from tests.calibration.test_blindness import AT

JUDGEMENTS = {
    "0": Rated(value=1),
    "n": NotApplicable(),
    "f": Failed(kind="reply", detail="none"),
}
GIVEN = st.tuples(
    st.sampled_from([f"call-{n:02}" for n in range(6)]),
    st.sampled_from([c.id for c in RUBRIC.criteria]),
    st.sampled_from(["model:m", "import:old", "ana", "ben"]),
    st.sampled_from(list(JUDGEMENTS)),
    st.integers(0, 1),
)


def rating(call, criterion, rater, mark, draw):
    made = Provenance(rubric=RUBRIC.id, model="m" if rater == "model:m" else "", draw=draw)
    return Rating(call=call, criterion=criterion, rater=rater, judgement=JUDGEMENTS[mark], provenance=made, at=AT)


def same(one, other):
    for field in fields(one):
        first, second = getattr(one, field.name), getattr(other, field.name)
        if field.name == "places":
            assert (first.stage_of, first.deal_of) == (second.stage_of, second.deal_of)
        elif isinstance(first, np.ndarray):
            np.testing.assert_array_equal(first, second, err_msg=field.name)
        else:
            assert first == second, field.name


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(GIVEN, max_size=30))
def test_both_ways_tell_the_same(tmp_path_factory, given_ratings):
    store = filled_store(tmp_path_factory.mktemp("packed"), 6)
    for one in given_ratings:
        store[Ratings].add([rating(*one)])
    names = [c.id for c in RUBRIC.criteria]
    same(columns_of(store, RUBRIC), store[RatingColumnsReader].read(RUBRIC.id, names))
    store.close()


def test_an_open_round_is_read_rating_by_rating_so_that_who_submitted_sees_it(tmp_path):
    store = filled_store(tmp_path, 6)
    store[Ratings].add([rating("call-00", "asks_cost", "old", "0", 0), rating("call-01", "asks_cost", "old", "0", 0)])
    store[Rounds].open(
        CalibrationRound(number=1, rubric=RUBRIC.id, raters=("ana", "ben"), calls=("call-00",), opened_at=AT), {}
    )
    columns = columns_of(store, RUBRIC, viewer="somebody")
    assert columns.calls == ("call-01",)
    assert [str(w) for w in columns.withheld] != []
