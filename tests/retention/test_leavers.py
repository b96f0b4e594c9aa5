"""Somebody who leaves is forgotten, but for the last who may manage people."""

import pytest

from agent.core.errors import Conflict
from agent.people.store import People
from agent.retention.store import Retention


def test_the_last_ops_lead_is_not_forgotten_and_nothing_changes(site):
    store = site.space.store
    with pytest.raises(Conflict, match="the last ops lead"):
        store[Retention].forget("ops_lead")
    assert store[People].named("ops_lead").role == "ops_lead"
    store[People].create("second", "second@example.com", "ops_lead")
    pseudonym, changed = store[Retention].forget("ops_lead")
    assert (pseudonym, changed > 0) == ("Former colleague 1", True)
    assert [p.name for p in store[People].all() if p.role == "ops_lead" and not p.disabled] == ["second"]
