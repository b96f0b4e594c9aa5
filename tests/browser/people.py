"""People in the story, each in a browser of their own, and what they all do: follow a link, press, read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PASSWORD = "a handful of quiet words"
Open = Callable[[], Any]


@dataclass
class Person:
    """Somebody at a page."""

    name: str
    page: Any

    def go(self, path: str) -> None:
        """Open an address; it must be there."""
        answer = self.page.goto(path)
        assert answer.ok, f"{path}: {answer.status}"

    def press(self, name: str, exact: bool = True) -> None:
        """The first button of that name that can be seen."""
        self.page.get_by_role("button", name=name, exact=exact).filter(visible=True).first.click()

    def follow(self, name: str) -> None:
        """The first link of that name that can be seen."""
        self.page.get_by_role("link", name=name, exact=True).filter(visible=True).first.click()

    def sees(self, text: str | re.Pattern[str], within_seconds: float = 10) -> None:
        """Wait until it stands on the page."""
        self.page.get_by_text(text).filter(visible=True).first.wait_for(timeout=within_seconds * 1000)

    def next_step(self) -> Any:
        """The box that says what to do next."""
        return self.page.locator(".next").first


def welcomed(page: Any, link: str, name: str, email: str = "") -> Person:
    """Follow a link that sets a password; `email` where it makes the first account."""
    page.goto(link)
    if email:
        page.get_by_label("Your name").fill(name)
        page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Make the account" if email else "Set password and sign in").click()
    person = Person(name, page)
    person.sees(f"Welcome, {name}.")
    return person


def invited(lead: Person, open_page: Open, name: str, role: str, rep: str = "") -> Person:
    """The lead adds somebody, who follows the link in a browser of their own."""
    lead.go("/admin/people")
    form = lead.page.locator("form[action='/admin/people']")
    form.get_by_label("Name", exact=True).fill(name)
    form.get_by_label("E-mail").fill(f"{name.lower().replace(' ', '.')}@example.com")
    form.get_by_role("combobox", name="Role").first.select_option(role)
    form.locator("[name=rep]").fill(rep)
    form.get_by_role("button", name="Add", exact=True).click()
    link = lead.page.get_by_label(f"Link for {name}").input_value()
    return welcomed(open_page(), link, name)


def select_words(page: Any, selector: str, words: str) -> None:
    """Select words in one element as a mouse would, and let the button go. Waits until they are there."""
    page.locator(selector).filter(has_text=words).first.wait_for()
    found = page.evaluate(
        """([selector, words]) => {
          for (const element of document.querySelectorAll(selector)) {
            const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
            for (let node = walker.nextNode(); node; node = walker.nextNode()) {
              const at = node.data.indexOf(words);
              if (at < 0) continue;
              const range = document.createRange();
              range.setStart(node, at);
              range.setEnd(node, at + words.length);
              getSelection().removeAllRanges();
              getSelection().addRange(range);
              element.scrollIntoView({block: "center"});
              element.dispatchEvent(new MouseEvent("mouseup", {bubbles: true}));
              return true;
            }
          }
          return false;
        }""",
        [selector, words],
    )
    assert found, f"{words!r} stands nowhere in {selector}"
