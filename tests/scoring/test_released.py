"""First readings count as scores, so they are made with a released prompt only."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.core.errors import UsageError
from agent.llm.prompts import PromptLibrary
from agent.scoring.running import Scoring
from tests.builders import ROOT, criterion, rubric


def test_a_draft_gives_no_first_reading():
    released = PromptLibrary(ROOT / "prompts").get("rate_call")
    draft = replace(released, meta=released.meta.model_copy(update={"status": "draft"}))
    for prompt, draw in ((released, 0), (released, 1), (draft, 1)):
        assert Scoring(None, rubric(criterion()), prompt, draw).draw == draw
    with pytest.raises(UsageError, match="is a draft, and first readings count"):
        Scoring(None, rubric(criterion()), draft, 0)
