"""Which calls a job is started for: asking for a few gives what going through all gives."""

from datetime import UTC, datetime

import pytest

from agent.app.queue.store import Jobs
from agent.core.errors import NotFound
from agent.ratings.model import Failed, Provenance, Rated, Rating
from agent.ratings.store import MadeWith, Ratings
from agent.ratings.store_import import ImportedCall, ImportedRatings
from agent.rubrics.store import Rubrics
from agent.scoring import job as scoring_job
from agent.scoring.job import apart_from_jobs, queue_scoring
from agent.scoring.running import Scoring
from tests.jobs.made import fake_space

AT = datetime(2026, 11, 1, tzinfo=UTC)
FAILED = Failed(kind="reply", detail="no reply")
CASES = (
    "bare",
    "rated",
    "failed",
    "failed and corrected",
    "corrected",
    "other draw",
    "other model",
    "by hand",
    "again",
)


@pytest.fixture(name="space")
def _space(tmp_path):
    made = fake_space(tmp_path, len(CASES))
    for number, case in enumerate(CASES):
        rate(made, f"call-{number:04}", case)
    yield made
    made.store.close()


def rate(space, call, case):
    def given(judgement=Rated(value=1), rater="model:openai/stub-1", supersedes="", **other):  # noqa: B008  frozen
        made = {"prompt": space.prompt("rate_call").id, "model": "openai/stub-1", **other}
        made = {} if rater == "ann" else made
        facts = {"call": call, "criterion": "asks_cost", "at": AT, "rater": rater, "supersedes": supersedes}
        provenance = Provenance(rubric=space.store[Rubrics].newest().id, **made)
        found = Rating(judgement=judgement, provenance=provenance, **facts)
        space.store[Ratings].add([found])
        return found.id

    match case:
        case "rated":
            given()
        case "failed":
            given(FAILED)
        case "failed and corrected":
            given(rater="ann", supersedes=given(FAILED))
        case "corrected":
            given(Rated(value=0), rater="ann", supersedes=given())
        case "other draw":
            given(draw=1)
        case "other model":
            given(model="openai/other")
        case "by hand":
            given(rater="ann")
        case "again":
            given(request="rq-2", supersedes=given(FAILED, request="rq-1"))


@pytest.mark.parametrize("retry_failed", [False, True])
def test_a_call_is_left_out_exactly_where_going_through_all_leaves_it_out(space, retry_failed):
    made = MadeWith(space.store[Rubrics].newest().id, space.prompt("rate_call").id, "openai/stub-1", 0)
    through_all = set(space.store[Ratings].unrated_calls(made, with_failed=retry_failed))
    started = {
        case: queue_scoring(space, by="Ann", calls=[f"call-{number:04}"], retry_failed=retry_failed) is not None
        for number, case in enumerate(CASES)
    }
    assert started == {case: f"call-{number:04}" in through_all for number, case in enumerate(CASES)}
    assert started["bare"]
    assert started["failed"] is retry_failed


def test_many_calls_are_looked_up_together_and_give_the_same(space):
    calls = [f"call-{number:04}" for number in range(len(CASES))]
    few = queue_scoring(space, by="Ann", calls=calls, draw=0)
    space.store[Jobs].cancel(few.id, "Ann")
    many = queue_scoring(space, by="Ann", calls=calls * (scoring_job._ONE_BY_ONE // len(calls) + 1))
    assert list(space.store[Jobs].calls(few.id)) == list(space.store[Jobs].calls(many.id))
    assert queue_scoring(space, by="Ann", calls=calls) is None  # they wait in that job


def test_a_call_that_is_not_there_or_has_no_words_is_named(space):
    silent = ImportedCall("silent", "2026-01-01", "Rae", "", "", "")
    space.store[ImportedRatings].add([silent], [], "import:x", space.store[Rubrics].newest().id)
    for call in ("nowhere", "silent"):
        with pytest.raises(NotFound, match=call):
            queue_scoring(space, by="Ann", calls=["call-0000", call])


def test_a_run_at_once_leaves_to_a_job_what_waits_in_it(space):
    scoring = Scoring(space, space.store[Rubrics].newest(), space.prompt("rate_call"), 0)
    unrated = scoring.missing([], False)
    assert list(apart_from_jobs(scoring, unrated).ids) == list(unrated.ids) != []
    job = queue_scoring(space, by="Ann", calls=list(unrated.ids)[:1])
    assert job.calls == 1
    assert list(apart_from_jobs(scoring, unrated).ids) == list(unrated.ids)[1:]
    other = Scoring(space, scoring.rubric, scoring.prompt, 7)
    assert list(apart_from_jobs(other, unrated).ids) == list(unrated.ids)
