"""Every verdict that the program can say, read off the code: a new one is missing in the lists below until it is put there."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import get_args

from tests.builders import ROOT

SLICES = ("stats", "calibration", "rubrics", "profiles", "coaching", "outcomes", "patterns", "evals")
NOT_VERDICTS = {
    "agent.calibration.cli_agreement.Scale",
    "agent.calibration.gate.Others",
    "agent.calibration.model.RoundState",
    "agent.calibration.sharpening.Change",
    "agent.coaching.api.CyclesFilter",
    "agent.coaching.api.VerdictFilter",
    "agent.coaching.api_plans.BriefForm",
    "agent.coaching.cli.Form",
    "agent.evals.run.Mode",
    "agent.evals.suite_files.Level",
    "agent.evals.suite_files.Split",
    "agent.evals.suite_files.SuiteKind",
    "agent.outcomes.cli.LinkOption",
    "agent.outcomes.deal_scores.Link",
    "agent.outcomes.weights.Link",
    "agent.patterns.model.Analyst",
    "agent.patterns.model.Subject",
    "agent.profiles.figures.State",
    "agent.profiles.moments.Kind",
    "agent.profiles.population.Kind",
    "agent.rubrics.diff.Piece",
    "agent.rubrics.diff.State",
    "agent.rubrics.in_use.Why",
    "agent.rubrics.model.RatedSpeaker",
    "agent.rubrics.model.RubricStateName",
    "agent.rubrics.proposal.Only",
    "agent.stats.agreement.icc.Form",
    "agent.stats.agreement.preconditions.Weighting",
    "agent.stats.rating_table.Metric",
    "agent.stats.trends.Period",
}
"""Names of ways, files, filters and states of things; nothing is claimed by them."""


def literals() -> dict[str, list[str]]:
    """Every list of words a slice names at the top of a file, with the words."""
    found = {}
    for slice_ in SLICES:
        for path in sorted((ROOT / "agent" / slice_).rglob("*.py")):
            for name in _named(path):
                module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
                found[f"{module}.{name}"] = list(_words(getattr(import_module(module), name)))
    return found


def verdicts() -> dict[str, list[str]]:
    """Those that are verdicts."""
    return {name: words for name, words in literals().items() if name not in NOT_VERDICTS}


def plain(name: str) -> str:
    """As people read it: "not moved"; one word for both sides of "distinguishing"."""
    return re.sub(r" (won|lost)$", "", name).replace("_", " ")


def _named(path: Path) -> Iterator[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and "Literal[" in ast.unparse(node.value):
            yield from (target.id for target in node.targets if isinstance(target, ast.Name))


def _words(kind: object) -> Iterator[str]:
    for part in get_args(kind):
        if isinstance(part, str):
            yield part
        else:
            yield from _words(part)
