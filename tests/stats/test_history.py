"""The sample's season: what was planted is found, and what was not is not."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "evals"))

from measure_history import TRUTH, Season, link, read_season

from agent.stats.rules import MovementRules
from agent.stats.trends import movement

ROOT = Path(__file__).resolve().parents[2]
RULES = yaml.safe_load((ROOT / "config/profiles.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def season() -> Season:
    return read_season()


def test_reps_move_who_truly_moved(season: Season) -> None:
    rules = MovementRules.model_validate(RULES["movement"])
    table = movement(season.baseline, season.cycles, season.names, season.coached, rules)
    lift = {rep: truth["true_lift_per_cycle"] for rep, truth in json.loads(TRUTH.read_text(encoding="utf-8")).items()}
    moved = {row.rep for row in table.rows() if row.verdict == "moved"}
    assert {rep for rep in lift if lift[rep] >= 0.22} <= moved
    assert not {rep for rep in lift if lift[rep] == 0} & moved
    assert not [row for row in table.rows(only_coached=False) if not row.coached and row.verdict == "moved"]


def test_the_outcome_link_names_the_planted_criterion_and_no_other(season: Season) -> None:
    named = [found.criterion for found in link(season, RULES).links if found.verdict == "association"]
    assert named == ["consequence_question"]
