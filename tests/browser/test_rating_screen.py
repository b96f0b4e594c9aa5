"""The rating screen in a real browser: by keyboard alone, by selecting words, on a phone's width, without a script."""

from __future__ import annotations

import time

import pytest

from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.rubrics.store import Rubrics
from tests.browser.conftest import overflows, serious, sign_in
from tests.builders import call, criterion, rubric

pytestmark = pytest.mark.browser

RUBRIC = rubric(criterion(), criterion("depth", name="Depth", description="How deep.", scale="1-5"), label="rated")
SELECT = """([turn, start, end]) => {
  const words = document.querySelector(`#turn-${turn} .said`).firstChild;
  const range = document.createRange();
  range.setStart(words, start);
  range.setEnd(words, end);
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


@pytest.fixture
def number(site):
    """A new round of two new calls, which nobody has begun."""
    store = site.space.store
    store[Rubrics].add(RUBRIC)
    number = store[Rounds].next_number()
    calls = [f"screen-{number}-{place}" for place in (1, 2)]
    for ident in calls:
        store[Calls].add(call(ident, "Sam"))
    new = {"rubric": "rated", "raters": ["manager", "ops_lead"], "calls": calls}
    assert site.program("ops_lead").post("/api/v1/rounds", json=new).status_code == 201
    return number


def drafts(site, number):
    """What the manager has in draft, by call and criterion."""
    found = site.program("manager").get(f"/api/v1/rounds/{number}/drafts").json()
    return {(d["call"][-1], d["criterion"]): (d["judgement"], d["reason"]) for d in found["items"]}


def rated(page, text):
    page.locator("#saved .state", has_text=text).wait_for()


def criterion_is(page, name):
    page.locator("#criterion", has_text=name).wait_for()


def test_a_round_is_rated_by_keyboard_alone(site, open_page, number):
    page = open_page("manager", f"/calibration/{number}/rate")
    page.keyboard.press("y")
    rated(page, "Saved. 1 of 4 rated")
    page.keyboard.press("q")  # nothing is selected: the field for typing a quote
    page.keyboard.type("0")
    page.keyboard.press("Enter")
    page.locator(".chip", has_text="What does the late close cost you each month?").wait_for()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    page.keyboard.type("Yes, 4 and any other key in here is text")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    criterion_is(page, "Depth")
    page.keyboard.press("4")
    page.keyboard.press("ArrowRight")  # at once: what was pressed before is saved all the same
    page.wait_for_url(lambda url: "-2&" in url)
    page.keyboard.press("a")
    page.keyboard.press("Enter")
    criterion_is(page, "Depth")
    page.keyboard.press("ArrowLeft")
    criterion_is(page, "Asks for the cost")
    assert page.locator("button.level[aria-pressed=true]").get_attribute("data-key") == "a"
    page.keyboard.press("Enter")
    criterion_is(page, "Depth")
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    page.wait_for_url("**/submit")
    found = drafts(site, number)
    assert found["1", "asks_cost"][0]["quotes"][0]["span"]["turn"] == 0
    assert found["1", "asks_cost"][1] == "Yes, 4 and any other key in here is text"
    assert {cell: given.get("value", given["status"]) for cell, (given, _) in found.items()} == {
        ("1", "asks_cost"): 1,
        ("1", "depth"): 4,
        ("2", "asks_cost"): "not_applicable",
        ("2", "depth"): 2,
    }
    assert page.said == []


def test_words_are_quoted_by_selecting_them_whole_and_taken_back(site, open_page, number):
    page = open_page("manager", f"/calibration/{number}/rate")
    page.evaluate(SELECT, [0, 15, 27])  # begins and ends inside of a word
    page.locator("#quote-selected").click()
    page.locator(".chip", has_text="“late close cost”").wait_for()
    assert "Not saved yet: choose a level" in page.locator("#saved").inner_text()
    page.keyboard.press("y")
    rated(page, "Saved. 1 of 4 rated")
    page.evaluate(SELECT, [1, 0, 20])
    page.locator("#quote-selected").click()
    page.locator("#saved [role=alert]", has_text="was said by Cus in turn 1").wait_for()
    assert page.locator(".chip").count() == 1, "what was there before stays"
    page.reload()
    page.goto(f"/calibration/{number}/rate?call=screen-{number}-1&criterion=asks_cost")
    assert page.locator(".turn.quoted").get_attribute("data-turn") == "0"
    page.get_by_role("button", name="Remove this quote of turn 0").click()
    page.locator(".chip").wait_for(state="detached")
    rated(page, "Saved.")
    assert drafts(site, number)["1", "asks_cost"][0]["quotes"] == []


def test_a_selection_over_two_turns_is_no_quote(open_page, number):
    page = open_page("manager", f"/calibration/{number}/rate")
    page.evaluate(
        """() => {
          const [first, second] = [0, 1].map((turn) => document.querySelector(`#turn-${turn} .said`).firstChild);
          const range = document.createRange();
          range.setStart(first, 0);
          range.setEnd(second, 5);
          getSelection().removeAllRanges();
          getSelection().addRange(range);
        }"""
    )
    page.locator("#selected", has_text="Select words of one turn").wait_for()
    assert page.locator("#quote-selected").is_disabled()


def test_a_reason_is_kept_when_the_page_is_left_while_typing(site, open_page, number):
    page = open_page("manager", f"/calibration/{number}/rate")
    page.keyboard.press("n")
    rated(page, "Saved.")
    page.locator("#reason").press_sequentially("left in a hurry")
    page.goto("/calibration")  # the browser sends what was typed while it leaves
    ends = time.monotonic() + 10
    while drafts(site, number)["1", "asks_cost"][1] != "left in a hurry":
        assert time.monotonic() < ends, "what was typed is lost"
        page.wait_for_timeout(50)


def test_it_works_without_a_script(site, browser, live, number):
    context = browser.new_context(base_url=live, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, "manager")
    page.goto(f"/calibration/{number}/rate")
    page.locator("button[data-key=y]").click()
    assert "Saved. 1 of 4 rated" in page.locator("#saved").inner_text()
    page.locator("#reason").fill("by hand")
    page.get_by_role("button", name="Next").click()
    assert page.locator("#criterion").inner_text() == "Depth"
    assert drafts(site, number)["1", "asks_cost"][1] == "by hand"
    context.close()


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1200, True)])
def test_the_pages_are_accessible_and_fit(open_page, number, width, dark):
    page = open_page("ops_lead", f"/calibration/{number}/rate", width=width, dark=dark)
    for path in ("", f"/{number}", f"/{number}/rate", f"/{number}/submit", f"/{number}/log", "/open"):
        page.goto(f"/calibration{path}")
        assert serious(page) == [], path
        assert not overflows(page), path
