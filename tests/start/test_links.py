"""No dead ends: whatever a page links to is there for whoever sees the link, and whatever a form sends to takes it."""

from __future__ import annotations

import re
from collections import Counter, deque
from urllib.parse import urljoin, urlsplit

import lxml.html
import pytest
from starlette.routing import compile_path

from agent.app.web import routes
from agent.core.people import ROLES
from agent.interviews.store import Interviews
from tests.builders import ROOT
from tests.start.test_next_step import WORKSPACES, workspace

PATHS = [
    (one.method, compile_path(one.path)[0], one.path, one.roles)
    for one in sorted(routes.declared(), key=lambda one: one.path.count("{"))
]
EACH = 2  # addresses of one route and one set of query names
OFTEN = {("a round, all have and differ", "manager"), ("a plan", "rep")}
# Each state as an ops lead, who sees the most, and as one of the others in turn.
WALKS = [
    pytest.param(name, role, marks=() if (name, role) in OFTEN else pytest.mark.slow)
    for at, name in enumerate(WORKSPACES)
    for role in ROLES
    if role in ("ops_lead", ROLES[at % len(ROLES)]) or (name, role) in OFTEN
]


def route_of(method, path):
    """The route that answers, and for whom."""
    return next(((name, roles) for kind, regex, name, roles in PATHS if kind == method and regex.match(path)), None)


def followed(browser, role):
    """Every page that can be reached by links, with what is wrong with its links and forms."""
    seen, times, wrong = {"/"}, Counter(), []
    waiting = deque([("/", "the address bar")])
    while waiting:
        here, source = waiting.popleft()
        answer = browser.get(here)
        if answer.status_code in (301, 302, 303, 307):
            target = urljoin(here, answer.headers["location"])
            if target not in seen:
                seen.add(target)
                waiting.append((target, source))
            continue
        if answer.status_code >= 400:
            wrong.append(f"{source} links to {here}: {answer.status_code}")
            continue
        if not answer.headers["content-type"].startswith("text/html"):
            continue
        page = lxml.html.document_fromstring(answer.text)
        for form in page.iter("form"):
            for action in (form.get("action") or here, *form.xpath(".//@formaction")):
                found = route_of(form.get("method", "get").upper(), urlsplit(urljoin(here, action)).path)
                if found is None or (found[1] is not None and role not in found[1]):
                    wrong.append(f"{here} has a form that sends to {action}, which is not there for a {role}")
        for link in page.xpath("//a[@href]"):
            href = link.get("href")
            parts = urlsplit(urljoin(here, href))
            if parts.scheme or parts.netloc or parts.path.startswith(("/static/", "/sso/")):
                continue
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            inside = urlsplit(here).path == parts.path and (target == here or not parts.query)
            if parts.fragment and inside and not page.xpath("//*[@id=$i]", i=parts.fragment):
                wrong.append(f"{here} links to #{parts.fragment}, which is not on it")
            route = route_of("GET", parts.path)
            kind = (route and route[0], tuple(sorted(re.findall(r"(?:^|&)([^=&]+)=", parts.query))))
            if target in seen or times[kind] >= EACH:
                continue
            times[kind] += 1
            seen.add(target)
            waiting.append((target, here))
    return seen, wrong


@pytest.mark.parametrize(("name", "role"), WALKS)
def test_every_link_and_every_form_leads_somewhere(tmp_path, name, role):
    with workspace(tmp_path, name) as site:
        seen, wrong = followed(site.browser(role), role)
        interviews = site.space.store[Interviews].all()
    assert wrong == []
    assert len(seen) > 5
    if role == "ops_lead" and interviews:
        assert "/jobs/new/extract" in seen, "whatever else there is, patterns can be found"


def test_each_address_that_a_template_writes_out_is_there():
    """Also those of states that no walk comes to. A part in braces stands for anything."""
    wrong, seen = [], 0
    for template in sorted(ROOT.glob("agent/**/templates/**/*.html")):
        for link in re.findall(r'\b(?:href|action|hx-get|hx-post)="(/[^"{?#]*)(?=["?#])', template.read_text("utf-8")):
            seen += 1
            there = any(regex.match(link) for _, regex, _, _ in PATHS)
            wrong += [] if there or link == "/api/v1/openapi.json" else [f"{template.name}: {link}"]
    assert wrong == []
    assert seen > 150
