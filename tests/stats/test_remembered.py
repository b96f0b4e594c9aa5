"""Results that are kept: found by the contents of arrays, never after a change of one."""

import numpy as np

from agent.stats.remembered import remembered


def test_a_result_is_made_once_for_equal_contents() -> None:
    """Other arrays of the same contents are the same question."""
    made = []
    total = remembered(2)(lambda numbers, *, times: made.append(1) or int(numbers.sum()) * times)
    assert [total(np.arange(4), times=2), total(np.arange(4), times=2)] == [12, 12]
    assert len(made) == 1


def test_every_change_is_another_question() -> None:
    """Of one number in place, of the shape, of an option."""
    made = []
    total = remembered(10)(lambda numbers, *, times: made.append(1) or int(numbers.sum()) * times)
    numbers = np.arange(4)
    assert total(numbers, times=1) == 6
    numbers[0] = 5
    assert total(numbers, times=1) == 11
    assert total(numbers, times=2) == 22
    total(numbers.reshape(2, 2), times=2)
    assert len(made) == 4


def test_only_the_last_are_kept() -> None:
    """The one that was not asked for longest goes."""
    made = []
    same = remembered(2)(lambda one: made.append(one) or one)
    for one in (1, 2, 1, 3, 1, 2):
        assert same(one) == one
    assert made == [1, 2, 3, 2]


def test_a_failure_is_not_kept() -> None:
    """The next call tries again."""
    answers = iter([ZeroDivisionError(), 7])

    @remembered(2)
    def ask() -> int:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer

    try:
        ask()
    except ZeroDivisionError:
        assert ask() == 7
    else:
        raise AssertionError("the first call fails")
