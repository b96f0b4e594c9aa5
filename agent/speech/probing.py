"""Checks the transcriber for `closeread model check`: does its model take sound and return words?"""

import shutil
import time
from dataclasses import replace

import numpy as np

from agent.core.errors import CloseReadError, ModelRejected, ModelUnreachable
from agent.llm.prices import Price
from agent.llm.probe import Probe
from agent.llm.retries import Patience, Retries
from agent.settings import Binding
from agent.speech.hearing import LOCAL, LocalWhisper, Recogniser, part_request, usual_settings
from agent.speech.hearing_files import bound_transcriber
from agent.speech.sound import RATE, Track
from agent.speech.words import Part
from agent.workspace import Workspace

_SECONDS = 2


async def probe_transcriber(space: Workspace, bound: Binding) -> Probe:
    """Send two seconds of soft noise. Nobody speaks in it, so any answer of the right form will do. An error is a
    finding."""
    price = _price_of_sound(space.prices([bound]).of(bound.model))
    started = time.perf_counter()
    found = Probe(bound.model, reachable=True, structured=True, price=price, seconds=0.0, reply_mode="sound")
    model = LocalWhisper(bound.folder) if bound.model.startswith(LOCAL) else None
    hears = model or Recogniser(space.endpoint_of(bound), Retries(Patience(attempts=1)))
    track = Track(np.random.default_rng(7).normal(0, 300, _SECONDS * RATE).astype(np.int16))
    settings = {**usual_settings(bound.model, one_voice=False), **bound.settings}
    kept = {name: value for name, value in settings.items() if value is not None}
    try:
        await hears.ask(part_request(track, Part(0.0, _SECONDS, _SECONDS), bound.model, kept, "", "probe"))
    except CloseReadError as error:
        reached = not isinstance(error, ModelUnreachable | ModelRejected) and model is None
        found = replace(found, reachable=reached, structured=False, problem=error.explained, reply_mode="")
    finally:
        await hears.aclose()
    if not found.problem and (missing := cannot_hear(space)):
        found = replace(found, problem=missing)
    return replace(found, seconds=time.perf_counter() - started)


def cannot_hear(space: Workspace) -> str:
    """What is missing on this machine to transcribe recordings although a model is bound; empty if nothing is."""
    if bound_transcriber(space) is None or shutil.which("ffmpeg"):
        return ""
    return "recordings cannot be heard here: ffmpeg is not installed (Debian, Ubuntu: apt-get install ffmpeg)"


def _price_of_sound(price: Price | None) -> Price | None:
    return price if price is not None and price.second else None
