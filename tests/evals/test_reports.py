from xml.etree.ElementTree import fromstring

from agent.evals.comparing import compare
from agent.evals.gating import judge
from agent.evals.junit import report_junit, verdict_junit
from agent.evals.page import comparison_page, report_page
from agent.evals.report import Report, report_of
from agent.evals.suite_files import Gates
from tests.evals.made import answering, ran, suite, table

MADE = suite(table(20, lambda i: i % 2), must_pass=("call-03",))
GOOD = ran(MADE, answering(lambda case, c, d: int(case[-2:]) % 2), draws=2)
BAD = ran(MADE, answering(lambda case, c, d: 1 if case < "call-03" else 0))


def test_the_report_says_all_figures_with_interval_or_reason():
    report = report_of(GOOD, {})
    again = Report.model_validate_json(report.model_dump_json())
    assert again == report
    data = report.model_dump(mode="json")
    contract = {"criterion", "n", "coverage", "exact", "within_one", "kappa", "alpha", "ac1", "sensitivity"}
    contract |= {"specificity", "evidence", "flip_rate", "human_ceiling", "constant", "floor"}
    only = data["criteria"][0]
    assert contract <= set(only)
    assert {"suite", "split", "model", "prompt", "n_cases", "cost", "criteria", "failures"} <= set(data)
    figures = [only[name] for name in contract - {"criterion", "n", "evidence", "human_ceiling", "constant", "floor"}]
    figures += [f for name in ("evidence", "human_ceiling", "constant", "floor") for f in only[name].values()]
    assert all(set(f) in ({"value", "low", "high", "n", "rough"}, {"undefined"}) for f in figures)
    assert set(only["evidence"]) == {"precision", "recall", "f1", "located"}


def test_must_pass_failures_come_first():
    failures = report_of(BAD, {}).failures
    assert [f.must_pass for f in failures] == [True] + [False] * (len(failures) - 1)
    assert failures[0].case == "call-03"


def test_junit_counts_what_must_pass_as_failed_and_the_rest_as_skipped():
    suite_xml = fromstring(report_junit(report_of(BAD, {})))
    assert suite_xml.get("failures") == "1"
    assert int(suite_xml.get("skipped")) == len(report_of(BAD, {}).failures) - 1
    gate = fromstring(verdict_junit(judge(BAD, GOOD, Gates())))
    assert int(gate.get("failures")) >= 2
    assert fromstring(verdict_junit(judge(GOOD, GOOD, Gates()))).get("failures") == "0"


def test_junit_survives_control_characters():
    odd = report_of(BAD, {})
    first = odd.failures[0].model_copy(update={"reason": "a\x00b\x1b[0m \ud800 <&>"})
    text = report_junit(odd.model_copy(update={"failures": [first]}))
    assert "ab[0m" in fromstring(text).find(".//failure").text


def test_pages_hold_tables_and_flips_and_escape_what_was_said():
    odd = report_of(BAD, {})
    first = odd.failures[0].model_copy(update={"reason": "<script>alert(1)</script>"})
    page = report_page(odd.model_copy(update={"failures": [first]}))
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "People (rows) by model (columns)" in page
    assert "counting words" in page.lower()
    flips = comparison_page(compare(GOOD, BAD))
    assert "What flipped: 11" in flips
    assert "http://" not in flips + page
    assert "https://" not in flips + page


def test_cases_of_split_test_are_counted_and_not_shown(capsys):
    from agent.evals.cli_views import show_comparison, show_report

    hidden = BAD.model_copy(update={"test_cases": BAD.cases})
    report = report_of(hidden, {})
    assert len(report.failures) == 11
    show_report(report)
    found = compare(GOOD.model_copy(update={"test_cases": GOOD.cases}), hidden)
    show_comparison(found)
    said = capsys.readouterr().out
    assert "11 ratings of split test are not right" in said
    assert "11 ratings of split test flipped" in said
    assert "call-0" not in said + report_page(report) + comparison_page(found)
