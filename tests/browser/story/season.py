"""After the rubric is deployed: scores, a dispute, coaching, deals."""

from __future__ import annotations

import re
from urllib.parse import quote

from agent.calls.store import Calls
from agent.rubrics.store import Rubrics
from tests.browser.served import Served, answer_ratings
from tests.browser.story.team import DISPUTED, QUOTED, Team, prepared
from tests.builders import SAMPLE


def score(team: Team) -> None:
    """All calls, by a job; a call's page then shows what its ratings rest on."""
    space = team.served.space()
    rubric = space.store[Rubrics].get("spring-2")
    space.store.close()
    assert prepared(answer_ratings(team.served, rubric)) == (160 if team.many else 40)
    lead = team.lead
    lead.go("/")
    lead.follow("Score calls")
    lead.press("Score calls")
    lead.sees("The calls are scored.", 240 if team.many else 60)
    lead.follow("Open the calls")
    lead.go(f"/calls/{team.own(QUOTED)}")
    card = lead.page.locator("#c-asked_problem_consequence")
    assert "model" in card.inner_text()
    quote = card.locator("blockquote a.quote").first
    quote.click()
    assert lead.page.locator("mark.chosen").first.inner_text() in quote.inner_text()


def dispute(team: Team) -> None:
    """A rep disputes a rating; a manager upholds it, and it changes."""
    rep, ben = team.rep, team.ben
    rep.go("/calls")
    rep.go(f"/calls/{team.own(DISPUTED)}")
    card = rep.page.locator("#c-invited_most_affected")
    card.get_by_text("Dispute this rating").click()
    card.get_by_label("What is wrong with it").fill("I asked for the site leads to join at the end.")
    card.get_by_label("What you would give").select_option("1")
    card.get_by_role("button", name="Send the dispute").click()
    rep.sees("Your dispute is sent.")
    ben.go("/")
    assert "1 dispute waits for an answer." in ben.next_step().inner_text()
    ben.follow("Answer the newest")
    ben.page.get_by_label("Why").fill("It is there.")
    ben.page.get_by_label("The right rating").select_option("1")
    ben.page.get_by_label("Turn").fill(str(last_turn_of_rep(team.served, team.own(DISPUTED))))
    ben.press("Uphold and change the rating")
    ben.sees("Upheld: your rating counts now.")
    rep.go(f"/calls/{team.own(DISPUTED)}")
    told = rep.page.locator("#c-invited_most_affected").inner_text()
    assert "upheld" in told
    assert "Before: model" in told
    team.lead.go("/disputes")
    team.lead.press("Add the cases")
    team.lead.sees("Added to disputes. Cases: 1, ratings: 1.")


def last_turn_of_rep(served: Served, call: str) -> int:
    space = served.space()
    found = space.store[Calls].get(call)
    space.store.close()
    return [turn.index for turn in found.transcript.turns if turn.speaker == found.rep][-1]


def coach(team: Team) -> None:
    """Baselines are drawn, a plan is made, and the rep reads the one-page brief."""
    mara, rep = team.mara, team.rep
    mara.go("/profiles")
    mara.next_step().get_by_role("button").click()
    mara.sees("Drawn at random and recorded (seed 0)")
    mara.go(f"/coaching/{quote(rep.name)}")
    mara.follow("Make a plan")
    mara.page.get_by_label("Have the model suggest").uncheck()
    chosen = mara.page.locator("input[name=criterion]")
    if not chosen.locator(":scope:checked").count():
        chosen.first.check()
    mara.press("Make the plan")
    mara.sees("Brief to print")
    rep.go("/coaching")
    rep.follow("The brief")
    assert rep.name in rep.page.inner_text("body")


def outcomes(team: Team) -> None:
    """Deals are brought, and the page of outcomes says where they are lost."""
    lead = team.lead
    lead.go("/upload?kind=deals")
    lead.page.locator("input[name=files]").set_input_files(SAMPLE / "history" / "deals.csv")
    lead.press("Look at them")
    lead.page.wait_for_url(re.compile(r"/upload/.+"))
    lead.press("Store these", exact=False)
    lead.sees(re.compile(r"\d+ stored\."))
    lead.go("/outcomes")
    lead.sees("Coach first:", 30)
