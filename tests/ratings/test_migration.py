"""A workspace made before the table of what counts: opened, it counts all its ratings and what was settled."""

import json
from datetime import UTC, datetime

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from agent.calibration.model import Adjudication, CalibrationRound
from agent.db.database import MIGRATIONS
from agent.db.sqlite import sqlite_engine
from agent.db.store import Store
from agent.ratings.counted import Counting
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.in_use import in_use
from agent.rubrics.model import RubricState
from agent.rubrics.store import RubricStates
from tests.builders import criterion, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
OLD = rubric(criterion("asks_cost"), criterion("names_next"), label="old")
NEW = rubric(criterion("asks_cost", name="Asks what it costs"), criterion("names_next"), label="new")
ROUND = CalibrationRound(number=1, rubric=OLD.id, raters=("ann", "bea"), calls=("call-1",), opened_at=AT)


def before(path):
    """A database at version 0011 with two deployed rubrics and a round in which one difference was settled."""
    from sqlalchemy import create_engine

    engine = sqlite_engine(create_engine(f"sqlite:///{path}"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0011")
        for one in (OLD, NEW):
            put(connection, "rubrics", id=one.id, label=one.label, at=AT.isoformat(), body=one.model_dump_json())
            state = RubricState(rubric=one.id, state="deployed", at=AT)
            put(connection, "rubric_states", rubric=one.id, body=state.model_dump_json())
        for ident in ("call-1", "call-2"):
            facts = {"id": ident, "date": "2026-10-05", "rep": "Rae", "stage": "", "deal": ""}
            put(connection, "calls", **facts, transcript=None, body=json.dumps(facts))
        body = ROUND.model_dump_json(exclude={"submitted", "state"})
        put(connection, "rounds", id=ROUND.id, number=1, rubric=OLD.id, at=AT.isoformat(), body=body)
        put(connection, "round_calls", call="call-1", round=ROUND.id)
        for who, values in {"ann": (1, 1), "bea": (0, 0)}.items():
            put(connection, "round_submissions", round=ROUND.id, rater=who, at=AT.isoformat())
            for name, value in zip(("asks_cost", "names_next"), values, strict=True):
                ident = rate(connection, "call-1", name, who, value, "", "")
                put(connection, "round_ratings", round=ROUND.id, rating=ident, rater=who)
        for ident in ("call-1", "call-2"):
            rate(connection, ident, "asks_cost", "model:m", 0, "rate_call@1", "m")
        decided = Adjudication(
            round=ROUND.id, call="call-1", criterion="asks_cost", judgement=Rated(value=1), reason="x", by="ann", at=AT
        )
        put(connection, "adjudications", round=ROUND.id, body=decided.model_dump_json())
    engine.dispose()


def put(connection, table, **row):
    names, marks = ", ".join(f'"{name}"' for name in row), ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), row)


def rate(connection, call, name, rater, value, prompt, model):
    made = Provenance(rubric=OLD.id, prompt=prompt, model=model)
    new = Rating(call=call, criterion=name, rater=rater, judgement=Rated(value=value), provenance=made, at=AT)
    row = {"call": call, "criterion": name, "rater": rater, "status": "rated", "value": value, "rubric": OLD.id}
    more = {"prompt": prompt, "model": model, "draw": 0, "at": AT.isoformat(), "supersedes": ""}
    put(connection, "ratings", id=new.id, **row, **more, body=new.model_dump_json())
    return new.id


def test_an_old_workspace_is_counted_when_it_is_opened(tmp_path):
    before(tmp_path / "closeread.db")
    store = Store.open(f"sqlite:///{tmp_path}/closeread.db")
    counted = {
        (one.rating.call, one.rating.criterion): (one.rating.judgement.value, one.source, one.rating.rater)
        for one in store[Ratings].that_count(OLD.id)
    }
    assert counted == {
        ("call-1", "asks_cost"): (1, "settled", "settled:round 1"),
        ("call-2", "asks_cost"): (0, "model", "model:m"),
    }
    assert store[Counting].uncounted(OLD).splits == 1
    settled = next(one for one in store[Ratings].current(["call-1"]) if one.rater == "settled:round 1")
    assert store[Ratings].get(settled.id) == settled
    assert [store[RubricStates].of(one.id).state for one in (OLD, NEW)] == ["calibrated", "deployed"]
    assert in_use(store).rubric.id == NEW.id
    store.close()
