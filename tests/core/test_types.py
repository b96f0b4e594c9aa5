import math
from datetime import UTC, datetime

import pytest
from pydantic import TypeAdapter, ValidationError

from agent.core.base import content_id
from agent.core.errors import CloseReadError, ImportProblem, RoleUnbound
from agent.core.statistic import Estimate
from agent.core.transcript import Span, Transcript, Turn
from agent.ratings.model import Failed, Judgement, NotApplicable, Provenance, Rated, Rating
from agent.rubrics.model import Rubric
from tests.builders import criterion, rubric, transcript

AT = datetime(2026, 11, 1, tzinfo=UTC)


def test_types_are_frozen_strict_and_closed():
    with pytest.raises(ValidationError):
        Turn(index="0", speaker="A", text="x")
    with pytest.raises(ValidationError):
        Turn(index=0, speaker="A", text="x", mood="good")
    with pytest.raises(ValidationError):
        Turn(index=0, speaker="A", text="x").text = "y"


def test_a_span_holds_something_and_turns_are_numbered():
    with pytest.raises(ValidationError, match="at least one character"):
        Span(turn=0, start=3, end=3)
    with pytest.raises(ValidationError, match="numbered"):
        Transcript(turns=(Turn(index=1, speaker="A", text="x"),))


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_an_estimate_is_a_number(wrong):
    with pytest.raises(ValidationError, match="finite"):
        Estimate(value=wrong, n=3)
    with pytest.raises(ValidationError, match="both ends"):
        Estimate(value=0.5, n=3, low=0.1)
    with pytest.raises(ValidationError, match="above its high end"):
        Estimate(value=0.5, n=3, low=0.9, high=0.1)


@pytest.mark.parametrize("made", [Rated(value=1), NotApplicable(), Failed(kind="reply", detail="d")])
def test_a_judgement_comes_back_as_the_kind_it_was(made):
    adapter = TypeAdapter(Judgement)
    assert adapter.validate_json(adapter.dump_json(made)) == made


def test_ids_come_from_content_alone():
    assert content_id("x", {"a": 1, "b": 2}) == content_id("x", {"b": 2, "a": 1})
    words = transcript(("A", "hello"), A="rep")
    assert words.id == words.model_copy(update={"roles": {}}).id
    assert words.id != transcript(("B", "hello")).id
    assert rubric(label="one").id == rubric(label="two").id
    assert rubric().id != rubric(criterion(description="Something else is asked for.")).id


def test_every_rating_names_what_it_was_made_with():
    made = Provenance(rubric="ru", prompt="p@1#a", model="m", request="rq", draw=0)
    first = Rating(call="c", criterion="k", rater="m", judgement=Rated(value=1), provenance=made, at=AT)
    other = first.model_copy(update={"provenance": made.model_copy(update={"draw": 1})})
    assert first.id != other.id
    assert first.id == first.model_copy(update={"at": datetime(2026, 12, 1, tzinfo=UTC)}).id


def test_a_rubric_names_each_criterion_once_and_anchors_stay_on_the_scale():
    with pytest.raises(ValidationError, match="stand twice"):
        Rubric(criteria=(criterion(), criterion()))
    with pytest.raises(ValidationError, match="outside the scale"):
        criterion(anchors={7: "no such level"})


@pytest.mark.parametrize(("scale", "shown"), [("binary", [1]), ("1-3", [2, 3]), ("1-5", [2, 3, 4, 5])])
def test_shown_is_anything_above_the_lowest_level(scale, shown):
    made = criterion(scale=scale)
    assert [level for level in made.levels if made.shown(level)] == shown


def errors(kind=CloseReadError):
    return [kind, *(e for child in kind.__subclasses__() for e in errors(child))]


def test_every_error_has_its_code_and_an_exit_code():
    named = [e for e in errors() if e is not CloseReadError and "code" in vars(e)]
    assert len({e.code for e in named}) == len(named)
    assert all(1 <= e.exit_code <= 9 for e in errors())


def test_errors_say_where_what_and_what_to_do():
    assert str(ImportProblem("a.txt", 3, "no speaker", "name one")) == "a.txt:3: no speaker (name one)"
    assert "closeread model bind --role rater=" in RoleUnbound("rater").at_the_terminal()
