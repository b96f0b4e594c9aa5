"""Which patterns are proposed for criteria."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from agent.core.errors import InputError
from agent.core.statistic import Undefined
from agent.patterns.model import Pattern, PatternSet
from agent.rubrics import proposal as proposing
from agent.rubrics.job import DraftParams
from agent.rubrics.proposal import MOST_CRITERIA, proposal
from agent.stats.contrast import Counts, contrasts, expected_false, prevalence, verdict

NOBODY = Undefined(undefined="nobody read it")
SURE, LEANS, SURER, NOTHING = Counts(8, 9, 1, 9), Counts(6, 9, 2, 9), Counts(5, 9, 0, 9), Counts(4, 9, 4, 9)


def patterns(*counts):
    found = [
        Pattern(
            id=f"p{number}",
            name=f"Pattern {number}",
            behavior="The rep asks.",
            verdict=verdict(counted, against.probability_won),
            moments=(),
            won=prevalence(counted.won, counted.won_of),
            lost=prevalence(counted.lost, counted.lost_of),
            contrast=against,
            agreement=NOBODY,
            kappa=NOBODY,
            adjudicated=0,
            evidence=(),
        )
        for number, (counted, against) in enumerate(zip(counts, contrasts(counts), strict=True), 1)
    ]
    return PatternSet(
        codebook="cb",
        interviews=(),
        patterns=tuple(found),
        expected_false=expected_false(counts),
        moments=(),
        unlocated=0,
        confirm={"p2": 31},
    )


@pytest.fixture(name="there")
def _there(monkeypatch):
    """A workspace whose newest extraction is what the test puts into it."""
    held = SimpleNamespace(patterns=patterns(SURE, LEANS, SURER, NOTHING))
    monkeypatch.setattr(proposing, "current", lambda space: SimpleNamespace(extraction=held))
    return held


def ids(made):
    return [p.pattern.id for p in made.patterns]


def test_what_leans_comes_after_what_is_sure_the_surest_first_and_is_marked(there):
    made = proposal(None)
    assert ids(made) == ["p1", "p3", "p2"]
    sure, surer, leans = made.patterns
    assert sure.mark == ""
    assert "to be confirmed by more interviews" in surer.mark
    assert leans.mark == (
        "leaning: seen in 6 of 9 won and 2 of 9 lost deals; to be confirmed by 31 interviews a side or by the scores"
    )
    assert made.sentence.startswith("1 separates won from lost, 2 only lean (about 0.")


def test_it_is_filled_up_to_eight_and_no_sure_one_is_left_out(there):
    there.patterns = patterns(*[SURE] * 3, *[LEANS] * 7)
    assert len(proposal(None).patterns) == MOST_CRITERIA
    there.patterns = patterns(*[SURE] * 9, LEANS)
    made = proposal(None)
    assert ids(made) == [f"p{n}" for n in range(1, 10)]
    assert "9 are more than" in made.sentence


def test_a_person_may_leave_out_what_leans_or_name_patterns(there):
    assert ids(proposal(None, "distinguishing")) == ["p1"]
    named = proposal(None, patterns=["p4", "p1", "p4"])
    assert ids(named) == ["p4", "p1"]
    assert "separates nothing" in named.patterns[0].mark
    with pytest.raises(InputError, match="no pattern p9; there are p1, p2, p3, p4"):
        proposal(None, patterns=["p9"])


def test_a_job_from_before_keeps_what_it_was_asked_for():
    assert DraftParams.model_validate({"label": "v1", "leaning": False}).only == "distinguishing"
    assert DraftParams.model_validate({"label": "v1", "leaning": True}).only == ""


def test_what_a_job_was_asked_for_comes_back_from_the_store():
    asked = DraftParams(label="v1", patterns=("p1", "p2"))
    assert DraftParams.model_validate(json.loads(asked.model_dump_json())) == asked
