from datetime import UTC, datetime

from agent.ratings.model import Failed, Provenance, Rated, Rating
from agent.ratings.second_opinion import confidences, review_order


def rating(call, value, draw=0, model="m", rater=""):
    judgement = Failed(kind="evidence", detail="nowhere") if value is None else Rated(value=value)
    return Rating(
        call=call,
        criterion="c",
        rater=rater or f"model:{model}",
        judgement=judgement,
        provenance=Provenance(rubric="r", prompt="p", model=model, draw=draw),
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def test_differing_draws_come_first_then_failed_ones():
    ratings = [
        rating("a", 1),
        rating("a", 1, draw=1),
        rating("b", None),
        rating("c", 1),
        rating("c", 0, draw=1),
        rating("d", 1),
    ]
    assert [r.call for r in review_order(ratings)] == ["c", "c", "b", "a", "a", "d"]
    found = confidences(ratings)
    assert [found[r.id] for r in ratings] == ["agreed", "agreed", "one reading", "low", "low", "one reading"]


def test_two_models_are_two_readings_and_a_person_is_none():
    ratings = [rating("a", 1), rating("a", 0, model="other"), rating("b", 1), rating("b", 0, rater="manager_1")]
    assert list(confidences(ratings).values()) == ["low", "low", "one reading", "person"]


def test_a_failed_reading_against_a_level_is_a_difference():
    ratings = [rating("a", 1), rating("a", None, draw=1)]
    assert set(confidences(ratings).values()) == {"low"}
