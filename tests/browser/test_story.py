"""The whole story in real browsers: from the set-up link to the coaching brief, with the sample and recorded replies."""

from __future__ import annotations

import asyncio
import re
import threading
import zipfile
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.domain.rubric import Rubric
from tests.browser.people import Open, Person, invited, select_words, welcomed
from tests.browser.served import Served, answer_ratings, answer_sharpening
from tests.builders import SAMPLE

pytestmark = pytest.mark.browser

LEAD, MARA, BEN, VIK, PRIYA = "Olu Lead", "Mara Voss", "Ben Osei", "Vik Rao", "Priya Raman"
KEPT = {
    "asked_problem_consequence": "Asks what the problem leads to",
    "confirmed_customer_target": "Says target back for confirmation",
    "invited_most_affected": "Invites the person most affected",
}
FIRST_CALLS = ["dev-call-01", "dev-call-05", "dev-call-22"]
SECOND_CALLS = ["dev-call-11", "dev-call-21", "dev-call-31"]
SHARPER = {
    "difference": "Whether a question about who is affected counts.",
    "description": "The rep asks what the problem that was named leads to: what it costs, delays or puts at risk.",
    "anchors": [],
    "near_miss": None,
}


def levels(calls: list[str], *rows: str) -> dict[tuple[str, str], int]:
    """One row a criterion, one digit a call."""
    return {(c, k): int(row[n]) for k, row in zip(KEPT, rows, strict=True) for n, c in enumerate(calls)}


MARAS = levels(FIRST_CALLS, "011", "100", "101")
BENS = levels(FIRST_CALLS, "101", "100", "101")
AGREED = levels(SECOND_CALLS, "010", "100", "001")


@pytest.fixture(name="served", scope="module")
def _served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("story")) as served:
        yield served


@pytest.fixture(name="open_page", scope="module")
def _open_page(browser: Any, served: Served) -> Iterator[Any]:
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


def prepared(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to its end in a thread: playwright's own loop runs in this one."""
    came: list[Any] = []
    thread = threading.Thread(target=lambda: came.append(asyncio.run(work)))
    thread.start()
    thread.join()
    assert came, "the replies could not be prepared"
    return came[0]


@dataclass(frozen=True)
class Team:
    """Everybody in the story, and the server they use."""

    served: Served
    lead: Person
    mara: Person
    ben: Person
    viewer: Person
    rep: Person


def gathered(served: Served, open_page: Open) -> Team:
    """The first admin by the set-up link, who invites the others."""
    lead = welcomed(open_page(), served.link, LEAD, "olu@example.com")
    mara = invited(lead, open_page, MARA, "manager")
    ben = invited(lead, open_page, BEN, "manager")
    viewer = invited(lead, open_page, VIK, "viewer")
    return Team(served, lead, mara, ben, viewer, invited(lead, open_page, PRIYA, "rep", PRIYA))


def test_from_the_set_up_link_to_the_coaching_brief(served, open_page):
    team = gathered(served, open_page)
    for stage in STAGES:
        stage(team)
        assert served.runs(), served.said()
    for person in (team.lead, team.mara, team.ben, team.viewer, team.rep):
        assert person.page.said == [], person.name


def zipped(folder: Path, kind: str) -> Path:
    """A folder of the sample as one zip, its manifest in it."""
    path = folder / f"{kind}.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted((SAMPLE / kind).iterdir()):
            packed.write(file, f"{kind}/{file.name}")
    return path


def upload(lead: Person, kind: str, files: Path, count: int) -> None:
    """Bring a zip, look at what would be stored, store it."""
    lead.go(f"/upload?kind={kind}")
    lead.page.locator("input[name=files]").set_input_files(files)
    lead.press("Look at them")
    lead.page.wait_for_url(re.compile(r"/upload/.+"))
    lead.press(f"Store these {count} {kind}s")
    lead.sees(f"{count} stored.")


def upload_the_sample(team: Team) -> None:
    """Interviews and calls, each as a zip with its table."""
    upload(team.lead, "interview", zipped(team.served.folder, "interviews"), 18)
    upload(team.lead, "call", zipped(team.served.folder, "calls"), 40)


def find_patterns(team: Team) -> None:
    """Where the start page leads to: two analysts read all interviews, and the page shows how far they are."""
    lead = team.lead
    lead.go("/")
    assert "Find what separates your 9 won from your 9 lost deals." in lead.next_step().inner_text()
    lead.follow("Find patterns")
    lead.press("Find patterns")
    lead.sees("The patterns are found.", 60)


def change_patterns(team: Team) -> None:
    """Give one another name, reject one; both stand in the history."""
    lead = team.lead
    lead.follow("Read the patterns first")
    lead.page.get_by_role("heading", name="without a clear difference").click()
    lead.follow("Demoed on a made-up company")
    lead.page.get_by_label("Another name").fill("Showed an invented company")
    lead.press("Rename")
    lead.sees("It is now called “Showed an invented company”.")
    lead.go("/patterns")
    lead.page.get_by_role("heading", name="without a clear difference").click()
    lead.follow("Opened with personal small talk")
    lead.page.get_by_label("Reject it, because").fill("Everybody does it, won or lost.")
    lead.press("Reject")
    lead.sees("Rejected: no criterion will be drafted from it.")
    assert "Everybody does it, won or lost." in lead.page.locator("#history").inner_text()


def draft_criteria(team: Team) -> None:
    """A criterion for each pattern that separates."""
    lead = team.lead
    lead.go("/")
    lead.follow("Draft criteria")
    lead.press("Draft criteria")
    lead.sees("The criteria are drafted.", 60)
    lead.follow("Open the rubric")


def edit_and_publish(team: Team) -> None:
    """Three criteria are kept; one gets words of a call as an example, and another description; then it is published."""
    lead, served = team.lead, team.served
    lead.go("/rubric")
    lead.follow("v1")
    lead.follow("Edit it")
    while (gone := lead.page.locator("tr[id^=c-]").filter(has_not=lead.page.locator(_any_of(KEPT)))).count():
        gone.first.get_by_role("button", name="Take out").click()
    lead.follow(KEPT["asked_problem_consequence"])
    lead.page.get_by_label("Call or interview").fill("dev-call-14")
    lead.press("Open")
    words = said_by_rep(served, "dev-call-14")
    select_words(lead.page, "#source .said", words)
    assert lead.page.locator("[name=pick_words]").input_value() == words
    lead.page.get_by_label("Why it shows it, or does not").fill("It asks for a fact, not for what follows from it.")
    lead.press("Add as absent")
    lead.sees("Added as absent example, and saved.")
    description = lead.page.get_by_label("Description: what the rep says or does")
    description.fill(description.input_value() + " A question about who is affected counts as well.")
    lead.press("Save")
    lead.sees("Saved.")
    lead.page.get_by_label("Label of the new version").fill("spring")
    lead.press("Publish as a new version")
    lead.sees("spring is published.")
    space = served.space()
    rubric = space.store.rubrics.get("spring")
    space.store.close()
    assert [c.id for c in rubric.criteria] == list(KEPT)
    assert words in [e.text for e in rubric.criteria[0].examples]


def _any_of(names: dict[str, str]) -> str:
    return ", ".join(f"a[href$='/edit/{ident}']" for ident in names)


def said_by_rep(served: Served, call: str) -> str:
    """Some whole words of the rep's third turn."""
    space = served.space()
    found = space.store.calls.get(call)
    space.store.close()
    turns = [turn.text for turn in found.transcript.turns if turn.speaker == found.rep]
    return " ".join(turns[2].split()[:8]).rstrip(",.;?!")


def open_round(team: Team) -> None:
    """Two managers rate the same calls."""
    lead = team.lead
    lead.go("/calibration")
    lead.follow("Open a round")
    lead.page.get_by_label("Rubric", exact=False).first.select_option("spring")
    for name in (MARA, BEN):
        lead.page.get_by_role("checkbox", name=name).check()
    lead.page.get_by_label("Or name them").fill(", ".join(FIRST_CALLS))
    lead.press("Open the round")
    lead.sees("Round 1 is open.")


def where(page: Any) -> tuple[str, str]:
    """The call and the criterion that the rating screen asks for."""
    form = page.locator("#rating")
    return form.locator("[name=call]").input_value(), form.locator("[name=criterion]").input_value()


def moved_on(page: Any, before: tuple[str, str]) -> bool:
    """Wait for the next criterion; whether there is one."""
    page.wait_for_function(
        """([call, criterion]) => location.pathname.endsWith("/submit")
          || (document.querySelector("#rating [name=call]")
              && (document.querySelector("#rating [name=call]").value !== call
                  || document.querySelector("#rating [name=criterion]").value !== criterion))""",
        arg=list(before),
    )
    return not page.url.endswith("/submit")


def rate_by_keyboard(rater: Person, number: int, given: dict[tuple[str, str], int]) -> None:
    """Rate all of a round with keys alone, and give each a reason; then make it final."""
    page, keys = rater.page, rater.page.keyboard
    rater.go("/")
    assert f"calibration round {number}" in rater.next_step().inner_text()
    rater.follow("Rate now")
    more = True
    while more:
        cell = where(page)
        keys.press("y" if given[cell] else "n")
        page.locator("#saved .won").wait_for()
        keys.press("r")
        keys.type(reason_for(rater, cell))
        keys.press("Control+Enter")
        more = moved_on(page, cell)
    make_final(rater)


def rate_by_mouse(rater: Person, number: int, given: dict[tuple[str, str], int]) -> None:
    """Rate all of a round with the mouse; a rating of yes quotes words selected in the transcript."""
    page = rater.page
    rater.go(f"/calibration/{number}/rate")
    more = True
    while more:
        cell = where(page)
        page.locator(f"#rating button.level[value='{given[cell]}']").click()
        page.locator("#saved .won").wait_for()
        if given[cell]:
            quote_first_words(page)
        page.get_by_label("Reason").fill(reason_for(rater, cell))
        page.locator("#next").click()
        more = moved_on(page, cell)
    make_final(rater)


def quote_first_words(page: Any) -> None:
    """Select what the rep says first and quote it."""
    said = page.locator("#transcript .turn.rep .said").first.inner_text()
    select_words(page, "#transcript .turn.rep .said", " ".join(said.split()[:4]))
    page.get_by_role("button", name="Quote these words").click()
    page.locator("#saved .chip").first.wait_for()


def reason_for(rater: Person, cell: tuple[str, str]) -> str:
    """Words that stand nowhere else, so that they can be looked for."""
    return f"{rater.name.split()[0].lower()}-thinks-{cell[0]}-{cell[1]}"


def make_final(rater: Person) -> None:
    rater.press("Make my ratings final")
    rater.sees("ratings are final.")


def rate_blind(team: Team) -> None:
    """Both rate in browsers of their own. Between the two, one tries to see what the other gave."""
    rate_by_keyboard(team.mara, 1, MARAS)
    rate_by_mouse(team.ben, 1, BENS)


def rate_again(team: Team) -> None:
    """They agree on the new wording."""
    for rater in (team.mara, team.ben):
        rate_by_mouse(rater, 2, AGREED)


def sharpen_wording(team: Team) -> None:
    """The criterion that failed is drafted anew from the calls that split the raters, looked at, and stored."""
    lead, served = team.lead, team.served
    prepared(answer_sharpening(served, 1, "asked_problem_consequence", SHARPER))
    lead.go("/")
    lead.follow("Compare ratings")
    lead.follow("Sharpen the wording")
    lead.press("Let the model draft it")
    lead.sees("What the old wording left open")
    assert lead.page.locator("#changes-asked_problem_consequence ins").count()
    lead.press("Store the new version")
    lead.sees("spring-2")


def open_next_round(team: Team) -> None:
    """With the same raters and the new wording, on other calls."""
    lead = team.lead
    lead.follow("Open the next round with it")
    assert lead.page.get_by_role("checkbox", name=MARA).is_checked()
    lead.page.get_by_label("Or name them").fill(", ".join(SECOND_CALLS))
    lead.press("Open the round")
    lead.sees("Round 2 is open.")


def deploy(team: Team) -> None:
    """Everybody agreed: the round is closed, and its rubric deployed through the gate."""
    lead = team.lead
    lead.go("/calibration/2")
    lead.page.get_by_text("Close this round").click()
    lead.press("Close")
    lead.sees("Round 2 is closed.")
    lead.go("/")
    lead.follow("Deploy the rubric")
    lead.follow("Deploy it")
    lead.press("Deploy spring-2")
    lead.sees("spring-2 is deployed")


STAGES = (
    upload_the_sample,
    find_patterns,
    change_patterns,
    draft_criteria,
    edit_and_publish,
    open_round,
    rate_blind,
    sharpen_wording,
    open_next_round,
    rate_again,
    deploy,
)
