"""docs/method/for-managers.md explains every verdict in plain words and shows it in a picture."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from agent.calibration.report import CriterionVerdict
from agent.evals.comparing import Change
from agent.rubrics.model import Mark
from agent.stats.contrast import PatternVerdict
from agent.stats.diagnosis import Fault
from agent.stats.funnel import Against
from agent.stats.ongoing import DriftVerdict
from agent.stats.outcomes import OutcomeVerdict
from agent.stats.profiles import State
from agent.stats.telling import TellingVerdict
from agent.stats.trends import MovementVerdict
from tests.builders import ROOT

TEXT = (ROOT / "docs" / "method" / "for-managers.md").read_text(encoding="utf-8")
PICTURES = re.findall(r"^```\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
PROSE = re.sub(r"^```\n.*?^```$", " ", TEXT, flags=re.MULTILINE | re.DOTALL)
KINDS = {
    "calibration": CriterionVerdict,
    "marks": Mark,
    "ongoing": DriftVerdict,
    "states": State,
    "movement": MovementVerdict,
    "fault": Fault,
    "link": OutcomeVerdict,
    "telling": TellingVerdict,
    "patterns": PatternVerdict,
    "funnel": Against,
    "evals": Change,
}
NOT_SHOWN = {"no calls", "no yardstick"}  # there is nothing of which a verdict could be given


def names(kind):
    return [name for part in get_args(kind) for name in ([part] if isinstance(part, str) else names(part))]


def plain(name):
    """As people read it: "not moved", "distinguishing"."""
    return re.sub(r" (won|lost)$", "", name).replace("_", " ")


EVERY = sorted({(kind, plain(name)) for kind, of in KINDS.items() for name in names(of)} - {("", "")})


@pytest.mark.parametrize(("kind", "name"), EVERY)
def test_every_verdict_is_explained_and_pictured(kind, name):
    if name in NOT_SHOWN:
        return
    assert name in PROSE.lower(), f"{kind}: {name} is not explained"
    assert any(name in picture.lower() for picture in PICTURES), f"{kind}: {name} is in no picture"


def test_no_statisticians_words():
    assert not re.search(r"\b(Holm|kappa|alpha|odds ratio|log loss|p value|seed)\b", TEXT, re.IGNORECASE)
