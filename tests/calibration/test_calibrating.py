"""What a report computes, from ratings that say what must come out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.calibration.model import Adjudication, CalibrationRound
from agent.calibration.report import RatedRound, criterion_state, criterion_states, round_report, settled, splits
from agent.core.statistic import Estimate, Undefined
from agent.ratings.model import Failed, NotApplicable, Provenance, Rated, Rating
from agent.settings import Settings
from agent.stats.leniency import drift, leniency
from agent.workspace import Workspace
from tests.builders import criterion, rubric
from tests.calibration.conftest import BINARY, RUBRIC, SCALE
from tests.calibration.test_blindness import AT

RULE = Workspace(Settings.read(environment={})).calibration_rule


def judged(value):
    return {"n/a": NotApplicable(), "failed": Failed(kind="reply", detail="none")}.get(value) or Rated(value=value)


def made(columns, criterion=BINARY, number=1, of=RUBRIC, decided=None, ongoing=False):
    """A round from `columns`: rater -> values by call."""
    count = len(next(iter(columns.values())))
    calls = tuple(f"r{number}-{n:02}" for n in range(count))
    people = tuple(columns)
    found = CalibrationRound(
        number=number,
        rubric=of.id,
        raters=people,
        calls=calls,
        opened_at=AT,
        submitted=people,
        state="rated",
        ongoing=ongoing,
    )
    ratings = [
        Rating(
            call=call,
            criterion=criterion.id,
            rater="model:m" if rater == "model" else rater,
            judgement=judged(value),
            provenance=Provenance(rubric=of.id),
            at=AT,
        )
        for rater, values in columns.items()
        for call, value in zip(calls, values, strict=True)
        if value is not None
    ]
    decisions = {
        (calls[place], criterion.id): Adjudication(
            round=found.id,
            call=calls[place],
            criterion=criterion.id,
            judgement=judged(value),
            reason="r",
            by="l",
            at=AT,
        )
        for place, value in (decided or {}).items()
    }
    return RatedRound(found, of, ratings, decisions)


def of(report, ident):
    return next(c for c in report.criteria if c.criterion.id == ident)


GOOD = [1, 0] * 10


def test_agreement_on_enough_calls_passes_and_the_other_criterion_has_no_information():
    rated = made({"ana": GOOD, "ben": GOOD})
    report = round_report(rated, [rated], RULE)
    assert of(report, "asks_cost").state.verdict == "passed"
    assert of(report, "asks_cost").splits == ()
    assert of(report, "depth").state.verdict == "no information"
    assert report.criteria[-1].criterion.id == "depth"


def test_rounds_on_one_wording_add_up_and_another_wording_starts_at_zero():
    reworded = rubric(criterion("asks_cost", description="The rep asks what it costs a month."), label="old")
    eight = {"ana": GOOD[:8], "ben": GOOD[:8]}
    first, second, third = made(eight, number=1, of=reworded), made(eight, number=2), made(eight, number=3)
    states = [criterion_state(BINARY, [first, second, third][:n], RULE) for n in (1, 2, 3)]
    assert [(s.calls, s.wordings, s.verdict) for s in states] == [
        (0, 1, "no information"),
        (8, 2, "provisional"),
        (16, 2, "passed"),
    ]
    assert states[2].error == pytest.approx(1 - 0.95**2)
    assert states[1].more_calls == 8
    report = of(round_report(third, [first, second, third], RULE), "asks_cost")
    assert (report.judged, report.agreeing, report.state.counted, report.group) == (
        8,
        8,
        "16 of 16 calls agree",
        "passed",
    )
    assert of(round_report(second, [first, second, third], RULE), "asks_cost").group == "agree"


def test_the_verdict_rests_on_people_alone():
    with_model = made({"ana": GOOD, "ben": GOOD, "model": [1 - v for v in GOOD]})
    without = made({"ana": GOOD, "ben": GOOD})
    found, bare = (of(round_report(r, [r], RULE), "asks_cost") for r in (with_model, without))
    assert found.state == bare.state
    assert bare.model is None
    assert found.model.calibration.agreement.value == 0.0


def test_the_model_is_held_against_what_people_agreed_on_and_what_is_open_is_counted():
    rated = made(
        {"ana": [1, 1, 0, 0, 1, 0, 1], "ben": [1, 0, 1, 0, 1, 0, 1], "model": [1, 1, 1, 0, 0, 0, "failed"]},
        decided={1: 1},
    )
    agreed, undecided = settled(rated, BINARY)
    assert [j.value for _, j in sorted(agreed.items())] == [1, 1, 0, 1, 0, 1]
    assert undecided == 1
    model = of(round_report(rated, [rated], RULE), "asks_cost").model
    assert (model.undecided, model.failed) == (1, 1)
    assert (model.calibration.agreement.n, model.calibration.agreement.value) == (5, 0.8)


def test_splits_stand_furthest_apart_first_and_not_applicable_is_the_whole_scale_apart():
    rated = made({"ana": [1, 3, "n/a", 2], "ben": [2, 3, 4, 5]}, SCALE)
    found = splits(rated, SCALE)
    assert [(s.call, s.distance) for s in found] == [("r1-02", 4.0), ("r1-03", 3.0), ("r1-00", 1.0)]
    both = made({"ana": ["n/a", "failed"], "ben": ["n/a", 1]})
    assert splits(both, BINARY) == ()


def test_leniency_is_in_points_and_drift_is_its_change():
    first = made({"ana": [2, 3, 1, 4, 2], "ben": [3, 4, 2, 5, 4]}, SCALE)
    second = made({"ana": [2, 3, 1, 4, 2], "ben": [2, 3, 1, 4, 3]}, SCALE, number=2)
    report = round_report(second, [first, second], RULE)
    assert of(round_report(first, [first], RULE), "depth").leniency["ben"].value == pytest.approx(1.2)
    ana, ben = report.raters
    assert ben.leniency.value == pytest.approx(0.2 / 4)
    assert ben.drift.value == pytest.approx(-1.0 / 4)
    assert ana.drift.value == pytest.approx(1.0 / 4)
    assert isinstance(round_report(first, [first], RULE).raters[0].drift, Undefined)


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=12), st.lists(st.integers(-4, 4), min_size=1, max_size=12))
def test_drift_is_the_difference_of_means_and_changes_sign_with_time(now, before):
    found, back = drift(now, before), drift(before, now)
    assert isinstance(found, Estimate)
    assert found.value == pytest.approx(sum(now) / len(now) - sum(before) / len(before))
    assert back.value == pytest.approx(-found.value)
    if found.low is not None:
        assert found.low - 1e-9 <= found.high


def test_without_calls_nothing_is_estimated():
    assert isinstance(leniency([]), Undefined)
    assert isinstance(drift([1], []), Undefined)


def test_what_passed_falls_only_where_95_percent_is_ruled_out():
    passed = made({"ana": GOOD, "ben": GOOD}, number=1)
    odd = made({"ana": GOOD[:5], "ben": [1 - GOOD[0], *GOOD[1:5]]}, number=2)
    bad = made({"ana": GOOD, "ben": [1 - v for v in GOOD]}, number=3)
    assert [
        criterion_state(BINARY, rounds, RULE).verdict for rounds in ([passed], [passed, odd], [passed, odd, bad])
    ] == [
        "passed",
        "passed",
        "failed",
    ]


def test_ongoing_calls_count_until_it_has_passed_and_are_followed_by_drift_afterwards():
    def week(number, agree):
        values = GOOD[:3]
        return made({"ana": values, "ben": values if agree else [1 - v for v in values]}, number=number, ongoing=True)

    first = made({"ana": GOOD[:13], "ben": GOOD[:13]}, number=1)
    rising = criterion_state(BINARY, [first, week(2, True)], RULE)
    assert (rising.verdict, rising.calls, rising.drift) == ("passed", 16, None)
    passed = made({"ana": GOOD, "ben": GOOD}, number=1)
    held = criterion_state(BINARY, [passed, week(2, True)], RULE)
    assert (held.verdict, held.calls, held.drift.verdict, held.drift.calls) == ("passed", 20, "holds", 3)
    fell = criterion_state(BINARY, [passed, *(week(n, False) for n in range(2, 5))], RULE)
    assert (fell.verdict, fell.passed, fell.calls) == ("fell", False, 20)
    back = criterion_state(BINARY, [passed, *(week(n, False) for n in range(2, 5)), week(5, True)], RULE)
    assert back.verdict == "fell", "what fell stays so until it is reworded"
    three = made({"ana": GOOD[:3], "ben": GOOD[:3], "cam": GOOD[:3]}, number=5, ongoing=True)
    still = criterion_state(BINARY, [passed, *(week(n, False) for n in range(2, 5)), three, three], RULE)
    assert still.verdict == "fell", "also where others rate"


def test_perfect_weeks_of_two_raters_take_nothing_from_what_three_passed():
    """14 of 16 unanimous calls; the third rater then stays away, skips a call, or says that it does not apply."""
    values = [n % 2 for n in range(16)]
    odd = [1 - values[0], 1 - values[1], *values[2:]]
    passed = made({"ana": values, "ben": values, "cam": odd}, number=1)
    before = criterion_state(BINARY, [passed], RULE)
    weeks = [made({"ana": [0, 1, 0], "ben": [0, 1, 0]}, number=n, ongoing=True) for n in range(2, 5)]
    after = criterion_state(BINARY, [passed, *weeks], RULE)
    assert (before.verdict, after.verdict, after.calls, after.drift.verdict) == ("passed", "passed", 16, "holds")
    assert after.calibration.passed_after == before.calibration.passed_after


def test_sharpening_one_criterion_does_not_reopen_the_other_but_resets_itself():
    rated = made({"ana": GOOD, "ben": GOOD})
    sharper = rubric(BINARY.model_copy(update={"description": "The rep asks for a sum of money."}), SCALE, label="v2")
    heavier = rubric(BINARY.model_copy(update={"weight": 2.0}), SCALE, label="v3")
    assert "no round has rated this wording; 1 earlier" in criterion_states(sharper, [rated], RULE)[0].short
    assert criterion_states(heavier, [rated], RULE)[0].passed
