"""Which look at words is written down (docs/security.md): whole calls are, the quotes that a rating rests on are not,
from each front end alike."""

from __future__ import annotations

import pytest
from mcp.client.client import Client

from agent.app.verb import Who
from agent.connections.mcp_server import make_server
from agent.core.people import Scope
from agent.db.audit import AuditLog
from agent.library import Workspace
from agent.ratings.overriding import Given, rate_by_hand
from tests.cli.conftest import Shell

WORDS = "What does the late close cost you"


@pytest.fixture(name="rating")
def _rating(site):
    given = Given("1", "She asks for the cost.", words=WORDS)
    return rate_by_hand(site.space, "manager", "call-1", "v1", "asks_cost", given)


def looks(site):
    return [one.subject for one in site.space.store[AuditLog].page(limit=200) if one.action == "words_read"]


def test_quotes_leave_no_line_from_any_front_end(site, rating, capsys):
    shell = Shell(site.space.settings.workspace, capsys)
    program = site.program("manager")
    shown = [
        program.get(f"/api/v1/ratings/{rating.id}").text,
        shell("score", "show", "call-1").out,
        shell("ratings", "list", "--json").out,
        site.browser("manager").get("/search?q=late+close").text,
    ]
    with Workspace(site.space.settings.workspace) as library:
        shown += [quote.text for one in library.ratings("call-1") for quote in one.quotes]
    assert all("late close" in one for one in shown), shown
    assert looks(site) == []


async def test_an_assistant_that_reads_quotes_leaves_no_line_either(site, rating):
    async with Client(make_server(lambda ctx: Who(site.space, Scope(local=True)))) as client:
        told = await client.call_tool("show_evidence", {"call": "call-1"})
        assert WORDS in told.content[0].text
        assert WORDS in (await client.call_tool("explain_score", {"rating": rating.id})).content[0].text
    assert looks(site) == []


@pytest.mark.parametrize("way", ["page", "api", "command"])
def test_a_whole_call_leaves_one_from_each(site, rating, capsys, way):
    if way == "page":
        assert WORDS in site.browser("manager").get("/calls/call-1").text
    elif way == "api":
        assert WORDS in site.program("manager").get("/api/v1/calls/call-1").text
    else:
        assert WORDS in Shell(site.space.settings.workspace, capsys)("calls", "show", "call-1").out
    assert looks(site) == ["call-1"]
