from datetime import UTC, datetime

import pytest
from sqlalchemy import create_engine, text

from agent.calls.store import Calls
from agent.core.errors import ConfigError, Conflict, NotFound
from agent.core.transcript import Quote, Span
from agent.db.store import Store
from agent.interviews.store import Interviews
from agent.ratings.model import Failed, Provenance, Rated, Rating
from agent.ratings.store import MadeWith, Ratings
from agent.rubrics.store import Rubrics
from tests.builders import call, criterion, interview, rubric, transcript

AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    opened = Store.open(f"sqlite:///{tmp_path}/closeread.db")
    yield opened
    opened.close()


def rating(judgement, **given):
    made = Provenance(rubric="ru-1", prompt="rate_call@1#x", model="m", request="rq-1")
    facts = {"call": "call-1", "criterion": "asks_cost", "rater": "model:m", "provenance": made, "at": AT}
    return Rating(judgement=judgement, **(facts | given))


def test_documents_come_back_as_they_were(store):
    assert store[Interviews].add(interview()) == "new"
    assert store[Calls].add(call()) == "new"
    assert store[Interviews].get("int-1") == interview()
    assert store[Calls].all() == [call()]


def test_the_same_again_changes_nothing_and_new_facts_replace_old_ones(store):
    store[Calls].add(call())
    assert store[Calls].add(call()) == "unchanged"
    assert store[Calls].add(call().model_copy(update={"stage": "demo"})) == "changed"
    assert store[Calls].get("call-1").stage == "demo"


def test_other_words_under_a_known_id_are_refused(store):
    store[Calls].add(call())
    other = call().model_copy(update={"transcript": transcript(("Rae", "Something else."), Rae="rep")})
    with pytest.raises(Conflict, match="other words"):
        store[Calls].add(other)
    assert store[Calls].get("call-1") == call()


def test_unknown_ids_are_named(store):
    with pytest.raises(NotFound, match="'nobody'"):
        store[Calls].all(["nobody"])


def test_rubrics_are_found_by_id_and_label_and_stored_once(store):
    first = store[Rubrics].add(rubric(label="spring"))
    again = store[Rubrics].add(rubric(label="renamed"))
    assert again == first
    assert store[Rubrics].get("spring") == store[Rubrics].get(first.id) == store[Rubrics].newest()
    with pytest.raises(Conflict, match="spring"):
        store[Rubrics].add(rubric(criterion("other"), label="spring"))
    assert store[Rubrics].add(rubric(criterion("other"), label="")).label == "v2"


def test_a_correction_supersedes_and_the_old_rating_stays_in_the_table(store):
    store[Calls].add(call())
    quote = Quote(span=Span(turn=0, start=0, end=4), speaker="Rae", text="What")
    first = rating(Failed(kind="evidence", detail="not found", claimed=1))
    second = rating(Rated(value=1, quotes=(quote,)), supersedes=first.id)
    assert store[Ratings].add([first]) == 1
    assert store[Ratings].add([first, second]) == 1
    assert store[Ratings].current() == [second]
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM ratings")).scalar() == 2


def test_rated_calls_go_by_what_they_were_made_with(store):
    store[Calls].add(call())
    store[Ratings].add([rating(Rated(value=0))])
    assert store[Ratings].rated_calls(MadeWith("ru-1", "rate_call@1#x", "m", 0)) == {"call-1"}
    assert store[Ratings].rated_calls(MadeWith("ru-1", "rate_call@1#x", "m", 1)) == set()
    assert store[Ratings].rated_calls(MadeWith("ru-1", "rate_call@2#y", "m", 0)) == set()


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index ix_calls_names")
def test_migrations_make_exactly_the_schema(store):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    # Their tables join the metadata.
    from agent.db import schema_counting, schema_jobs, schema_reviews, schema_server, schema_sound, schema_sources  # noqa: F401
    from agent.db.schema import metadata

    with store.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_a_file_that_is_no_database_is_one_clear_error(tmp_path):
    path = tmp_path / "closeread.db"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(ConfigError, match="cannot be opened"):
        Store.open(f"sqlite:///{path}")


def test_a_database_of_a_newer_version_is_refused(tmp_path):
    url = f"sqlite:///{tmp_path}/closeread.db"
    Store.open(url).close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(ConfigError, match="newer Closeread"):
        Store.open(url)
