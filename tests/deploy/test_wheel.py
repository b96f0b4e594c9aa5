"""The wheel, built and installed with extras from the file, as docs/operations/deploy.md says: uv in pip's place, which is
many times faster, and another folder than /opt."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent import __version__
from tests.builders import ROOT

_UV = shutil.which("uv") or str(Path(sys.executable).with_name("uv"))
_MODULES = {"learning": "sklearn", "postgresql": "psycopg", "telemetry": "opentelemetry.sdk"}


def _done(*words: str, folder: Path) -> str:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, f"{words}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.slow
@pytest.mark.skipif(not Path(_UV).exists(), reason="uv is not installed")
def test_the_wheel_installs_with_extras_from_the_file_as_the_page_says(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "operations" / "deploy.md").read_text()
    named = re.search(
        r'^python3 -m venv \S+ && \S+/pip install "(\./closeread\S+\.whl)\[([a-z,]+)\]"', page, re.MULTILINE
    )
    assert named
    extras = named[2].split(",")
    _done(_UV, "build", "--wheel", "--quiet", "--out-dir", str(tmp_path), folder=ROOT)
    assert (tmp_path / named[1]).exists(), list(tmp_path.iterdir())
    _done(_UV, "venv", "--quiet", "--python", sys.executable, "env", folder=tmp_path)
    python = str(tmp_path / "env" / "bin" / "python")
    _done(_UV, "pip", "install", "--quiet", "--python", python, f"{named[1]}[{named[2]}]", folder=tmp_path)
    assert (
        _done(str(tmp_path / "env/bin/closeread"), "--version", folder=tmp_path).strip() == f"closeread {__version__}"
    )
    found = _done(python, "-c", "import agent; print(agent.__file__)", folder=tmp_path)
    assert str(tmp_path / "env") in found
    for extra in extras:
        _done(python, "-c", f"import {_MODULES[extra]}", folder=tmp_path)
    without = subprocess.run([python, "-c", "import s3fs"], cwd=tmp_path, capture_output=True, check=False)
    assert without.returncode == 1  # an extra that was not named
    workspace = str(tmp_path / "space")
    _done(
        str(tmp_path / "env/bin/closeread"),
        *("--workspace", workspace, "init", "--provider", "none", "--start", "sample"),
        folder=tmp_path,
    )
    assert "dev-call-01" in _done(
        str(tmp_path / "env/bin/closeread"), "--workspace", workspace, "calls", "list", folder=tmp_path
    )
