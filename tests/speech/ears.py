"""Services that hear, on loopback: each answers in its own protocol with the words that a test's ear hears in the sound.

OpenAI and its likes (`/v1/audio/transcriptions`), Azure, Deepgram (`/v1/listen`), ElevenLabs (`/v1/speech-to-text`).
"""

from __future__ import annotations

import asyncio
import io
import threading
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiohttp import web

from agent.speech.sound import RATE, Track

Spoken = tuple[str, float, float, str | None]
Ear = Callable[[Track], list[Spoken]]


@dataclass
class Service:
    """Where it answers, what arrived there (path, header of the key, fields, seconds of sound), and what it hears."""

    hear: Ear
    address: str = ""
    arrived: list[dict[str, Any]] = field(default_factory=list)
    moved: str = ""  # where it sends everybody instead of answering
    refusing: list[int] = field(default_factory=list)  # statuses to answer first

    @property
    def seconds(self) -> float:
        """Seconds of sound that were answered, which somebody would have paid for."""
        return sum(one["seconds"] for one in self.arrived if one["answered"])


def samples(wav: bytes) -> Track:
    """What a WAV file holds."""
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (RATE, 1, 2)
        return Track(np.frombuffer(file.readframes(file.getnframes()), dtype="<i2"))


def bursts(track: Track, pause: float = 0.4) -> list[tuple[float, float]]:
    """When somebody speaks: from and to, with pauses shorter than `pause` in them."""
    loud = np.flatnonzero(track.loudness > -45) / 50
    if not len(loud):
        return []
    ends = np.flatnonzero(np.diff(loud) > pause)
    starts = [loud[0], *loud[ends + 1]]
    return [(float(a), float(b)) for a, b in zip(starts, [*loud[ends], loud[-1]], strict=True)]


def numbered_words(track: Track) -> list[Spoken]:
    """An ear that hears a word for each half second of speech, by its place: as good as any for what is not the words."""
    return [
        (f"{'abcdefghij'[int(at) % 10]}{int((end - at) * 10)}", at, at + 0.4, None)
        for start, end in bursts(track)
        for at in np.arange(start, end, 0.5).tolist()
    ]


def _text(words: list[Spoken]) -> str:
    return " ".join(word for word, *_ in words).capitalize() + ("." if words else "")


def _openai(form: dict[str, Any], words: list[Spoken], seconds: float) -> dict[str, Any]:
    segment = {"id": 0, "start": words[0][1], "end": words[-1][2], "text": " " + _text(words)} if words else None
    match form.get("response_format"):
        case "diarized_json":
            runs: list[dict[str, Any]] = []
            for number, (word, start, end, voice) in enumerate(words):
                if runs and runs[-1]["speaker"] == voice:
                    runs[-1] |= {"end": end, "text": f"{runs[-1]['text']} {word}"}
                else:
                    kind = {"type": "transcript.text.segment", "id": f"seg_{number}"}
                    runs.append({**kind, "start": start, "end": end, "text": word, "speaker": voice})
            return {"task": "transcribe", "duration": seconds, "text": _text(words), "segments": runs}
        case "verbose_json":
            wanted = "word" in form.get("timestamp_granularities[]", "")
            timed = [{"word": w, "start": s, "end": e} for w, s, e, _ in words] if wanted else None
            rest: dict[str, Any] = {"words": timed, "segments": [segment] if segment else []}
            return {"task": "transcribe", "language": "english", "duration": seconds, "text": _text(words), **rest}
        case _:
            return {"text": _text(words)}


def _deepgram(query: dict[str, Any], words: list[Spoken], seconds: float) -> dict[str, Any]:
    told = [{"word": w, "start": s, "end": e, "confidence": 0.9, "punctuated_word": w} for w, s, e, _ in words]
    if query.get("diarize") == "true":
        told = [{**one, "speaker": int(voice or 0)} for one, (*_, voice) in zip(told, words, strict=True)]
    best = {"transcript": _text(words), "confidence": 0.9, "words": told}
    return {"metadata": {"duration": seconds, "channels": 1}, "results": {"channels": [{"alternatives": [best]}]}}


def _elevenlabs(form: dict[str, Any], words: list[Spoken]) -> dict[str, Any]:
    told: list[dict[str, Any]] = []
    for word, start, end, voice in words:
        told.append({"text": word, "type": "word", "start": start, "end": end, "speaker_id": f"speaker_{voice or 0}"})
        told.append({"text": " ", "type": "spacing", "start": end, "end": end, "speaker_id": f"speaker_{voice or 0}"})
    return {"language_code": "en", "language_probability": 0.98, "text": _text(words), "words": told}


@contextmanager
def service(hear: Ear = numbered_words) -> Iterator[Service]:
    """A service that hears with `hear`, in a thread of its own."""
    made = Service(hear)

    async def answer(request: web.Request) -> web.StreamResponse:
        if made.moved:
            await request.read()
            raise web.HTTPTemporaryRedirect(made.moved + request.path_qs)
        form: dict[str, Any] = dict(request.query)
        if request.path.endswith("/listen"):
            wav = await request.read()
        else:
            sent = await request.post()
            wav = sent["file"].file.read()  # type: ignore[union-attr]
            form |= {name: ",".join(map(str, sent.getall(name))) for name in sent if name != "file"}
        track = samples(wav)
        headers = {name.lower(): value for name, value in request.headers.items()}
        status = made.refusing.pop(0) if made.refusing else 200
        told = {"path": request.path, "headers": headers, "form": form, "seconds": track.seconds}
        made.arrived.append({**told, "answered": status == 200})
        if status != 200:
            return web.json_response({"error": {"message": "not now"}}, status=status)
        words = await asyncio.to_thread(made.hear, track)
        if request.path.endswith("/listen"):
            return web.json_response(_deepgram(form, words, track.seconds))
        if request.path.endswith("/speech-to-text"):
            return web.json_response(_elevenlabs(form, words))
        return web.json_response(_openai(form, words, track.seconds))

    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post("/{path:.*}", answer)
    loop, runner = asyncio.new_event_loop(), web.AppRunner(app, access_log=None)

    async def start() -> str:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{runner.addresses[0][1]}"

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    made.address = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield made
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
