"""Every page there is, in a workspace with nothing in it, in one with a little of everything (rounds, disputes, eval runs,
webhooks, uploads as tests/<slice>/walk.py makes them) and in one with a season: axe-core finds nothing serious, in light on
a desk and in dark on a phone (the other two: on a phone), and nothing reaches over the edge."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from agent.app.web import routes
from agent.core.people import ROLES
from agent.profiles.verbs import draw_baselines
from tests.api.conftest import made_site
from tests.api.season import fill_season
from tests.api.walk import tables
from tests.browser.conftest import overflows, serious, serving, sign_in

pytestmark = pytest.mark.browser
TABLES = tables()
DECLARED = {one.path for one in routes.declared() if one.method == "GET"}
# Files, parts of pages, and what leads elsewhere at once.
NO_PAGE = re.compile(
    r"^/api/|/(part|running|gate|estimate|sound|events)$|/(guide|file)/|/(record|export|scorecard|next)$|\.xlsx$"
    r"|^/(team-report|summary|report|scores|admin|healthz|readyz|metrics)$|^/(sso|static)/"
)
PAGES = sorted(key for key in TABLES if key.startswith("GET /") and key[4:] in DECLARED and not NO_PAGE.search(key[4:]))


def opened(browser, live, role, dark):
    """A page in a browser of its own in which the person of `role` is signed in: a phone where it is `dark`."""
    width = 360 if dark else 1280
    context = browser.new_context(
        base_url=live, viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    sign_in(page, role)
    return page


def faults(browser, live, addresses, modes=(False, True)):
    """What is wrong with each address, by role, on a desk and on a phone."""
    found = []
    for role in ROLES:
        for dark in modes if addresses.get(role) else ():
            page = opened(browser, live, role, dark)
            for address in addresses[role]:
                answer = page.goto(address)
                if answer is not None and answer.status < 400:
                    found += [f"{address} as {role}, {'dark' if dark else 'light'}: {one}" for one in serious(page)]
                    found += [f"{address} as {role}: wider than the screen"] * overflows(page)
            page.context.close()
    return found


def address_of(site, key):
    """The entry's address, with what it needs in the workspace."""
    entry = TABLES[key]
    values = entry.path(site) if callable(entry.path) else entry.path
    return key[4:].format(**values) + (f"?{urlencode(entry.query)}" if entry.query else "")


def test_with_a_little_of_everything(browser, tmp_path):
    with made_site(tmp_path) as site:
        roles = {key: next((role for role in ROLES if role in (TABLES[key].roles or ())), None) for key in PAGES}
        addresses = {}
        with ThreadPoolExecutor(1) as made:  # the browser's driver has a loop of its own here
            for key, role in roles.items():
                if role:
                    addresses.setdefault(role, []).append(made.submit(address_of, site, key).result())
        every = [one for many in addresses.values() for one in many]
        assert len(every) > 60
        for wanted in ("/evals/runs/", "/evals/compare?", "/admin/webhooks/", "/disputes/", "/calibration/1"):
            assert any(one.startswith(wanted) for one in every), wanted
        with serving(site) as live:
            assert faults(browser, live, addresses) == []


LISTS = [key[4:] for key in PAGES if "{" not in key]


@pytest.mark.parametrize("season", [False, True], ids=["nothing", "season"])
def test_the_lists_of_a_workspace_for_each_role(browser, tmp_path, season):
    with made_site(tmp_path, filled=False) as site:
        if season:
            fill_season(site)
            draw_baselines(site.who("ops_lead"))
        with serving(site) as live:
            assert faults(browser, live, dict.fromkeys(("ops_lead", "manager", "rep"), LISTS), modes=(True,)) == []
