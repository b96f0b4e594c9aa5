"""What the rules hold against a criterion."""

from __future__ import annotations

import pytest

from agent.core.scale import BINARY, SCALES
from agent.rubrics.checks import rule_findings
from agent.rubrics.model import Criterion

RAISED = "no level for: nothing of the kind was raised"


def made(description: str, scale: str = "binary", **facts) -> Criterion:
    return Criterion(id="one", name="One", description=description, scale=SCALES[scale], **facts)


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        ("first few turns", "the rep's first three turns"),
        ("several", "at least two"),
        ("early", "before the product is shown"),
        ("often", "at least twice in the call"),
    ],
)
def test_words_that_stand_for_a_number_are_named_with_what_to_say_instead(words, instead):
    text = f"Asks what the problem costs the customer in {words} of the call, before the product is shown."
    (finding,) = rule_findings(made(text))
    assert finding.startswith(f"not unambiguous: {words!r} is no number; say ")
    assert instead in finding


def test_a_number_asked_for_is_none():
    assert rule_findings(made("Asks the customer how often invoices come late and how many there are.")) == []


def test_they_are_found_in_levels_too():
    levels = {0: "asks nothing", 1: "asks several questions"}
    assert rule_findings(made("Asks the customer at least two questions about the cost.", anchors=levels)) == [
        "not unambiguous: 'several' is no number; say how many: “at least two”"
    ]


HANDLING = "Answers the customer's main objection after asking what lies behind it and checks that it is settled."
LEVELS = {1: "ignores the objection or argues", 2: "answers it at once", 3: "asks what lies behind it, then answers"}


def test_levels_that_leave_a_gap_are_named():
    assert RAISED in rule_findings(made(HANDLING, "1-3", anchors=LEVELS))


@pytest.mark.parametrize(
    "mended",
    [
        {"anchors": LEVELS | {1: "ignores the objection or argues, or none was raised"}},
        {"anchors": LEVELS, "not_applicable_when": "The customer raises no objection in the call."},
    ],
)
def test_either_a_level_or_the_condition_closes_it(mended):
    assert RAISED not in rule_findings(made(HANDLING, "1-3", **mended))


def test_a_criterion_with_its_occasion_in_every_call_leaves_none():
    levels = {0: "names no next step", 1: "names a step with its day and who does it"}
    assert rule_findings(made("Names a next step with its day and who does it.", anchors=levels)) == []


def test_of_yes_and_no_no_is_the_level_for_it():
    assert made(HANDLING).scale == BINARY
    assert RAISED not in rule_findings(made(HANDLING))
