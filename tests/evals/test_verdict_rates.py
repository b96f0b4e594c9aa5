"""What docs/method/verdicts.md claims of every verdict holds, on fewer runs, and no verdict is missing there."""

from __future__ import annotations

import re

import pytest

from evals.verdicts import calibration, profiles, reading
from evals.verdicts.rates import Rate
from evals.verdicts.table import PAGE, PARTS, page, split
from tests.evals.verdict_words import plain, verdicts

FEW = {"profiles": 0.2, "links": 0.04, "gate of evals": 0.1}
# Simulations that take seconds on the fewest runs that show anything; tests/stats holds their rules on fixed cases.
MORE = {"calibration": 0.1, "movement": 0.1, "funnel": 0.2}
CLAIMS_NOTHING = {
    "no information", "no calls", "too few", "common", "no yardstick", "too early", "same", "level", "not measured",
    "not calibrated",
}  # fmt: skip


@pytest.mark.parametrize("part", [part for part in PARTS if part not in MORE])
def test_what_is_claimed_holds(part: str) -> None:
    broken = [
        f"{row.verdict}: {r.words()}" for row in PARTS[part](FEW.get(part, 1.0)) for r in row.rates if not r.holds
    ]
    assert not broken


@pytest.mark.slow
@pytest.mark.parametrize("part", PARTS)
def test_what_is_claimed_holds_on_more_runs(part: str) -> None:
    broken = [
        f"{row.verdict}: {r.words()}" for row in PARTS[part](MORE.get(part, 0.5)) for r in row.rates if not r.holds
    ]
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
        *profiles.of_changes(12),
        *reading.patterns(1),
        *reading.comparison(),
    ]
    assert [row.line() for row in exact if row.line() not in written] == []


def test_every_verdict_has_a_row_or_claims_nothing() -> None:
    of_page, _ = split(PAGE.read_text(encoding="utf-8"))
    said = [line.split("|")[1].strip() for lines in of_page.values() for line in lines]
    names = {plain(name) for words in verdicts().values() for name in words} - CLAIMS_NOTHING
    assert sorted(name for name in names if not any(re.search(rf"\b{name}\b", line) for line in said)) == []


def test_a_part_written_again_leaves_the_others_and_what_people_wrote() -> None:
    text = PAGE.read_text(encoding="utf-8")
    tables, by_people = split(text)
    assert page(tables) + by_people == text
    assert set(tables) == set(PARTS)
    assert "## Known limits" in by_people
