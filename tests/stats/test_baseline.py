"""Baseline draws: reproducible, unbiased, spread over stages."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.errors import InputError
from agent.stats.baseline import BaselineDraw, draw_baseline, manual_baseline
from agent.stats.frame import CallFrame
from agent.stats.rules import ProfileRules

UNTIL = date(2026, 3, 31)
RULES = ProfileRules()
STAGES = ("demo", "discovery", "proposal")

calls_of_reps = st.lists(st.tuples(st.integers(0, 3), st.integers(1, 40), st.sampled_from(STAGES)), max_size=90)


def call_frame(calls: list[tuple[int, int, str]]) -> CallFrame:
    return CallFrame.from_columns(
        [f"call {at:03}" for at in range(len(calls))],
        [f"rep {rep}" for rep, _, _ in calls],
        [UNTIL - timedelta(back) for _, back, _ in calls],
        [stage for _, _, stage in calls],
    )


@given(calls_of_reps, st.integers(0, 1000))
def test_a_draw_is_of_the_reps_own_calls_in_the_window(calls: list[tuple[int, int, str]], seed: int) -> None:
    for draw in draw_baseline(call_frame(calls), UNTIL, RULES, seed):
        own = {f"call {at:03}" for at, (rep, back, _) in enumerate(calls) if f"rep {rep}" == draw.rep and back <= 30}
        assert set(draw.calls) <= own
        assert draw.available == len(own)
        assert len(set(draw.calls)) == len(draw.calls) == min(len(own), RULES.max_calls)
        assert draw.missing == max(10 - len(own), 0)
        assert draw.provisional == (len(own) < 10)


@given(calls_of_reps, st.integers(0, 1000), st.randoms(use_true_random=False))
def test_the_order_of_the_table_and_other_reps_change_nothing(calls, seed, random) -> None:  # type: ignore[no-untyped-def]
    frame = call_frame(calls)
    order = random.sample(range(len(calls)), len(calls))
    only = sorted({rep for rep, _, _ in calls})[:1]
    kept = [at for at in order if calls[at][0] in only]
    shuffled = CallFrame.from_columns(
        [frame.ids[at] for at in kept],
        [f"rep {calls[at][0]}" for at in kept],
        [UNTIL - timedelta(calls[at][1]) for at in kept],
        [calls[at][2] for at in kept],
    )
    before = {draw.rep: draw for draw in draw_baseline(frame, UNTIL, RULES, seed)}
    for draw in draw_baseline(shuffled, UNTIL, RULES, seed):
        assert draw == before[draw.rep]


def test_every_call_is_as_likely_and_every_stage_has_its_share() -> None:
    calls = [(0, 1 + at % 30, STAGES[0] if at < 33 else STAGES[1] if at < 50 else STAGES[2]) for at in range(53)]
    frame, drawn, runs = call_frame(calls), Counter[str](), 2000
    for seed in range(runs):
        (draw,) = draw_baseline(frame, UNTIL, RULES, seed)
        drawn.update(draw.calls)
        in_stage = Counter(calls[int(call[-3:])][2] for call in draw.calls)
        for stage, of in Counter(stage for _, _, stage in calls).items():
            assert abs(in_stage[stage] - of * 20 / 53) < 1
    often = np.array([drawn[call] for call in frame.ids])
    chance = 20 / 53
    # 53 counts, each within five standard deviations: wrong by luck once in 30,000 programs like this
    assert np.abs(often - runs * chance).max() < 5 * (runs * chance * (1 - chance)) ** 0.5


def test_seeds_make_different_draws() -> None:
    frame = call_frame([(0, 1 + at % 30, "demo") for at in range(60)])
    assert len({draw_baseline(frame, UNTIL, RULES, seed)[0].calls for seed in range(20)}) == 20


def test_the_day_itself_is_outside_the_window_and_its_first_day_inside() -> None:
    frame = CallFrame.from_columns(
        ["a", "b", "c"], ["Ann"] * 3, [UNTIL, UNTIL - timedelta(30), UNTIL - timedelta(31)], [""] * 3
    )
    (draw,) = draw_baseline(frame, UNTIL, RULES, 0)
    assert draw.calls == ("b",)


def test_a_manual_list_is_marked_and_kept_to_the_reps_own_calls() -> None:
    frame = call_frame([(0, 3, "demo"), (0, 4, "demo"), (1, 3, "demo"), (0, 35, "demo")])
    draw = manual_baseline(frame, "rep 0", ("call 001", "call 000"), UNTIL, RULES)
    assert draw == BaselineDraw(
        rep="rep 0",
        calls=("call 000", "call 001"),
        start=UNTIL - timedelta(30),
        end=UNTIL,
        available=2,
        wanted=10,
        manual=True,
    )
    for stranger in ("call 002", "call 003", "call 009"):
        with pytest.raises(InputError, match=f"{stranger} is not a call of rep 0"):
            manual_baseline(frame, "rep 0", (stranger,), UNTIL, RULES)
