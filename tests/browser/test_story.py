"""The whole story in real browsers: from the set-up link to the coaching brief, with the sample and recorded replies.

The tests share one server and go in their order: what the first leaves behind is what the others look at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.browser.addresses import addresses, missing
from tests.browser.conftest import overflows, serious, sign_in
from tests.browser.people import PASSWORD, Person
from tests.browser.served import Served
from tests.browser.story import STAGES, STAGES_OF_SIXTY
from tests.browser.story.rounds import open_round
from tests.browser.story.team import LEAD, MARA, PRIYA, QUOTED, gathered
from tests.builders import SAMPLE

pytestmark = pytest.mark.browser

# A folder to put a picture of every page into, to be looked at.
PICTURES = os.environ.get("CLOSEREAD_PICTURES", "")
# Not pages: parts of pages, files, the API, and what leads elsewhere at once.
PARTS = re.compile(
    r"^/api/|/(part|running|gate|estimate|sound)$|/(guide|file)/|/(record|export|scorecard)$|^/(team-report|summary|report|scores)$|^/admin$|/next$"
)
RATES = re.compile(r"^/calibration/{number}/(rate|submit|correct)")
# What the story leaves nothing behind for.
NOT_TOLD = {
    "/api/v1/scoring-rules/{name}",
    "/api/v1/evals/runs/{ident}",
    "/api/v1/evals/compare",
    "/api/v1/evals/suites/{suite}/verdict",
    "/api/v1/webhooks/{ident}",
    "/api/v1/webhooks/{ident}/deliveries",
    "/admin/webhooks/{ident}",
    "/evals/runs/{ident}",
    "/evals/compare",
    "/upload/{ident}",
    "/upload/{ident}/manifest.xlsx",
}


@pytest.fixture(name="served", scope="module")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("story")) as served:
        yield served


@pytest.fixture(name="open_page", scope="module")
def _open_page(browser: Any, served: Served) -> Iterator[Any]:
    with opening(browser, served) as open_page:
        yield open_page


@contextmanager
def opening(browser: Any, served: Served) -> Iterator[Any]:
    """`open_page()`: a page in a browser of its own, which keeps what is said on its console in `page.said`."""
    contexts = []

    def open_page() -> Any:
        context = browser.new_context(base_url=served.url, viewport={"width": 1280, "height": 900}, locale="en-GB")
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        page.said = []
        page.on("pageerror", lambda error: page.said.append(str(error)))
        page.on("console", lambda message: page.said.append(message.text) if message.type == "error" else None)
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_from_the_set_up_link_to_the_coaching_brief(served, open_page):
    team = gathered(served, open_page)
    for stage in STAGES:
        stage(team)
        assert served.runs(), served.said()
    for person in (team.lead, team.mara, team.ben, team.viewer, team.rep):
        assert person.page.said == [], person.name


@pytest.fixture(name="crowded", scope="module")
def _crowded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("crowded")) as served:
        yield served


def test_the_same_story_with_sixty_reps(crowded, browser):
    with opening(browser, crowded) as open_page:
        team = gathered(crowded, open_page, many=True)
        for stage in STAGES_OF_SIXTY:
            stage(team)
            assert crowded.runs(), crowded.said()
        everybody = (team.lead, team.mara, team.ben, team.viewer, team.rep)
        for person in everybody:
            assert person.page.said == [], person.name
        found = []
        for path in ("/", "/calls", "/profiles", "/coaching", "/disputes", f"/profiles/{quote(team.rep.name)}"):
            team.lead.go(path)
            for width in (1280, 360):
                team.lead.page.set_viewport_size({"width": width, "height": 900})
                found += [f"{path} at {width}: {fault}" for fault in serious(team.lead.page)]
                found += [f"{path}: wider than {width} px"] * overflows(team.lead.page)
        assert found == [], "\n".join(found)


def pages(served: Served) -> dict[str, str]:
    """Every page, with an address that shows something."""
    space = served.space()
    every = addresses(space, 1, PRIYA)
    unknown = missing(space, 1, PRIYA)
    space.store.close()
    assert unknown <= NOT_TOLD, unknown - NOT_TOLD
    return {route: address for route, address in every.items() if not PARTS.search(route)}


def under_way(lead: Person) -> dict[str, str]:
    """A file that waits to be stored and a round that is being rated, and their pages."""
    lead.go("/upload?kind=call")
    lead.page.locator("input[name=files]").set_input_files(SAMPLE / "calls" / "dev-call-07.txt")
    lead.press("Look at them")
    lead.page.wait_for_url(re.compile(r"/upload/.+"))
    found = {"/upload/{ident}": lead.page.url, "/calls/{ident} with quotes": f"/calls/{QUOTED}#quote-1-1"}
    open_round(lead, "spring-2", ["dev-call-33", "dev-call-34"])
    lead.sees("Round 3 is open.")
    for path in ("", "/rate", "/submit"):
        found[f"/calibration/{{number}}{path} while blind"] = f"/calibration/3{path}"
    return found


def test_every_page_is_accessible_and_fits_a_phone(served, open_page):
    """axe-core on each in light and wide, then dark and narrow; nothing reaches over the edge of a phone."""
    lead, mara = open_page(), open_page()
    sign_in(lead, LEAD, PASSWORD)
    sign_in(mara, MARA, PASSWORD)
    found = []
    for route, address in (pages(served) | under_way(Person(LEAD, lead))).items():
        page = mara if RATES.search(route) else lead
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 1280, "height": 900})
        answer = page.goto(address)
        if not answer.ok:
            found.append(f"{address}: {answer.status}")
        found += [f"{route}, light: {fault}" for fault in serious(page)]
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"{re.sub('[^a-z]+', '-', route).strip('-') or 'start'}.png")
        page.emulate_media(color_scheme="dark")
        page.set_viewport_size({"width": 360, "height": 800})
        found += [f"{route}, dark: {fault}" for fault in serious(page)]
        if overflows(page):
            found.append(f"{route}: wider than 360 px")
    found += [f"console: {line}" for line in lead.said + mara.said]
    assert found == [], "\n".join(found)
