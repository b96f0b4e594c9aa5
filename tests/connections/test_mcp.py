"""Assistants, with the client of the official package: over standard input and output, over HTTP, as each role."""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.stdio import stdio_client

from agent.app.verb import Who
from agent.calls.store import Calls
from agent.connections.mcp_server import make_server, over_http
from agent.core.people import Scope
from agent.people.store import Tokens
from agent.ratings.model import Provenance
from agent.ratings.store import Ratings
from agent.rubrics.model import RubricState
from agent.rubrics.store import Rubrics, RubricStates
from agent.workspace import Workspace
from tests.api.conftest import Site, made_site
from tests.api.test_scope import rating
from tests.builders import call, criterion, rubric

READING = {"find_ratings", "show_evidence", "explain_score", "rep_on_criteria", "gaps", "patterns", "what_next"}


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("mcp")) as site:
        site.space.store[Ratings].add([rating(call, "Ann") for call in ("call-1", "call-2", "call-3")])
        yield site


def asked_by(space: Workspace, scope: Scope) -> Any:
    return make_server(lambda ctx: Who(space, scope))


def data(result: Any) -> Any:
    assert not result.is_error, result.content
    return result.structured_content


async def test_each_tool_answers_with_what_the_api_answers_with(site: Site) -> None:
    space = site.space
    async with Client(asked_by(space, Scope(local=True))) as client:
        tools = (await client.list_tools()).tools
        assert {tool.name for tool in tools} == READING
        assert all(tool.annotations and tool.annotations.read_only_hint for tool in tools)
        found = data(await client.call_tool("find_ratings", {"limit": 5}))
        assert found["items"]
        one = found["items"][0]
        told = data(await client.call_tool("explain_score", {"rating": one["id"]}))
        assert (told["id"], told["call"], told["criterion"]) == (one["id"], one["call"], one["criterion"])
        shown = data(await client.call_tool("show_evidence", {"call": one["call"]}))
        assert one["id"] in [rating["id"] for rating in shown["ratings"]]
        stands = data(await client.call_tool("rep_on_criteria", {"rep": shown["rep"], "period": "all"}))
        assert stands["rep"] == shown["rep"]
        assert data(await client.call_tool("what_next", {}))
        assert data(await client.call_tool("gaps", {"period": "all"}))


async def test_a_level_is_looked_for_in_all_ratings_that_count(tmp_path: Path) -> None:
    """Older than a hundred others, against the rubric in use alone, and never a second reading of a model."""
    with made_site(tmp_path) as site:
        store = site.space.store
        for number in range(112):
            store[Calls].add(call(f"more-{number}", "Rae"))
        store[Ratings].add([rating(f"more-{number}", "Ann", int(number < 6)) for number in range(112)])
        again = [rating(f"more-{number}", "model:m", 1, prompt="p", model="m", draw=1) for number in range(50, 60)]
        store[Ratings].add(again)
        draft = store[Rubrics].add(rubric(criterion(description="The rep asks for the amount."), label="next"))
        by_draft = rating("more-90", "model:m", 1).model_copy(update={"provenance": Provenance(rubric=draft.id)})
        store[Ratings].add([by_draft])
        store[RubricStates].set(RubricState(rubric=rubric().id, state="deployed", at=datetime.now(UTC)))
        async with Client(asked_by(site.space, Scope(local=True))) as client:
            found = data(await client.call_tool("find_ratings", {"criterion": "asks_cost", "level": 1}))
            assert (found["rubric"], found["more"], len(found["items"])) == ("v1", False, 6)
            assert {one["call"] for one in found["items"]} == {f"more-{number}" for number in range(6)}
            first = data(await client.call_tool("find_ratings", {"level": 1, "limit": 5}))
            assert (len(first["items"]), first["more"]) == (5, True)
            everything = data(await client.call_tool("find_ratings", {"limit": 100}))
            assert (len(everything["items"]), everything["more"]) == (100, True)
            assert {one["rubric"] for one in everything["items"]} == {rubric().id}
            named = data(await client.call_tool("find_ratings", {"level": 1, "rubric": "next"}))
            assert (named["rubric"], [one["call"] for one in named["items"]]) == ("next", ["more-90"])
            assert (await client.call_tool("find_ratings", {"rubric": "nowhere"})).is_error
        listed = site.program("viewer").get("/api/v1/ratings?level=1&limit=200").json()["items"]
        assert len(listed) == 6 + 10 + 1


async def test_an_error_is_told_in_our_words(site: Site) -> None:
    async with Client(asked_by(site.space, Scope(local=True))) as client:
        result = await client.call_tool("explain_score", {"rating": "ra-000000000000"})
    assert result.is_error
    assert "ra-000000000000" in result.content[0].text


UNKNOWN = {
    "criterion": ("asks_kost", "asks_cost"),
    "criteria": (["asks_kost"], "asks_cost"),
    "rep": ("Nobody Here", "Rae, Sam"),
    "status": ("nonsense", "not_applicable"),
    "level": (9, "0, 1"),
    "period": ("2025-Q9", ""),
    "call": ("no-such-call", ""),
    "rating": ("ra-000000000000", ""),
    "limit": (0, ""),
    "rubric": ("nonesuch", ""),
}
"""A value that nothing has, for each argument of any tool, and what its refusal must name where there are few."""


async def test_each_tool_refuses_what_is_not_known_and_names_what_is(site: Site) -> None:
    rep = site.space.store[Calls].reps()[0]
    given = {"rep": rep, "criterion": "asks_cost", "call": "call-1", "agreed": "Ask once more."}
    walked = []
    async with Client(make_server(lambda ctx: Who(site.space, Scope(local=True)), changes=True)) as client:
        for tool in (await client.list_tools()).tools:
            asked = tool.input_schema.get("properties", {})
            for name in asked.keys() - {"agreed"}:
                needed = {one: given[one] for one in tool.input_schema.get("required", []) if one in given}
                if name == "level":
                    needed["criterion"] = "asks_cost"
                wrong, names = UNKNOWN[name]
                result = await client.call_tool(tool.name, {**needed, name: wrong})
                said = result.content[0].text
                assert result.is_error, (tool.name, name, said)
                assert names in said, (tool.name, name, said)
                walked.append((tool.name, name))
    assert {name for _, name in walked} == UNKNOWN.keys()


async def test_a_rep_is_found_however_the_name_is_written(site: Site) -> None:
    async with Client(asked_by(site.space, Scope(local=True))) as client:
        for rep in site.space.store[Calls].reps():
            first, _, last = rep.partition(" ")
            for written in (rep.lower(), f"  {rep.upper()} ", f"{last}, {first}" if last else rep):
                found = data(await client.call_tool("find_ratings", {"rep": written}))
                assert found == data(await client.call_tool("find_ratings", {"rep": rep}))
                assert data(await client.call_tool("gaps", {"rep": written, "period": "all"}))


async def test_a_rep_sees_the_own_calls_alone(site: Site) -> None:
    space = site.space
    async with Client(asked_by(space, Scope(local=True))) as client:
        reps = {row["rep"] for row in data(await client.call_tool("find_ratings", {"limit": 100}))["items"]}
    assert len(reps) > 1
    rep = sorted(reps)[0]
    async with Client(asked_by(space, Scope(name="Somebody", role="rep", rep=rep))) as client:
        mine = data(await client.call_tool("find_ratings", {"limit": 100}))["items"]
        assert {row["rep"] for row in mine} == {rep}
        assert (await client.call_tool("patterns", {})).is_error
        other = await client.call_tool("rep_on_criteria", {"rep": sorted(reps)[1], "period": "all"})
        assert other.is_error


async def test_nothing_can_be_changed_unless_it_is_allowed(site: Site) -> None:
    async with Client(make_server(lambda ctx: Who(site.space, Scope(local=True)), changes=True)) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert set(tools) == READING | {"log_coaching"}
    assert tools["log_coaching"].annotations.read_only_hint is False


@pytest.fixture(name="address", scope="module")
def _address(site: Site) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(over_http(site.space), port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        thread.join(0.02)
    yield f"http://127.0.0.1:{port}/mcp"
    server.should_exit = True
    thread.join()


async def test_over_http_a_token_says_whose_request_it_is_and_ends_when_it_is_taken_back(
    site: Site, address: str
) -> None:
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    tokens = site.space.store[Tokens]
    made = tokens.create("viewer", label="assistant", by="Ann")
    async with httpx2.AsyncClient(headers={"Authorization": f"Bearer {made.secret}"}) as http:
        async with Client(streamable_http_client(address, http_client=http)) as client:
            assert data(await client.call_tool("find_ratings", {"limit": 1}))["items"]
        tokens.revoke(made.id)
        assert (await http.post(address, json={})).status_code == 401
    async with httpx2.AsyncClient() as http:
        refused = await http.post(address, json={"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
    assert refused.status_code == 401
    assert "valid token" in refused.json()["detail"]


@pytest.mark.slow
async def test_over_standard_input_and_output(site: Site) -> None:
    folder: Path = site.space.settings.workspace
    command = [sys.executable, "-c", "from agent.main import main; main()", "--workspace", str(folder), "mcp"]
    environment = {**os.environ, "CLOSEREAD_DATABASE_URL": site.space.settings.database_url}
    parameters = StdioServerParameters(command=command[0], args=command[1:], env=environment)
    async with Client(stdio_client(parameters)) as client:
        found = data(await client.call_tool("find_ratings", {"limit": 1}))
    assert json.dumps(found)
    assert len(found["items"]) == 1
