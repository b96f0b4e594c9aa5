"""Nobody is left without an ops lead, however two changes fall together, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest

from agent.core.errors import Conflict
from agent.db.store import Store
from agent.people.store import People

pytestmark = pytest.mark.durable


@pytest.mark.parametrize("how", ["change", "disable", "mixed"])
def test_of_ops_leads_who_take_each_others_right_at_once_one_is_left(database, how):
    store = Store.open(database)
    people = store[People]
    keeper = people.create("keeper", "keeper@example.com", "ops_lead").id
    stores = [Store.open(database) for _ in range(3)]
    for turn in range(15):
        leads = [people.create(f"{turn}-{n}", f"{turn}-{n}@example.com", "ops_lead").id for n in range(3)]
        people.change(keeper, "viewer")
        together = threading.Barrier(3)

        def take(at, leads=leads, together=together):
            mine = stores[at][People]
            together.wait()
            with suppress(Conflict):
                if how == "disable" or (how == "mixed" and at == 0):
                    mine.disable(leads[at])
                else:
                    mine.change(leads[at], "viewer")

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(take, range(3)))
        left = [one.id for one in people.all() if one.role == "ops_lead" and not one.disabled]
        assert len(left) == 1
        people.change(keeper, "ops_lead")
        people.disable(left[0])
    for one in (*stores, store):
        one.close()
