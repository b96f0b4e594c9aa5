"""Finds, measures and decodes sound in a file of any kind with ffmpeg, as samples of one track or of two.

Recordings come from anywhere, so ffmpeg may open only the file itself: no network, no playlist that names other files,
and nothing longer than `MAX_SECONDS`.
"""

import hashlib
import io
import json
import shutil
import subprocess
import wave
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agent.core.errors import Advice, ConfigError, ImportProblem

RATE = 16_000  # samples a second: what recognisers work with
MAX_SECONDS = 5 * 60 * 60
_FRAME = RATE // 50
_TIME_OUT = 900.0
_SILENT = 32  # of 32,767: -60 dB
_DEMUXERS = "aac,aiff,amr,asf,avi,caf,flac,matroska,webm,mov,mp4,m4a,3gp,mp3,mpeg,mpegts,ogg,wav,w64"
_SAFE = ("-protocol_whitelist", "file,pipe", "-format_whitelist", _DEMUXERS)
_APART_DB = 10.0
_LEAST_APART, _LEAST_HEARD = 0.8, 0.02

Samples = NDArray[np.int16]


@dataclass(frozen=True)
class Track:
    """The samples of one voice, or of all voices together."""

    samples: Samples

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return len(self.samples) / RATE

    @cached_property
    def loudness(self) -> NDArray[np.float64]:
        """The loudness of each fiftieth of a second, in decibels below full scale."""
        frames = len(self.samples) // _FRAME
        found = np.empty(frames)
        for start in range(0, frames, 50_000):  # a thousand seconds at once: hours of sound would fill the memory
            part = self.samples[start * _FRAME : min(frames, start + 50_000) * _FRAME]
            power = np.mean(np.square(part.reshape(-1, _FRAME).astype(np.float64) / 32768), axis=1)
            found[start : start + len(power)] = 10 * np.log10(power + 1e-10)
        return found

    def is_silent(self, start: float, end: float) -> bool:
        """Whether nothing can be heard between two times."""
        part = self.samples[int(start * RATE) : int(end * RATE)]
        return part.size == 0 or int(np.abs(part.astype(np.int32)).max()) <= _SILENT

    def wav(self, start: float, end: float) -> bytes:
        """The part between two times as a WAV file."""
        out = io.BytesIO()
        with wave.open(out, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(self.samples[int(start * RATE) : int(end * RATE)].astype("<i2").tobytes())
        return out.getvalue()


@dataclass(frozen=True)
class Sound:
    """A decoded recording: one track, or two if each channel holds one voice. `note` says what was done with
    channels that do not."""

    tracks: tuple[Track, ...]
    note: str = ""

    @property
    def seconds(self) -> float:
        """The length in seconds."""
        return max(track.seconds for track in self.tracks)


@dataclass(frozen=True)
class Measured:
    """What is known of a recording before it is decoded: its length and channels."""

    seconds: float
    channels: int


def digest_of(path: Path) -> str:
    """The hash of the file's bytes, which identifies a recording."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def measure(path: Path, name: str = "") -> Measured:
    """Length and channels. ImportProblem if the file holds no sound or is longer than `MAX_SECONDS`; ConfigError
    without ffmpeg."""
    shown = name or str(path)
    ask = ("-v", "error", *_SAFE, "-select_streams", "a:0", "-of", "json")
    said = _run("ffprobe", shown, *ask, "-show_entries", "stream=channels,duration:format=duration", "--", str(path))
    told: dict[str, Any] = json.loads(said or b"{}")
    streams = told.get("streams") or []
    if not streams:
        raise ImportProblem(shown, None, "there is no sound in this file", "export the recording again, with its sound")
    lengths = (streams[0].get("duration"), told.get("format", {}).get("duration"))
    seconds = next((float(length) for length in lengths if length not in (None, "N/A")), 0.0)
    if seconds > MAX_SECONDS:
        hours = MAX_SECONDS // 3600
        raise ImportProblem(shown, None, f"the recording is longer than {hours} hours", "cut it into calls")
    return Measured(seconds, int(streams[0].get("channels") or 1))


def decode(path: Path, folder: Path, name: str = "") -> Sound:
    """The decoded recording; its samples are in files in `folder`. Raises the same errors as `measure`."""
    found = measure(path, name)
    channels = 2 if found.channels == 2 else 1
    raw = folder / "samples"
    asked = ("-map", "0:a:0", "-vn", "-ac", str(channels), "-ar", str(RATE), "-t", str(MAX_SECONDS), "-f", "s16le")
    _run("ffmpeg", name or str(path), "-nostdin", "-v", "error", *_SAFE, "-i", str(path), *asked, "-y", str(raw))
    if raw.stat().st_size < 2 * channels * _FRAME:
        raise ImportProblem(name or str(path), None, "there is no sound in this file", "export the recording again")
    samples = np.memmap(raw, dtype="<i2", mode="r")
    both = samples[: len(samples) // channels * channels].reshape(-1, channels)
    if channels == 1:
        note = f"{found.channels} channels were mixed into one" if found.channels > 2 else ""
        return Sound((Track(both[:, 0]),), note)
    left, right = Track(both[:, 0]), Track(both[:, 1])
    if are_apart(left, right):
        return Sound((left, right))
    mixed = Track((both.astype(np.int32).sum(axis=1) // 2).astype(np.int16))
    return Sound((mixed,), "its two channels hold the same voices, so they were mixed into one")


def are_apart(left: Track, right: Track) -> bool:
    """Whether each channel holds its own voice: whenever anything is heard, one channel is nearly always much
    louder, and each is at times. In a stereo recording of a room both voices are in both channels."""
    one, two = left.loudness, right.loudness
    floor = max(-60.0, float(np.percentile(np.concatenate([one, two]), 95)) - 30)
    heard = np.maximum(one, two) > floor
    if not heard.any():
        return False
    by = (one - two)[heard]
    shares = float(np.mean(by > _APART_DB)), float(np.mean(by < -_APART_DB))
    return sum(shares) >= _LEAST_APART and min(shares) >= _LEAST_HEARD


def as_mp3(path: Path, name: str = "") -> bytes:
    """The recording's sound as browsers can play it: MP3 with 32 kbit/s for each channel, 14 MB an hour with one
    channel, 28 MB with two."""
    channels = min(2, measure(path, name).channels)
    asked = (
        "-map",
        "0:a:0",
        "-vn",
        "-map_metadata",
        "-1",
        "-ac",
        str(channels),
        "-ar",
        str(RATE),
        "-t",
        str(MAX_SECONDS),
    )
    encoded = ("-c:a", "libmp3lame", "-b:a", f"{32 * channels}k", "-f", "mp3", "-")
    return _run("ffmpeg", name or str(path), "-nostdin", "-v", "error", *_SAFE, "-i", str(path), *asked, *encoded)


def _run(program: str, name: str, *arguments: str) -> bytes:
    found = shutil.which(program)
    if found is None:
        raise ConfigError(
            f"{program} is not installed on this machine: recordings cannot be read without it",
            advice=Advice(text="install ffmpeg (Debian, Ubuntu: apt-get install ffmpeg), or bring transcripts"),
        )
    try:
        done = subprocess.run([found, *arguments], capture_output=True, timeout=_TIME_OUT, check=False)
    except subprocess.TimeoutExpired:
        raise ImportProblem(name, None, f"{program} did not come to an end with it", "export it again as WAV") from None
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        what = f"the sound cannot be read: {said[-1][:200]}" if said else "the sound cannot be read"
        raise ImportProblem(name, None, what, "play it to see whether it is whole, and export it again")
    return done.stdout
