"""Removing a name and a customer's words on PostgreSQL: no table holds them afterwards."""

import pytest

from agent.db.audit import AuditLog
from agent.retention import verbs
from agent.retention.model import Chosen
from agent.settings import Settings
from agent.workspace import Workspace
from tests.retention.test_every_byte import ACCOUNT, CUSTOMER, RATER, REP, WORDS, lead, planted, tables_with
from tests.retention.test_every_byte import _end_the_round as end_the_round
from tests.retention.test_telling_ids import judged
from tests.retention.test_telling_ids import planted as planted_ids

pytestmark = pytest.mark.durable


def test_no_table_holds_what_was_removed(postgresql, tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {"CLOSEREAD_DATABASE_URL": postgresql}))
    planted(space)
    end_the_round(space)
    assert tables_with(space, WORDS)
    verbs.remove(lead(space), Chosen(customer=CUSTOMER))
    verbs.remove(lead(space), Chosen(rep="Somebody Else"))
    for name in (REP, RATER):
        assert tables_with(space, name)
        verbs.remove_person(lead(space), name)
    assert {needle: tables_with(space, needle) for needle in (WORDS, CUSTOMER, ACCOUNT, REP, RATER)} == {
        needle: set() for needle in (WORDS, CUSTOMER, ACCOUNT, REP, RATER)
    }
    assert space.store[AuditLog].verify().wrong == 0
    space.cache.close()
    space.store.close()


def test_no_table_holds_ids_that_tell_of_somebody(postgresql, tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {"CLOSEREAD_DATABASE_URL": postgresql}))
    planted_ids(space)
    before = judged(space)
    verbs.remove(lead(space), Chosen(customer="Quenby Vossler"))
    verbs.remove_person(lead(space), "Zebulon Yarrow")
    for needle in ("vossler", "Vossler", "brockelmann", "BROCKELMANN", "yarrow", "Yarrow"):
        assert tables_with(space, needle) == set()
    assert judged(space) == before
    assert space.store[AuditLog].verify().wrong == 0
    space.cache.close()
    space.store.close()
