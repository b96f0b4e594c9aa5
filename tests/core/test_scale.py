"""A scale says by itself all that the program needs, and every scale goes the whole way from a rating to a document."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from agent.app.documents.charts import heat_map
from agent.app.web.drawing import on_scale
from agent.core.direction import Direction
from agent.core.scale import MOST_LEVELS, SCALES, Scale
from agent.core.statistic import Estimate
from agent.documents.scoring_guide import scoring_guide
from agent.ratings.human import shown_levels
from agent.ratings.model import Failed, Rated
from agent.rubrics.model import Criterion, Rubric
from agent.scoring.rating import rate_call
from agent.stats.calibration import CalibrationRule, judge
from agent.stats.frame import Measure, RatingFrame
from agent.stats.gaps import GapReport, find_gaps
from agent.stats.profiles import profile
from agent.stats.rating_table import RatingTable
from agent.stats.rules import GapRules, MovementRules, ProfileRules
from agent.stats.tally import Tally
from agent.stats.trends import movement
from tests.builders import PROMPTS, call, criterion, role, rubric
from tests.stats.tallies import tally_calls

every_scale = pytest.mark.parametrize("scale", SCALES.values(), ids=str)
scales = st.sampled_from(list(SCALES.values()))
RULE = CalibrationRule()
SHOWN = {"turn": 0, "quote": "What does the late close cost you each month?"}


@every_scale
def test_a_scale_is_whole_and_lies_inside_its_own_thresholds(scale: Scale) -> None:
    assert scale.levels == tuple(range(scale.lowest, scale.highest + 1))
    assert 0 <= scale.lowest <= 1
    assert scale.highest <= 9, "the table of what counts keeps one digit a rating"
    assert len(scale.levels) <= MOST_LEVELS
    assert scale.lowest < scale.present_level <= scale.highest
    assert scale.lowest < scale.at(scale.target) < scale.highest
    assert 0 < scale.smallest_change < 1
    assert 0 <= scale.tolerance <= scale.span / 4
    assert [scale.share(level) for level in (scale.lowest, scale.highest)] == [0, 1]


@given(scales, st.floats(0, 1))
def test_a_share_and_its_place_on_the_scale_are_the_same(scale: Scale, share: float) -> None:
    assert scale.share(scale.at(share)) == pytest.approx(share, abs=1e-8)


def test_todays_scales_keep_their_thresholds_and_the_words_of_recorded_prompts() -> None:
    today = {name: SCALES[name] for name in ("binary", "1-3", "1-5")}
    assert {n: s.range_in_words for n, s in today.items()} == {"binary": "0 or 1", "1-3": "1 to 3", "1-5": "1 to 5"}
    assert [s.tolerance for s in today.values()] == [0, 0, 1]
    assert [ProfileRules().present_level[s] for s in today.values()] == [1, 2, 3]
    assert [GapRules().target[s] for s in today.values()] == [0.7, 2.3, 3.5]
    assert [MovementRules().smallest_change[s] for s in today.values()] == [0.2, 0.4, 0.5]


def test_a_file_may_set_some_scales_and_leaves_the_rest_at_their_defaults() -> None:
    rules = GapRules.model_validate({"target": {"1-5": 4.0}})
    assert rules.target == {**GapRules().target, SCALES["1-5"]: 4.0}
    with pytest.raises(ValidationError, match=f"'1-9' is no scale; there are {', '.join(SCALES)}"):
        GapRules.model_validate({"target": {"1-9": 4.0}})


@every_scale
def test_a_criterion_is_written_and_read_by_the_name_of_its_scale(scale: Scale) -> None:
    given = criterion(scale=scale.name)
    assert given.model_dump(mode="json")["scale"] == scale.name
    assert Criterion.model_validate_json(given.model_dump_json()) == given
    assert Criterion.model_validate(given.model_dump()).levels == scale.levels
    schema = TypeAdapter(Criterion).json_schema()["properties"]["scale"]
    assert (schema["type"], scale.name in schema["enum"]) == ("string", True)


@given(scales, st.integers(-2, 11))
async def test_a_reply_is_taken_at_each_level_and_at_no_other(scale: Scale, level: int) -> None:
    reply = {
        "criterion": "asks_cost",
        "context": [],
        "evidence": [SHOWN],
        "nearest": None,
        "reason": "because",
        "level": level,
    }
    rater = role(lambda _: {"ratings": [reply]})
    rating = (await rate_call(call(), rubric(criterion(scale=scale.name)), rater, PROMPTS.get("rate_call")))[0]
    if level in scale.levels:
        assert isinstance(rating.judgement, Rated)
        assert rating.judgement.value == level
    else:
        assert isinstance(rating.judgement, Failed)
        assert scale.range_in_words in rating.judgement.detail


@given(scales, st.data())
def test_raters_who_always_agree_pass_and_opposite_ones_do_not(scale: Scale, data: st.DataObject) -> None:
    rest = data.draw(st.lists(st.sampled_from(scale.levels), min_size=18, max_size=18))
    given = np.searchsorted(scale.levels, [*[scale.lowest, scale.highest] * 6, *rest])
    alike = RatingTable(np.column_stack([given, given]), scale.levels, scale.metric)
    apart = RatingTable(np.column_stack([given, len(scale.levels) - 1 - given]), scale.levels, scale.metric)
    assert judge([alike], scale.tolerance, RULE).verdict == "passed"
    assert judge([apart], scale.tolerance, RULE).verdict != "passed"


def tally(scale: Scale, counts: list[list[int]], direction: int = 1) -> Tally:
    """Calls at each level, by rep."""
    levels = [
        (rep, level)
        for rep, row in enumerate(counts)
        for level, n in zip(scale.levels, row, strict=True)
        for _ in range(n)
    ]
    n, measure = len(levels), Measure("one", scale, direction)  # type: ignore[arg-type]
    frame = RatingFrame.from_columns(
        (measure,),
        rep=[f"rep {rep}" for rep, _ in levels],
        criterion=["one"] * n,
        call=[f"c{at}" for at in range(n)],
        day=[date(2026, 10, 1)] * n,
        value=[float(level) for _, level in levels],
        status=["rated"] * n,
    )
    return tally_calls(frame, np.ones(n, dtype=bool))


@given(scales, st.data())
def test_a_profile_says_the_mean_level_and_who_is_at_an_end(scale: Scale, data: st.DataObject) -> None:
    row = data.draw(st.lists(st.integers(0, 6), min_size=len(scale.levels), max_size=len(scale.levels)))
    steady = [0] * len(scale.levels)
    low, high = steady.copy(), steady.copy()
    low[0] = high[-1] = 20
    reps = [low, high, row] if sum(row) else [low, high]
    rows = profile(tally(scale, reps), ProfileRules()).rows()
    assert [r.state for r in rows[:2]] == ["consistently absent", "consistently present"]
    for found, counts in zip(rows, reps, strict=True):
        assert isinstance(found.score, Estimate)
        assert found.score.value == pytest.approx(np.average(scale.levels, weights=counts))
        assert found.score.low is not None
        assert found.score.high is not None
        assert scale.lowest <= found.score.low <= found.score.value <= found.score.high <= scale.highest
        mark = on_scale(found.score, scale)
        assert mark is not None
        assert 0 <= mark.low <= mark.at <= mark.high <= 1


def gaps_of(scale: Scale, counts: list[int], direction: int = 1) -> GapReport:
    return find_gaps(profile(tally(scale, [counts] * 4, direction), ProfileRules()), GapRules())


@every_scale
def test_a_team_at_the_bottom_has_a_gap_and_one_at_the_top_has_none(scale: Scale) -> None:
    low, high = ([20 if at == place else 0 for at in range(len(scale.levels))] for place in (0, len(scale.levels) - 1))
    assert [gap.criterion for gap in gaps_of(scale, low).team] == ["one"]
    assert not gaps_of(scale, high).team
    assert not gaps_of(scale, low, direction=-1).team


@every_scale
def test_a_rise_from_end_to_end_is_movement_and_a_standstill_is_none(scale: Scale) -> None:
    low, high = ([20 if at == place else 0 for at in range(len(scale.levels))] for place in (0, len(scale.levels) - 1))
    coached = np.ones((1, 1), dtype=bool)
    before, after, same = tally(scale, [low]), tally(scale, [high]), tally(scale, [[40 * n for n in low]])
    up = movement(before, after, ["cycle_1"], coached, MovementRules()).rows()[0]
    assert up.verdict == "moved"
    assert isinstance(up.difference, Estimate)
    assert up.difference.value == pytest.approx(scale.span)
    assert movement(after, before, ["cycle_1"], coached, MovementRules()).rows()[0].verdict == "not_moved"
    assert movement(same, same, ["cycle_1"], coached, MovementRules()).rows()[0].verdict == "not_moved"


@every_scale
def test_documents_show_each_level_in_words(scale: Scale) -> None:
    one = criterion(scale=scale.name, anchors={level: f"what level {level} looks like" for level in scale.levels})
    words = [one.scale.in_words(level) for level in scale.levels]
    assert len(set(words)) == len(words)
    assert words[-1] == ("shown" if scale.binary else f"{scale.highest} of {scale.highest}")
    assert shown_levels(one).split(", ") == [str(level) for level in scale.levels]
    guide = scoring_guide(Rubric(criteria=(one,), label="v1"), made_on=date(2026, 11, 1))
    for level in scale.levels:
        assert f"what level {level} looks like" in repr(guide)
    high = [0] * (len(scale.levels) - 1) + [20]
    chart = heat_map(profile(tally(scale, [high]), ProfileRules()).rows(), {"one": Direction(False, scale)})
    assert "consistently present" in chart.alt
