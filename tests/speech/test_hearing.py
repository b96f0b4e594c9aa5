"""Each protocol against a stub that speaks it: what arrives there, and the words, times and voices that come back."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest
from pydantic import SecretStr

from agent.core.errors import ConfigError, ModelError, ModelRejected, ModelUnreachable
from agent.llm.retries import Patience, Retries
from agent.llm.wire import Endpoint
from agent.speech.hearing import LocalWhisper, Recogniser, part_request, read_reply, usual_settings
from agent.speech.sound import RATE, Track
from agent.speech.words import Part
from tests.llm.times import Time
from tests.speech.ears import service

SAID = [("three", 1.0, 1.3, "0"), ("days", 1.4, 1.9, "0"), ("really?", 2.5, 3.0, "1")]
PROTOCOLS = {
    "openai/whisper-1": ("/v1", "/v1/audio/transcriptions", "authorization", "Bearer a-key"),
    "groq/whisper-large-v3": ("/v1", "/v1/audio/transcriptions", "authorization", "Bearer a-key"),
    "hosted_vllm/whisper-large-v3": ("/v1", "/v1/audio/transcriptions", "authorization", "Bearer a-key"),
    "azure/whisper": ("", "/openai/deployments/whisper/audio/transcriptions", "api-key", "a-key"),
    "openai/gpt-4o-transcribe-diarize": ("/v1", "/v1/audio/transcriptions", "authorization", "Bearer a-key"),
    "openai/gpt-4o-transcribe": ("/v1", "/v1/audio/transcriptions", "authorization", "Bearer a-key"),
    "deepgram/nova-3": ("/v1", "/v1/listen", "authorization", "Token a-key"),
    "elevenlabs/scribe_v2": ("", "/v1/speech-to-text", "xi-api-key", "a-key"),
}
VOICES = {"openai/gpt-4o-transcribe-diarize", "deepgram/nova-3", "elevenlabs/scribe_v2"}
WORD_TIMES = {m for m in PROTOCOLS if "gpt-4o" not in m and "groq" not in m}


def noise(seconds=4):
    return Track(np.random.default_rng(1).normal(0, 2000, seconds * RATE).astype(np.int16))


def a_request(model, track=None, **settings):
    track = track or noise()
    more = {"api_version": "2024-10-21"} if model.startswith("azure/") else {}
    asked = {**usual_settings(model, one_voice=False), **more, **settings}
    return part_request(track, Part(0.0, track.seconds, track.seconds), model, asked, "", "sound 1")


def patient(attempts=3):
    time = Time()
    return Retries(Patience(attempts=attempts), time.sleep, time.clock)


async def asked(ear, model, request=None, attempts=3):
    endpoint = Endpoint(api_base=ear.address + PROTOCOLS[model][0], api_key=SecretStr("a-key"))
    recogniser = Recogniser(endpoint, patient(attempts))
    try:
        return await recogniser.ask(request or a_request(model))
    finally:
        await recogniser.aclose()


@pytest.mark.parametrize("model", PROTOCOLS)
async def test_a_provider_is_asked_in_its_protocol_and_understood(model):
    _, path, header, key = PROTOCOLS[model]
    with service(lambda track: SAID) as ear:
        reply = await asked(ear, model)
    (one,) = ear.arrived
    assert (one["path"], one["headers"][header]) == (path, key)
    assert one["seconds"] == 4.0
    words = reply.value.words
    assert [w.text.lower().rstrip(".?") for w in words] == ["three", "days", "really"]
    if model in WORD_TIMES:
        assert [(w.start, w.end, w.exact) for w in words] == [(s, e, True) for _, s, e, _ in SAID]
    else:
        assert not any(w.exact for w in words)
        assert 0 <= words[0].start <= words[1].start <= words[2].start <= 4
    voices = [w.voice for w in words]
    assert (voices[0] == voices[1] != voices[2]) if model in VOICES else set(voices) == {None}
    assert (reply.usage.sound_seconds, reply.usage.input_tokens) == (4.0, 0)


@pytest.mark.parametrize("model", PROTOCOLS)
async def test_sound_is_not_carried_to_another_host(model):
    with service(lambda track: SAID) as other, service(lambda track: SAID) as ear:
        ear.moved = other.address
        with pytest.raises(ModelError):
            await asked(ear, model, attempts=1)
    assert other.arrived == []


async def test_no_key_of_the_environment_goes_to_a_server_of_ones_own(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-openai-alone")
    with service(lambda track: SAID) as ear:
        recogniser = Recogniser(Endpoint(api_base=f"{ear.address}/v1"), patient())
        await recogniser.ask(a_request("openai/whisper-1"))
        await recogniser.aclose()
    assert ear.arrived[0]["headers"]["authorization"] == "Bearer none"


async def test_a_refusal_for_now_is_tried_again_and_one_for_good_is_not():
    with service(lambda track: SAID) as ear:
        ear.refusing = [503, 429]
        assert (await asked(ear, "openai/whisper-1")).attempts == 3
        ear.refusing = [503, 503]
        with pytest.raises(ModelUnreachable):
            await asked(ear, "openai/whisper-1", attempts=2)
        before = len(ear.arrived)
        ear.refusing = [401]
        with pytest.raises(ModelRejected, match="401"):
            await asked(ear, "openai/whisper-1")
        assert len(ear.arrived) == before + 1


def test_a_request_is_known_by_its_sound_its_model_and_its_settings():
    first = a_request("openai/whisper-1").id
    assert first == a_request("openai/whisper-1").id
    assert len({first, a_request("openai/whisper-1", noise(5)).id, a_request("groq/whisper-large-v3").id,
                a_request("openai/whisper-1", language="de").id}) == 4  # fmt: skip


@pytest.mark.parametrize(
    "said", [{"words": [{"word": "a", "start": "x"}]}, {"raw": {"results": {}}}, {"segments": [3]}]
)
def test_an_answer_that_is_none_is_refused(said):
    with pytest.raises(ModelRejected, match="no transcript"):
        read_reply(said, 3.0)


def test_silence_has_no_words():
    assert read_reply({"text": "", "segments": [], "words": []}, 3.0) == []


@pytest.mark.skipif(find_spec("faster_whisper") is not None, reason="faster-whisper is installed")
async def test_without_faster_whisper_it_is_said_what_to_install(tmp_path):
    request = a_request("faster-whisper/small")
    with pytest.raises(ConfigError) as error:
        await LocalWhisper(str(tmp_path)).ask(request)
    said = error.value.at_the_terminal()
    assert "faster-whisper is not installed" in said
    assert "faster-whisper" in said.partition(";")[2]


async def test_faster_whisper_is_given_the_sound_and_its_own_folder_only(tmp_path, monkeypatch):
    from types import SimpleNamespace as Made

    asked = []

    class WhisperModel:
        def __init__(self, folder, **options):
            asked.append((folder, options))

        def transcribe(self, sound, **options):
            asked.append((len(sound), options))
            words = [Made(word=" Three", start=0.5, end=0.8), Made(word=" days.", start=0.8, end=1.2)]
            return iter([Made(words=words)]), Made(language="en")

    monkeypatch.setitem(__import__("sys").modules, "faster_whisper", Made(WhisperModel=WhisperModel))
    with pytest.raises(ConfigError, match=r"model\.bin"):
        await LocalWhisper(str(tmp_path)).ask(a_request("faster-whisper/small"))
    (tmp_path / "model.bin").write_bytes(b"x")
    reply = await LocalWhisper(str(tmp_path)).ask(a_request("faster-whisper/small", language="en"))
    assert [(w.text, w.start, w.end) for w in reply.value.words] == [("Three", 0.5, 0.8), ("days.", 0.8, 1.2)]
    assert asked == [
        (str(tmp_path), {"local_files_only": True}),
        (4 * RATE, {"word_timestamps": True, "language": "en"}),
    ]
