"""`closeread token`, `closeread people` and `closeread serve`."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import time

import httpx2
import pytest

from agent.app.cli.listening import free_port
from agent.db.audit import AuditLog
from agent.settings import Settings
from agent.workspace import Workspace
from tests.api.conftest import Site, application
from tests.cli.conftest import Shell


@pytest.fixture(name="closeread")
def _closeread(tmp_path, capsys):
    return Shell(tmp_path / "space", capsys)


@pytest.fixture(name="server")
def _server(tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {}))
    yield Site(application(space), space, {})
    space.store.close()


def me(server, secret):
    return server.anonymous().get("/api/v1/me", headers={"Authorization": f"Bearer {secret}"})


def test_a_token_from_the_command_line_works_until_it_is_revoked(closeread, server):
    secret = closeread("token", "create", "--role", "manager", "--label", "nightly", "--days", 30).out.strip()
    assert re.fullmatch(r"cr_[\w-]{40,}", secret)
    assert me(server, secret).json()["role"] == "manager"
    assert secret not in closeread("token", "list").out
    (listed,) = closeread("token", "list", "--json").json["items"]
    assert listed["label"] == "nightly"
    assert closeread("token", "revoke", listed["id"]).code == 0
    assert me(server, secret).status_code == 401


def test_a_reps_token_is_for_one_rep(closeread, server):
    assert closeread("token", "create", "--role", "rep").code == 3
    secret = closeread("token", "create", "--role", "rep", "--rep", "Rae").out.strip()
    assert me(server, secret).json()["rep"] == "Rae"


def test_a_token_can_be_one_persons(closeread, server):
    closeread("people", "add", "Ana Ruiz", "--email", "ana@example.com", "--role", "manager")
    secret = closeread("token", "create", "--role", "manager", "--person", "ana@example.com", "--json").json["secret"]
    assert me(server, secret).json()["name"] == "Ana Ruiz"
    closeread("people", "disable", "Ana Ruiz")
    assert me(server, secret).status_code == 401


def test_a_role_that_is_none_is_said(closeread):
    assert closeread("token", "create", "--role", "king").code == 2
    assert "ops_lead, manager, rep, viewer" in closeread.err


def test_people_are_added_listed_closed_and_invited(closeread, server):
    link = closeread("people", "add", "Ana Ruiz", "--email", "ana@example.com", "--role", "ops-lead").out.strip()
    assert server.anonymous().get(link.partition("8000")[2]).status_code == 200
    newer = closeread("people", "invite", "ana@example.com", "--url", "https://cr.example.com/").out.strip()
    assert newer.startswith("https://cr.example.com/welcome/")
    assert server.anonymous().get(link.partition("8000")[2]).status_code == 404
    assert [(p["name"], p["role"]) for p in closeread("people", "list", "--json").json["items"]] == [
        ("Ana Ruiz", "ops_lead")
    ]
    assert closeread("people", "disable", "Ana Ruiz").code == 8  # nobody would be left
    assert all(e.person.endswith(" at the command line") for e in server.space.store[AuditLog].page())


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_serve_prints_a_link_for_the_first_account_and_answers(tmp_path, workers):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-c",
        "from agent.main import main; main()",
        "--workspace",
        str(tmp_path),
        "serve",
        "--port",
        str(port),
        "--workers",
        str(workers),
    ]
    server = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        link = next(line.strip() for line in server.stderr if "/welcome/" in line)
        assert link.startswith(f"http://127.0.0.1:{port}/welcome/")
        assert answered(link).status_code == 200
        assert answered(f"http://127.0.0.1:{port}/api/v1/me").status_code == 401
        assert answered(f"http://127.0.0.1:{port}/readyz").json() == {"status": "ready"}
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(20)
        server.stderr.close()


def answered(url):
    """The answer, once the server listens."""
    give_up = time.monotonic() + 30
    while True:
        try:
            return httpx2.get(url)
        except httpx2.ConnectError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


def test_a_port_that_is_taken_is_said_before_anything_is_started(tmp_path, closeread):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert closeread("serve", "--port", port).code == 5
    assert f"cannot listen at 127.0.0.1:{port}: another program listens there already" in closeread.err
    assert "choose another port with --port" in closeread.err
    assert "/welcome/" not in closeread.err  # no link was made for a server that is not there
    assert closeread("serve", "--host", "192.0.2.1").code == 5
    assert "this machine has no such address" in closeread.err
    assert closeread("serve", "--host", "no such host").code == 5
    assert not (tmp_path / "space" / "closeread.db").exists()


def test_a_free_port_is_found_and_let_go_again():
    port = free_port("127.0.0.1", 0)
    assert port > 0
    assert free_port("localhost", port) == port
