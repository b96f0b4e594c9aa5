"""Pages of ratings, whichever way the database goes: the same as choosing from all of them."""

from datetime import UTC, datetime
from itertools import product

import pytest

from agent.calibration.model import CalibrationRound
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.core.people import Scope
from agent.db.store import Store
from agent.ratings.model import Failed, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.ratings.store_pages import RatingFilters
from agent.rubrics.store import Rubrics
from tests.builders import call, criterion, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
RUBRICS = (rubric(), rubric(criterion("depth", scale="1-5"), label="v2"))
ROUND = CalibrationRound(number=1, rubric=RUBRICS[0].id, raters=("ana", "ben"), calls=("Rae-4",), opened_at=AT)


@pytest.fixture(name="store")
def _store(tmp_path):
    opened = filled(Store.open(f"sqlite:///{tmp_path}/closeread.db"))
    yield opened
    opened.close()


def filled(opened):
    """Ratings of two reps against two rubrics; one of the calls is in a blind round."""
    for one in RUBRICS:
        opened[Rubrics].add(one)
    for rep, number in product(("Rae", "Sam"), range(5)):
        opened[Calls].add(call(f"{rep}-{number}", rep))
        for one in RUBRICS:
            judgement = Failed(kind="reply", detail="none") if number % 2 else Rated(value=1)
            given = [rating(f"{rep}-{number}", one, rater, judgement) for rater in ("ana", "model:m")]
            opened[Ratings].add(given)
    opened[Rounds].open(ROUND, {})
    return opened


def rating(ident, against, rater, judgement):
    made = Provenance(rubric=against.id)
    name = against.criteria[0].id
    return Rating(call=ident, criterion=name, rater=rater, judgement=judgement, provenance=made, at=AT)


FILTERS = [
    RatingFilters(),
    RatingFilters(rep="Rae"),
    RatingFilters(call="Rae-1"),
    RatingFilters(rubric=RUBRICS[0].id),
    RatingFilters(rep="Rae", rubric=RUBRICS[1].id, status="failed"),
    RatingFilters(rep="Sam", rater="ana"),
    RatingFilters(rater="model:m", criterion="depth"),
    RatingFilters(call="Rae-4", rubric=RUBRICS[0].id),
]


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("scope", [Scope.everything(), Scope(name="rae", role="rep", rep="Rae")])
def test_pages_one_behind_the_other_hold_what_was_asked_for(store, filters, scope):
    seen = store.seen_by(scope)
    everything = seen[Ratings].page(limit=1_000).rows
    wanted = [row for row in everything if fits(row, filters)]
    found, after = [], None
    while rows := seen[Ratings].page(filters, after, 3).rows:
        found += rows
        after = rows[-1].position
    assert found == wanted
    assert [row.position for row in found] == sorted((row.position for row in found), reverse=True)


def fits(row, filters):
    asked = {name: getattr(filters, name) for name in ("call", "rep", "criterion", "rater", "rubric", "status")}
    return all(getattr(row, name) == value for name, value in asked.items() if value)


def test_what_a_round_withholds_is_counted_by_call_and_rubric_and_not_by_rater_or_status(store):
    """Counting by those would tell who rated, and what kind of rating it is."""

    def count(**asked):
        return sum(one.ratings for one in store[Ratings].page(RatingFilters(**asked)).withheld)

    assert (count(), count(rep="Rae"), count(rep="Sam")) == (4, 4, 0)
    assert (count(rubric=RUBRICS[0].id), count(rater="ana", rubric=RUBRICS[0].id), count(status="failed")) == (2, 2, 4)
