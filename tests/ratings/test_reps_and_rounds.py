"""Reps never see how managers rated in calibration rounds by name: they see what was agreed or settled, and nothing of a
split that nobody has settled."""

from datetime import UTC, datetime

import pytest

from agent.calibration.model import Adjudication, CalibrationRound, Draft
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.errors import NotFound
from agent.core.people import Scope
from agent.db.store import Store
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.rule import AGREED
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from tests.builders import call, criterion, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
RUBRIC = rubric(criterion("agreed"), criterion("split"), criterion("settled"), label="v1")
SAID = {"ann": {"agreed": 1, "split": 1, "settled": 1}, "bea": {"agreed": 1, "split": 0, "settled": 0}}


@pytest.fixture
def store(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path}/closeread.db")
    store[Rubrics].add(RUBRIC)
    store[Calls].add(call("call-1", rep="Rae"))
    made = Provenance(rubric=RUBRIC.id, prompt="p", model="m", request="r")
    store[Ratings].add(
        [
            Rating(call="call-1", criterion=c.id, rater="model:m", judgement=Rated(value=0), provenance=made, at=AT)
            for c in RUBRIC.criteria
        ]
    )
    new = CalibrationRound(number=1, rubric=RUBRIC.id, raters=tuple(SAID), calls=("call-1",), opened_at=AT)
    opened = store[Rounds].open(new, {})
    for who, values in SAID.items():
        drafts = [Draft(call="call-1", criterion=name, judgement=Rated(value=v)) for name, v in values.items()]
        store[Rounds].save(opened, who, drafts)
        store[Rounds].submit(opened, who, list(values), AT)
    decision = {"round": opened.id, "call": "call-1", "criterion": "settled", "judgement": Rated(value=1)}
    store[Rounds].adjudicate(store[Rounds].get("1"), Adjudication(**decision, reason="it was asked", by="ann", at=AT))
    yield store
    store.close()


@pytest.fixture
def rep(store):
    return store.seen_by(Scope(name="Rae", role="rep", rep="Rae"))


def test_what_counts_is_the_agreed_and_the_settled_value(store):
    counted = {
        one.rating.criterion: (one.rating.judgement.value, one.source) for one in store[Ratings].that_count(RUBRIC.id)
    }
    assert counted == {"agreed": (1, "agreed"), "settled": (1, "settled")}


def test_a_rep_sees_no_rater_of_a_round(store, rep):
    looks = (
        [(one.criterion, one.rater) for one in rep[Ratings].look().ratings],
        [(one.criterion, one.rater) for one in rep[Ratings].look(with_superseded=True).ratings],
        [(one.criterion, one.rater) for one in rep[Ratings].page().rows],
    )
    for seen in looks:
        people = {pair for pair in seen if pair[1] != "model:m"}
        assert people == {("agreed", AGREED), ("settled", "settled:round 1")}
    assert {one.rating.rater for one in rep[Ratings].that_count(RUBRIC.id)} == {AGREED, "settled:round 1"}
    for one in store[Ratings].look().ratings:
        if one.rater in SAID and one.criterion != "agreed":
            with pytest.raises(NotFound):
                rep[Ratings].get(one.id)


def test_what_a_rep_sees_has_the_id_it_is_disputed_by(store, rep):
    (agreed,) = [one for one in rep[Ratings].look().ratings if one.rater == AGREED]
    assert store[Ratings].get(agreed.id).rater == "ann"


def test_the_team_sees_who_said_what(store):
    assert {one.rater for one in store[Ratings].look().ratings} == {"ann", "bea", "model:m", "settled:round 1"}
