"""Scores that are learned and not lived: the same words on page, command, API and in the report, and plain ones."""

from __future__ import annotations

import json
from datetime import date
from types import SimpleNamespace

import numpy as np
import pytest

from agent.app.telling import unsaid
from agent.core.direction import Direction
from agent.core.statistic import Estimate, Undefined
from agent.documents.after_scores import report_parts
from agent.outcomes.figures import LEARNED
from agent.outcomes.learned import LearnedReport, _starts
from agent.outcomes.parts import learned_part
from agent.outcomes.views import LearnedView
from agent.profiles.figures import compute, mark_of
from agent.profiles.model import CoachingPeriod
from agent.rubrics.in_use import in_use_id
from agent.stats.telling import WHAT_TO_DO, Telling, Wins
from tests.api.conftest import made_site
from tests.builders import criterion
from tests.cli.conftest import Shell
from tests.documents.crawl import first_level
from tests.documents.test_first_level import JARGON
from tests.outcomes.walk import decided


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("learned")) as site:
        decided(site)
        yield site


def test_page_command_and_api_say_the_same(site, capsys):
    known = in_use_id(site.space.store, "v1")
    compute(site.space, LEARNED, known, mark_of(site.space, known))  # else the first answer is: on its way
    by_api = site.program("ops_lead").get("/api/v1/telling", params={"rubric": "v1"}).json()["value"]
    shell = Shell(site.space.settings.workspace, capsys)
    assert shell("telling", "--rubric", "v1", "--json").json["value"] == by_api
    assert shell("telling", "--rubric", "v1").code == 0
    page = site.ops_browser.get("/outcomes", params={"rubric": "v1"}).text
    for row in by_api["rows"]:
        assert row["verdict"] == "cannot tell"  # twelve deals
        assert row["verdict"] in shell.out
        assert row["what_to_do"] in page
        for wins in (row["wins_before"], row["wins_after"]):
            said = "{won_with} of {with_it} with it, {won_without} of {without} without".format(**wins)
            assert said in page
    assert not JARGON.findall(first_level(page))
    assert not JARGON.findall(shell.out)


def test_a_deal_counts_as_since_from_its_reps_coaching_on_this_very_criterion():
    """Rae was coached on one thing in March and on another in May; Sam on the second in April; Tom on nothing."""
    march, april, may = (date(2026, month, 1) for month in (3, 4, 5))
    periods = [
        CoachingPeriod(rep=rep, cycle="one", start=day, end=day, criteria=(criterion,))
        for rep, day, criterion in (("Rae", march, "asks"), ("Rae", may, "plans"), ("Sam", april, "plans"))
    ]
    season = SimpleNamespace(reps=["Rae", "Sam", "Tom"], criteria=("asks", "plans", "waits"), periods=periods)
    begun = np.array([march.toordinal(), april.toordinal(), march.toordinal()])
    starts = [[date.fromordinal(day) for day in row] for row in _starts(season, begun).tolist()]
    assert starts[0] == [march, may, march]  # nobody was coached on the third: from his first coaching at all
    assert starts[1] == [march, april, april]  # not coached on the first: from when anybody was
    assert starts[2] == [march, april, march]
    assert starts[3] == [march, april, march]  # whoever else has deals


def test_the_report_names_what_fades_and_what_to_do():
    figure, none = Estimate(value=0.3, n=18, low=0.1, high=0.5), Undefined(undefined="no quotes", n=0)
    rows = tuple(
        Telling(
            criterion=name,
            wins_before=Wins(won_with=12, with_it=40, won_without=5, without=30),
            wins_after=Wins(won_with=9, with_it=60, won_without=2, without=10),
            before=figure,
            after=figure,
            change=figure,
            rise=figure,
            copies=none,
            p_still=0.01,
            p_weaker=0.01,
            verdict=verdict,
        )
        for name, verdict in (("asks_cost", "fading"), ("asks_more", "still tells"), ("asks_less", "cannot tell"))
    )
    learned = LearnedReport(rows=rows, population="900 deals", showings="up to 400")
    part = learned_part(LearnedView.of(learned), Direction.by_id(criterion(row.criterion) for row in rows))
    assert "asks_cost rose and tell less of wins than before" in part.sentences[1]
    assert [row[1].split(" ", 1)[1] for row in part.rows] == ["fading", "still tells", "cannot tell"]
    assert part.rows[0][3:5] == ("12 of 40 with it, 5 of 30 without", "9 of 60 with it, 2 of 10 without")
    assert [row[2] for row in part.rows] == [WHAT_TO_DO[row.verdict] for row in rows]
    assert not JARGON.findall(json.dumps([part.sentences, part.columns, part.rows]))


def test_without_deals_named_by_calls_the_report_leaves_it_out(site):
    assert "telling" not in {part.id for part in report_parts(site.space, unsaid)}  # nobody has a baseline there
