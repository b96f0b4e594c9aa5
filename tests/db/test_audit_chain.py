"""The audit log's chain: whatever is done to its rows behind the program's back is found."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text

from agent.core.errors import InputError
from agent.db.audit import AuditLog
from agent.db.audit_chain import Head, noted_heads
from agent.db.database import MIGRATIONS, bare_engine
from agent.db.store import Store
from tests.db.older import older_database

LINES = 6


@pytest.fixture(name="path")
def _path(tmp_path):
    """A database with a log of six lines."""
    store = Store.open(f"sqlite:///{tmp_path}/closeread.db")
    for number in range(LINES):
        store[AuditLog].append("call_rated", f"call-{number}", person="Ann Lee" if number % 2 else "Bo", level=number)
    store.close()
    return tmp_path / "closeread.db"


def checked(path, expected=()):
    store = Store.open(f"sqlite:///{path}")
    found = store[AuditLog].verify(expected)
    store.close()
    return found


def behind_its_back(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TRIGGER audit_log_no_update")
        connection.execute("DROP TRIGGER audit_log_no_delete")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_an_untouched_log_holds(path):
    found = checked(path)
    assert (found.wrong, found.lines, found.nameless, found.head.number) == (0, LINES, 0, LINES)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE audit_log SET person = 'Somebody Else' WHERE seq = 2",
            "line 2: person, subject or facts were changed",
        ),
        ("UPDATE audit_log SET body = '{}' WHERE seq = 5", "line 5: person, subject or facts were changed"),
        ("UPDATE audit_log SET action = 'looked' WHERE seq = 3", "line 3: its hash does not follow"),
        ("UPDATE audit_log SET at = '2020-01-01T00:00:00+00:00' WHERE seq = 3", "line 3: its hash does not follow"),
        ("DELETE FROM audit_log WHERE seq = 4", "line 4 is missing"),
        ("DELETE FROM audit_log WHERE seq <= 2", "lines 1 to 2 are missing"),
        ("DELETE FROM audit_log WHERE seq = 6", "the newest line is 5, and has to be 6"),
        ("UPDATE audit_log SET salt = '', person = 'x' WHERE seq = 1", "1 lines have lost their names, 0 were removed"),
        (
            "INSERT INTO audit_log SELECT 7, at, person, action, subject, body, salt, mark, hash FROM audit_log WHERE seq = 1",
            "line 7: its hash does not follow",
        ),
    ],
)
def test_what_is_done_behind_its_back_is_found(path, statement, said):
    behind_its_back(path, statement)
    assert any(fault.startswith(said) for fault in checked(path).faults), checked(path).faults


def test_a_log_cut_off_together_with_its_head_is_found_by_a_head_noted_elsewhere(path):
    noted = checked(path).head
    with closing(sqlite3.connect(path)) as connection:
        (at_four,) = connection.execute("SELECT hash FROM audit_log WHERE seq = 4").fetchone()
    behind_its_back(
        path, "DELETE FROM audit_log WHERE seq > 4", f"UPDATE audit_head SET number = 4, hash = '{at_four}'"
    )
    assert checked(path).wrong == 0  # nothing inside tells
    assert checked(path, noted_heads([str(noted)])).faults == (f"line {LINES} was noted earlier and is not there",)
    assert checked(path, [Head(4, at_four)]).wrong == 0


def test_a_log_written_anew_from_the_middle_is_found_by_a_noted_head(path):
    noted = checked(path).head
    with closing(sqlite3.connect(path)) as connection:
        (at_four,) = connection.execute("SELECT hash FROM audit_log WHERE seq = 4").fetchone()
    behind_its_back(
        path, "DELETE FROM audit_log WHERE seq > 4", f"UPDATE audit_head SET number = 4, hash = '{at_four}'"
    )
    store = Store.open(f"sqlite:///{path}")
    for _ in range(5):
        store[AuditLog].append("made_up", person="Ann Lee")
    store.close()
    assert checked(path).wrong == 0
    assert checked(path, [noted]).faults == (f"line {LINES}: it is not the line that was noted earlier",)


def test_the_database_refuses_to_change_a_line_or_to_delete_one(path):
    with closing(sqlite3.connect(path)) as connection:
        for statement in (
            "UPDATE audit_log SET person = 'x'",
            "UPDATE audit_log SET salt = '', action = 'x'",
            "DELETE FROM audit_log",
        ):
            with pytest.raises(sqlite3.IntegrityError, match="append-only"):
                connection.execute(statement)


def test_names_that_are_removed_are_gone_and_the_chain_holds(path):
    store = Store.open(f"sqlite:///{path}")
    store[AuditLog].append("renamed", "x", person="Bo", was='Ann "Lee"', now="Ann Lee")
    assert store[AuditLog].forget(["Ann Lee", 'Ann "Lee"'], person="Bo") == 4
    found = store[AuditLog].verify()
    assert (found.wrong, found.nameless, found.lines) == (0, 4, LINES + 2)
    assert not any("Ann" in repr(entry) for entry in store[AuditLog].page())
    assert store[AuditLog].forget(["Ann Lee"], person="Bo") == 0
    assert store[AuditLog].verify().lines == LINES + 2  # nothing was removed, and nothing is said
    store.close()


def test_many_writers_make_one_chain(path):
    together = threading.Barrier(8)

    def write(writer):
        store = Store.open(f"sqlite:///{path}")
        together.wait()
        for number in range(25):
            store[AuditLog].append("counted", f"{writer}-{number}", person=f"writer {writer}")
        store.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(8)))
    found = checked(path)
    assert (found.wrong, found.lines) == (0, LINES + 200)


def test_readings_are_noted_once_in_a_quarter_of_an_hour(path):
    store = Store.open(f"sqlite:///{path}")
    for person in ("Ann", "Ann", "Bo"):
        store[AuditLog].append_once("words_read", "call-1", person=person)
    assert [line.person for line in store[AuditLog].page(action="words_read")] == ["Bo", "Ann"]
    store.close()


@pytest.mark.parametrize("head", ["", "12", "x:" + "0" * 64, "12:abc"])
def test_what_is_no_head_is_refused(head):
    with pytest.raises(InputError, match="is no head of the audit log"):
        noted_heads([head])


def test_a_log_from_before_is_chained_when_the_database_is_opened(tmp_path):
    """As the schema before had it: no marks, numbers with gaps."""
    path = tmp_path / "old.db"
    engine = bare_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0015")
        for number in range(LINES):
            row = {"seq": number + 1 + 10 * (number > 3), "body": f'{{"level":{number}}}'}
            connection.execute(
                text("INSERT INTO audit_log VALUES (:seq, '2026-01-01T00:00:00+00:00', 'Ann', 'rated', 'x', :body)"),
                row,
            )
    engine.dispose()
    found = checked(path)
    assert (found.wrong, found.lines, found.head.number) == (0, LINES, LINES)
    store = Store.open(f"sqlite:///{path}")
    assert [line.facts["level"] for line in store[AuditLog].page()] == [5, 4, 3, 2, 1, 0]
    store[AuditLog].append("more", person="Ann")
    assert store[AuditLog].verify().wrong == 0
    store.close()


OF_AN_OLDER_PROGRAM = (
    "INSERT INTO audit_log (at, person, action, subject, body) "
    "VALUES ('2026-01-01T00:00:00+00:00', 'Bo', 'suite_run', 'ev-1', '{}')"
)


def test_a_program_older_than_the_chain_cannot_write_beside_it(path):
    with (
        closing(sqlite3.connect(path)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="chained lines only"),
    ):
        connection.execute(OF_AN_OLDER_PROGRAM)


def test_lines_that_an_older_program_wrote_after_the_chain_are_chained_on(path):
    newer = path.rename(path.with_name("newer.db"))
    older_database(path, "0018", newer, ("audit_log", "audit_head"))
    with closing(sqlite3.connect(path)) as connection:  # with a program still running
        for _ in range(2):
            connection.execute(OF_AN_OLDER_PROGRAM)
        connection.commit()
    store = Store.open(f"sqlite:///{path}")
    store[AuditLog].append("call_rated", "call-9", person="Bo")
    store.close()
    found = checked(path)
    assert (found.wrong, found.lines, found.head.number) == (0, LINES + 3, LINES + 3)
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError, match="append-only"):
        connection.execute("UPDATE audit_log SET person = 'Somebody' WHERE seq = 7")
