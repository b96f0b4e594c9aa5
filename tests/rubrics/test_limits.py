"""A rubric that is larger than can be edited is refused when it comes in, with the limit."""

import pytest

from agent.core.errors import ImportProblem
from agent.rubrics.drafts_model import MOST_CRITERIA, WorkingCopy
from agent.rubrics.file import write_rubric
from agent.rubrics.store import Rubrics
from agent.rubrics.verbs import import_rubric
from tests.api.conftest import _site  # noqa: F401  a fixture
from tests.builders import criterion, rubric


def _of(count):
    return rubric(*(criterion(ident=f"c{number}") for number in range(count)), label="large")


def test_as_many_criteria_as_can_be_edited_come_in_and_no_more(site):
    lead = site.who("ops_lead")
    made = import_rubric(lead, "large.yaml", write_rubric(_of(MOST_CRITERIA), "yaml").encode())
    assert len(WorkingCopy.of(made).criteria) == MOST_CRITERIA
    with pytest.raises(
        ImportProblem, match=f"large.yaml: a rubric has at most {MOST_CRITERIA} criteria, and this one has 200"
    ):
        import_rubric(lead, "large.yaml", write_rubric(_of(200), "yaml").encode())


def test_one_that_is_there_from_before_says_so_where_it_would_be_edited(site):
    site.space.store[Rubrics].add(_of(200))
    answer = site.ops_browser.get(f"/rubric/{site.space.store[Rubrics].get('large').id}/edit")
    assert answer.status_code == 422
    assert "A rubric has at most 60 criteria" in answer.text
