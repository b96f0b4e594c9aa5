"""A server on a small workspace, people of every role, and ways to ask as each of them."""

from __future__ import annotations

import atexit
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from tempfile import mkdtemp
from typing import ClassVar

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from agent.app.verb import Who
from agent.calls.store import Calls
from agent.core.people import ROLES, Person, Role, Scope
from agent.interviews.store import Interviews
from agent.people.passwords import Passwords
from agent.people.store import People, Tokens
from agent.rubrics.store import Rubrics
from agent.server import create_app
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import call, interview, rubric

PASSWORD = "four unrelated words"
REP = "Rae"
OTHER_REP = "Sam"
# The real algorithm with the least work: hashing well takes 50 ms, and tests sign in often.
QUICK = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8, parallelism=1),))
BASE = "https://closeread.test"


class Browser(TestClient):
    """A client that says, as browsers do, from which site and page a form is sent: the one that was looked at last."""

    page = ""

    def request(self, method, url, **options):
        if method == "GET":
            answer = super().request(method, url, **options)
            if answer.status_code == 200 and answer.headers["content-type"].startswith("text/html"):
                self.page = str(answer.url)
            return answer
        if options.get("headers") is None and "Authorization" not in self.headers:
            said = {"Origin": BASE, "Sec-Fetch-Site": "same-origin"} | ({"Referer": self.page} if self.page else {})
            options |= {"headers": said}
        return super().request(method, url, **options)


@dataclass
class Site:
    """A running application with one person of each role (named as the role), whose password is PASSWORD."""

    app: FastAPI
    space: Workspace
    people: dict[Role, Person]
    loop: ClassVar[BlockingPortal | None] = None  # of all requests; without it each makes one, with threads of its own

    def anonymous(self, client: tuple[str, int] = ("testclient", 50_000)) -> TestClient:
        """A browser in which nobody is signed in; `client` is its address."""
        browser = Browser(self.app, BASE, follow_redirects=False, raise_server_exceptions=False, client=client)
        browser.portal = self.loop
        return browser

    def browser(self, role: Role) -> TestClient:
        """A browser in which the person of that role is signed in."""
        browser = self.anonymous()
        sent = browser.post("/sign-in", data={"name": role, "password": PASSWORD, "csrf": csrf(browser, "/sign-in")})
        assert sent.status_code == 303, sent.text
        return browser

    @cached_property
    def ops_browser(self) -> TestClient:
        """One browser in which the ops lead is signed in, for tests that only need one."""
        return self.browser("ops_lead")

    def who(self, role: Role) -> Who:
        """The person of that role, for calling verbs."""
        person = self.people[role]
        return Who(self.space, Scope(name=person.name, role=role, rep=person.rep))

    def program(self, role: Role) -> TestClient:
        """A program with a token of the person of that role."""
        person = self.people[role]
        secret = self.space.store[Tokens].create(role, rep=person.rep, person=person.id).secret
        client = self.anonymous()
        client.headers["Authorization"] = f"Bearer {secret}"
        return client


def csrf(browser: TestClient, path: str) -> str:
    """The secret that the forms of a page carry."""
    return re.search(r'name="csrf-token" content="([^"]+)"', browser.get(path).text).group(1)


def fill(space: Workspace) -> None:
    """A rubric, an interview, and calls of two reps."""
    store = space.store
    store[Rubrics].add(rubric())
    store[Interviews].add(interview())
    for ident, rep in (("call-1", REP), ("call-2", REP), ("call-3", OTHER_REP)):
        store[Calls].add(call(ident, rep))


_routers = []


def application(space: Workspace, passwords: Passwords | None = None) -> FastAPI:
    """The application on `space`, with routes made once: FastAPI builds the fields of a route when it is first asked,
    which takes a sixth of a second for each new application."""
    app = create_app(space, passwords)
    _routers.append(app.router)
    app.router = _routers[0]
    del _routers[1:]
    return app


@contextmanager
def made_site(folder: Path, filled: bool = True) -> Iterator[Site]:
    """A site in `folder`, on a workspace with a little in it, or with nothing."""
    (folder / "space" / "config").mkdir(parents=True, exist_ok=True)
    (folder / "space" / "config" / "auth.yaml").write_text(f"address: {BASE}\n", encoding="utf-8")
    ready, people = _ready(filled)
    shutil.copytree(ready, folder / "space", dirs_exist_ok=True)
    space = Workspace(Settings.read(folder / "space", {}))
    yield Site(application(space, Passwords(QUICK)), space, people)
    space.store.close()


@cache
def _ready(filled: bool) -> tuple[Path, dict[Role, Person]]:
    """The workspace of a site, made once and copied for each."""
    folder = Path(mkdtemp(prefix="closeread-site-"))
    atexit.register(shutil.rmtree, folder)
    space = Workspace(Settings.read(folder, {}))
    if filled:
        fill(space)
    people = with_people(space)
    space.store.close()
    return folder, people


def with_people(space: Workspace) -> dict[Role, Person]:
    """An account of each role in the workspace."""
    people, hashed = {}, Passwords(QUICK).hash(PASSWORD)
    for role in ROLES:
        people[role] = space.store[People].create(role, f"{role}@example.com", role, REP if role == "rep" else "")
        space.store[People].set_password(people[role].id, hashed)
    return people


@pytest.fixture(scope="session", autouse=True)
def _one_loop_for_all_requests() -> Iterator[None]:
    with start_blocking_portal() as Site.loop:
        yield
    Site.loop = None


@pytest.fixture(name="site")
def _site(tmp_path: Path) -> Iterator[Site]:
    with made_site(tmp_path) as site:
        yield site
