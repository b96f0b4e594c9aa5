"""Patterns know what has changed since they were extracted, and models are asked only about what is new."""

from contextlib import asynccontextmanager

import pytest

from agent.app.queue.kinds import Whole, kind
from agent.core.errors import InputError
from agent.documents.verbs import export_summary
from agent.interviews.sides import on_neither_side
from agent.interviews.store import Interviews
from agent.patterns import verbs
from agent.patterns.extraction import extract
from agent.patterns.store import Extractions
from agent.patterns.updating import age, update_patterns, update_requests
from agent.patterns.views import PatternHistory, PatternSetView
from agent.retention.model import Chosen
from agent.retention.verbs import remove
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import MOMENTS, PROMPTS, asked, interview, owner
from tests.patterns.test_extraction import ASKED, CUT, NAMES, corpus, quiet, reader, readers


@pytest.fixture
async def space(tmp_path, monkeypatch):
    """Twelve interviews with their patterns; whoever is asked afterwards is in `space.asked`."""
    space = Workspace(Settings.read(tmp_path))
    for document in corpus():
        space.store[Interviews].add(document)
    team, prompts = readers(), {name: PROMPTS.get(name) for name in NAMES}
    space.store[Extractions].add(await extract(corpus(), team, prompts, MOMENTS, 4, quiet))
    fresh = readers(reader)
    named = {"analyst_a": fresh.analyst_a, "analyst_b": fresh.analyst_b, "drafter": fresh.drafter}

    @asynccontextmanager
    async def roles(*_, **__):
        yield named

    monkeypatch.setattr(space, "roles", roles)
    monkeypatch.setattr(space, "planned_role", named.__getitem__)
    space.asked = lambda: [request.subject for one in named.values() for request in asked(one)]
    yield space
    space.store.close()


def pattern(space):
    return next(p for p in verbs.current(space).every if p.name == "Asked what it costs")


async def test_nothing_new_is_nothing_to_do(space):
    assert age(space).in_words == ""
    with pytest.raises(InputError, match="nothing has changed"):
        await update_patterns(space)


async def test_a_corrected_outcome_counts_at_once_and_an_update_asks_nobody(space):
    before = pattern(space)
    assert (before.won.count, before.won.of, before.lost.of) == (6, 6, 6)
    store = space.store[Interviews]
    store.add(store.get("int-00").model_copy(update={"outcome": "lost"}))
    assert age(space).in_words == "Since this extraction: 1 outcome corrected."
    now = pattern(space)
    assert (now.won.count, now.won.of, now.lost.count, now.lost.of) == (5, 5, 1, 7)
    renamed = verbs.rename(owner(space), now.id, "Asks for the cost")
    assert renamed.pattern(now.id).lost.of == 7
    verbs.start_update(owner(space))
    assert (space.asked(), age(space).in_words) == ([], "")
    assert [(p.won.of, p.lost.of) for p in PatternHistory.of(space, now.id).items] == [(6, 6), (5, 7)]
    assert verbs.current(space).pattern(now.id).name == "Asks for the cost"


async def test_only_what_is_new_is_read_and_the_codebook_stays(space):
    book = space.store[Extractions].newest().codebook
    space.store[Interviews].add(interview("new-1", "won", ASKED))
    space.store[Interviews].add(interview("new-2", "lost", CUT))
    assert age(space).new == ("new-1", "new-2")
    assert len(update_requests(space)) == 8
    verbs.keep_update(owner(space), await update_patterns(space))
    assert set(space.asked()) == {"new-1", "new-2"}
    assert len(space.asked()) == 8, "two readings by each of two analysts"
    newest = space.store[Extractions].newest()
    assert (newest.codebook, len(newest.patterns.interviews)) == (book, 14)
    assert (pattern(space).won.of, pattern(space).lost.of) == (7, 7)


async def test_one_click_starts_a_job_that_asks_about_nothing_else(space, monkeypatch):
    """What the page's button and `POST /patterns/update` start. Twelve interviews are not asked about again."""
    monkeypatch.setattr(space, "binding", lambda role: None)
    space.store[Interviews].add(interview("new-1", "won", ASKED))
    planned = [request.subject for request in update_requests(space)]
    started = verbs.start_update(owner(space))
    assert (started.kind, started.params["update"]) == ("extract", True)
    assert space.asked() == []
    work = kind("extract")
    assert isinstance(work, Whole)
    await work.work(space, started, lambda *_: None)
    assert space.asked() == planned == ["new-1"] * 4
    assert (pattern(space).won.of, age(space).in_words) == (7, "")


async def test_other_words_and_another_buyer_are_read_again_and_removed_words_drop_out(space):
    store = space.store[Interviews]
    other = interview("int-01", "won", CUT).transcript
    store.reword("int-01", other, "ops")
    two = store.get("int-02")
    store.reword("int-02", two.transcript.model_copy(update={"roles": {"Bo": "interviewer", "Ann": "buyer"}}), "ops")
    gone = store.get("int-11").model_copy(update={"buyer": "Somebody Else"})
    store.add(gone)
    remove(owner(space), Chosen(customer="Somebody Else"))
    since = age(space)
    assert (since.reworded, since.resided, since.gone) == (("int-01",), ("int-02",), ("int-11",))
    updated = await update_patterns(space)
    assert set(space.asked()) == {"int-01", "int-02"}
    found = next(p for p in updated.patterns.patterns if p.id == pattern(space).id)
    assert (found.won.count, found.won.of, found.lost.of) == (4, 5, 5), "what Bo said counts for nobody in int-02"
    assert "int-11" not in updated.patterns.interviews


async def test_the_summary_on_paper_says_what_has_changed_since(space):
    def said():
        return str(export_summary(owner(space)).blocks)

    assert "Since this extraction" not in said()
    space.store[Interviews].add(interview("new-1", "won", ASKED))
    assert "Since this extraction: 1 interview new." in said()


async def test_interviews_on_neither_side_are_named_where_patterns_are_listed(space):
    store = space.store[Interviews]
    store.add(interview("gone-1", "lost", CUT).model_copy(update={"ending": "churned"}))
    shown = PatternSetView.of(verbs.current(space), age(space), on_neither_side(space))
    assert shown.on_neither_side == ["gone-1"]
    assert shown.interviews == 12
    assert age(space).new == (), "it is in no count, so there is nothing to read"
