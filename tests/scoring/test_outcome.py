"""How a run at the terminal ends: a script that goes on with the figures must know what failed."""

from collections import Counter

import pytest

from agent.core.errors import ModelError, ModelUnreachable
from agent.scoring.cli_run import check_outcome
from agent.scoring.running import Outcome


@pytest.mark.parametrize(
    ("outcome", "error", "command"),
    [
        (Outcome(statuses=Counter(rated=6, failed=1)), ModelError, "score run --rubric v1 --retry-failed"),
        (Outcome(statuses=Counter(failed=7)), ModelError, "model check rater"),
        (Outcome(statuses=Counter(rated=7), unanswered={"call-1": "away"}), ModelUnreachable, "score run --rubric v1"),
    ],
)
def test_a_run_with_failures_says_the_next_command(outcome, error, command):
    with pytest.raises(error) as caught:
        check_outcome(outcome, " --rubric v1")
    assert caught.value.exit_code == 6
    assert f"run: closeread {command}" in caught.value.advice.at_the_terminal()


@pytest.mark.parametrize("statuses", [Counter(rated=6, not_applicable=1), Counter()])
def test_a_run_without_failures_ends_well(statuses):
    check_outcome(Outcome(statuses=statuses))
