import pytest

from agent.core.statistic import Undefined
from agent.core.transcript import Quote, Span
from agent.evals.figures import (
    Pairing,
    agreement,
    confusion,
    coverage,
    errors,
    evidence,
    flip_rate,
    pairing,
    ratio,
)
from agent.evals.suite import Reference
from agent.ratings.model import Failed, NotApplicable, Rated
from tests.builders import criterion
from tests.evals.made import DEPTH, answering, ran, rubric, suite, table

YES_NO = criterion("c")


def quotes(*turns):
    return tuple(Quote(span=Span(turn=t, start=0, end=3), speaker="Rae", text="abc") for t in turns)


def pairs(given, right, on=YES_NO, turns=None):
    references = {
        case: Reference(case=case, criterion="c", value=value, turns=(turns or {}).get(case))
        for case, value in right.items()
    }
    return Pairing(on, given, references)


def test_agreement_of_ten_calls_by_hand():
    # model: 4 hits, 1 miss, 2 false alarms, 3 left. p_o = .7; p_e = .5 * .6 + .5 * .4 = .5; kappa = .4
    right = {f"k{i}": int(i < 5) for i in range(10)}
    said = [1, 1, 1, 1, 0, 1, 1, 0, 0, 0]
    given = {f"k{i}": Rated(value=said[i]) for i in range(10)}
    found = agreement(pairs(given, right))
    assert found["exact"].value == pytest.approx(0.7)
    assert found["kappa"].value == pytest.approx(0.4)
    assert found["exact"].low < 0.7 < found["exact"].high
    assert "two levels" in found["within_one"].undefined
    wrong = errors(pairs(given, right))
    assert wrong["sensitivity"].value == pytest.approx(4 / 5)
    assert wrong["specificity"].value == pytest.approx(3 / 5)
    assert confusion(pairs(given, right))["0"] == {"0": 3, "1": 2, "failed": 0}


def test_quadratic_kappa_takes_levels_from_the_scale():
    # The case of DESIGN.md: levels from the data would give .286 on a 1-5 scale.
    right = {f"k{i}": v for i, v in enumerate([1, 1, 2, 2, 3, 3, 4, 4, 5, 5])}
    given = {case: Rated(value=6 - value) for case, value in right.items()}
    assert agreement(pairs(given, right, criterion("c", scale="1-5")))["kappa"].value == pytest.approx(-1.0)


def test_not_applicable_against_a_level_is_a_disagreement_and_failed_is_missing():
    right = {"a": None, "b": 1, "c": 0, "d": 1}
    given = {
        "a": Rated(value=1),
        "b": Rated(value=1),
        "c": Rated(value=0),
        "d": Failed(kind="evidence", detail="nowhere"),
    }
    found = agreement(pairs(given, right))
    assert found["exact"].value == pytest.approx(2 / 3)
    assert confusion(pairs(given, right))["n/a"]["1"] == 1
    assert agreement(pairs({"a": NotApplicable()}, {"a": None}))["exact"].undefined


def test_evidence_is_counted_in_turns_over_calls_where_both_say_shown():
    right = dict.fromkeys("abcd", 1) | {"e": 0}
    given = {
        "a": Rated(value=1, quotes=quotes(1, 2)),  # 1 of 2 said, 1 of 1 wanted
        "b": Rated(value=1, quotes=quotes(4)),  # 1 of 1 said, 1 of 3 wanted
        "c": Rated(value=0),
        "d": Failed(kind="evidence", detail="nowhere", claimed=1),
        "e": Rated(value=1, quotes=quotes(0)),
    }
    turns = {"a": (1,), "b": (4, 5, 6), "c": (1,), "d": (1,), "e": ()}
    found = evidence(pairs(given, right, turns=turns))
    assert found["precision"].value == pytest.approx(2 / 3)
    assert found["recall"].value == pytest.approx(2 / 4)
    assert found["f1"].value == pytest.approx(2 * 2 / (3 + 4))
    assert found["located"].value == pytest.approx(3 / 4)  # a, b, e of the four claims
    assert found["precision"].n == 2


def test_a_perfect_ratio_still_has_an_interval():
    found = ratio([2, 1, 3], [2, 1, 3], "x")
    assert found.value == 1.0
    assert found.low == pytest.approx(0.025 ** (1 / 3))
    assert isinstance(ratio([], [], "x"), Undefined)
    assert isinstance(ratio([0], [0], "x"), Undefined)


def test_flip_rate_is_the_share_of_differing_pairs_of_draws():
    # call-00 says 1, 1, 0 over three draws: 2 of its 3 pairs differ. The other three calls never flip.
    made = suite(table(4, lambda i: 1))
    run = ran(made, answering(lambda case, c, draw: 0 if case == "call-00" and draw == 2 else 1), draws=3)
    found = flip_rate(run, run.criteria[0])
    assert found.value == pytest.approx((2 / 3) / 4)
    assert found.n == 4
    once = ran(made, answering(lambda *_: 1))
    assert "one draw" in flip_rate(once, once.criteria[0]).undefined


def test_nothing_answered_is_undefined_everywhere():
    empty = pairs({}, {"a": 1})
    found = {**agreement(empty), **errors(empty), **evidence(empty)}
    assert all(isinstance(statistic, Undefined) for statistic in found.values())
    assert set(found) >= {"exact", "kappa", "alpha", "ac1", "sensitivity", "specificity", "precision", "located"}


def test_coverage_counts_what_failed():
    made = suite(table(4, lambda i: 1))

    def answer(request):
        bad = request.subject == "call-03"
        return {"ratings": [{**answering(lambda *_: 1)(request)["ratings"][0], **_nowhere(bad)}]}

    run = ran(made, answer)
    assert coverage(run, run.criteria[0]).value == pytest.approx(3 / 4)
    assert isinstance(run.drawn()["call-03", "asks_cost"].judgement, Failed)


def _nowhere(bad):
    return {"evidence": [{"turn": 0, "quote": "words that nobody said here"}]} if bad else {}


def test_a_scale_is_shown_above_its_lowest_level():
    right = {("a", "depth"): 1, ("b", "depth"): 4, ("c", "depth"): 5}
    made = suite(right, rubric(DEPTH))
    run = ran(made, answering(lambda case, c, d: {"a": 2, "b": 3, "c": 5}[case]))
    found = errors(pairing(run, DEPTH))
    assert found["specificity"].value == 0.0
    assert found["sensitivity"].value == 1.0
    assert agreement(pairing(run, DEPTH))["within_one"].value == 1.0
