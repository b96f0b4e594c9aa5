"""Rating in the terminal, typed by a person."""

from io import StringIO

import pytest
from rich.console import Console

from agent.calibration.cli_session import Session
from agent.calibration.store import Rounds
from agent.rubrics.model import Example
from tests.builders import call, criterion, rubric
from tests.calibration.test_blindness import TypingShell


@pytest.fixture
def typing(tmp_path, capsys, store):
    shell = TypingShell(tmp_path / "space", capsys)
    assert shell("calibrate", "open", "--raters", "ana,ben", "--calls", "call-00,call-01").code == 0
    return shell


def rate(shell, *lines):
    shell.typed = "\n".join([*lines, ""])
    return shell("calibrate", "rate", "1", "--as", "ana")


def drafts(store):
    return {(d.call, d.criterion): d for d in store[Rounds].drafts(store[Rounds].get("1"), "ana")}


def test_the_transcript_stands_above_the_criterion_and_a_turn_is_quoted_by_its_number(typing, store):
    ran = rate(typing, "1", "0", "", "she asks for a sum", "q")
    assert ran.code == 0
    assert ran.out.index("0 Rae: What does the late close cost you each month?") < ran.out.index("Asks for the cost")
    assert "1 of 4 ratings of round 1." in ran.out
    assert "3 of 4 are left. closeread calibrate rate 1 --as ana" in ran.err
    kept = drafts(store)["call-00", "asks_cost"]
    assert kept.judgement.value == 1
    assert kept.judgement.quotes[0].text == "What does the late close cost you each month?"
    assert kept.reason == "she asks for a sum"


def test_it_goes_on_where_it_stopped_and_ends_with_the_next_command(typing, store):
    rate(typing, "0", "", "", "q")
    again = rate(typing, "1", "", "", "n", "", "n", "not on this call")
    assert "1 of 2" in again.out
    assert "4 of 4 ratings of round 1." in again.out
    assert "closeread calibrate submit 1 --as ana" in again.err
    kept = drafts(store)
    assert [kept[cell].judgement.status for cell in sorted(kept)] == [
        "rated",
        "rated",
        "not_applicable",
        "not_applicable",
    ]


def test_what_does_not_fit_is_asked_again(typing, store):
    ran = rate(
        typing, "2", "yes", "1", "", "1", "9", "0", "words that nobody said", "0", "late close cost", "", "?", "q"
    )
    for says in (
        "'2' is not a level of asks_cost; give 0, 1, or n/a",
        "'yes' is not a level",
        "name the turn that shows it",
        "turn 1 is Cus's; asks_cost rates the rep",
        "has no turn '9'",
        "nowhere in the transcript",
    ):
        assert says in ran.out.replace("\n", " ")
    assert drafts(store)["call-00", "asks_cost"].judgement.quotes[0].text == "late close cost"
    assert ran.out.count("About nine thousand dollars") == 2  # the call, and once more for "?"


def test_the_end_of_input_stops_like_q(typing, store):
    ran = rate(typing, "0", "", "")
    assert ran.code == 0
    assert "stopped; 1 ratings saved" in ran.out
    assert len(drafts(store)) == 1


def test_a_call_can_be_rated_again(typing, store):
    rate(typing, "0", "", "", "3", "0", "", "")
    typing.typed = "1\n0\n\n\nq\n"
    assert typing("calibrate", "rate", "1", "--as", "ana", "--call", "call-00").code == 0
    assert drafts(store)["call-00", "asks_cost"].judgement.value == 1
    assert typing("calibrate", "rate", "1", "--as", "ana", "--call", "call-09").code == 2


@pytest.mark.parametrize(("rated", "shown"), [("call-00", False), ("call-01", True)])
def test_an_example_out_of_the_call_that_is_rated_is_not_shown(rated, shown):
    """It would give the answer away; the page hides it as well (`shown_examples`)."""
    words = "What does the late close cost you each month?"
    example = Example(kind="present", text=words, source="call-00")
    asked = rubric(criterion(examples=(example,)))
    printed = Console(file=StringIO(), width=200)
    sitting = Session(asked, lambda question: "q", printed, lambda draft: None)
    sitting._show_criterion(asked.criteria[0], call(rated))
    assert (f"present: “{words}”" in printed.file.getvalue()) is shown
