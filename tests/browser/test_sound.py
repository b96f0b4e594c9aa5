"""The recording on a call's page: a mark beside each turn and quote plays it from the word, and nothing gets in its way."""

from datetime import UTC, datetime

import pytest

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
