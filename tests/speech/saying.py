"""Speech for tests, spoken by espeak-ng and put into files by ffmpeg (both from Debian; without them tests skip)."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

REP = "Good morning. What does a late close cost your team every month? I would like to understand that first."
CUSTOMER = "It costs us three days, and the board waits for the numbers. Nobody likes that very much."

missing = [name for name in ("espeak-ng", "ffmpeg", "ffprobe") if shutil.which(name) is None]
spoken = pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def say(text: str, out: Path, voice: str = "en-us") -> Path:
    """A WAV file in which a voice says `text`."""
    subprocess.run(["espeak-ng", "-v", voice, "-s", "140", "-w", str(out), text], check=True)
    return out


def ffmpeg(*arguments: object) -> None:
    """Run ffmpeg quietly."""
    subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, arguments)], check=True)


def talk(out: Path, pause: int = 7) -> Path:
    """A telephone call of some 14 seconds: the rep on the left channel, then the customer on the right."""
    out.write_bytes(_talk(out.suffix, pause))
    return out


@cache
def _talk(suffix: str, pause: int) -> bytes:
    with TemporaryDirectory() as made:
        folder = Path(made)
        one, two = say(REP, folder / "one.wav"), say(CUSTOMER, folder / "two.wav", "en-gb")
        mix = f"[1]adelay={pause * 1000}[b];[0]apad[a];[a][b]join=inputs=2:channel_layout=stereo:map=0.0-FL|1.0-FR"
        ffmpeg("-i", one, "-i", two, "-filter_complex", mix, "-t", "14", folder / f"talk{suffix}")
        return (folder / f"talk{suffix}").read_bytes()
