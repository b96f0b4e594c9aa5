"""Coaching cycles as they are entered: out of order, over one another, or before the baseline."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.coaching.tracking import tracking_of
from agent.coaching.verbs import set_cycle
from agent.core.errors import InputError
from agent.core.statistic import Estimate
from agent.profiles.model import CoachingPeriod
from agent.profiles.season import season
from agent.profiles.season_frames import cycles_of
from agent.profiles.store import CoachingPeriods
from agent.profiles.verbs import draw_baselines
from agent.uploads.reading import Brought, check
from tests.api.conftest import made_site
from tests.api.season import AFTER, BEFORE, START, fill_season

FIRST = date(2026, 1, 1)
BEGAN = START + timedelta(days=2 * BEFORE)


def day(number):
    return FIRST + timedelta(days=number)


def period(rep, cycle, start, end):
    return CoachingPeriod(rep=rep, cycle=cycle, start=day(start), end=day(end), criteria=("asks_cost",))


def windows(*periods):
    """By rep the name and days of each cycle, in the order in which movement takes them."""
    reps = sorted({one.rep for one in periods})
    found = cycles_of(SimpleNamespace(reps=reps, criteria=("asks_cost",)), periods)
    return {
        rep: [
            (found.names[at], *(int(end) - FIRST.toordinal() for end in found.windows[at, place]))
            for at in np.flatnonzero(found.own[:, place])
        ]
        for place, rep in enumerate(reps)
    }


def test_a_reps_cycles_follow_one_another_by_their_days_whatever_they_are_called():
    found = windows(
        *(period("Ann", "one", 0, 9), period("Ann", "two", 10, 19)),
        *(period("Bea", "two", 0, 9), period("Bea", "one", 10, 19)),
    )
    assert found == {"Ann": [("one", 0, 10), ("two", 10, 20)], "Bea": [("two", 0, 10), ("one", 10, 20)]}


def test_a_day_in_two_cycles_is_the_earlier_ones():
    kept = [period("Ann", "one", 0, 9), period("Ann", "two", 5, 19), period("Ann", "inside", 6, 8)]
    assert windows(*kept) == {"Ann": [("one", 0, 10), ("two", 10, 20)]}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Ann", "Bea", "Cid"]), st.sampled_from("abc"), st.integers(0, 30), st.integers(0, 9)
        ),
        min_size=1,
        max_size=9,
        unique_by=lambda row: row[:2],
    )
)
def test_windows_rise_share_no_day_and_hold_every_day_of_a_cycle(rows):
    periods = [period(rep, name, start, start + length) for rep, name, start, length in rows]
    for rep, own in windows(*periods).items():
        assert all(before[2] <= after[1] for before, after in pairwise(own))
        days = {one for _, start, end in own for one in range(start, end)}
        assert days == {one for r, _, start, length in rows if r == rep for one in range(start, start + length + 1)}


@pytest.fixture(name="site")
def _site(tmp_path):
    """The season of nine reps, each with one cycle, and their baselines."""
    with made_site(tmp_path) as site:
        fill_season(site)
        draw_baselines(site.who("ops_lead"), "season")
        yield site


def moved(site):
    return {
        (row.rep, row.criterion, row.cycle): row.verdict
        for row in tracking_of(season(site.space, rubric="season")).table.rows()
    }


def test_a_cycle_over_another_one_of_its_rep_is_refused_everywhere(site, tmp_path):
    who, inside = site.who("manager"), BEGAN + timedelta(days=5)
    with pytest.raises(
        InputError, match=r"second of Rae begins .*, before cycle_1 ends .*; a call belongs to one cycle"
    ):
        set_cycle(who, "Rae", "second", inside, inside + timedelta(days=60), ["asks_cost"])
    sent = site.program("manager").post(
        "/api/v1/cycles",
        json={"rep": "Rae", "cycle": "second", "start": f"{inside}", "end": f"{inside}", "criteria": ["asks_cost"]},
    )
    assert sent.status_code == 422, sent.text
    assert "a call belongs to one cycle" in sent.text
    file = tmp_path / "cycles.csv"
    file.write_text(f"rep,cycle,start,end,criteria\nRae,second,{inside},{inside},asks_cost\n")
    checked = check(site.space, Brought("coaching", "cycles.csv", file))
    assert "before cycle_1 ends" in str(checked.problems)
    assert [one.cycle for one in site.space.store[CoachingPeriods].all() if one.rep == "Rae"] == ["cycle_1"]
    assert set_cycle(who, "Rae", "cycle_1", inside, inside, ["asks_cost"]).start == inside  # its own place is free


def test_cycles_in_opposite_order_are_told_in_the_order_of_their_days(site):
    """Rae's second cycle has the name of the others' first; her verdicts are those of the same days under other names."""
    half = BEGAN + timedelta(days=AFTER)
    for rep, names in (("Rae", ("late", "cycle_1")), ("Sam", ("cycle_1", "late"))):
        site.space.store[CoachingPeriods].remove(rep, "cycle_1")
        ends = half - timedelta(days=1), BEGAN + timedelta(days=2 * AFTER)
        for name, start, end in zip(names, (BEGAN, half), ends, strict=True):
            set_cycle(site.who("manager"), rep, name, start, end, ["asks_cost"])
    found = moved(site)
    assert [found["Rae", "asks_cost", name] for name in ("late", "cycle_1")] == [
        found["Sam", "asks_cost", name] for name in ("cycle_1", "late")
    ]
    rows = [row for row in tracking_of(season(site.space, rubric="season")).table.rows() if row.rep == "Rae"]
    assert [row.cycle for row in rows] == ["late", "cycle_1"]
    assert rows[-1].together.n == AFTER  # both cycles together, each call once


def test_a_baseline_from_after_a_cycle_is_not_held_against_it(site):
    who = site.who("ops_lead")
    site.space.store[CoachingPeriods].add(
        [
            CoachingPeriod(
                rep="Rae", cycle="cycle_1", start=START, end=START + timedelta(days=7), criteria=("asks_cost",)
            )
        ]
    )
    draw_baselines(who, "season", rep="Rae", until=START + timedelta(days=2 * BEFORE))
    again = tracking_of(season(site.space, rubric="season"))
    assert not [row for row in again.table.rows() if row.rep == "Rae"]
    assert "cycle_1 of Rae was over before the calls of the baseline: not set against it" in again.notes
    later = BEGAN, BEGAN + timedelta(days=2 * AFTER)
    set_cycle(who, "Rae", "cycle_2", *later, ["asks_cost"])
    (row,) = [one for one in tracking_of(season(site.space, rubric="season")).table.rows() if one.rep == "Rae"]
    assert (row.cycle, row.verdict) == ("cycle_2", "moved")


def test_baseline_calls_from_after_a_cycle_are_not_counted_as_before_it(site):
    who, store = site.who("ops_lead"), site.space.store
    (before,) = [one for one in season(site.space, rubric="season").baselines if one.rep == "Rae"]
    middle = START + timedelta(days=10)
    store[CoachingPeriods].add(
        [
            CoachingPeriod(
                rep="Rae", cycle="cycle_1", start=middle, end=middle + timedelta(days=5), criteria=("asks_cost",)
            )
        ]
    )
    tracked = tracking_of(season(site.space, rubric="season"))
    (row,) = [one for one in tracked.table.rows() if one.rep == "Rae"]
    assert isinstance(row.baseline, Estimate)
    assert row.baseline.n == 5  # the calls before `middle`, of twelve
    assert len(before.calls) == BEFORE
    assert any("of Rae from after a coaching cycle: not counted as before it" in note for note in tracked.notes)
    assert draw_baselines(who, "season", rep="Rae")[0].calls != before.calls


def test_where_every_cycle_was_over_before_the_baselines_it_is_said(site):
    store = site.space.store
    for one in store[CoachingPeriods].all():
        early = START - timedelta(days=90)
        store[CoachingPeriods].add([one.model_copy(update={"start": early, "end": early + timedelta(days=9)})])
    with pytest.raises(InputError, match="every coaching cycle was over before the calls of the baselines"):
        tracking_of(season(site.space, rubric="season"))
    for page in ("/coaching/movement", "/coaching/Rae", "/profiles/Rae", "/profiles", "/outcomes"):
        assert site.browser("ops_lead").get(page, follow_redirects=True).status_code == 200
