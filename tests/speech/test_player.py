"""The recording on a call's page: for whoever may read the words, by ranges, beside the right turn."""

import json
import re
from html import unescape

import pytest

from agent.calls.store import Calls
from agent.core.transcript import Transcript, Turn
from agent.interviews.store import Interviews
from agent.speech.store import PIECE_BYTES, Recordings
from tests.speech import walk


@pytest.fixture
def recorded(site):
    calls = site.space.store[Calls]
    document = calls.get("call-1")
    turns = tuple(turn.model_copy(update={"start": 5.0 * turn.index}) for turn in document.transcript.turns)
    calls.reword("call-1", document.transcript.model_copy(update={"turns": turns}), "Ola")
    walk.recorded(site, calls.get("call-1"))
    return site


def test_ranges_and_the_whole_are_the_same_sound(recorded):
    browser = recorded.browser("ops_lead")
    whole = browser.get("/calls/call-1/sound")
    assert (whole.status_code, whole.headers["content-type"], len(whole.content)) == (200, "audio/mpeg", 1003)
    assert whole.headers["accept-ranges"] == "bytes"
    part = browser.get("/calls/call-1/sound", headers={"Range": "bytes=2-4"})
    assert (part.status_code, part.headers["content-range"], part.content) == (206, "bytes 2-4/1003", b"3\0\0")
    rest = browser.get("/calls/call-1/sound", headers={"Range": "bytes=1000-"})
    assert rest.headers["content-range"] == "bytes 1000-1002/1003"
    last = browser.get("/calls/call-1/sound", headers={"Range": "bytes=-3"})
    assert last.headers["content-range"] == "bytes 1000-1002/1003"
    beyond = browser.get("/calls/call-1/sound", headers={"Range": "bytes=2000-"})
    assert (beyond.status_code, beyond.headers["content-range"]) == (416, "bytes */1003")


def test_a_long_recording_is_sent_in_bounded_parts(site, tmp_path):
    document = site.space.store[Calls].get("call-1")
    walk.recorded(site, document)
    store = site.space.store[Recordings]
    sound = bytes(range(256)) * (PIECE_BYTES * 10 // 256)

    class Long:
        get = staticmethod(lambda _: walk.HeardRecording(sound="s", seconds=1, model="m", tracks=((),), requests=()))
        mp3 = staticmethod(lambda _: sound)

    store.keep(document.transcript, Long(), "s")
    browser = site.browser("ops_lead")
    got = browser.get("/calls/call-1/sound", headers={"Range": "bytes=100-"})
    assert len(got.content) == 8 * PIECE_BYTES
    assert got.content == sound[100 : 100 + 8 * PIECE_BYTES]
    assert browser.get("/calls/call-1/sound").content == sound


def test_the_page_has_the_times_of_each_turn_and_only_where_sound_is_kept(recorded):
    browser = recorded.browser("ops_lead")
    page = browser.get("/calls/call-1").text
    assert '<audio controls preload="none" src="/calls/call-1/sound"' in page
    times = json.loads(unescape(re.search(r'data-times="([^"]*)"', page)[1]))
    turns = recorded.space.store[Calls].get("call-1").transcript.turns
    assert [len(found) for found in times.values()] == [len(turn.text.split()) for turn in turns]
    assert "media-src 'self'" in browser.get("/calls/call-1").headers["content-security-policy"]
    assert "<audio" not in browser.get("/calls/call-2").text
    assert browser.get("/calls/call-2/sound").status_code == 404


def test_a_rep_hears_the_own_calls_only_and_no_interview(site):
    for name in ("call-1", "call-3"):
        walk.recorded(site, site.space.store[Calls].get(name))
    walk.recorded(site, site.space.store[Interviews].get("int-1"))
    rep = site.browser("rep")
    seen = {name: rep.get(f"/calls/{name}").status_code for name in ("call-1", "call-3")}
    heard = {name: rep.get(f"/calls/{name}/sound").status_code for name in ("call-1", "call-3")}
    assert sorted(seen.values()) == [200, 404]
    assert heard == seen
    assert rep.get("/interviews/int-1/sound").status_code == 403
    assert "<audio" in site.browser("manager").get("/interviews/int-1").text


def test_words_that_were_corrected_play_from_their_turn_and_names_change_nothing(site):
    calls = site.space.store[Calls]
    words = Transcript(turns=(Turn(index=0, speaker="Channel 1", text="One two three.", start=0.0),))
    calls.add(calls.get("call-1").model_copy(update={"id": "call-9", "transcript": words}))
    walk.recorded(site, calls.get("call-9"))

    def times():
        page = site.browser("ops_lead").get("/calls/call-9").text
        return json.loads(unescape(re.search(r'data-times="([^"]*)"', page)[1]))

    heard = {"0": [[0, 0.0], [4, 1.0], [8, 2.0]]}
    assert times() == heard
    named = words.turns[0].model_copy(update={"speaker": "Rae"})
    calls.reword("call-9", Transcript(turns=(named,)), "Ola")
    assert times() == heard
    calls.reword("call-9", Transcript(turns=(named.model_copy(update={"text": "One too three."}),)), "Ola")
    assert times() == {"0": [[0, 0.0]]}
