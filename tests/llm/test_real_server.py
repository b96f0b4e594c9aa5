"""Ten calls read by a real model behind a real OpenAI-compatible server; how to start one: evals/real_server/README.md."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVER = os.environ.get("CLOSEREAD_TEST_MODEL_SERVER", "")
CALLS = os.environ.get("CLOSEREAD_TEST_MODEL_CALLS", "10")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.real_server,
    pytest.mark.skipif(not SERVER, reason="CLOSEREAD_TEST_MODEL_SERVER names no server (http://HOST:PORT/v1)"),
]


def test_whatever_a_real_model_answers_nothing_false_is_stored():
    """A small model reads badly: every rating must have failed or rest on words that stand in its call."""
    asked = [sys.executable, str(ROOT / "evals/real_server/run.py"), "--url", SERVER, "--calls", CALLS]
    done = subprocess.run(asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{CALLS} calls, {int(CALLS) * 7} ratings stored" in done.stdout
    assert "quotes that are not in their call: 0" in done.stdout
