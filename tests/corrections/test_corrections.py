"""Other words and other speakers after an import: what was read before is marked, and no quote points into other words."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from agent.calls.store import Calls
from agent.core.errors import Conflict, InputError, NotFound
from agent.core.transcript import Quote
from agent.corrections import verbs
from agent.interviews.store import Interviews
from agent.patterns.store import Extractions
from agent.patterns.updating import age
from agent.patterns.verbs import current
from agent.ratings.call_page import call_page
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import MadeWith, Ratings
from agent.retention.model import Chosen
from agent.retention.verbs import remove
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.text.importers import Source
from agent.text.quotes import QuoteIndex
from agent.workspace import Workspace
from tests.builders import call, interview, owner, rubric
from tests.patterns.made import extracted

RIGHT = Source(
    "right.txt", b"Rae: What does the late close cost you each month?\nCus: About nine thousand in fees, I think.\n"
)
MADE = {"prompt": "rate_call@1", "model": "test/model"}


@pytest.fixture
def space(tmp_path):
    space = Workspace(Settings.read(tmp_path))
    yield space
    space.store.close()


def rated(ident, rater, words, made=None):
    found = QuoteIndex(call(ident).transcript.turns).locate(words)
    assert isinstance(found, Quote)
    return Rating(
        call=ident,
        criterion="asks_cost",
        rater=rater,
        judgement=Rated(value=1, quotes=(found,)),
        provenance=Provenance(rubric=rubric().id, **(made or {})),
        at=datetime.now(UTC),
    )


def test_ratings_of_the_words_before_are_marked_and_their_quotes_lead_nowhere_else(space):
    who = owner(space)
    space.store[Rubrics].add(rubric())
    space.store[Calls].add(call("c1"))
    lost = rated("c1", "model:test/model", "I will send you something.", MADE)
    held = rated("c1", "Ana", "late close cost you each month")
    space.store[Ratings].add([lost, held])
    made_with = MadeWith(rubric().id, "rate_call@1", "test/model", 0)
    assert space.store[Ratings].unrated_calls(made_with) == []
    made = verbs.replace_words(who, "c1", "call", RIGHT)
    assert (made.quotes, made.lost) == (2, 1)
    page = call_page(space, "c1", "")
    assert page.of_words_before == {lost.id, held.id}
    marked = [piece.text for turn in page.turns for piece in turn.pieces if piece.labels]
    assert marked == ["late close cost you each month"]
    assert space.store[Ratings].unrated_calls(made_with) == ["c1"], "a model reads it again"
    assert space.store[Ratings].current_status("c1", made_with) == {}
    back = verbs.restore_words(who, "c1", "call")
    assert (back.lost, call_page(space, "c1", "").of_words_before) == (0, frozenset())
    assert space.store[Calls].get("c1") == call("c1")
    with pytest.raises(NotFound, match="never changed"):
        verbs.restore_words(who, "c1", "call")


def test_speakers_get_other_names_and_sides_and_quotes_hold(space):
    who = owner(space)
    space.store[Interviews].add(interview("i1"))
    made = verbs.correct_speakers(who, "i1", "interview", {"Bo": "Bo Li"}, {"Ann": "other"})
    assert made.document.transcript.roles == {"Bo Li": "buyer", "Ann": "other"}
    assert space.store[Interviews].get("i1").transcript.speakers == ("Ann", "Bo Li")
    assert [v.same_words for v in space.store[Interviews].versions("i1")] == [True]
    for names, sides, said in (
        ({"Nobody": "X"}, {}, "nobody is called"),
        ({}, {"Ann": "rep"}, "no part 'rep'"),
        ({}, {"Bo Li": "other"}, "nobody would be the buyer"),
        ({"Ann": "Bo Li"}, {}, "say which"),
        ({}, {"Ann": "other"}, "nothing would be changed"),
    ):
        with pytest.raises((InputError, NotFound), match=said):
            verbs.correct_speakers(who, "i1", "interview", names, sides)


def test_a_file_that_cannot_be_read_changes_nothing(space):
    space.store[Calls].add(call("c1"))
    with pytest.raises(InputError, match="it would be open who is on whose side: Ed"):
        verbs.replace_words(
            owner(space), "c1", "call", Source("a.txt", b"Ed: Hello?\nCus: Yes.\nEd: Bye.\nCus: Bye.\n")
        )
    assert space.store[Calls].get("c1") == call("c1")
    again = "\n".join(f"{turn.speaker}: {turn.text}" for turn in call("c1").transcript.turns)
    with pytest.raises(Conflict, match="these words already"):
        verbs.replace_words(owner(space), "c1", "call", Source("a.txt", again.encode()))


def test_the_words_of_another_call_are_refused_and_near_ones_named(space):
    words = [f"word{at}" for at in range(120)]

    def said(many):
        return Source("a.txt", f"Rae: {' '.join(many[:60])}\nCus: {' '.join(many[60:])}\n".encode())

    who = owner(space)
    for ident in ("c1", "c2", "c3"):
        space.store[Calls].add(call(ident))
    verbs.replace_words(who, "c1", "call", said(words))
    with pytest.raises(Conflict, match="c2 has the same words as c1"):
        verbs.replace_words(who, "c2", "call", said(words))
    assert space.store[Calls].get("c2") == call("c2")
    (note,) = verbs.replace_words(who, "c3", "call", said([*words[:115], *"abcde"])).notes
    assert note.endswith("of the words are those of c1: is it the same call?")


def test_retention_takes_the_words_before_as_well(space):
    space.store[Calls].add(call("c1"))
    verbs.replace_words(owner(space), "c1", "call", RIGHT)
    remove(owner(space), Chosen(rep="Rae"))
    with space.store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM transcripts").scalar() == 0
        assert connection.exec_driver_sql("SELECT count(*) FROM word_versions").scalar() == 0


def test_a_call_goes_with_what_models_read_but_not_with_what_people_did(space):
    who = owner(space)
    space.store[Rubrics].add(rubric())
    for ident in ("c1", "c2"):
        space.store[Calls].add(call(ident))
    space.store[Ratings].add(
        [rated("c1", "model:test/model", "I will send you", MADE), rated("c2", "Ana", "late close")]
    )
    with pytest.raises(Conflict, match="1 rating rests on it"):
        verbs.delete_document(who, "c1", "call")
    verbs.delete_document(who, "c1", "call", along=True)
    assert (space.store[Calls].facts(["c1"]), space.store[Ratings].current(["c1"])) == ({}, [])
    with pytest.raises(Conflict, match="Ana rated it"):
        verbs.delete_document(who, "c2", "call", along=True)
    assert verbs.hanging(space, "call", "c2").holds == ("Ana rated it",)


def test_an_interview_is_taken_out_of_the_patterns_and_leaves_no_words(space):
    extracted(space)
    before = current(space).pattern("asked_cost")
    verbs.delete_document(owner(space), "won-2", "interview", along=True)
    after = current(space).pattern("asked_cost")
    assert (after.won.count, after.won.of) == (before.won.count - 1, before.won.of - 1)
    assert "won-2" not in space.store[Extractions].newest().patterns.interviews
    with space.store.engine.connect() as connection:
        bodies = connection.exec_driver_sql("SELECT body FROM extractions").scalars().all()
    quoted = [c["quotes"] for body in bodies for c in json.loads(body)["codings"] if c["interview"] == "won-2"]
    assert quoted
    assert all(quote["text"] == "[removed]" for quotes in quoted for quote in quotes)
    assert age(space).in_words == ""


def test_the_terminal_says_what_hangs_on_it_first(closeread, with_sample):

    ident = closeread("calls", "list", "--json").json["items"][0]["id"]
    assert f"closeread calls delete {ident} --yes" in closeread("calls", "delete", ident).out
    assert closeread("calls", "delete", ident, "--yes").out.strip().endswith(f"{ident} is deleted")
    assert ident not in [row["id"] for row in closeread("calls", "list", "--json").json["items"]]
