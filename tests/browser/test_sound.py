"""The recording on a call's page: a mark beside each turn and quote plays it from the word, and nothing gets in its way."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from agent.app.queue.kinds import kind
from agent.app.queue.store import Jobs
from agent.calls.store import Calls
from agent.core.transcript import Quote, Span, Transcript, Turn
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from agent.speech.hearing_files import HeardFolder
from agent.speech.model import HeardRecording
from agent.speech.sound import as_mp3
from agent.speech.store import Recordings
from agent.speech.words import HeardWord
from tests.browser.conftest import overflows, serious
from tests.speech.conftest import bind
from tests.speech.ears import service
from tests.speech.saying import spoken, talk

pytestmark = [pytest.mark.browser, spoken]
AT = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = (("Good morning.", "What does a late close cost?"), ("It costs us three days.",))


def recorded(site, tmp_path):
    """A call with a rating that quotes its fourth word, and its recording."""
    said = [[*" ".join(WORDS[0]).split()], [*WORDS[1][0].split()]]
    heard = tuple(
        tuple(HeardWord(text=w, start=first + n / 2, end=first + n / 2 + 0.4) for n, w in enumerate(words))
        for first, words in zip((0.0, 7.0), said, strict=True)
    )
    turns = tuple(
        Turn(index=n, speaker=who, text=" ".join(words), start=7.0 * n)
        for n, (who, words) in enumerate(zip(("Channel 1", "Channel 2"), said, strict=True))
    )
    calls = site.space.store[Calls]
    call = calls.get("call-1").model_copy(update={"id": "call-sound", "transcript": Transcript(turns=turns)})
    calls.add(call)
    folder = HeardFolder(tmp_path / "heard")
    made = HeardRecording(sound="s", seconds=14.0, model="m", tracks=heard, requests=())
    folder.put(made, as_mp3(talk(tmp_path / "call.wav")))
    site.space.store[Recordings].keep(call.transcript, folder, "s")
    rubric = site.space.store[Rubrics].all()[0].rubric
    start = turns[0].text.index("does")
    quote = Quote(span=Span(turn=0, start=start, end=start + 11), speaker="Channel 1", text="does a late")
    origin = Provenance(rubric=rubric.id, prompt="p", model="m", request="rq-sound")
    level = Rated(value=1, quotes=(quote,))
    criterion = rubric.criteria[0].id
    site.space.store[Ratings].add(
        [Rating(call=call.id, criterion=criterion, rater="model:m", judgement=level, provenance=origin, at=AT)]
    )
    return call.id


def test_a_quote_plays_from_its_first_word(site, open_page, tmp_path):
    ident = recorded(site, tmp_path)
    page = open_page("ops_lead", f"/calls/{ident}")
    assert page.locator(".turn .play").all_inner_texts() == ["▶", "▶"]
    quote = page.locator("blockquote .play")
    assert quote.get_attribute("href") == f"/calls/{ident}/sound#t=1.5"
    quote.click()
    page.wait_for_function("() => document.querySelector('audio').currentTime > 1.3")  # it goes on: it plays
    assert page.evaluate("() => document.querySelector('audio').duration") == pytest.approx(14, abs=0.5)
    page.locator(".turn .play").nth(1).click()
    page.wait_for_function("() => document.querySelector('audio').currentTime > 6.8")
    assert page.said == []
    assert serious(page) == []
    page.set_viewport_size({"width": 390, "height": 800})
    assert not overflows(page)


def test_a_spoken_call_is_brought_heard_rated_and_played(site, open_page, tmp_path):
    """Through the pages: the recording is uploaded, a service hears it, the call is stored, a person rates it with words
    that were heard, and the mark beside that quote plays the recording from where they are spoken."""
    talk(tmp_path / "spoken.mp3")
    (tmp_path / "m.csv").write_text("file,date,rep,customer\nspoken.mp3,2026-03-01,Rae,Cleo\n")
    page = open_page("ops_lead", "/upload?kind=call")
    with service() as ear:
        bind(site.space.settings.workspace, ear)
        page.locator("input[name=files]").set_input_files([tmp_path / "spoken.mp3", tmp_path / "m.csv"])
        page.get_by_role("button", name="Look at them").click()
        page.wait_for_url(re.compile(r"/upload/st-"))
        staged = page.url
        page.get_by_role("button", name="Have it heard").click()
        page.wait_for_url(re.compile(r"/jobs/.+"))
        jobs = site.space.store[Jobs]
        job = jobs.get(page.url.rpartition("/")[2])
        jobs.start(job.id)
        with ThreadPoolExecutor(1) as worker:  # the browser's driver has a loop of its own here
            worker.submit(asyncio.run, kind("hear").work(site.space, job, lambda step: None)).result()
        jobs.finish(job.id)
    page.goto(staged)
    page.get_by_label("Channel 1 is").select_option("rep")
    page.get_by_label("Channel 2 is").select_option("customer")
    page.get_by_role("button", name="That is who speaks").click()
    page.get_by_role("button", name="Store this call").click()
    page.get_by_text("spoken.mp3").first.wait_for()

    said = site.space.store[Calls].get("spoken").transcript.turns[0]
    words = " ".join(said.text.split()[2:])  # a few words alone are no evidence
    page.goto("/calls/spoken")
    card = page.locator("#c-asks_cost")
    card.get_by_text("Rate it yourself").click()
    card.get_by_label("Your rating").select_option("1")
    card.get_by_label("Words").fill(words)
    card.get_by_label("Turn").fill("0")
    card.get_by_label("Why").fill("It is asked.")
    card.get_by_role("button", name="Keep my rating").click()

    mark = page.locator("#c-asks_cost blockquote .play").first
    start = float(mark.get_attribute("href").partition("#t=")[2])
    assert start > said.start, "later than the turn: the quote begins with its third word"
    mark.click()
    page.wait_for_function(f"() => document.querySelector('audio').currentTime > {start - 0.1}")
    assert page.evaluate("() => document.querySelector('audio').currentTime") < start + 3
    assert page.said == []
