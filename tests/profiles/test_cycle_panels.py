"""Charts of cycles say of a criterion that calibration has not passed it, in words and to a screen reader."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from agent.profiles.verbs import draw_baselines
from agent.rubrics.model import RubricState
from agent.rubrics.store import RubricStates
from tests.api.conftest import made_site
from tests.api.season import RUBRIC, fill_season


def test_a_chart_bears_the_mark_of_its_criterion(tmp_path: Path) -> None:
    with made_site(tmp_path) as site:
        fill_season(site)
        draw_baselines(site.who("ops_lead"))
        charts = re.compile(r"<figcaption>(.*?)</figcaption>\s*<svg[^>]*aria-label=\"([^\"]*)\"", re.DOTALL)
        before = charts.findall(site.browser("ops_lead").get("/coaching/Rae").text)
        assert before
        assert not any("provisional" in part for chart in before for part in chart)
        marked = {RUBRIC.criteria[0].id: "provisional"}
        state = RubricState(rubric=RUBRIC.id, state="deployed", at=datetime.now(UTC), marks=marked)
        site.space.store[RubricStates].set(state)
        for path in ("/coaching/Rae", "/profiles/Rae"):
            name, spoken = charts.findall(site.browser("ops_lead").get(path).text)[0]
            assert '<span class="tag">provisional</span>' in name, path
            assert spoken.startswith(f"{RUBRIC.criteria[0].name}, provisional: "), path
