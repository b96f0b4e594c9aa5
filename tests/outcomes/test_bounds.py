"""Lost deals that do not say how far they came (most exports of a CRM): conversions are bounds, and no verdict is given."""

import re
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.app.documents.charts import funnel_chart
from agent.app.telling import unsaid
from agent.library import Workspace
from agent.outcomes.figures import FUNNEL
from agent.outcomes.funnels import funnels_of
from agent.outcomes.parts import funnel_parts
from agent.outcomes.views import FunnelsView
from agent.profiles.figures import compute, mark_of
from agent.rubrics.in_use import in_use_id
from agent.stats.deals import OUTCOMES, DealFrame
from agent.stats.funnel import funnel
from agent.stats.rules import FunnelRules
from tests.api.conftest import made_site
from tests.cli.conftest import Shell

EXPORT = "Opportunity ID,Opportunity Owner,Created Date,Close Date,Stage,Amount\n" + "".join(
    f"d{at},Rae,2026-01-{at + 1:02},2026-03-{at + 1:02},{'Closed Won' if at < 6 else 'Closed Lost'},100\n"
    for at in range(20)
)
STAGED = "".join(f"s{at},Rae,2026-02-{at + 1:02},,Proposal/Price Quote,100\n" for at in range(4))
BOUNDS = {  # 6 won, 14 lost anywhere, 4 open at the proposal
    "lead to meeting": "42 to 100 %",
    "meeting to proposal": "42 to 100 %",
    "proposal to won": "30 to 100 %",
}


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("bounds")) as site:
        shell_folder = site.space.settings.workspace
        (shell_folder / "deals.csv").write_text(EXPORT + STAGED)
        yield site


def test_every_front_end_gives_bounds_and_no_verdict(site, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    shell = Shell(site.space.settings.workspace, capsys)
    shell("deals", "import", site.space.settings.workspace / "deals.csv", "--preset", "salesforce")
    assert shell.code == 0, shell.err
    assert "14 lost deals do not say how far they came" in shell.err
    known = in_use_id(site.space.store, "")
    compute(site.space, FUNNEL, known, mark_of(site.space, known))  # else the first answer is: on its way
    by_api = site.program("ops_lead").get("/api/v1/funnel").json()["value"]
    by_command = shell("funnel", "--json").json["value"]
    with Workspace(site.space.settings.workspace) as library:
        by_library = library.funnel().model_dump(mode="json")
    assert by_api == by_command == by_library
    for one in (by_api["team"], *(rep["funnel"] for rep in by_api["reps"])):
        for step in (*one["steps"], *one["rule_steps"]):
            if step["between"] is not None:
                assert "value" not in step["conversion"]
                assert step["against"] in ("cannot tell", "no yardstick")
        assert {f"{s['start']} to {s['end']}" for s in one["steps"] if s["between"]} == BOUNDS.keys()
    page = " ".join(site.ops_browser.get("/outcomes").text.split())
    file = " ".join(site.ops_browser.get("/outcomes", params={"table": "1.csv"}).text.split())
    funnels = funnels_of(site.space, "", unsaid)
    report, *_ = funnel_parts(FunnelsView.of(funnels))
    rows = {step: (went_on, against) for step, went_on, _, against in report.rows}
    terminal = " ".join(shell("funnel").out.split())
    drawn = funnel_chart(funnels.team).svg
    for step, bounds in BOUNDS.items():
        assert rows[step][0].startswith(bounds)
        assert rows[step][1] in ("cannot tell", "no yardstick")
        assert re.search(rf"{step} {bounds}: 14 deals do not say how far they came", terminal), terminal
        assert bounds in page
        assert f"{bounds} bounds; 14 deals do not say how far they came" in file
        assert bounds in drawn
    for shown in (terminal, report.sentences[0], drawn):
        assert "10 or more" in shown
    assert page.count("<small>or more</small>") == 2
    for shown in (page, terminal, str(report)):
        assert "above" not in re.sub(r"“Below” or “above”", "", re.sub(r"<[^>]*>", " ", shown))


STAGES = ("lead", "meeting", "proposal", "won")
outcomes = st.sampled_from([*((stage, "lost") for stage in range(3)), *((s, "open") for s in range(3)), (3, "won")])
unknowns = st.sampled_from(["lost", "open"])


def frame(deals):
    zeros = np.zeros(len(deals), int)
    stage, outcome = (np.array(column) for column in zip(*((s, OUTCOMES.index(o)) for s, o in deals), strict=True))
    return DealFrame(("Rae",), STAGES, zeros, zeros, zeros, stage, outcome)


@given(st.lists(outcomes, max_size=5), st.lists(unknowns, min_size=1, max_size=3))
def test_bounds_are_the_least_and_the_greatest_that_can_be(known, unknown):
    every = [
        funnel(frame([*known, *zip(where, unknown, strict=True)]), FunnelRules())
        for where in product(range(3), repeat=len(unknown))
    ]
    found = funnel(frame([*known, *((-1, how) for how in unknown)]), FunnelRules())
    for at, step in enumerate((*found.steps, *found.rule_steps)):
        could = [(*one.steps, *one.rule_steps)[at].conversion for one in every]
        shares = [one.value for one in could if one.n]
        if step.between is None:
            assert len(set(shares)) <= 1
        elif shares:
            low, high = step.between
            assert low <= min(shares) + 1e-9
            assert high >= max(shares) - 1e-9
            if len(shares) == len(every):  # else in some case nobody was decided there
                assert (low, high) == pytest.approx((min(shares), max(shares)))
