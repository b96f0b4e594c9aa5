"""Two rounds: both managers rate alone, the wording is sharpened, they agree, the rubric is deployed."""

from __future__ import annotations

from typing import Any

from tests.browser.people import Person, select_words
from tests.browser.served import answer_sharpening
from tests.browser.story.blindness import leaks
from tests.browser.story.team import BEN, KEPT, MARA, Team, prepared

FIRST_CALLS = ["dev-call-01", "dev-call-05", "dev-call-22"]
SECOND_CALLS = ["dev-call-11", "dev-call-21", "dev-call-31"]
SHARPER = {
    "difference": "Whether a question about who is affected counts.",
    "description": "The rep asks what the problem that was named leads to: what it costs, delays or puts at risk.",
    "anchors": [
        {"level": 0, "text": "No question about what the problem leads to, or only one about facts."},
        {"level": 1, "text": "At least one question about what the problem costs, delays or puts at risk."},
    ],
    "near_miss": {
        "source": "dev-call-01",
        "turn": 3,
        "quote": "What put this on your list now, rather than last year?",
        "why": "It asks for the occasion, not for what the problem leads to.",
    },
}


def levels(calls: list[str], *rows: str) -> dict[tuple[str, str], int]:
    """One row a criterion, one digit a call."""
    return {(c, k): int(row[n]) for k, row in zip(KEPT, rows, strict=True) for n, c in enumerate(calls)}


MARAS = levels(FIRST_CALLS, "011", "100", "101")
BENS = levels(FIRST_CALLS, "101", "100", "101")
AGREED = levels(SECOND_CALLS, "010", "100", "001")


def open_first_round(team: Team) -> None:
    """Two managers are to rate the same calls."""
    team.lead.go("/calibration")
    open_round(team.lead, "spring", FIRST_CALLS)
    team.lead.sees("Round 1 is open.")


def open_round(lead: Person, rubric: str, calls: list[str]) -> None:
    """Fill in the form for a new round."""
    lead.go("/calibration/open")
    lead.page.locator("select[name=rubric]").select_option(rubric)
    for name in (MARA, BEN):
        lead.page.get_by_role("checkbox", name=name).check()
    lead.page.get_by_label("Or name them").fill(", ".join(calls))
    lead.press("Open the round")


def where(page: Any) -> tuple[str, str]:
    """The call and the criterion that the rating screen asks for."""
    page.wait_for_url("**/rate*")  # waits until it is loaded: before that its script does not listen to keys
    form = page.locator("#rating")
    return form.locator("[name=call]").input_value(), form.locator("[name=criterion]").input_value()


def moved_on(page: Any, before: tuple[str, str]) -> bool:
    """Wait for the next criterion; whether there is one."""
    page.wait_for_function(
        """([call, criterion]) => location.pathname.endsWith("/submit")
          || (document.readyState === "complete" && document.querySelector("#rating [name=call]")
              && (document.querySelector("#rating [name=call]").value !== call
                  || document.querySelector("#rating [name=criterion]").value !== criterion))""",
        arg=list(before),
    )
    return not page.url.endswith("/submit")


def rate_by_keyboard(rater: Person, number: int, given: dict[tuple[str, str], int]) -> None:
    """Rate all of a round with keys alone: a level, a quote of the rep's first turn where it is yes, a reason."""
    page, keys = rater.page, rater.page.keyboard
    rater.go("/")
    assert f"calibration round {number}" in rater.next_step().inner_text()
    rater.follow("Start rating")
    more = True
    while more:
        cell = where(page)
        keys.press("y" if given[cell] else "n")
        page.locator("#saved .won").wait_for()
        if given[cell]:
            keys.press("q")
            keys.type(page.locator("#transcript .turn.rep").first.get_attribute("data-turn"))
            keys.press("Enter")
            page.locator("#saved .chip").wait_for()
            keys.press("Escape")
        keys.press("r")
        keys.type(reason_for(rater, cell))
        keys.press("Control+Enter")
        more = moved_on(page, cell)


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
    """Both rate in browsers of their own. Before both have submitted, nobody else sees what one of them gave."""
    mara, ben = team.mara, team.ben
    rate_by_keyboard(mara, 1, MARAS)
    assert leaks(team, ben, MARA) == []
    make_final(mara)
    for other in (ben, team.lead):
        assert leaks(team, other, MARA) == []
    rate_by_mouse(ben, 1, BENS)
    make_final(ben)
    seen = leaks(team, ben, MARA)  # the same look finds them once they may be seen
    assert "/calibration/{number}" in seen
    assert "/api/v1/rounds/{number}/ratings" in seen


def rate_again(team: Team) -> None:
    """They agree on the new wording."""
    for rater in (team.mara, team.ben):
        rate_by_mouse(rater, 2, AGREED)
        make_final(rater)


def sharpen_wording(team: Team) -> None:
    """The criterion that failed is drafted anew from the calls that split the raters, looked at, and stored."""
    lead, served = team.lead, team.served
    prepared(answer_sharpening(served, 1, "asked_problem_consequence", SHARPER))
    lead.go("/")
    lead.follow("Settle the differences")
    lead.go("/calibration/1/sharpen")
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
    lead.press("Deploy spring-2")
    lead.sees("spring-2 is deployed")
