"""The demo's workspace as a site, and every page of it that can be reached by following links, in each role."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from html import unescape
from io import StringIO
from pathlib import Path
from shutil import copytree
from urllib.parse import parse_qsl, urlsplit

from agent.app.web import routes
from agent.coaching.verbs import log_session, make_plan
from agent.main import main
from agent.people.passwords import Passwords
from agent.people.store import People
from agent.settings import Settings
from agent.workspace import Workspace
from tests.api.conftest import BASE, QUICK, Site, application, with_people

PAGES_OF_FIGURES = ("/coaching/movement", "/outcomes", "/outcomes/weights")
NOT_PAGES = ("/api/", "/sso", "/metrics", "/sign-", "/static")
# Where links are followed from: the start page, and what only a form or a page of something unfinished leads to.
BEGIN = (
    *(
        "/",
        "/begin",
        "/search?q=price",
        "/sides/calls",
        "/sides/interviews",
        "/stages/calls",
        "/calls/dev-call-24/correct",
    ),
)


@contextmanager
def demo_site(folder: Path) -> Iterator[Site]:
    """What `closeread demo` leaves, with a plan of a rep and of the team and a session, and figures that are worked out."""
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()), suppress(SystemExit):
        main(["demo", "--out", str(folder / "demo")])
    copytree(folder / "demo" / "workspace", folder / "space")
    (folder / "space" / "config").mkdir(exist_ok=True)
    (folder / "space" / "config" / "auth.yaml").write_text(f"address: {BASE}\n", encoding="utf-8")
    space = Workspace(Settings.read(folder / "space", {}))
    people = with_people(space)
    people["rep"] = space.store[People].change(people["rep"].id, "rep", "Priya Raman")
    site = Site(application(space, Passwords(QUICK)), space, people)
    manager = site.who("manager")
    make_plan(manager, "Marcus Lee")
    make_plan(manager, "team")
    log_session(manager, "Marcus Lee", "Ask what it costs, on Friday's call.")
    browser = site.browser("ops_lead")
    for page in PAGES_OF_FIGURES:
        browser.get(page)
        site.app.state.later.wait(300)
    yield site
    space.store.close()


def pages_for(site: Site, role: str) -> dict[str, str]:
    """Address and markup of every page that links lead to; of one route and the same fields, one address; two of
    rubrics, of which only a draft leads to where it is edited."""
    browser, seen, found, todo = site.browser(role), Counter(), {}, list(BEGIN)
    while todo:
        address = todo.pop(0)
        kind = route_of(address), frozenset(name for name, value in parse_qsl(urlsplit(address).query) if value)
        if address in found or seen[kind] >= (2 if address.startswith("/rubric/") else 1):
            continue
        seen[kind] += 1
        answer = browser.get(address, follow_redirects=True)
        assert answer.status_code < 500, address
        if answer.status_code != 200 or "html" not in answer.headers.get("content-type", ""):
            continue
        found[address] = answer.text
        links = (unescape(link) for link in re.findall(r'href="(/[^"#]*)', answer.text))
        todo += [link for link in links if not link.startswith(NOT_PAGES)]
    return found


TEMPLATES = sorted(
    {one.path for one in routes.declared() if one.method == "GET" and not one.path.startswith(NOT_PAGES)},
    key=lambda path: (path.count("{"), path),
)
_PATTERNS = [(path, re.compile(re.sub(r"\\{[^}]*\\}", "[^/]+", re.escape(path)))) for path in TEMPLATES]


def route_of(address: str) -> str:
    """The route that answers an address: one without names in it before one with."""
    path = urlsplit(address).path
    return next((template for template, pattern in _PATTERNS if pattern.fullmatch(path)), path)


def first_level(html: str) -> str:
    """The words of a page that are seen without opening anything, a block a line; no style, script, picture or attribute."""
    text = re.sub(r"<(style|script|head|svg|nav|select)\b.*?</\1>", " ", html, flags=re.DOTALL)
    text = re.sub(r"<details(?![^>]*\bopen\b)[^>]*>(?:(?!<details).)*?</details>", " ", text, flags=re.DOTALL)
    text = re.sub(r"<details(?![^>]*\bopen\b)[^>]*>.*?</details>", " ", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"</(tr|li|p|h\d|dl|dt|dd|caption|label|section|div|figcaption|summary)>", "\n", text)
    return "\n".join(filter(None, (" ".join(unescape(re.sub(r"<[^>]+>", " ", x)).split()) for x in text.split("\n"))))
