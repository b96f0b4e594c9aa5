"""A workspace made before words could be corrected (0012): opened, it has everything, and all that came since works on it."""

import json

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text

from agent.calls.store import Calls
from agent.db.database import HEAD, MIGRATIONS
from agent.db.sqlite import sqlite_engine
from agent.db.store import Store
from agent.db.word_prints import Print
from agent.interviews.store import Interviews
from agent.outcomes.store import Deals
from tests.builders import call, interview

pytestmark = pytest.mark.durable
# Long enough that its words are compared with those of others.
HEARD = call("call-1", "Rae", ("Rae", " ".join(f"word{i}" for i in range(60))), ("Cus", "About nine thousand dollars."))


def before(database):
    """A database at version 0012 with an interview, a call and a deal, as they were written then."""
    engine = create_engine(database)
    engine = sqlite_engine(engine) if database.startswith("sqlite") else engine
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0012")
        said, heard = interview("int-1"), HEARD
        for one in (said, heard):
            words = one.transcript
            put(connection, "transcripts", id=words.id, body=words.model_dump_json(exclude={"roles"}))
        facts = {"id": "int-1", "transcript": said.transcript.id, "outcome": "won", "date": "2026-10-01", "rep": "Rae"}
        body = {
            **facts,
            "buyer": "Bo",
            "account": "",
            "stage": "",
            "details": {},
            "transcript": {"roles": said.transcript.roles},
        }
        put(connection, "interviews", **facts, body=json.dumps(body))
        facts = {"id": "call-1", "date": "2026-10-02", "rep": "Rae", "stage": "", "deal": ""}
        body = {
            **facts,
            "customer": "Cus",
            "account": "",
            "details": {},
            "transcript": {"roles": heard.transcript.roles},
        }
        put(connection, "calls", **facts, transcript=heard.transcript.id, body=json.dumps(body))
        facts = {"id": "d-1", "rep": "Rae", "opened": "2026-01-02", "closed": "2026-02-03", "stage": "lead"}
        put(connection, "deals", **facts, outcome="lost", amount_usd=100.0)
    engine.dispose()


def put(connection, table, **values):
    names = ", ".join(f'"{name}"' for name in values)
    connection.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(f":{n}" for n in values)})'), values)


def test_it_opens_with_what_it_had_and_takes_corrections(database):
    before(database)
    store = Store.open(database)
    try:
        with store.engine.connect() as connection:
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == HEAD
        said, heard = store[Interviews].get("int-1"), store[Calls].get("call-1")
        assert (said.ending, said.kind, said.transcript.roles) == (
            "",
            "conversation",
            {"Bo": "buyer", "Ann": "interviewer"},
        )
        assert (store[Calls].placed(), store[Calls].with_open_sides()) == (["call-1"], [])
        (deal,) = store[Deals].all()
        assert (deal.ending, deal.outcome) == ("", "lost")
        words = Print.of([turn.text for turn in heard.transcript.turns])
        assert store[Calls].prints().same("other", words) == ("call-1", 1.0)
        other = call("call-1", "Rae", ("Rae", "What is it worth to you?"), ("Cus", "A good deal.")).transcript
        store[Calls].reword("call-1", other, "ops")
        assert [version.same_words for version in store[Calls].versions("call-1")] == [False]
        assert store[Calls].words_before("call-1") == heard.transcript
        open_one = heard.model_copy(update={"id": "call-2", "transcript": other.model_copy(update={"roles": {}})})
        store[Calls].add(open_one)
        assert store[Calls].with_open_sides() == ["call-2"]
        store[Deals].add([deal.model_copy(update={"id": "d-2", "ending": "no decision"})])
        assert sorted(one.ending for one in store[Deals].all()) == ["", "no decision"]
    finally:
        store.close()
