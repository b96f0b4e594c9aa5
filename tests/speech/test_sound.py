"""Sound of any kind becomes samples; two channels are two voices only where each holds one."""

import numpy as np
import pytest

from agent.core.errors import ConfigError, ImportProblem
from agent.speech import sound
from agent.speech.sound import RATE, Track, are_apart, as_mp3, decode, measure
from tests.speech.saying import REP, ffmpeg, say, spoken, talk


@spoken
@pytest.mark.parametrize("suffix", [".mp3", ".wav", ".m4a", ".ogg"])
def test_a_call_on_two_channels_has_two_tracks_in_every_format(tmp_path, suffix):
    found = decode(talk(tmp_path / f"call{suffix}"), tmp_path)
    assert (len(found.tracks), found.note) == (2, "")
    rep, customer = found.tracks
    assert 13 < found.seconds < 14.5
    assert rep.is_silent(10, 13)
    assert not rep.is_silent(0, 4)
    assert not customer.is_silent(8, 12)


@spoken
def test_one_voice_on_both_channels_is_one_track(tmp_path):
    ffmpeg("-i", say(REP, tmp_path / "one.wav"), "-ac", "2", tmp_path / "both.wav")
    found = decode(tmp_path / "both.wav", tmp_path)
    assert len(found.tracks) == 1
    assert "the same voices" in found.note


def test_a_room_heard_by_two_microphones_is_not_two_voices():
    random = np.random.default_rng(7)
    talking = np.repeat(random.uniform(0.05, 1, 400), RATE // 10)
    room = random.normal(0, 4000, len(talking)) * talking
    near, far = Track((room * 0.9).astype(np.int16)), Track((room * 0.5).astype(np.int16))
    assert not are_apart(near, far)
    turns = np.repeat(np.arange(40) % 2, RATE)
    left, right = Track((room * turns).astype(np.int16)), Track((room * (1 - turns)).astype(np.int16))
    assert are_apart(left, right)
    assert not are_apart(left, Track(np.zeros_like(left.samples)))


@spoken
def test_the_sound_that_is_kept_plays_for_as_long(tmp_path):
    kept = tmp_path / "kept.mp3"
    call = talk(tmp_path / "call.wav")
    kept.write_bytes(as_mp3(call))
    assert measure(kept).channels == 2
    assert measure(kept).seconds == pytest.approx(measure(call).seconds, abs=0.2)
    assert kept.stat().st_size < 14 * 64_000 / 8 + 8_000


@spoken
def test_what_holds_no_sound_or_names_other_files_is_refused(tmp_path):
    (tmp_path / "a.mp3").write_bytes(b"ID3" + bytes(500))
    with pytest.raises(ImportProblem, match="sound"):
        decode(tmp_path / "a.mp3", tmp_path, "a.mp3")
    say(REP, tmp_path / "secret.wav")
    (tmp_path / "list.mp3").write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:9,\n{tmp_path}/secret.wav\n")
    (tmp_path / "concat.wav").write_text(f"ffconcat version 1.0\nfile {tmp_path}/secret.wav\n")
    for name in ("list.mp3", "concat.wav"):
        with pytest.raises(ImportProblem, match="cannot be read"):
            decode(tmp_path / name, tmp_path, name)


@spoken
def test_a_recording_of_more_than_five_hours_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sound, "MAX_SECONDS", 5)
    with pytest.raises(ImportProblem, match="longer than"):
        measure(talk(tmp_path / "call.wav"))


def test_without_ffmpeg_it_is_said_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="ffprobe is not installed") as error:
        measure(tmp_path / "a.mp3")
    assert "apt-get install ffmpeg" in error.value.at_the_terminal()
