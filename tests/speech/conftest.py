"""A workspace whose transcriber is a service on loopback, and a folder with a call of two channels and its manifest."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Shell
from tests.speech.ears import service
from tests.speech.saying import talk

MANIFEST = "file,date,rep,customer\ncall.mp3,2026-03-01,Rae,Cleo\n"


@pytest.fixture
def closeread(tmp_path, capsys):
    return Shell(tmp_path / "space", capsys)


@pytest.fixture
def ear():
    with service() as made:
        yield made


def bind(folder, ear, model="openai/whisper-1", more=""):
    """Bind the role transcriber to a service."""
    (folder / "config").mkdir(parents=True, exist_ok=True)
    binding = f'{{model: {model}, api_base: "{ear.address}/v1", usd_per_minute: 0.006{more}}}'
    (folder / "config" / "models.yaml").write_text(f"roles:\n  transcriber: {binding}\n")


@pytest.fixture
def bound(closeread, ear):
    bind(closeread.folder, ear)
    return closeread


@pytest.fixture
def calls(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    talk(folder / "call.mp3")
    (folder / "m.csv").write_text(MANIFEST)
    return folder
