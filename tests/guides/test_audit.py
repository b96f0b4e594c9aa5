"""Who had a model write or check questions stands in the audit log: it costs money."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from agent.app.verb import Who
from agent.core.errors import Forbidden
from agent.core.people import Scope
from agent.db.audit import AuditLog
from agent.guides import verbs
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import owner, role

QUESTIONS = [
    {"stage": "discovery", "question": f"What did the rep say about point {n}?", "probes": []} for n in range(6)
]


@pytest.fixture(name="space")
def _space(tmp_path):
    def answer(request):
        return {"flaws": []} if "lint" in request.prompt else {"questions": QUESTIONS}

    @asynccontextmanager
    async def roles(*names, **_):
        yield {name: role(answer, name) for name in names}

    space = Workspace(Settings.read(tmp_path))
    space.roles = roles
    yield space
    space.store.close()


async def test_a_draft_and_a_check_leave_a_line_each(space):
    await verbs.draft_guide(owner(space), "won", verbs.stages_of(space, ["discovery"]))
    await verbs.check_with_model(owner(space), ["What did the rep say?"])
    logged = space.store[AuditLog].page()
    assert [(line.action, line.subject, line.facts) for line in logged] == [
        ("questions_checked", "", {"questions": 1}),
        ("guide_drafted", "won", {"questions": 6}),
    ]


@pytest.mark.parametrize("as_role", ["manager", "rep", "viewer"])
async def test_nobody_else_spends_money_on_them(space, as_role):
    who = Who(space, Scope(name=as_role, role=as_role, rep="Rae" if as_role == "rep" else ""))
    with pytest.raises(Forbidden):
        await verbs.check_with_model(who, ["What did the rep say?"])
    assert space.store[AuditLog].page() == []
