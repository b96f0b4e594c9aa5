"""Every form that the pages hold, sent too late: it comes back on its own page, each word in the field that it was typed
into. The workspace's people, calls, interviews, rules and suites have names that an address has to write differently."""

import re
from urllib.parse import unquote, urljoin, urlsplit

import lxml.html
import pytest

from agent.app.web import routes
from agent.calls.store import Calls
from agent.coaching.verbs import log_session, make_plan, set_cycle
from agent.interviews.store import Interviews
from agent.people.store import People
from agent.profiles.verbs import draw_baselines
from tests.api.conftest import BASE, made_site
from tests.api.season import fill_season
from tests.api.test_again import FROM_HERE, KEYS, SECRET, TABLES
from tests.api.test_names_in_addresses import segment
from tests.api.test_no_english_import import INTERVIEWS, MANY, OTHER, TALK, Person, _files
from tests.builders import call, interview, rubric
from tests.calibration.walk import revealed
from tests.coaching.walk import DAYS
from tests.corrections.walk import _open_call, _open_interview
from tests.patterns.walk import _edit
from tests.people.walk import of_somebody
from tests.ratings.walk import rating_of

pytestmark = pytest.mark.slow  # every form of a season; tests/api/test_again.py sends each once, with plain names

NAMES = ("Fatima Rahmani", "Zoë Müller", "AC/DC", "100% Ann", "%2F", "What? #1", 'O\'Neil & "Sons"')
ROUTES = [(one, re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(one.path)) + "$")) for one in routes.declared()]
ABOUT_NAMES = [
    *(f"POST /coaching/{{rep}}/{what}" for what in ("sessions", "cycles", "cycles/remove", "plan")),
    *(f"POST /calls/{{ident}}/{what}" for what in ("override", "score", "correct", "words", "delete")),
    *(f"POST /interviews/{{ident}}/{what}" for what in ("correct", "words", "delete")),
]
# On a page only in a state that this workspace is not brought into, or sent by a script. That what was typed into them
# is told at all holds tests/api/test_again.py.
RARE = {
    "POST /admin/models/keys/forget",
    "POST /admin/models/probe",
    "POST /admin/models/{role}/probe",
    "POST /admin/webhooks/{ident}/enable",
    "POST /begin/sample",
    "POST /calibration/{number}/sharpen/changes",
    "POST /calibration/{number}/sharpen/draft",
    "POST /coaching/{rep}/suggestions",
    "POST /evals/gate",
    "POST /jobs/new/{work}",
    "POST /jobs/{ident}/retry",
    "POST /patterns/draft",
    "POST /prompts/{name}/{version}/release",
    "POST /rubric-checks",
    "POST /rubric-checks/model",
    "POST /rubric/{ref}/fit",
    "POST /rules/{name}/resume",
    "POST /sides/calls/propose",
    "POST /sides/interviews/propose",
    "POST /upload/{ident}/hear",
    "POST /upload/{ident}/proposals",
}
WORDS = "typed <b>&</b> “by hand”"


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("forms")) as site:
        fill_season(site, reps=NAMES)
        draw_baselines(site.who("ops_lead"))
        for name in NAMES:
            site.space.store[Calls].add(call(f"{name} first", name))
            site.space.store[Interviews].add(interview(f"{name} told", "won"))
            log_session(site.who("manager"), name, "Ask for the cost.")
            make_plan(site.who("manager"), name, ["asks_cost"])
            set_cycle(site.who("manager"), name, "cycle 9/10", *DAYS, ["asks_cost"])
        yield site


def route_of(method, path):
    """The route that answers there."""
    fits = [one for one, pattern in ROUTES if one.method == method and pattern.match(path)]
    return min(fits, key=lambda one: one.path.count("{"), default=None)


def typed_in(form, typed):
    """The fields of a form as a browser sends them, with own words where people may type any."""
    sent = {}
    for one in form.inputs:
        name, kind = one.get("name"), one.get("type", "text")
        if one.tag == "textarea" or (one.tag == "input" and kind in ("text", "search")):
            sent[name] = typed
        elif one.tag == "input" and kind == "hidden" and one.get("value"):
            sent[name] = one.get("value")
    return {name: value for name, value in sent.items() if name and name not in SECRET}


def hidden_of(form):
    return {one.get("name"): one.get("value", "") for one in form.inputs if one.get("type") == "hidden"}


def forms_of(text):
    """The forms of a page that are sent somewhere: (address, form)."""
    root = lxml.html.document_fromstring(text)
    return [(form.get("action") or "", form) for form in root.forms if (form.get("method") or "").lower() == "post"]


@pytest.fixture(name="found", scope="module")
def _found(site):
    """What was wrong with each form of the pages when it came back (nothing, as it should be), by route and by whose name
    is in the address. Forms are sent where they are met: what comes later may change the page."""
    browser, found, seen = site.browser("ops_lead"), {}, set()
    waiting = [
        key.split(" ")[1].format(**entry.path)
        for key, entry in TABLES.items()
        if key.startswith("GET /") and "/api/" not in key and entry.roles and not callable(entry.path)
    ]
    waiting += [f"/{kind}/{segment(name)}" for name in NAMES for kind in ("profiles", "coaching")]
    waiting += [f"/calls/{segment(f'{name} first')}" for name in NAMES]
    waiting += [f"/interviews/{segment(f'{name} told')}" for name in NAMES]
    while waiting:
        for link in _looked_at(browser, waiting.pop(), found):
            route = route_of("GET", link.path)
            kind = (route and route.path, _about(link.path))
            if route and kind not in seen:
                seen.add(kind)
                waiting.append(link.path + (f"?{link.query}" if link.query else ""))
    for key in KEYS:  # what stands on a page in one state only is brought into that state
        if (key, "") not in found and callable(TABLES[key].path):
            for page in _pages_about(TABLES[key].path(site), key):
                _looked_at(browser, page, found)
    for role, page in _brought(site):
        _looked_at(browser if role == "ops_lead" else site.browser(role), page, found)
    return found


def _brought(site):
    """Pages that hold a form in one state only, or for one role, when the workspace has been brought there."""
    site.space.store[People].disable(of_somebody(site)["ident"])
    yield "ops_lead", "/admin/people"
    yield "ops_lead", "/admin/retention?rep=Rae"
    for plural, make in (("calls", _open_call), ("interviews", _open_interview)):
        make(site)
        yield "ops_lead", f"/sides/{plural}"
    number = revealed(site)["number"]
    yield "manager", f"/calibration/{number}/correct?call=cal-{number}&criterion=asks_cost"
    rating_of(site, "call-1")
    yield "rep", f"/calls/call-1?rubric={rubric().id}"
    files = _files(("interviews.csv", INTERVIEWS), ("fine.txt", TALK), ("strange.txt", OTHER), ("many.txt", MANY))
    upload = Person(site.ops_browser, {}).post("", "/upload", {"kind": "interview"}, files)
    yield "ops_lead", upload
    yield "ops_lead", f"{upload}?speakers=strange.txt"
    _edit(site)
    yield "ops_lead", "/patterns"


def _pages_about(values, key):
    """The pages that may hold the form of a route: those of the same things."""
    pages = [one.path for one in routes.declared() if one.method == "GET" and "/api/" not in one.path]
    same = [path for path in pages if set(re.findall(r"{(\w+)", path)) <= values.keys()]
    first = key.split(" ")[1].split("/")[1]
    return [path.format(**{n: segment(v) for n, v in values.items()}) for path in same if path.split("/")[1] == first]


def _looked_at(browser, page, found):
    """Sends the forms of a page that were not met yet, and returns where its links lead."""
    answer = browser.get(page)
    if not answer.text or answer.status_code != 200 or "text/html" not in answer.headers.get("content-type", ""):
        return []
    for action, form in forms_of(answer.text):
        there = urlsplit(urljoin(page, action)).path
        route = route_of("POST", there)
        if route and (f"POST {route.path}", _about(there)) not in found:
            found[f"POST {route.path}", _about(there)] = _sent_late(browser, page, there, form)
    links = lxml.html.document_fromstring(answer.text).xpath("//a/@href")
    full = [urlsplit(urljoin(f"{BASE}{page}", link)) for link in links]
    return [one for one in full if one.netloc == urlsplit(BASE).netloc]


def _about(path):
    return next((name for name in NAMES if name in unquote(path)), "")


def _sent_late(browser, page, there, form):
    """What is not as it was typed in the form's own fields, after it was sent from before a sign-in."""
    sent = typed_in(form, WORDS)
    late = sent | {"csrf": "of an earlier session"}
    answer = browser.post(there, data=late, headers=FROM_HERE | {"Referer": f"{BASE}{page}"})
    hidden = {name: value for name, value in hidden_of(form).items() if name != "csrf"}
    for action, again in forms_of(answer.text):
        if urlsplit(urljoin(page, action)).path == there and hidden.items() <= hidden_of(again).items():
            fields = {one.get("name"): (one.value or "").lstrip("\n") for one in again.inputs if one.get("name")}
            return [name for name, value in sent.items() if name != "csrf" and fields.get(name) != value]
    return f"{page}: {answer.status_code}, its form is not there"


def test_each_form_comes_back_in_its_own_fields(found):
    assert {key: wrong for key, wrong in found.items() if wrong and key[0] in KEYS} == {}


def test_the_forms_of_names_are_met_for_every_name(found):
    for key in ABOUT_NAMES:
        assert {about for route, about in found if route == key} >= set(NAMES), key


def test_every_form_is_met_but_those_of_rare_states(found):
    assert set(KEYS) - {key for key, _ in found} == RARE
