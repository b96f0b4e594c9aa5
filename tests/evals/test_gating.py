import pytest

from agent.core.errors import GateClosed, InputError
from agent.evals.gating import Verdict, judge
from agent.evals.run import Spending
from agent.evals.suite_files import Gates
from tests.builders import rubric
from tests.evals.made import DEPTH, answering, ran, rating, suite, table

MADE = suite(table(20, lambda i: i % 2))
RIGHT = answering(lambda case, c, d: int(case[-2:]) % 2)
GOOD = ran(MADE, RIGHT)


def closed(verdict):
    return [check.name for check in verdict.checks if check.result == "closed"]


def test_the_same_again_passes():
    verdict = judge(GOOD, GOOD, Gates())
    assert verdict.passed
    verdict.require()
    assert {c.name for c in verdict.checks} >= {
        "cases",
        "asks_cost against the baseline",
        "evidence failures",
        "latency",
    }


def test_a_deliberately_worse_rater_is_refused_and_the_calls_are_named():
    always = ran(MADE, answering(lambda *_: 1))
    verdict = judge(always, GOOD, Gates())
    assert closed(verdict) == ["asks_cost against the baseline"]
    with pytest.raises(GateClosed, match=r"do not ship .*asks_cost.*look at call-00, call-02") as refused:
        verdict.require()
    assert refused.value.exit_code == 4


def test_a_better_rater_passes_and_a_worse_one_within_the_tolerance_too():
    one_wrong = ran(MADE, answering(lambda case, c, d: 1 if case == "call-00" else int(case[-2:]) % 2))
    assert judge(GOOD, one_wrong, Gates(max_drop=0.0)).passed
    still = {"changed_by_itself": 0.0}  # the same answer every time: each change is the prompt's
    assert judge(one_wrong, GOOD, Gates(max_drop=0.05, **still)).passed
    assert not judge(one_wrong, GOOD, Gates(max_drop=0.04, **still)).passed
    assert not judge(one_wrong, GOOD, Gates(max_drop=0.5, max_drop_by={"asks_cost": 0.0}, **still)).passed


def test_one_rating_of_twenty_may_change_by_itself():
    one_wrong = ran(MADE, answering(lambda case, c, d: 1 if case == "call-00" else int(case[-2:]) % 2))
    assert not judge(one_wrong, GOOD, Gates(max_drop=0.0)).passed  # 0 means none
    verdict = judge(one_wrong, GOOD, Gates(max_drop=0.04))
    assert verdict.passed
    (check,) = [c for c in verdict.checks if c.name.startswith("asks_cost")]
    assert "1 worse and 0 better" in check.detail
    assert "a drop of 0.1 is seen in" in check.detail
    assert "cases: 80 %" in check.detail


def test_one_bad_criterion_is_not_carried_by_good_ones():
    right = {(f"call-{i:02d}", name): value for i in range(12) for name, value in (("asks_cost", i % 2), ("depth", 4))}
    made = suite(right, rubric(*rubric().criteria, DEPTH))
    good = ran(made, answering(lambda case, c, d: right[case, c]))
    worse = ran(made, answering(lambda case, c, d: 2 if c == "depth" else right[case, c]))
    assert closed(judge(worse, good, Gates()))[0] == "depth against the baseline"


def test_nothing_passes_on_empty_data():
    def fails(request):
        from agent.core.errors import RecordingMissing

        raise RecordingMissing("no recording")

    nothing = ran(MADE, fails)
    assert nothing.answers == ()
    assert "cases" in closed(judge(nothing, GOOD, Gates()))
    assert not judge(nothing, nothing, Gates()).passed
    empty = Verdict(
        suite="s",
        candidate="a",
        candidate_prompt="",
        candidate_model="",
        baseline="b",
        baseline_prompt="",
        baseline_model="",
        checks=[],
    )
    assert not empty.passed
    with pytest.raises(GateClosed, match="nothing was checked"):
        empty.require()


def test_a_run_on_fewer_cases_is_refused():
    part = ran(suite(table(10, lambda i: i % 2)), RIGHT)
    verdict = judge(part, GOOD, Gates())
    assert closed(verdict) == ["cases"]
    assert "call-10 asks_cost" in verdict.checks[0].look_at
    assert judge(GOOD, part, Gates()).passed  # more cases than before are no loss


def test_a_must_pass_case_closes_the_gate_whatever_the_average():
    made = suite(table(40, lambda i: i % 2), must_pass=("call-01",))
    good = ran(made, RIGHT)
    slips = ran(made, answering(lambda case, c, d: 0 if case == "call-01" else int(case[-2:]) % 2))
    assert closed(judge(slips, good, Gates())) == ["must-pass cases"]
    assert judge(good, slips, Gates()).passed


def test_evidence_failures_may_not_rise():
    def invents(request):
        reply = RIGHT(request)
        if request.subject == "call-01":
            reply["ratings"] = [rating("asks_cost", 1, "words that nobody said here")]
        return reply

    verdict = judge(ran(MADE, invents), GOOD, Gates(max_drop=1))
    assert closed(verdict) == ["evidence failures"]
    assert next(c for c in verdict.checks if c.name == "evidence failures").look_at == ["call-01 asks_cost"]


def test_failed_ratings_count_as_wrong_against_the_baseline():
    def silent(request):
        return {"ratings": [] if request.subject in ("call-01", "call-03") else RIGHT(request)["ratings"]}

    assert set(closed(judge(ran(MADE, silent), GOOD, Gates(changed_by_itself=0)))) == {
        "asks_cost against the baseline",
        "other failures",
    }


@pytest.mark.parametrize(
    ("before", "after", "name"),
    [
        (Spending(usd=1.0, input_tokens=10), Spending(usd=1.3, input_tokens=10), "cost"),
        (Spending(input_tokens=100), Spending(input_tokens=130), "cost in tokens a case"),
        (Spending(input_tokens=1, seconds=2.0), Spending(input_tokens=1, seconds=3.1), "latency"),
    ],
)
def test_cost_and_latency_may_not_grow_past_their_bounds(before, after, name):
    was, now = (GOOD.model_copy(update={"spending": spent}) for spent in (before, after))
    assert closed(judge(now, was, Gates())) == [name]
    assert judge(was, now, Gates()).passed


def test_latency_of_recordings_is_not_measured_rather_than_passed():
    verdict = judge(
        GOOD.model_copy(update={"spending": Spending(input_tokens=1)}),
        GOOD.model_copy(update={"spending": Spending(input_tokens=1)}),
        Gates(),
    )
    assert next(c.result for c in verdict.checks if c.name == "latency") == "not measured"


def test_two_runs_on_a_few_easy_cases_prove_nothing_about_the_suite():
    easy = ran(suite(table(2, lambda i: i % 2)), RIGHT)
    everything = [case.id for case in MADE.cases]
    assert judge(easy, easy, Gates()).passed
    verdict = judge(easy, easy, Gates(), everything)
    assert closed(verdict) == ["whole suite"]
    assert "2 of 20" in verdict.checks[0].detail
    assert judge(GOOD, GOOD, Gates(), everything).passed


def test_another_wording_is_held_against_the_same_ratings():
    other = rubric(rubric().criteria[0].model_copy(update={"description": "Asks for the cost in a number."}))
    tried = ran(MADE.with_rubric(other), RIGHT)
    assert tried.rubric != GOOD.rubric
    assert tried.suite_id == GOOD.suite_id
    assert judge(tried, GOOD, Gates()).passed
    with pytest.raises(InputError, match="differ in depth"):
        MADE.with_rubric(rubric(*other.criteria, DEPTH))
