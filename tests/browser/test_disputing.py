"""A dispute as people live through it, each in a browser of their own: assigned, reminded of, upheld in part, counted."""

from datetime import UTC, datetime

import pytest

from agent.weekly import reminders
from tests.browser.conftest import serious
from tests.browser.people import Person
from tests.ratings.walk import rating_of

pytestmark = pytest.mark.browser
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def row_of(page, name):
    """What stands in the row of a table that begins with `name`."""
    row = page.locator("tr", has=page.get_by_role("rowheader", name=name, exact=True)).first
    return [cell.strip() for cell in row.locator("td").all_inner_texts()]


def test_from_the_objection_to_the_counts(site, open_page, monkeypatch):
    rating_of(site)
    (site.space.settings.workspace / "config" / "mail.yaml").write_text("host: m.example.com\nsender: c@example.com\n")
    (site.space.settings.workspace / "config" / "weekly.yaml").write_text("day: monday\nhour: 7\nzone: UTC\n")
    rep, lead, manager = (Person(role, open_page(role)) for role in ("rep", "ops_lead", "manager"))

    rep.go("/calls/call-1")
    card = rep.page.locator("#c-asks_cost")
    card.get_by_text("Dispute this rating").click()
    card.get_by_label("What is wrong with it").fill("I ask for it at the end.")
    card.get_by_label("What you would give").select_option("1")
    card.get_by_role("button", name="Send the dispute").click()
    rep.sees("Your dispute is sent.")

    lead.go("/")
    assert "1 dispute waits for an answer." in lead.next_step().inner_text()
    lead.follow("Answer the newest")
    lead.page.get_by_label("Who is to answer").select_option("manager")
    lead.press("Assign")
    lead.sees("manager is to answer, and is reminded of it.")

    sent = []
    monkeypatch.setattr(reminders, "hand_over", lambda space, message: sent.append(message) or "")
    assert reminders.remind(site.space, MONDAY) == ["manager"]
    assert "A dispute to answer, which has waited" in sent[0].get_content()

    manager.go("/")
    assert "it is yours" in manager.next_step().inner_text()
    manager.go("/disputes")
    manager.follow("Yours to answer")
    manager.page.get_by_role("rowheader").first.get_by_role("link").click()
    manager.page.get_by_label("Why").fill("Nothing on this call could be asked.")
    manager.page.get_by_label("The right rating").select_option("n/a")
    manager.press("Uphold and change the rating")
    manager.sees("Partly upheld: your rating counts now; it is not the one the rep asked for.")

    rep.go("/disputes")
    rep.page.get_by_role("rowheader").first.get_by_role("link").click()
    rep.sees("Your rating changed.")
    rep.sees("Nothing on this call could be asked.")

    lead.go("/disputes")
    assert row_of(lead.page, "manager")[:4] == ["0", "0", "1", "0"], "to answer, upheld, in part, declined"
    counted = lead.page.get_by_role("region", name="Disputes by criterion").locator("tbody tr").first
    assert [cell.strip() for cell in counted.locator("td.number").all_inner_texts()] == ["0", "0", "1", "0"]
    for person in (rep, lead, manager):
        assert person.page.said == []
        assert serious(person.page) == []
