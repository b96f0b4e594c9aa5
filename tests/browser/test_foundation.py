"""Signing in, the menu, and the admin pages in a real browser: keyboard, contrast, narrow and dark."""

from __future__ import annotations

import re

import pytest

from agent.people.store import People
from tests.api.conftest import BASE
from tests.browser.conftest import overflows, serious

pytestmark = pytest.mark.browser

PAGES = [
    ("", "/sign-in"),
    ("ops_lead", "/"),
    ("ops_lead", "/admin/people"),
    ("ops_lead", "/admin/tokens"),
    ("ops_lead", "/admin/audit"),
    ("viewer", "/nothing-here"),
]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
@pytest.mark.parametrize(("role", "path"), PAGES)
def test_pages_are_accessible_and_fit(open_page, role, path, width, dark):
    page = open_page(role, path, width=width, dark=dark)
    assert serious(page) == []
    assert not overflows(page)
    assert [line for line in page.said if "404" not in line] == []


def test_the_way_to_the_content_and_the_menu_by_keyboard_alone(open_page):
    page = open_page("viewer", "/")
    page.keyboard.press("Tab")
    assert page.evaluate("() => document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "main"


def test_the_menu_is_closed_on_a_narrow_screen_and_opens(open_page):
    page = open_page("viewer", "/", width=360)
    link = page.get_by_role("navigation").get_by_role("link", name="Calls", exact=True)
    assert not link.is_visible()
    page.get_by_text("Menu").click()
    assert link.is_visible()


def test_a_person_is_added_and_sets_a_password_with_the_link(open_page, site):
    page = open_page("ops_lead", "/admin/people")
    page.get_by_label("Name", exact=True).fill("Cho Park")
    page.get_by_label("E-mail").fill("cho@example.com")
    page.get_by_role("button", name="Add", exact=True).click()
    link = page.get_by_label("Link for Cho Park").input_value()
    assert link.startswith(f"{BASE}/welcome/")  # the configured address, which does not lead to this server
    other = open_page("", link.removeprefix(BASE))
    other.get_by_label("Password").fill("a password of some length")
    other.get_by_role("button", name="Set password and sign in").click()
    other.wait_for_url(re.compile(r"/$"))
    assert other.get_by_text("Welcome, Cho Park.").is_visible()
    assert site.space.store[People].named("Cho Park").last_seen is not None


def test_moments_are_shown_in_the_readers_own_time(open_page):
    page = open_page("ops_lead", "/admin/audit")
    shown = page.locator("time").first
    assert shown.get_attribute("data-local") == ""
    assert "UTC" in (shown.get_attribute("title") or "")


def test_signing_out_ends_the_session(open_page):
    page = open_page("manager", "/")
    page.get_by_role("button", name="Sign out").click()
    assert page.get_by_text("You are signed out.").is_visible()
    page.goto("/")
    assert "/sign-in" in page.url


def test_the_check_for_accessibility_finds_what_is_wrong(open_page):
    page = open_page("", "/sign-in")
    page.evaluate(
        "() => document.querySelector('main').insertAdjacentHTML('beforeend', '<img src=\"/static/icon.svg\">')"
    )
    assert any(finding.startswith("image-alt") for finding in serious(page))
