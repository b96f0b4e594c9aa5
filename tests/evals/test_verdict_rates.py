"""What docs/method/verdicts.md claims of every verdict holds, on fewer runs, and no verdict is missing there."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from agent.calibration.report import CriterionVerdict
from agent.evals.comparing import Change
from agent.stats.contrast import PatternVerdict
from agent.stats.diagnosis import Fault
from agent.stats.funnel import Against
from agent.stats.ongoing import DriftVerdict
from agent.stats.outcomes import OutcomeVerdict
from agent.stats.profiles import State
from agent.stats.telling import TellingVerdict
from agent.stats.trends import MovementVerdict
from evals.verdicts import calibration, profiles, reading
from evals.verdicts.rates import Rate
from evals.verdicts.table import PAGE, PARTS, page, split

FEW = {"calibration": 0.02, "profiles": 0.2, "movement": 0.015, "links": 0.04, "funnel": 0.05, "gate of evals": 0.1}
CLAIMS_NOTHING = {"no information", "no calls", "too few", "common", "no yardstick", "too_early", "same", "both"}


@pytest.mark.parametrize("part", PARTS)
def test_what_is_claimed_holds(part: str) -> None:
    broken = [
        f"{row.verdict}: {r.words()}" for row in PARTS[part](FEW.get(part, 1.0)) for r in row.rates if not r.holds
    ]
    assert not broken


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_what_is_claimed_holds_on_more_runs(part: str) -> None:
    broken = [f"{row.verdict}: {r.words()}" for row in PARTS[part](0.5) for r in row.rates if not r.holds]
    assert not broken


def test_a_rate_beyond_its_claim_is_told() -> None:
    assert Rate("", 0.051, most=0.05).holds is False
    assert Rate("", 0.06, runs=1000, most=0.05).holds is True  # within the error of the simulation
    assert Rate("", 0.08, runs=1000, most=0.05).holds is False
    assert Rate("", 0.7, runs=1000, least=0.8).holds is False


def test_exact_rows_of_the_page_are_those_of_the_rules_in_use() -> None:
    written = PAGE.read_text(encoding="utf-8").splitlines()
    exact = [
        *calibration.before_a_round(),
        *calibration.ongoing(),
        *profiles.of_states(10),
        *profiles.of_states(20),
        *reading.patterns(1),
    ]
    assert [row.line() for row in exact if row.line() not in written] == []


def test_every_verdict_has_a_row_or_claims_nothing() -> None:
    of_page, _ = split(PAGE.read_text(encoding="utf-8"))
    said = [line.split("|")[1].strip() for lines in of_page.values() for line in lines]
    kinds = (
        CriterionVerdict, DriftVerdict, MovementVerdict, Fault, OutcomeVerdict, PatternVerdict, State, TellingVerdict,
        Against, Change,
    )  # fmt: skip
    names = {name for kind in kinds for name in _names(kind)} - CLAIMS_NOTHING
    missing = [name for name in names if not any(_first_words(name) in line for line in said)]
    assert sorted(missing) == ["better", "holds", "watch"]  # nothing is done on them


def test_a_part_written_again_leaves_the_others_and_what_people_wrote() -> None:
    text = PAGE.read_text(encoding="utf-8")
    tables, by_people = split(text)
    assert page(tables) + by_people == text
    assert set(tables) == set(PARTS)
    assert "## Known limits" in by_people


def _names(kind: object) -> list[str]:
    return [name for part in get_args(kind) for name in ([part] if isinstance(part, str) else _names(part))]


def _first_words(name: str) -> str:
    """As the table has it: `not_moved` is "not moved", one row for both sides of "distinguishing"."""
    return re.sub(r" (won|lost)$", "", name).replace("_", " ")
