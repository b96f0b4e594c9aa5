import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from agent.core.errors import InputError
from agent.evals.comparing import compare, sign_test
from agent.evals.report import Value
from tests.builders import rubric
from tests.evals.made import DEPTH, answering, ran, suite, table

OPPOSITE = {"better": "worse", "worse": "better", "same": "same"}


def test_flips_are_listed_in_both_directions_with_both_quotes():
    made = suite(table(12, lambda i: 1))
    first = ran(made, answering(lambda case, c, d: int(case != "call-00")))
    second = ran(made, answering(lambda case, c, d: int(case not in ("call-01", "call-02"))))
    found = compare(first, second)
    assert [(f.case, f.change) for f in found.flips] == [
        ("call-01", "worse"),
        ("call-02", "worse"),
        ("call-00", "better"),
    ]
    assert found.flips[0].first_quotes[0].text == "What does the late close cost you each month?"
    assert found.flips[2].second_quotes[0].turn == 0
    only = found.criteria[0]
    assert (only.closer, only.farther, only.n, only.verdict) == (1, 2, 12, "same")
    assert only.difference.value == pytest.approx(-1 / 12)


def test_mcnemar_by_hand():
    assert sign_test(0, 6) == pytest.approx(2 * 0.5**6)
    assert sign_test(1, 5) == pytest.approx(2 * (1 + 6) * 0.5**6)
    assert sign_test(0, 0) == 1.0


def test_clearly_worse_is_said():
    made = suite(table(20, lambda i: 1))
    found = compare(ran(made, answering(lambda *_: 1)), ran(made, answering(lambda case, c, d: int(case > "call-09"))))
    assert found.criteria[0].verdict == "worse"
    assert found.criteria[0].difference.high < 0


levels = st.lists(st.tuples(*[st.integers(1, 5)] * 3), min_size=2, max_size=12)


@examples(max_examples=25)
@given(levels)
def test_a_against_b_is_b_against_a_with_its_sign(rows):
    right = {(f"call-{i:02d}", "depth"): row[0] for i, row in enumerate(rows)}
    made = suite(right, rubric(DEPTH))
    runs = [ran(made, answering(lambda case, c, d, at=at: rows[int(case[-2:])][at])) for at in (1, 2)]
    there, back = compare(*runs).criteria[0], compare(*reversed(runs)).criteria[0]
    assert there.p == back.p
    assert (there.closer, there.farther) == (back.farther, back.closer)
    assert there.verdict == OPPOSITE[back.verdict]
    assert isinstance(there.difference, Value)
    assert there.difference.value == pytest.approx(-back.difference.value)
    assert there.difference.low is back.difference.low is None  # the counts of cases decide on a scale


@examples(max_examples=25)
@given(st.lists(st.tuples(*[st.integers(0, 1)] * 3), min_size=1, max_size=12))
def test_the_same_for_yes_and_no(rows):
    made = suite({(f"call-{i:02d}", "asks_cost"): row[0] for i, row in enumerate(rows)})
    runs = [ran(made, answering(lambda case, c, d, at=at: rows[int(case[-2:])][at])) for at in (1, 2)]
    there, back = compare(*runs).criteria[0], compare(*reversed(runs)).criteria[0]
    assert there.difference.value == pytest.approx(-back.difference.value)
    if there.difference.low is None:
        assert back.difference.low is None  # nothing changed
        assert there.closer == there.farther == 0
    else:
        assert there.difference.low == pytest.approx(-back.difference.high)
    assert (there.p, there.verdict) == (back.p, OPPOSITE[back.verdict])


def test_a_run_against_itself_changes_nothing():
    run = ran(suite(table(5, lambda i: i % 2)), answering(lambda *_: 1))
    found = compare(run, run)
    assert found.flips == []
    assert found.criteria[0].difference.value == 0
    assert found.criteria[0].verdict == "same"


def test_runs_that_share_no_case_compare_to_nothing():
    first = ran(suite({("a", "asks_cost"): 1}), answering(lambda *_: 1))
    second = ran(suite({("b", "asks_cost"): 1}), answering(lambda *_: 1))
    found = compare(first, second)
    assert found.n_cases == 0
    assert "no case" in found.criteria[0].difference.undefined
    assert found.criteria[0].verdict == "same"


def test_a_changed_reference_is_refused_not_compared():
    first = ran(suite(table(3, lambda i: 1)), answering(lambda *_: 1))
    second = ran(suite(table(3, lambda i: 0)), answering(lambda *_: 1))
    with pytest.raises(InputError, match="changed between"):
        compare(first, second)
    other = ran(suite(table(3, lambda i: 1), name="another"), answering(lambda *_: 1))
    with pytest.raises(InputError, match="one suite"):
        compare(first, other)
