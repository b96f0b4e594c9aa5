"""What goes with the win rate of a behavior to avoid: fewer of it, on every front end, and never the other way round."""

import csv
import re
from contextlib import redirect_stderr, redirect_stdout
from html import unescape
from io import StringIO

import pytest

from agent.app.documents.deal_words import beside_verdict, linked_words
from agent.app.telling import unsaid
from agent.core.direction import Direction
from agent.core.statistic import Undefined
from agent.documents.after_scores import report_parts
from agent.main import main
from agent.outcomes.figures import OUTCOMES
from agent.profiles.figures import compute, mark_of
from agent.rubrics.in_use import in_use_id
from agent.rubrics.store import Rubrics
from agent.stats.outcomes import OutcomeLink
from tests.api.conftest import made_site
from tests.builders import SAMPLE, criterion
from tests.cli.conftest import Shell

HISTORY = SAMPLE / "history"
TURNED = "consequence_question"  # asked where the criterion is to show; here what is seen is that it was not asked


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    """The sample's season with one criterion the other way round: to avoid, and shown where it was not before."""
    folder = tmp_path_factory.mktemp("turned")
    criteria = (SAMPLE / "rubric.yaml").read_text()
    head, tail = criteria.split(f"- id: {TURNED}\n")
    (folder / "rubric.yaml").write_text(f"{head}- id: {TURNED}\n    weight: -1\n{tail}")
    with open(HISTORY / "ratings.csv") as given, open(folder / "ratings.csv", "w") as turned:
        rows = csv.DictReader(given)
        out = csv.DictWriter(turned, rows.fieldnames)
        out.writeheader()
        for row in rows:
            if row["criterion"] == TURNED and row["value"] in "01":
                row["value"] = str(1 - int(row["value"]))
            out.writerow(row)
    with made_site(folder / "site", filled=False) as site:
        shell = Quiet(site.space.settings.workspace)
        shell("rubric", "import", folder / "rubric.yaml")
        shell("ratings", "import", folder / "ratings.csv")
        shell("deals", "import", HISTORY / "deals.csv")
        shell("coaching", "import", HISTORY / "coaching.csv")
        shell("baseline", "make")
        yield site


class Quiet:
    """Runs `closeread ARGS` where no output is caught."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, *arguments):
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()), pytest.raises(SystemExit) as ended:
            main(["--workspace", str(self.folder), *map(str, arguments)])
        assert not ended.value.code


SAID = "Less of {} (to avoid) goes with a higher win rate."


def test_fewer_of_it_goes_with_the_same_win_rate_as_more_of_its_contrary(site, season, capsys):
    shown = Shell(site.space.settings.workspace, capsys)
    turned, plain = (one("outcomes", "--json").json["value"] for one in (shown, season))
    assert turned["to_avoid"] == [TURNED]
    assert plain["to_avoid"] == []
    for one, other in zip(turned["links"], plain["links"], strict=True):
        assert one["verdict"] == other["verdict"]
        assert one["with_more"].get("value") == pytest.approx(other["with_more"].get("value"))
    words = " ".join(shown("outcomes").out.split())
    assert "with 10 points more (to avoid: fewer)" in words
    assert SAID.format(TURNED) in words
    assert f"More of {TURNED} goes with a higher win rate." in " ".join(season("outcomes").out.split())


def test_page_and_report_say_it_so_too(site):
    known = in_use_id(site.space.store)
    compute(site.space, OUTCOMES, known, mark_of(site.space, known))
    page = unescape(site.ops_browser.get("/outcomes").text)
    name = next(c.name for c in site.space.store[Rubrics].get(known).criteria if c.id == TURNED)
    assert SAID.format(name) in page
    assert re.search("With ten points fewer of it the win rate is 20 %", page)
    (part,) = (one for one in report_parts(site.space, unsaid) if one.id == "outcomes")
    assert SAID.format(TURNED) in " ".join(part.sentences)
    assert f"{TURNED} (to avoid)" in str(part.rows)


@pytest.mark.parametrize(
    ("direction", "weight", "said"),
    [
        (1, 1, "More of asks goes with a higher win rate."),
        (1, -1, "Less of asks goes with a higher win rate."),
        (-1, 1, "More of asks goes with a lower win rate. The rubric means the opposite"),
        (-1, -1, "Less of asks goes with a lower win rate. The rubric means the opposite"),
    ],
)
def test_fewer_wins_are_said_to_be_fewer(direction, weight, said):
    none = Undefined(undefined="not asked", n=0)
    link = OutcomeLink(
        criterion="asks",
        correlation=none,
        model=none,
        with_more=none,
        reliability=None,
        p_correlation=0.01,
        p_model=0.01,
        p_holm=0.01,
        verdict="association",
        direction=direction,
        borrowed_from="",
        held_back="",
        n_needed=None,
    )
    words = linked_words([link], {"asks": Direction.of(criterion("asks", weight=float(weight)))}, {"asks": "asks"})
    assert words.startswith(said)
    assert ("lower" in beside_verdict(link)) == (direction < 0)
