"""Recordings come in as transcripts: from the command line, a source, and for real with a bad recogniser."""

from __future__ import annotations

import json
from zipfile import ZipFile

import pytest
from sqlalchemy import func, select

from agent.app.verb import Who
from agent.calls.store import Calls
from agent.core.people import Scope
from agent.db.audit import AuditLog
from agent.db.schema import ledger
from agent.db.schema_sound import recording_pieces, recordings
from agent.settings import Settings
from agent.sources.verbs import add_source, take_source
from agent.speech.store import Recordings
from agent.workspace import Workspace
from tests.speech.conftest import bind
from tests.speech.ears import bursts
from tests.speech.saying import ffmpeg, spoken, talk

pytestmark = spoken


@pytest.fixture
def space(closeread):
    made = Workspace(Settings.read(closeread.folder, {}))
    yield made
    made.store.close()


def count(space, table):
    with space.store.engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def booked(space):
    with space.store.engine.connect() as connection:
        return connection.execute(select(ledger.c.role, ledger.c.source, ledger.c.usd, ledger.c.subject)).all()


def test_a_call_on_two_channels_is_two_speakers_whose_sides_are_asked(bound, calls, space):
    bound("calls", "import", calls, "--manifest", calls / "m.csv")
    assert bound.code == 0, bound.err
    assert "1 recording, 0.5 minutes of sound, less than $0.01, heard by openai/whisper-1 on this machine" in bound.err
    assert "sides open: Channel 1, Channel 2" in bound.out
    call = space.store[Calls].get("call")
    assert call.sides_open
    assert [turn.speaker for turn in call.transcript.turns] == ["Channel 1", "Channel 2"]
    assert call.transcript.turns[0].start < 1
    assert call.transcript.turns[1].start == pytest.approx(7.0, abs=0.3)
    assert space.store[Calls].placed() == []


def test_money_below_a_cent_is_not_called_nothing(bound, calls):
    bound("calls", "import", calls, "--manifest", calls / "m.csv")
    told = bound("cost").out
    assert "less than $0.01 in all" in told
    assert "<0.01" in told
    assert "$0.00" not in told


def test_the_sides_that_are_said_hold_and_nothing_is_heard_or_paid_again(bound, calls, space, ear):
    bound("calls", "import", calls, "--manifest", calls / "m.csv")
    paid = booked(space)
    assert [(role, source) for role, source, _, _ in paid] == [("transcriber", "provider")] * 2
    assert sum(usd for *_, usd, _ in paid) == pytest.approx(ear.seconds / 60 * 0.006, rel=1e-3)
    bound("uploads", "undo", bound("uploads", "list", "--json").json["items"][0]["id"])
    assert (count(space, recordings), count(space, recording_pieces)) == (0, 0)
    sides = ("--speakers", "Channel 1=rep", "--speakers", "Channel 2=customer")
    bound("calls", "import", calls, "--manifest", calls / "m.csv", *sides)
    assert bound.code == 0, bound.err
    call = space.store[Calls].get("call")
    assert call.transcript.roles == {"Rae": "rep", "Channel 2": "customer"}
    assert not call.sides_open
    assert len(ear.arrived) == 2
    assert [usd for _, source, usd, _ in booked(space) if source == "cache"] == [0.0, 0.0]


def test_word_times_and_sound_are_kept_with_the_words(bound, calls, space):
    bound("calls", "import", calls, "--manifest", calls / "m.csv")
    call = space.store[Calls].get("call")
    kept = space.store[Recordings].of([call.transcript.id])
    assert kept.size > 50_000
    for turn, times in zip(call.transcript.turns, kept.times, strict=True):
        assert len(times) == len(turn.text.split())
        assert times[0] == [0, pytest.approx(turn.start)]
        assert all(turn.text[at - 1] == " " for at, _ in times[1:])
        assert [second for _, second in times] == sorted(second for _, second in times)
    whole = space.store[Recordings].bytes_of(kept.transcript, 0, kept.size)
    assert space.store[Recordings].bytes_of(kept.transcript, 1000, 51_000) == whole[1000:51_000]


def test_one_voice_is_open_and_said_so(bound, calls, space):
    ffmpeg("-i", talk(calls / "two.wav", pause=9), "-ac", "1", calls / "one.m4a")
    (calls / "m.csv").write_text("file,date,rep,customer\none.m4a,2026-03-01,Rae,Cleo\n")
    bound("calls", "import", calls, "--manifest", calls / "m.csv")
    assert bound.code == 0, bound.err
    assert "nobody is told apart in it: all its words are those of one open voice" in bound.out
    assert "1 call has open sides: left out of what models read" in bound.err
    call = space.store[Calls].get("one")
    assert {turn.speaker for turn in call.transcript.turns} == {"Voice"}
    assert len(call.transcript.turns) >= 2
    assert call.transcript.roles == {}


def test_voices_that_a_provider_tells_apart_are_labels_to_be_placed(closeread, calls, space, ear):
    bind(closeread.folder, ear, "openai/gpt-4o-transcribe-diarize")
    ear.hear = lambda track: [
        (f"w{n}", start + n / 4, start + n / 4 + 0.2, "A" if start < 6 else "B")
        for start, end in bursts(track)
        for n in range(int((end - start) * 4))
    ]
    ffmpeg("-i", calls / "call.mp3", "-ac", "1", calls / "one.wav")
    (calls / "m.csv").write_text("file,date,rep,customer\none.wav,2026-03-01,Rae,Cleo\n")
    closeread("calls", "import", calls, "--manifest", calls / "m.csv")
    assert closeread.code == 0, closeread.err
    call = space.store[Calls].get("one")
    assert [turn.speaker for turn in call.transcript.turns] == ["Voice 1", "Voice 2"]


def test_what_it_costs_is_said_before_and_nothing_is_sent(bound, calls, ear):
    bound("calls", "import", calls, "--manifest", calls / "m.csv", "--dry-run")
    assert bound.code == 0
    assert "1 recording, 0.5 minutes of sound, less than $0.01" in bound.err
    assert ear.arrived == []


def test_a_limit_stops_it_before_it_is_passed(bound, calls, ear):
    bound("calls", "import", calls, "--manifest", calls / "m.csv", "--budget", "0.002")
    assert bound.code != 0
    assert "would pass the limit of $0.00" in bound.err
    assert ear.seconds < 20


def test_what_was_heard_before_a_failure_is_not_paid_again(closeread, calls, space, ear):
    bind(closeread.folder, ear, more=", part_seconds: 30, limits: {in_flight: 1}")
    ffmpeg("-stream_loop", "5", "-i", calls / "call.mp3", "-ac", "1", calls / "long.wav")
    (calls / "m.csv").write_text("file,date,rep,customer\nlong.wav,2026-03-01,Rae,Cleo\n")
    ear.refusing = [200, 200, 401]
    closeread("calls", "import", calls, "--manifest", calls / "m.csv")
    assert (closeread.code, "the provider answered 401" in closeread.err) == (6, True)
    assert [one["answered"] for one in ear.arrived] == [True, True, False]
    closeread("calls", "import", calls, "--manifest", calls / "m.csv")
    assert closeread.code == 0, closeread.err
    assert [one["answered"] for one in ear.arrived[3:]] == [True] * 4
    assert sorted(source for _, source, *_ in booked(space)) == ["cache"] * 2 + ["provider"] * 7


def test_sound_with_names_in_it_leaves_only_where_that_is_said(closeread, calls):
    (closeread.folder / "config").mkdir(parents=True, exist_ok=True)
    models = closeread.folder / "config" / "models.yaml"
    models.write_text(
        'roles: {transcriber: {model: openai/whisper-1, api_base: "http://192.0.2.1/v1", timeout_seconds: 1}}'
    )
    closeread("calls", "import", calls, "--manifest", calls / "m.csv")
    assert closeread.code == 3
    assert "this sound would leave as it is to 192.0.2.1: names are spoken in it" in closeread.err
    assert "--send-sound" in closeread.err
    (closeread.folder / "config" / "privacy.yaml").write_text("sound_may_leave: true\n")
    closeread("calls", "import", calls, "--manifest", calls / "m.csv", "--dry-run")
    assert "sent to 192.0.2.1" in closeread.err


def test_without_a_transcriber_it_is_said_which_line_to_write(closeread, calls):
    closeread("calls", "import", calls, "--manifest", calls / "m.csv")
    assert closeread.code == 3
    assert "this is a recording, not a transcript (bind a model to the role transcriber" in closeread.err
    closeread("calls", "import", calls, "--manifest", calls / "m.csv", "--dry-run")
    assert (closeread.code, "closeread model bind --role transcriber=openai/whisper-1" in closeread.err) == (5, True)


def test_a_recording_alone_and_interviews_come_in_too(bound, calls, space):
    (calls / "i.csv").write_text("file,date,outcome,buyer,rep\ncall.mp3,2026-03-01,won,Cleo,Rae\n")
    bound("interviews", "import", calls / "call.mp3", "--manifest", calls / "i.csv", "--speakers", "Channel 2=buyer")
    assert bound.code == 0, bound.err
    assert "1 new" in bound.out


def test_a_source_takes_recordings_and_leaves_them_where_it_may_not(closeread, calls, space, ear):
    (calls / "m.csv").rename(calls / "manifest.csv")
    lead = Who(space, Scope(local=True), as_name="Ola")
    add_source(lead, "phone", "call", str(calls))
    left = take_source(lead, "phone")
    assert [one.file for one in left.left] == ["call.mp3"]
    assert "no model is bound to the role transcriber" in left.left[0].why
    bind(closeread.folder, ear)
    assert take_source(lead, "phone").stored == ("call",)
    assert space.store[Recordings].of([space.store[Calls].get("call").transcript.id]).size > 0
    assert take_source(lead, "phone").stored == ()
    assert len(ear.arrived) == 2


def test_removing_the_words_removes_the_sound_and_what_was_heard(bound, calls, space):
    bound("calls", "import", calls, "--manifest", calls / "m.csv")
    with space.store.engine.connect() as connection:
        requests = json.loads(connection.execute(select(recordings.c.body)).scalar_one())["requests"]
    assert len(requests) == 2
    kept = {ident for ident, _ in space.cache.models()}
    assert set(requests) <= kept
    space.cache.close()
    bound("retention", "--customer", "Cleo", "--yes")
    assert bound.code == 0, bound.err
    assert (count(space, recordings), count(space, recording_pieces)) == (0, 0)
    again = Workspace(Settings.read(bound.folder, {}))
    assert not set(requests) & {ident for ident, _ in again.cache.models()}
    again.store.close()


def test_sound_is_let_go_of_by_age_and_the_times_stay(bound, calls, space):
    bound("calls", "import", calls, "--manifest", calls / "m.csv")
    store = space.store[Recordings]
    transcript = space.store[Calls].get("call").transcript.id
    assert store.drop_older(90) == 0
    assert store.drop_older(0) == 1
    assert store.of([transcript]).size == 0
    assert store.of([transcript]).times


def test_the_same_again_does_not_renew_its_days(bound, calls, space):
    bound("calls", "import", calls, "--manifest", calls / "m.csv")
    with space.store.engine.connect() as connection:
        first = connection.execute(select(recordings.c.at)).scalar_one()
    assert "1 unchanged" in bound("calls", "import", calls, "--manifest", calls / "m.csv").out
    with space.store.engine.connect() as connection:
        assert connection.execute(select(recordings.c.at)).scalar_one() == first


def test_nothing_is_kept_where_none_is_to_be(bound, calls, space):
    (bound.folder / "config" / "privacy.yaml").write_text("keep_sound_days: 0\n")
    bound("calls", "import", calls, "--manifest", calls / "m.csv")
    assert (count(space, recordings), count(space, recording_pieces)) == (1, 0)


@pytest.mark.slow  # the recogniser computes for seconds
def test_for_real_with_a_recogniser_that_hears_badly(bound, calls, space, ear):
    pocketsphinx = pytest.importorskip("pocketsphinx", reason="pocketsphinx is not installed")

    def hear(track):
        decoder = pocketsphinx.Decoder(loglevel="FATAL")
        decoder.start_utt()
        decoder.process_raw(track.samples.astype("<i2").tobytes(), full_utt=True)
        decoder.end_utt()
        spoken = [one for one in decoder.seg() if not one.word.startswith(("<", "["))]
        return [(one.word.split("(")[0], one.start_frame / 100, one.end_frame / 100 + 0.01, None) for one in spoken]

    ear.hear = hear
    bound("calls", "import", calls, "--manifest", calls / "m.csv")
    assert bound.code == 0, bound.err
    call = space.store[Calls].get("call")
    said = {turn.speaker: turn.text for turn in call.transcript.turns}
    assert "morning" in " ".join(t.text for t in call.transcript.turns if t.speaker == "Channel 1").casefold()
    assert set(said) == {"Channel 1", "Channel 2"}
    assert all(t.start > 6 for t in call.transcript.turns if t.speaker == "Channel 2")


def test_hearing_stands_in_the_audit_log(bound, calls, space):
    bound("calls", "import", calls, "--manifest", calls / "m.csv")
    lines = space.store[AuditLog].page(None, 10)
    (heard,) = [line for line in lines if line.action == "recordings_heard"]
    assert heard.facts == {"files": 1, "problems": 0}


def test_a_rep_who_is_removed_takes_the_sound_along(bound, calls, space):
    sides = ("--speakers", "Channel 1=rep", "--speakers", "Channel 2=customer")
    bound("calls", "import", calls, "--manifest", calls / "m.csv", *sides)
    assert count(space, recordings) == 1
    bound("forget", "Rae", "--yes")
    assert bound.code == 0, bound.err
    assert (count(space, recordings), count(space, recording_pieces)) == (0, 0)
    assert space.store[Calls].get("call").transcript.turns


def test_recordings_in_a_zip_are_heard(bound, calls, space, tmp_path, ear):
    packed = tmp_path / "calls.zip"
    with ZipFile(packed, "w") as made:
        made.write(calls / "call.mp3", "call.mp3")
        made.write(calls / "m.csv", "m.csv")
    bound("calls", "import", packed, "--manifest", calls / "m.csv")
    assert bound.code == 0, bound.err
    assert len(ear.arrived) == 2
    assert space.store[Recordings].of([space.store[Calls].get("call").transcript.id]).size > 50_000


def test_a_zip_whose_recordings_unpack_to_too_much_is_refused(bound, calls, tmp_path, monkeypatch):
    packed = tmp_path / "calls.zip"
    with ZipFile(packed, "w") as made:
        made.write(calls / "call.mp3", "call.mp3")
    monkeypatch.setattr("agent.text.shelf.MOST_SOUND", 1_000)
    assert bound("calls", "import", packed, "--manifest", calls / "m.csv").code != 0
    assert "unpack to more than" in bound.err


def test_everything_about_a_person_holds_the_sound(bound, calls, tmp_path):
    bound("calls", "import", calls, "--manifest", calls / "m.csv")
    bound("about", "Rae", "--out", tmp_path / "rae.zip")
    with ZipFile(tmp_path / "rae.zip") as made:
        assert len(made.read("sound/call.mp3")) > 50_000
        assert '"call"' in made.read("calls.json").decode()
