"""Backup and restore of a workspace on PostgreSQL, with writers at work."""

import secrets
import threading

import pytest
from sqlalchemy import create_engine

from agent.app.verb import Who
from agent.backup import verbs
from agent.backup.databases import rows_of
from agent.core.errors import ConfigError
from agent.core.people import Scope
from agent.db.audit import AuditLog
from agent.db.database import database_url
from agent.settings import Settings
from agent.workspace import Workspace
from tests.api.conftest import fill
from tests.durable.harness import POSTGRES, drop_database, on_server

pytestmark = pytest.mark.durable


@pytest.fixture(name="empty")
def _empty(postgresql):
    name = f"closeread_test_{secrets.token_hex(6)}"
    on_server(f"CREATE DATABASE {name}")
    yield POSTGRES.url.rpartition("/")[0] + f"/{name}"
    drop_database(name)


def test_a_workspace_on_postgresql_is_backed_up_and_restored(postgresql, empty, tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {"CLOSEREAD_DATABASE_URL": postgresql}))
    fill(space)
    stop = threading.Event()

    def write():
        while not stop.is_set():
            space.store[AuditLog].append("meanwhile", person="Ann")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = verbs.back_up(Who(space, Scope(local=True), as_name="a test"), tmp_path / "b.tar")
    finally:
        stop.set()
        writer.join()
    settings = Settings.read(tmp_path / "again", {"CLOSEREAD_DATABASE_URL": empty})
    verbs.restore(settings, made.path)
    engine = create_engine(database_url(empty))
    with engine.connect() as connection:
        assert rows_of(connection) == made.manifest.rows
    engine.dispose()
    again = Workspace(settings)
    again.store[AuditLog].append("goes_on", person="Ann")
    assert again.store[AuditLog].verify().wrong == 0
    again.store.close()
    with pytest.raises(ConfigError, match="is not empty"):
        verbs.restore(Settings.read(tmp_path / "third", {"CLOSEREAD_DATABASE_URL": empty}), made.path)
    space.store.close()
