import asyncio

import pytest

from agent.core.errors import BudgetExceeded, InputError, ModelUnreachable, ReplyTruncated
from agent.evals.archive import Archive
from agent.evals.report import report_of
from agent.evals.running import CODE, Plan, run_suite
from agent.evals.second_opinion import listed
from agent.llm.cache import CachedModel
from agent.ratings.model import Failed, Rated
from tests.builders import PROMPTS, asked, role, rubric
from tests.evals.made import DEPTH, answering, ran, suite, table

MADE = suite(table(6, lambda i: i % 2))
RIGHT = answering(lambda case, c, d: int(case[-2:]) % 2)


def test_every_case_is_asked_once_a_draw():
    made = role(RIGHT)
    plan = Plan(MADE, MADE.cases, made, PROMPTS.get("rate_call"), draws=3)
    run = asyncio.run(run_suite(plan, 4, lambda: None))
    assert len(asked(made)) == 18 == len(list(plan.requests()))
    assert {r.draw for r in asked(made)} == {0, 1, 2}
    assert {r.id for r in asked(made)} == {r.id for r in plan.requests()}
    assert len(run.answers) == 18
    assert run.spending.requests == 18
    assert run.spending.answered == {"provider": 18}


def test_one_criterion_a_request_shows_the_model_one_criterion():
    right = {("call-00", "asks_cost"): 1, ("call-00", "depth"): 3}
    made, rater = suite(right, rubric(*rubric().criteria, DEPTH)), role(answering(lambda case, c, d: right[case, c]))
    plan = Plan(made, made.cases, rater, PROMPTS.get("rate_call"), mode="one criterion")
    run = asyncio.run(run_suite(plan, 4, lambda: None))
    shown = sorted("depth (scale" in r.messages[-1].content for r in asked(rater))
    assert shown == [False, True]
    assert all(a.judgement == Rated(value=right[a.case, a.criterion], quotes=a.judgement.quotes) for a in run.answers)


def test_a_stopped_run_is_taken_up_where_it_ended(tmp_path):
    calls = []

    def first(request):
        calls.append(request.subject)
        if len(calls) > 4:
            raise BudgetExceeded("enough")
        return RIGHT(request)

    cache = tmp_path / "cache"
    with pytest.raises(BudgetExceeded):
        _through(cache, role(first))
    later = role(RIGHT)
    run = _through(cache, later)
    assert len(asked(later)) == 2
    assert run.spending.answered == {"cache": 4, "provider": 2}
    again = role(RIGHT)
    assert _through(cache, again).id == run.id
    assert asked(again) == []


def _through(cache, rater):
    from dataclasses import replace

    kept = CachedModel(rater.client, cache)
    plan = Plan(MADE, MADE.cases, replace(rater, client=kept), PROMPTS.get("rate_call"))
    try:
        return asyncio.run(run_suite(plan, 1, lambda: None))
    finally:
        kept.close()


def test_what_may_pass_by_itself_is_left_for_the_next_run_and_what_will_not_is_a_failure():
    def answer(request):
        if request.subject == "call-00":
            raise ModelUnreachable("no answer")
        if request.subject == "call-01":
            raise ReplyTruncated("stopped at the limit")
        return RIGHT(request)

    run = ran(MADE, answer)
    assert run.unanswered == {"call-00": "no answer"}
    assert ("call-00", "asks_cost") not in run.drawn()
    assert isinstance(run.drawn()["call-01", "asks_cost"].judgement, Failed)
    report = report_of(run, {})
    assert {f.case for f in report.failures} == {"call-00", "call-01"}
    assert report.criteria[0].n == 5


def test_a_case_that_lacks_a_draw_counts_in_none():
    def answer(request):
        if request.subject == "call-00" and request.draw == 1:
            raise ModelUnreachable("no answer")
        return RIGHT(request)

    run = ran(MADE, answer, draws=2)
    assert not any(a.case == "call-00" for a in run.answers)


def test_the_id_is_made_of_what_came_out_not_of_when_or_at_what_cost():
    assert ran(MADE, RIGHT).id == ran(MADE, RIGHT).id
    assert ran(MADE, RIGHT).id != ran(MADE, answering(lambda *_: 1)).id


def test_splits_tags_and_ids_choose_cases():
    assert len(MADE.chosen("dev")) == 6
    assert [c.id for c in MADE.chosen(cases=("call-02",))] == ["call-02"]
    with pytest.raises(InputError, match="no case with split 'test'"):
        MADE.chosen("test")
    with pytest.raises(InputError, match="no case nobody"):
        MADE.chosen(cases=("nobody",))


def test_code_asks_no_model():
    from agent.core.errors import ConfigError

    request = next(Plan(MADE, MADE.cases, role(RIGHT), PROMPTS.get("rate_call")).requests())
    with pytest.raises(ConfigError):
        asyncio.run(CODE.client.ask(request))


def test_the_second_opinion_counts_how_many_true_errors_its_list_holds():
    # call-00 is wrong in the first draw and right in the second; call-02 is wrong in both: no list shows that one.
    run = ran(
        MADE,
        answering(lambda case, c, d: 1 if case == "call-02" or (case == "call-00" and d == 0) else int(case[-2:]) % 2),
        draws=2,
    )
    found = listed(run)
    assert (found.ratings, found.listed, found.errors, found.errors_listed) == (6, 1, 2, 1)
    assert found.keys == [("call-00", "asks_cost")]
    assert "1 of the 2 true errors" in report_of(run, {}).second_opinion.sentence


def test_runs_are_kept_and_read_back(tmp_path):
    archive = Archive(tmp_path)
    run = ran(MADE, RIGHT)
    archive.keep(run, report_of(run, {}))
    assert archive.run(run.id).run == run
    assert [s.run.id for s in archive.runs("small")] == [run.id]
    slower = run.model_copy(update={"spending": run.spending.model_copy(update={"seconds": None, "requests": 0})})
    archive.keep(slower, report_of(slower, {}))
    assert archive.run(run.id).run.spending.requests == 6
