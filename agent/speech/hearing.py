"""Speech recognition: one request for each part of a recording, to a provider through litellm or to faster-whisper on
this machine.

A request's message is the hash of its sound, so its id is made of sound, model and settings. Cache, ledger, budget and
pace are those of all requests (agent/llm), and no second of sound is paid for twice.
"""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from pydantic import BaseModel, Field

from agent.core.errors import Advice, ConfigError, ModelError, ModelRejected
from agent.core.extras import install
from agent.core.lazy import lazy
from agent.llm.model import Message, Reply, Request, Setting, SoundSent
from agent.llm.providers import LiteLLM
from agent.llm.replies import validated
from agent.llm.retries import Retries
from agent.llm.spending import Usage
from agent.llm.wire import Completion, Endpoint, with_spent
from agent.speech.sound import Track
from agent.speech.words import HeardWord, HeardWords, Part, in_order, spread, timed

faster_whisper = lazy("faster_whisper")

T = TypeVar("T", bound=BaseModel)

ROLE = "transcriber"
LOCAL = "faster-whisper/"
_WHISPER: dict[str, Setting] = {"response_format": "verbose_json", "timestamp_granularities": ["word", "segment"]}
_DIARIZED: dict[str, Setting] = {"response_format": "diarized_json", "chunking_strategy": "auto"}


def usual_settings(model: str, *, one_voice: bool) -> dict[str, Setting]:
    """The settings that make `model` return times, and speakers if a track may hold several voices."""
    provider, _, name = model.partition("/")
    if model.startswith(LOCAL):
        return {}
    if provider == "deepgram":
        return {"punctuate": True, **({} if one_voice else {"diarize": True})}
    if provider == "elevenlabs":
        return {"timestamps_granularity": "word", **({} if one_voice else {"diarize": True})}
    if "diarize" in name:
        return dict(_DIARIZED)
    if "gpt" in name and "transcribe" in name:
        return {"response_format": "json"}
    if provider == "groq":  # for which litellm knows no times of words
        return {"response_format": "verbose_json"}
    return dict(_WHISPER)


def part_request(
    track: Track, part: Part, model: str, settings: Mapping[str, Setting], endpoint: str, subject: str
) -> Request[HeardWords]:
    """The request for one part of a track."""
    wav = partial(track.wav, part.start, part.end)
    return Request(
        messages=(Message(role="user", content=f"sound {hashlib.sha256(wav()).hexdigest()}"),),
        reply=HeardWords,
        model=model,
        settings=settings,
        role=ROLE,
        subject=subject,
        endpoint=endpoint,
        sound=SoundSent(part.end - part.start, wav),
    )


class Recogniser:
    """A model that answers requests with sound: litellm's providers and servers that speak OpenAI's protocol.

    Use it as `async with`: connections are pooled in between.
    """

    def __init__(self, endpoint: Endpoint, retries: Retries) -> None:
        self._endpoint, self._retries = endpoint, retries
        self._provider: LiteLLM | None = None

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The words heard in the request's sound. Raises ModelError as the gateway does."""
        assert request.sound is not None
        sound, tries = request.sound, 0

        async def exchange() -> Completion:
            nonlocal tries
            tries += 1
            said = await self._connected.transcribe(request.model, sound.wav(), request.settings)
            heard = HeardWords(words=tuple(read_reply(said, sound.seconds)))
            usage = Usage(sound_seconds=sound.seconds)
            return Completion(heard.model_dump_json(), "stop", "", usage, request.model)

        try:
            answer = await self._retries.send(request, exchange)
            value, text = validated(request, answer.text)
        except ModelError as error:
            with_spent(error, request, Usage(), tries)
            raise
        return Reply(value, request.id, text, answer.usage, request.model, "provider", attempts=tries, asked=request)

    @property
    def _connected(self) -> LiteLLM:
        if self._provider is None:
            self._provider = LiteLLM(self._endpoint)
        return self._provider

    async def aclose(self) -> None:
        """Close the connections."""
        if self._provider is not None:
            await self._provider.aclose()


class LocalWhisper:
    """faster-whisper (extra `speech`) with a model in a folder of the user's; nothing is downloaded."""

    def __init__(self, folder: str) -> None:
        self._folder, self._model = folder, None
        self._one = asyncio.Lock()  # it takes every core by itself

    async def ask(self, request: Request[T]) -> Reply[T]:
        """The words heard in the request's sound. ConfigError if the package or the model is missing."""
        assert request.sound is not None
        async with self._one:
            words = await asyncio.to_thread(self._heard, request.sound, dict(request.settings))
        value, text = validated(request, HeardWords(words=tuple(words)).model_dump_json())
        usage = Usage(sound_seconds=request.sound.seconds)
        return Reply(value, request.id, text, usage, request.model, "provider", attempts=1, asked=request)

    def _heard(self, sound: SoundSent, settings: dict[str, Any]) -> list[HeardWord]:
        model = self._loaded()
        samples = np.frombuffer(sound.wav(), dtype="<i2", offset=44).astype(np.float32) / 32768
        segments, _ = model.transcribe(samples, word_timestamps=True, **settings)
        return in_order(
            [
                HeardWord(text=word.word.strip(), start=max(0.0, word.start), end=max(0.0, word.start, word.end))
                for segment in segments
                for word in segment.words or ()
                if word.word.strip()
            ]
        )

    def _loaded(self) -> Any:
        if self._model is None:
            try:
                model = faster_whisper.WhisperModel
            except ImportError as error:
                raise ConfigError("faster-whisper is not installed", advice=install("speech")) from error
            if not (Path(self._folder) / "model.bin").is_file():
                raise ConfigError(
                    f"{self._folder or 'no folder'}: no model of faster-whisper lies there (model.bin)",
                    advice=Advice(text="write folder: /path/to/model in the binding of the role transcriber"),
                )
            self._model = model(self._folder, local_files_only=True)
        return self._model

    async def aclose(self) -> None:
        """Release the model's memory."""
        self._model = None


class _Word(BaseModel):
    text: str = Field(validation_alias="word", default="")
    start: float | None = None
    end: float | None = None
    speaker: str | int | None = None


class _Segment(BaseModel):
    text: str = ""
    start: float = 0.0
    end: float = 0.0
    speaker: str | int | None = None


def read_reply(said: Mapping[str, Any], seconds: float) -> list[HeardWord]:
    """The words in a provider's reply as litellm returns it. ModelRejected if it has another form.

    Deepgram's and ElevenLabs' words with their voices are only in `raw`. Those of OpenAI and similar servers are in
    `segments` (voices, punctuation) and `words` (times).
    """
    raw = said.get("raw") or {}
    try:
        if "results" in raw:
            return _deepgram(raw["results"]["channels"][0]["alternatives"][0].get("words") or ())
        if "language_probability" in raw or any("speaker_id" in word for word in raw.get("words") or ()):
            return _elevenlabs(raw.get("words") or ())
        words = [_Word.model_validate(word) for word in said.get("words") or ()]
        segments = [_Segment.model_validate(segment) for segment in said.get("segments") or ()]
        text = str(said.get("text") or "")
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise ModelRejected(f"what came back is no transcript of a kind that is known: {error}"[:300]) from error
    exact = [heard for word in words if (heard := _exact(word.text, word.start, word.end, word.speaker))]
    if segments:
        tokens = [w for s in segments for w in spread(s.text, s.start, max(s.start, s.end), _voice(s.speaker))]
    else:
        tokens = spread(text, 0.0, seconds)
    if not tokens:
        return in_order(exact)
    return timed(tokens, exact) if exact else in_order(tokens)


def _deepgram(words: Sequence[Mapping[str, Any]]) -> list[HeardWord]:
    heard = [_exact(w.get("punctuated_word") or w["word"], w["start"], w["end"], w.get("speaker")) for w in words]
    return in_order([word for word in heard if word])


def _elevenlabs(words: Sequence[Mapping[str, Any]]) -> list[HeardWord]:
    spoken = [w for w in words if w.get("type", "word") == "word"]
    heard = [_exact(w["text"], w.get("start"), w.get("end"), w.get("speaker_id")) for w in spoken]
    return in_order([word for word in heard if word])


def _exact(text: str, start: float | None, end: float | None, voice: str | int | None) -> HeardWord | None:
    text = text.strip()
    if not text or start is None:
        return None
    return HeardWord(text=text, start=start, end=max(start, end or start), voice=_voice(voice))


def _voice(label: str | int | None) -> str | None:
    return None if label in (None, "") else str(label)
