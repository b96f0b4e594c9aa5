"""What makes the first hour easy: JSON of every fact, completion, a browser that opens by itself."""

import os
import socket
import subprocess
import sys

import pytest

from agent.app.cli import browsing
from tests.cli.every import every_command

ACTS = "does one thing and says that it is done"
WRITES = "writes a file"
RUNS = "runs until it is stopped"
TALKS = "talks with whoever sits there"
WITHOUT_JSON = {
    "about": WRITES,
    "cache clear": ACTS,
    "calibrate adjudicate": TALKS,
    "calibrate close": ACTS,
    "calibrate correct": ACTS,
    "calibrate rate": TALKS,
    "calibrate submit": ACTS,
    "eval import annomi": WRITES,
    "eval import csv": WRITES,
    "eval schema": WRITES,
    "export brief": WRITES,
    "export calibration": WRITES,
    "export guide": WRITES,
    "export report": WRITES,
    "export scorecard": WRITES,
    "export scoring-guide": WRITES,
    "export summary": WRITES,
    "guide draft": WRITES,
    "guide export": WRITES,
    "job cancel": ACTS,
    "job resume": ACTS,
    "job retry": ACTS,
    "job watch": "follows a job; its facts: job show --json",
    "mcp": RUNS,
    "model forget-key": ACTS,
    "patterns adjudicate": ACTS,
    "patterns merge": ACTS,
    "patterns reject": ACTS,
    "patterns rename": ACTS,
    "patterns split": ACTS,
    "patterns undo": ACTS,
    "people add": "prints one link",
    "people disable": ACTS,
    "people language": ACTS,
    "people invite": "prints one link",
    "prompts lock": WRITES,
    "prompts new": WRITES,
    "report": WRITES,
    "rubric export": "prints a file, JSON where it is called so",
    "serve": RUNS,
    "source remove": ACTS,
    "token revoke": ACTS,
    "webhook disable": ACTS,
    "webhook enable": ACTS,
    "webhook redeliver": ACTS,
    "worker": RUNS,
}


def test_every_command_that_prints_facts_has_json():
    without = {words for words, c in every_command().items() if not any("--json" in option.opts for option in c.params)}
    assert without == WITHOUT_JSON.keys()


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        pytest.param("closeread cal", {"calls", "calibrate"}, marks=pytest.mark.slow),  # a process each
        pytest.param("closeread calls li", {"list"}, marks=pytest.mark.slow),
        pytest.param("closeread init --pro", {"--provider"}, marks=pytest.mark.slow),
        ("closeread init --provider g", {"google"}),
    ],
)
def test_the_shell_completes_commands_options_and_values(typed, offered):
    words = {**os.environ, "_CLOSEREAD_COMPLETE": "complete_bash", "COMP_WORDS": typed}
    words["COMP_CWORD"] = str(len(typed.split()) - 1)
    code = "import sys; sys.argv = ['closeread']; from agent.main import app; app(prog_name='closeread')"
    done = subprocess.run([sys.executable, "-c", code], env=words, capture_output=True, text=True, check=False)
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize(
    ("terminal", "variables", "opened"),
    [
        (True, {"DISPLAY": ":0"}, True),
        (True, {"WAYLAND_DISPLAY": "wayland-0"}, True),
        (True, {}, False),
        (False, {"DISPLAY": ":0"}, False),
        (True, {"DISPLAY": ":10", "SSH_CONNECTION": "1.2.3.4 5 6.7.8.9 22"}, False),
    ],
)
def test_a_browser_is_wanted_at_a_terminal_with_a_screen(monkeypatch, terminal, variables, opened):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    assert browsing.wanted(None) is opened
    assert (browsing.wanted(True), browsing.wanted(False)) == (True, False)


def test_the_browser_opens_once_the_server_listens(monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    with socket.socket() as later:
        later.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{later.getsockname()[1]}/welcome/x"
        waiting = browsing.open_once_it_answers(address)
        waiting.join(0.3)
        assert opened == []
        later.listen()
        waiting.join(10)
    assert opened == [address]


def test_where_no_server_comes_nothing_is_opened(monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    browsing.open_once_it_answers("http://127.0.0.1:9", patience=0.2).join(10)
    assert opened == []
