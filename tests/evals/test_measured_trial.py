"""The published trial of the demo's rubric, printed again from the recordings."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow  # seconds of statistics for a published figure
def test_the_trial_before_and_after_the_fit_is_answered_from_recordings():
    command = [sys.executable, ROOT / "evals" / "measure_trial.py"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT).stdout
    before, rest = printed.split("\ndraft-2\n")
    after, anew = rest.split("\ndraft-3\n")
    for said in (
        "apply: 39 of 90",
        "Differ: 0 of 76",
        "Failed: 0 of 180",
        "calibrated: 6 of 9.",
        "40 calls: 178 of 360",
    ):
        assert said in before
    for said in ("apply: 4 of 60", "Differ: 1 of 60", "Failed: 0 of 120", "calibrated: 8 of 9.", "40 calls: 32 of 232"):
        assert said in after
    for said in ("apply: 0 of 65", "Differ: 0 of 65", "Failed: 0 of 130", "calibrated: 6 of 9."):
        assert said in anew
    published = (ROOT / "evals" / "README.md").read_text()
    assert "39 of 90 first readings before (.43, .33–.54) and 4 of 60 after (.07, .02–.16)" in published
    assert "| 39 of 90 (.43, .33–.54) | 4 of 60 (.07, .02–.16) | 0 of 65 (.00–.06) |" in published
    assert "178 of 360 (.49) before and 32 of 232 (.14) after" in published


def test_prompts_of_counts_and_fit_are_released(tmp_path):
    from agent.settings import Settings
    from agent.workspace import Workspace

    space = Workspace(Settings(tmp_path, f"sqlite:///{tmp_path / 'c.db'}", {}))
    assert [space.prompt(name).meta.status for name in ("count_occurrences", "fit_criterion")] == ["released"] * 2
