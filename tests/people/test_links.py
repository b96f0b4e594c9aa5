"""Links for others begin with the address that the settings say, never with what a request says of its host."""

import pytest

from agent.people.store import Invitations, People
from tests.api.conftest import BASE, csrf


def say(site, text):
    (site.space.settings.workspace / "config" / "auth.yaml").write_text(text, encoding="utf-8")


def asked_as(site, host):
    """The ops lead's program, which says that it asks `host`."""
    client = site.program("ops_lead")
    client.headers["Host"] = host
    return client


def invite(client, site):
    return client.post(f"/api/v1/people/{site.people['manager'].id}/invitation", json={})


@pytest.mark.parametrize("host", ["evil.example", "closeread.test@evil.example", "127.0.0.1.evil.example"])
def test_the_configured_address_stands_in_the_link_whatever_the_request_says(site, host):
    answer = invite(asked_as(site, host), site)
    assert answer.status_code == 201
    assert answer.json()["url"].startswith(f"{BASE}/welcome/")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1"])
def test_without_an_address_no_link_is_made_for_another_host_and_earlier_ones_stay_good(site, host):
    say(site, 'address: ""\n')
    earlier = site.space.store[Invitations].create(site.people["manager"].id)
    answer = invite(asked_as(site, host), site)
    assert answer.status_code == 503
    assert "address: https" in answer.text
    assert "evil" not in answer.text
    assert site.space.store[Invitations].whose(earlier) == site.people["manager"].id


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "[::1]:8000"])
def test_without_an_address_somebody_at_this_machine_gets_a_link(site, host):
    say(site, 'address: ""\n')
    assert invite(asked_as(site, host), site).json()["url"].startswith(f"https://{host}/welcome/")


def test_the_page_says_what_to_do_and_adds_nobody(site):
    say(site, 'address: ""\n')
    browser = site.browser("ops_lead")
    form = {"name": "Nora", "email": "nora@example.com", "role": "viewer", "csrf": csrf(browser, "/admin/people")}
    for path in ("/admin/people", f"/admin/people/{site.people['viewer'].id}/invitation"):
        page = browser.post(path, data=form)
        assert page.status_code == 503
        assert "nobody has said where people reach this server" in page.text.lower()
    assert "nora@example.com" not in [person.email for person in site.space.store[People].all()]


@pytest.mark.parametrize("wrong", ["evil", "https://a b", "https://x/path", "ftp://x", "https://user@x", "https://x?y"])
def test_an_address_that_is_none_is_refused(site, wrong):
    say(site, f'address: "{wrong}"\n')
    assert invite(asked_as(site, "127.0.0.1"), site).status_code == 503
