"""People keep filters of the list of calls under a name, each for themselves; which columns stand is in the address."""

import pytest

from agent.core.errors import Conflict, InputError, NotFound
from agent.ratings.kept_filters import CallsShown, KeptFilters, KeptFiltersStore, keep_filters, kept_by
from agent.rubrics.store import Rubrics
from tests.api.conftest import csrf
from tests.builders import criterion, rubric


def sent(browser, path, **form):
    return browser.post(path, data=form | {"csrf": csrf(browser, "/calls")}, follow_redirects=True).text


def test_what_a_person_keeps_is_picked_again_and_forgotten(site):
    lead, manager = site.browser("ops_lead"), site.browser("manager")
    query = CallsShown(rep="Rae", result="not_shown", criterion="asks_cost", hide=("date", "stage")).query
    page = sent(lead, "/calls/filters", name="  Mine  to coach ", query=query)
    assert "These filters are kept as “Mine to coach”." in page
    link = f'/calls?{query.replace("&", "&amp;")}"'
    assert f'{link} aria-current="page"><bdi>Mine to coach</bdi>' in page
    assert f"{link}><bdi>Mine to coach</bdi>" in lead.get("/calls").text
    assert "Mine to coach" not in manager.get("/calls").text
    assert "“Mine to coach” is forgotten; no call is changed." in sent(
        lead, "/calls/filters/forget", name="Mine to coach"
    )
    assert "Mine to coach" not in lead.get("/calls").text
    assert 'value="show=rated"' in sent(
        lead, "/calls/filters", name="", query="show=rated"
    )  # back, with what was typed


def test_the_rubric_in_use_is_not_kept_by_its_version(site):
    lead = site.browser("ops_lead")
    page = lead.get("/calls?rep=Rae&rubric=v1&hide=shown&hide=date").text
    assert 'name="query" value="rep=Rae&amp;hide=date&amp;hide=shown"' in page
    site.space.store[Rubrics].add(rubric(criterion("other"), label="v2"))
    assert "rubric=v1" in lead.get("/calls?rep=Rae&rubric=v1").text.split('name="query"')[1][:60]


def test_columns_are_left_out_as_the_address_says_on_every_page_of_the_list(site):
    page = site.browser("ops_lead").get("/calls?hide=date&hide=rep&limit=1").text
    assert 'data-name="Date"' not in page
    assert 'data-name="Rep"' not in page
    assert 'data-name="Stage"' in page
    assert page.count("hide=date&amp;hide=rep") >= 1  # to the next page
    assert site.browser("ops_lead").get("/calls?hide=call").status_code == 422


def test_the_same_name_replaces_and_thirty_are_the_most(site):
    who = site.who("manager")
    who.person = site.people["manager"]
    store = site.space.store[KeptFiltersStore]
    for number in range(30):
        store.keep(who.person.id, KeptFilters(name=f"n{number}", filters=CallsShown(rep="Rae")))
    keep_filters(who, "n3", CallsShown(rep="Sam"))
    assert {one.name: one.filters.rep for one in kept_by(who)}["n3"] == "Sam"
    with pytest.raises(Conflict, match="30 are kept already"):
        keep_filters(who, "one more", CallsShown())
    for wrong in ("", "   ", "x" * 61):
        with pytest.raises(InputError):
            keep_filters(who, wrong, CallsShown())
    with pytest.raises(NotFound):
        store.forget(site.people["viewer"].id, "n3")


def test_a_program_keeps_for_its_person_and_a_deal_is_not_kept(site):
    program, other = site.program("rep"), site.program("viewer")
    new = {"name": "Own", "filters": {"result": "shown", "deal": "d-9", "hide": ["shown"]}}
    assert program.post("/api/v1/me/call-filters", json=new).status_code == 201
    (kept,) = program.get("/api/v1/me/call-filters").json()["items"]
    assert (kept["filters"]["result"], kept["filters"]["hide"]) == ("shown", ["shown"])
    assert "deal" not in kept["filters"]
    assert other.get("/api/v1/me/call-filters").json()["items"] == []
    assert other.delete("/api/v1/me/call-filters/Own").status_code == 404
    assert program.delete("/api/v1/me/call-filters/Own").status_code == 204
