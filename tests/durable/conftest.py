"""Databases for the durable tests: a file, or a database of its own on the PostgreSQL of CLOSEREAD_TEST_POSTGRES.

Without that variable the PostgreSQL half skips; where CI is set it fails instead.
"""

from __future__ import annotations

import secrets

import pytest

from tests.durable.harness import POSTGRES, drop_database, on_server


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    """The URL of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/closeread.db"
        return
    yield from _made()


@pytest.fixture
def postgresql():
    """The URL of an empty database on the server."""
    yield from _made()


def _made():
    if not POSTGRES.url:
        if POSTGRES.required:
            pytest.fail("CI must run these tests: set CLOSEREAD_TEST_POSTGRES (see .ci/postgres)")
        pytest.skip("no PostgreSQL: set CLOSEREAD_TEST_POSTGRES, for example to the output of .ci/postgres")
    name = f"closeread_test_{secrets.token_hex(6)}"
    on_server(f"CREATE DATABASE {name}")
    yield POSTGRES.url.rpartition("/")[0] + f"/{name}"
    drop_database(name)


@pytest.fixture
def no_server_in_ci():
    pytest.fail("CI must run this test: install PostgreSQL and run it as root (see .ci/postgres)")
