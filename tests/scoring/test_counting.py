"""A criterion whose level is a count: a model lists every occurrence, code locates, counts and gives the level."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from agent.core.scale import SCALES
from agent.ratings.model import Failed, NotApplicable, Rated
from agent.rubrics.file import parse_rubric, write_rubric
from agent.rubrics.model import Counts
from agent.scoring.counting import count_call, counting_request
from agent.scoring.reading import Prompts, Reading
from tests.builders import PROMPTS, asked, call, criterion, role, rubric

PROMPT = PROMPTS.get("count_occurrences@1")
TWO = {"each": "Asks what the problem costs.", "at_least": 2}
TALK = call(
    "call-1",
    "Rae",
    ("Rae", "What does it cost you? And what did it cost last year?"),
    ("Cus", "What does it cost you, you ask? A lot."),
    ("Rae", "How much is a lot?"),
)
FIRST, SECOND, THIRD = (
    {"turn": 0, "quote": "What does it cost you?"},
    {"turn": 0, "quote": "what did it cost last year?"},
    {"turn": 2, "quote": "How much is a lot?"},
)
INVENTED = {"turn": 2, "quote": "And what does your board lose by it?"}
CUSTOMERS = {"turn": 1, "quote": "What does it cost you, you ask?"}


async def counted(*places, counts=TWO, applies=True, **fields):
    """The judgement, and the reader that gave it."""
    reply = {"behavior": "asks_cost", "occurrences": places, "nearest": None, "applies": applies}
    reader = role(lambda _: {"behaviors": [reply]})
    (made,) = await count_call(TALK, rubric(criterion(counts=counts, **fields)), reader, PROMPT)
    return made, reader


@pytest.mark.parametrize(
    ("places", "of", "level", "kept"),
    [
        ([], "occurrences", 0, 0),
        ([FIRST], "occurrences", 0, 1),
        ([FIRST, SECOND], "occurrences", 1, 2),
        ([FIRST, SECOND], "turns", 0, 1),  # both in one turn
        ([FIRST, THIRD], "turns", 1, 2),
        ([FIRST, FIRST], "occurrences", 0, 1),  # the same place twice
        ([FIRST, {"turn": 0, "quote": "does it cost you? And"}], "occurrences", 0, 1),  # overlapping
    ],
)
async def test_the_level_is_how_many_places_are_found(places, of, level, kept):
    made, _ = await counted(*places, counts=TWO | {"of": of})
    assert isinstance(made.judgement, Rated)
    assert (made.judgement.value, len(made.judgement.quotes)) == (level, kept)


async def test_the_reason_is_the_count_and_its_rule():
    made, _ = await counted(FIRST, SECOND, THIRD)
    assert made.reason == "3 occurrences found; level 1 from 2 on."


@pytest.mark.parametrize("lost", [INVENTED, CUSTOMERS])
async def test_places_that_are_not_found_fail_the_rating_where_they_would_decide(lost):
    made, reader = await counted(FIRST, lost)
    assert isinstance(made.judgement, Failed)
    assert (made.judgement.kind, made.judgement.claimed) == ("evidence", 1)
    assert len(asked(reader)) == 2  # asked once more before it fails
    enough, _ = await counted(FIRST, SECOND, lost)
    assert isinstance(enough.judgement, Rated)
    assert len(enough.judgement.quotes) == 2


async def test_how_many_are_wanted_is_not_told():
    """It would steer the reader, and a threshold learned afterwards would void what was read."""
    three = criterion(counts=TWO | {"at_least": 3})
    requests = [counting_request(TALK, role(dict), PROMPT, 0, [one]) for one in (criterion(counts=TWO), three)]
    assert requests[0].id == requests[1].id


async def test_it_applies_unless_the_criterion_says_when_not():
    (made, _) = await counted(applies=False, not_applicable_when="There is no problem.")
    assert isinstance(made.judgement, NotApplicable)
    (made, _) = await counted(applies=False)
    assert isinstance(made.judgement, Failed)


async def test_a_call_is_asked_once_for_what_is_rated_and_once_for_what_is_counted():
    both = rubric(criterion("rated_one"), criterion("asks_cost", counts=TWO))

    def answer(request):
        if "Mark every occurrence" in request.messages[-1].content:
            return {
                "behaviors": [
                    {"behavior": "asks_cost", "occurrences": [FIRST, THIRD], "nearest": None, "applies": True}
                ]
            }
        row = {"criterion": "rated_one", "context": [], "evidence": [], "nearest": None, "reason": "no", "level": 0}
        return {"ratings": [row]}

    reader = role(answer)
    prompts = Prompts(PROMPTS.get("rate_call"), PROMPT)
    made = await Reading(TALK, both, both.criteria, prompts).ratings(reader)
    assert [(one.criterion, one.judgement.value) for one in made] == [("rated_one", 0), ("asks_cost", 1)]
    assert [one.provenance.prompt for one in made] == [prompts.rate.id, PROMPT.id]
    rated, counted_one = (next(r for r in asked(reader) if r.id == one.provenance.request) for one in made)
    assert "asks_cost" not in rated.messages[-1].content
    assert "rated_one" not in counted_one.messages[-1].content


@pytest.mark.parametrize(
    ("scale", "at_least"),
    [("binary", {}), ("binary", {1: 0}), ("1-3", {2: 1}), ("1-3", {2: 2, 3: 2}), ("binary", {1: 1, 2: 2})],
)
def test_a_count_names_every_level_above_the_lowest_and_rises(scale, at_least):
    with pytest.raises(ValidationError, match="at_least"):
        criterion(scale=scale, counts={"each": "Asks.", "at_least": at_least})


@pytest.mark.parametrize(("found", "level"), [(0, 1), (1, 2), (3, 2), (4, 3), (9, 3)])
def test_levels_by_count(found, level):
    assert Counts(each="Asks.", at_least={2: 1, 3: 4}).level(SCALES["1-3"], found) == level


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_file_keeps_counts_and_stages(form):
    made = rubric(criterion(counts=TWO, only_in=("discovery", "demo")), criterion("plain"))
    assert parse_rubric(f"r.{form}", write_rubric(made, form).encode(), "v1").id == made.id


def test_a_file_may_say_it_as_the_method_does():
    text = """
criteria:
  - id: connects
    description: The rep asks what the problem leads to.
    scale: binary
    counts: {at_least: 2, of: occurrences, within: discovery}
"""
    (made,) = parse_rubric("r.yaml", text.encode(), "v1").criteria
    assert made.only_in == ("discovery",)
    assert made.counts == Counts(each="The rep asks what the problem leads to.", at_least={1: 2})


def test_a_rubric_without_counts_and_stages_is_called_as_before_there_were_any():
    assert rubric().id == "ru-f92d23e56020"
