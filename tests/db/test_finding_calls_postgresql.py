"""The same questions as on SQLite: rows come from another driver, and sorting is the database's."""

import pytest

from agent.db.store import Store
from agent.rubrics.store import Rubrics
from tests.builders import rubric
from tests.db import test_finding_calls as finding
from tests.db import test_rating_pages as pages
from tests.durable.conftest import postgresql  # noqa: F401  a fixture

ON_EMPTY = [
    finding.test_calls_come_in_turn_the_earliest_of_each_rep_first,
    finding.test_only_calls_with_words_are_heard_and_have_a_place,
    finding.test_a_name_is_found_whatever_its_case_in_the_fields_asked_for,
    finding.test_deals_are_read_by_id_and_changed_ones_are_told_from_new_ones,
    finding.test_the_log_of_one_person,
    finding.test_the_names_of_all_calls_and_interviews_are_known,
    finding.test_the_waiting_calls_of_a_job_among_some,
]


@pytest.fixture
def store(postgresql):  # noqa: F811  the fixture imported above
    opened = Store.open(postgresql)
    yield opened
    opened.close()


@pytest.mark.parametrize("question", ON_EMPTY, ids=lambda question: question.__name__)
def test_questions_have_the_same_answers(store, question):
    store[Rubrics].add(rubric())
    question(store)


def test_pages_of_ratings_are_the_same(store):
    pages.filled(store)
    for filters in pages.FILTERS:
        pages.test_pages_one_behind_the_other_hold_what_was_asked_for(store, filters, store.scope)
    pages.test_what_a_round_withholds_is_counted_by_call_and_rubric_and_not_by_rater_or_status(store)
