"""Control sequences out of transcripts are shown at a terminal, never sent to it; files and pipes get what there is."""

import io
import os
import pty
import subprocess
import sys

import pytest

from agent.app.cli.showing import ShowingConsole
from agent.app.cli.terminal import Terminal, shown
from agent.calls.store import Calls
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import call

EVIL = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b5i\x7f\u202egnp.exe"


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("plain\n\ttext — ü 漢 👍", "plain\n\ttext — ü 漢 👍"),
        ("\x1b[2J", "␛[2J"),
        ("a\rb\x08c\x00", "a␍b␈c␀"),
        ("\x9b5i\x7f\u202e", "<U+009B>5i␡<U+202E>"),
    ],
)
def test_what_is_seen(said, seen):
    assert shown(said) == seen


class Screen(io.StringIO):
    def isatty(self):
        return True


def test_a_stream_and_a_console_show_and_colors_of_ours_are_sent(monkeypatch):
    screen = Screen()
    monkeypatch.setattr(sys, "stdout", Terminal(screen))
    print(EVIL)
    assert "\x1b" not in screen.getvalue()
    console = ShowingConsole(force_terminal=True, color_system="standard")
    console.print("[bold]ours[/bold]", EVIL, markup=True)
    assert "\x1b[1mours" in screen.getvalue()
    assert "\x1b]" not in screen.getvalue()
    assert "\x1b[2J" not in screen.getvalue()


def _at_a_terminal(*typed):
    """What a terminal is sent by a command."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", "from agent.main import main; main()", *typed]
    process = subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=theirs, env={**os.environ, "TERM": "xterm"})
    os.close(theirs)
    sent = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        sent += piece
    process.wait()
    os.close(ours)
    return sent.decode(errors="replace")


@pytest.mark.parametrize("typed", [("calls", "show", "call-1"), ("calls", "list"), ("calls", "show", EVIL)])
def test_no_command_sends_what_a_transcript_says(tmp_path, typed):
    space = Workspace(Settings.read(tmp_path / "space", {}))
    evil = call("call-1", "Rae", ("Rae", f"Hello {EVIL}"), ("Cus", "Yes.")).model_copy(
        update={"customer": f"Bo {EVIL}", "account": EVIL, "details": {"note": EVIL}}
    )
    space.store[Calls].add(evil)
    space.store.close()
    sent = _at_a_terminal("--workspace", str(tmp_path / "space"), *typed)
    assert "owned" in sent or typed[1] == "list"
    for sequence in ("\x1b]0;", "\x1b[2J", "\x9b", "\x07", "\u202e"):
        assert sequence not in sent, (sequence, sent)


def test_a_pipe_gets_what_there_is(tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {}))
    space.store[Calls].add(call("call-1", "Rae", ("Rae", "Hello \x1b[2J"), ("Cus", "Yes.")))
    space.store.close()
    run = [sys.executable, "-c", "from agent.main import main; main()", "--workspace", str(tmp_path / "space")]
    done = subprocess.run([*run, "calls", "show", "call-1", "--json"], capture_output=True, text=True, check=True)
    assert "Hello \\u001b[2J" in done.stdout
