"""Somebody who leaves is forgotten, but for the last who may manage people."""

import pytest

from agent.core.errors import Conflict
from agent.people.store import People
from agent.retention.store import Retention


def test_the_last_ops_lead_is_not_forgotten_and_nothing_changes(site):
    store = site.space.store
    lena = store[People].create("Lena Vogt", "lena@example.com", "ops_lead")
    store[People].disable(site.people["ops_lead"].id)
    with pytest.raises(Conflict, match="the last ops lead"):
        store[Retention].forget("Lena Vogt")
    assert store[People].get(lena.id) == lena
    store[People].disable(site.people["ops_lead"].id, False)
    pseudonym, changed = store[Retention].forget("Lena Vogt")
    assert (pseudonym, changed > 0) == ("Former colleague 1", True)
    assert [p.name for p in store[People].all() if p.role == "ops_lead" and not p.disabled] == ["ops_lead"]


def test_a_name_that_is_also_the_word_of_a_role_leaves_roles_as_they_are(site):
    site.space.store[Retention].forget("manager")
    assert {p.name: p.role for p in site.space.store[People].all()} == {
        "Former colleague 1": "manager",
        "ops_lead": "ops_lead",
        "rep": "rep",
        "viewer": "viewer",
    }
