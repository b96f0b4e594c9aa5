"""The image of deploy/Dockerfile, built by buildah and started: what `.ci/image` does, where buildah is installed."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from agent import __version__
from tests.builders import ROOT


def _line_of_the_page() -> str:
    page = (ROOT / "docs" / "operations" / "deploy.md").read_text()
    found = re.search(r"^buildah bud .*$", page, re.MULTILINE)
    assert found
    return found[0]


def test_the_script_builds_as_the_page_says() -> None:
    said = re.sub(r"PYTHON_IMAGE=\S+|--tag \S+|--quiet ", "", _line_of_the_page())
    script = (ROOT / ".ci" / "image").read_text()
    built = next(line for line in script.splitlines() if line.startswith("buildah bud"))
    built = re.sub(r'"PYTHON_IMAGE=\$base"|--tag \S+|--quiet | >/dev/null', "", built)
    assert built.split() == said.split()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("buildah") is None, reason="buildah is not installed")
def test_the_image_builds_and_its_server_answers() -> None:
    done = subprocess.run([str(ROOT / ".ci" / "image")], capture_output=True, text=True, timeout=1_800, check=False)
    if done.returncode and "debootstrap" in done.stderr and shutil.which("debootstrap") is None:
        pytest.skip("no registry answers, and debootstrap is not installed to make a base image")
    assert done.returncode == 0, done.stderr[-4_000:]
    assert f"closeread {__version__}" in done.stdout
    assert "\n200\n" in done.stdout
