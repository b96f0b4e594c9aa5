"""Where the raters of a calibration round differ, everybody reads the same score of the call: on its page, in lists, in the API,
from commands and assistants, in documents. And nobody reads that something was settled which was not."""

from __future__ import annotations

import re
from contextlib import redirect_stdout
from dataclasses import astuple
from io import StringIO

import pytest
from mcp.client.client import Client

from agent.calibration import verbs
from agent.calibration.model import CalibrationRound
from agent.calibration.store import Rounds
from agent.connections.mcp_server import make_server
from agent.core.people import ROLES
from agent.documents.verbs import export_scorecard
from agent.main import main
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.overriding import Given
from agent.rubrics.store import Rubrics
from tests.api.conftest import REP
from tests.builders import criterion, rubric
from tests.calibration.walk import AT

RUBRIC = rubric(
    criterion("agreed", name="Agrees"),
    criterion("depth", scale="1-5", name="Digs deep"),
    criterion("settles", name="Settles"),
    label="v9",
)
BEFORE = "1 of 1 criteria shown; 2 on which raters differ"
AFTER = "2 of 2 criteria shown; 1 on which raters differ"


@pytest.fixture(name="split", params=[("Ann", "Bea"), ("Ann", "manager")], ids=["strangers", "the manager is one"])
def _split(site, request):
    """A round of two raters on call-1: they agree on one criterion and differ on two; the last to submit gave the highest."""
    first, last = request.param
    site.space.store[Rubrics].add(RUBRIC)
    ratings = {
        who: [
            Rating(
                call="call-1",
                criterion=name,
                rater=who,
                judgement=Rated(value=value),
                reason=f"{name} was heard",
                provenance=Provenance(rubric=RUBRIC.id),
                at=AT,
            )
            for name, value in values.items()
        ]
        for who, values in {
            first: {"agreed": 1, "depth": 2, "settles": 0},
            last: {"agreed": 1, "depth": 5, "settles": 1},
        }.items()
    }
    number = site.space.store[Rounds].next_number()
    site.space.store[Rounds].open(
        CalibrationRound(number=number, rubric=RUBRIC.id, raters=(first, last), calls=("call-1",), opened_at=AT),
        ratings,
    )
    return site, str(number)


def words(html):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def command(site, *arguments):
    out = StringIO()
    with redirect_stdout(out), pytest.raises(SystemExit) as ended:
        main(["--workspace", str(site.space.settings.workspace), *arguments])
    assert not ended.value.code, arguments
    return " ".join(out.getvalue().split())


async def scores(site, role):
    """What each surface says to one role: the line, by surface."""
    browser, program, who = site.browser(role), site.program(role), site.who(role)
    page = program.get("/api/v1/calls/call-1", params={"rubric": "v9"}).json()
    listed = {one["id"]: one for one in program.get("/api/v1/calls", params={"rubric": "v9"}).json()["items"]}["call-1"]
    results = [one["result"] for one in listed["results"]]
    assert [one["result"] for one in page["criteria"]] == results
    assert [one["stands"]["value"] if one["stands"] else None for one in page["criteria"]] == [
        one["level"] for one in listed["results"]
    ]
    row = re.search(r'<a href="/calls/call-1">.*?</tr>', browser.get("/calls?rubric=v9").text, re.S).group(0)
    async with Client(make_server(lambda ctx: who)) as client:
        evidence = (await client.call_tool("show_evidence", {"call": "call-1"})).structured_content
    card = export_scorecard(who, REP, rubric="v9", period="all")
    given = f"{listed['shown']} of {listed['rated']}"
    differ = f"{results.count('differs')} on which raters differ"
    return {
        "page": words(browser.get("/calls/call-1?rubric=v9").text),
        "API of the call": page["line"],
        "API of the list": f"{given} criteria shown; {differ}",
        "list": words(row).replace(f"{given} ", f"{given} criteria shown; {differ}")
        if given in words(row)
        else words(row),
        "assistant": evidence["what_counts"],
        "document": str(astuple(card)),
        "API of ratings": program.get("/api/v1/ratings", params={"call": "call-1"}).text
        + str(evidence["ratings"])
        + str(page["criteria"]),
    }


SAY_THE_LINE = ("page", "API of the call", "API of the list", "list", "assistant")


@pytest.mark.parametrize("role", ROLES)
async def test_all_read_one_score_and_nobody_that_it_is_settled(split, role):
    site, number = split
    told = await scores(site, role)
    for surface in SAY_THE_LINE:
        assert BEFORE in told[surface], surface
    for surface, text in told.items():
        assert not re.search(r"settled in calib|settled:", text), surface
        assert "Ann" not in text or role == "ops_lead" or site.who(role).name in site_raters(site, number), surface
    assert "5 of 5" not in told["document"]
    if role != "rep":
        assert "Digs deep" in words(site.browser(role).get(f"/calibration/{number}").text)
    for text in (
        command(site, "score", "show", "call-1", "--rubric", "v9"),
        command(site, "calls", "list", "--rubric", "v9"),
    ):
        assert BEFORE in text
    verbs.settle_difference(site.who("ops_lead"), number, "call-1", "settles", Given("1", "It was said."))
    told = await scores(site, role)
    for surface in SAY_THE_LINE:
        assert AFTER in told[surface], surface
    assert f"settled in calibration round {number}" in told["page"]


def site_raters(site, number):
    return site.space.store[Rounds].get(number).people


@pytest.mark.parametrize("role", ["manager", "viewer", "rep"])
def test_what_all_raters_said_alike_is_called_agreed(split, role):
    site, number = split
    page = words(site.browser(role).get("/calls/call-1?rubric=v9").text)
    if site.who(role).name not in site_raters(site, number):
        assert "agreed by all raters in calibration" in page
    assert page.count("it is not settled yet") == 2
    assert "Not rated" not in page


def test_the_page_says_what_waits_on_a_call_that_splits_its_raters(split):
    site, number = split
    where = f'href="/calibration/{number}#criterion-depth"'
    for role, button in (("ops_lead", "Settle it"), ("manager", "Settle it"), ("viewer", "See the round")):
        page = site.browser(role).get("/calls/call-1?rubric=v9").text
        assert "Nothing on this call waits for you" not in page
        assert f"On 2 criteria of this call the raters of calibration round {number} differ" in page
        assert re.search(rf'class="button" {where}>{button}<', page), role
        assert 'id="criterion-depth"' in site.browser(role).get(f"/calibration/{number}").text
    verbs.settle_difference(site.who("manager"), number, "call-1", "depth", Given("2", "In part."))
    verbs.settle_difference(site.who("manager"), number, "call-1", "settles", Given("1", "It was said."))
    assert "Nothing on this call waits for you" in site.browser("manager").get("/calls/call-1?rubric=v9").text
