"""Settings for the whole suite: no deadlines (speed is measured in benchmarks), nothing from the caller's environment."""

import gc
import os
import shutil
import sqlite3
from contextlib import closing

import pytest
from hypothesis import HealthCheck, settings

from agent.db import database
from tests.api.conftest import _one_loop_for_all_requests, _site  # noqa: F401  for every slice

# `make test` tries a quarter of the examples of each property that `make test-all` does, which asks for the profile "long".
settings.register_profile("closeread", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=10)
settings.register_profile("long", settings.get_profile("closeread"), max_examples=40)
settings.load_profile("closeread")

for name in [name for name in os.environ if name.startswith("CLOSEREAD_") or name.endswith("_API_KEY")]:
    # Servers that tests may use; whether cassettes are recorded anew, where pictures go.
    if not name.startswith("CLOSEREAD_TEST_") and name not in ("CLOSEREAD_RECORD_CASSETTES", "CLOSEREAD_PICTURES"):
        del os.environ[name]
os.environ.pop("COLUMNS", None)  # set where a terminal is; a worker of xdist has it, and tables would be as narrow
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"


gc.disable()  # while all is imported


def pytest_collection_finish():
    """What is imported by now stays: looking through it for garbage over and over takes a twentieth of the time."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    gc.enable()


def _has_tables(name):
    # Not by its size: the journal mode that is set on connecting writes a page.
    with closing(sqlite3.connect(name)) as connection:
        return connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] > 0


@pytest.fixture(scope="session", autouse=True)
def _fresh_databases_are_copies(tmp_path_factory):
    """Migrate one SQLite file and copy it for every new database: migrating takes 60 ms, and a thousand tests do it."""
    ready = tmp_path_factory.mktemp("ready") / "closeread.db"
    database.open_database(f"sqlite:///{ready}").dispose()
    migrate = database._migrate

    def copied(engine):
        name = engine.url.database
        if engine.dialect.name != "sqlite" or not name or _has_tables(name):
            return migrate(engine)
        engine.dispose()
        shutil.copyfile(ready, name)

    database._migrate = copied
    yield
    database._migrate = migrate
