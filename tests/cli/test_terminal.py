"""Control sequences out of transcripts are shown at a terminal, never sent to it; files and pipes get what there is."""

import io
import json
import os
import pty
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from agent.app.cli.showing import ShowingConsole
from agent.app.cli.terminal import Terminal, shown
from agent.calls.store import Calls
from agent.core.transcript import Quote, Span
from agent.interviews.store import Interviews
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import call, interview, rubric

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


EVERY = """
import json, sys
from contextlib import suppress
from agent.main import main
for typed in json.loads(sys.argv.pop()):
    sys.argv[1:] = typed
    print("typed:", *typed[2:4])
    with suppress(SystemExit):
        main()
"""


def _at_a_terminal(*typed, program="from agent.main import main; main()"):
    """What a terminal is sent by a command."""
    ours, theirs = pty.openpty()
    command = [sys.executable, "-c", program, *typed]
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


@pytest.mark.parametrize(
    "typed",
    [
        ("calls", "show", "call-1"),
        pytest.param(("calls", "list"), marks=pytest.mark.slow),  # a process each
        pytest.param(("calls", "show", EVIL), marks=pytest.mark.slow),
    ],
)
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


def test_none_of_the_commands_that_print_words_of_others_sends_them(tmp_path):
    folder = tmp_path / "space"
    space = Workspace(Settings.read(folder, {}))
    spoken = call("call-1", "Rae", ("Rae", f"Hello {EVIL}"), ("Cus", f"Yes {EVIL}."))
    space.store[Calls].add(spoken)
    space.store[Interviews].add(interview().model_copy(update={"id": "int-1", "account": EVIL, "buyer": f"Bo {EVIL}"}))
    space.store[Rubrics].add(rubric())
    about = Provenance(rubric=rubric().id, request="rq-1", model=f"m{EVIL}", prompt="p@1")
    quoted = Quote(
        span=Span(turn=0, start=0, end=len(spoken.transcript.turns[0].text)), speaker="Rae", text=f"Hello {EVIL}"
    )
    judged = Rated(value=1, quotes=(quoted,))
    rated = {
        "call": "call-1",
        "criterion": rubric().criteria[0].id,
        "rater": "model:m",
        "reason": f"since {EVIL}",
        "at": datetime.now(UTC),
    }
    space.store[Ratings].add([Rating(**rated, judgement=judged, provenance=about)])
    space.store.close()
    files = tmp_path / "files"
    files.mkdir()
    (files / "a.txt").write_text(f"Rae: Hello {EVIL}\nBo: Yes.\n", encoding="utf-8")
    (files / "m.csv").write_text(
        f"file,date,rep,customer\na.txt,{EVIL},Rae,Bo\n{EVIL},2026-01-01,Rae,Bo\n", encoding="utf-8"
    )
    commands = [
        ["calls", "show", "call-1"],
        ["calls", "list"],
        ["interviews", "show", "int-1"],
        ["interviews", "list"],
        ["score", "show", "call-1"],
        ["ratings", "list"],
        ["formats", str(files)],
        ["calls", "import", str(files), "--manifest", str(files / "m.csv")],
        ["patterns", "show", EVIL],
    ]
    typed = [["--workspace", str(folder), *command] for command in commands]
    sent = _at_a_terminal(json.dumps(typed), program=EVERY)
    for command in commands[:4]:
        said = sent.partition(f"typed: {command[0]} {command[1]}")[2].partition("typed:")[0]
        assert "owned" in said or command[1] == "list", (command, said)
    for sequence in ("\x1b]0;", "\x1b[2J", "\x9b", "\x07", "\u202e"):
        assert sequence not in sent, (sequence, sent)


def test_a_pipe_gets_what_there_is(tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {}))
    space.store[Calls].add(call("call-1", "Rae", ("Rae", "Hello \x1b[2J"), ("Cus", "Yes.")))
    space.store.close()
    run = [sys.executable, "-c", "from agent.main import main; main()", "--workspace", str(tmp_path / "space")]
    done = subprocess.run([*run, "calls", "show", "call-1", "--json"], capture_output=True, text=True, check=True)
    assert "Hello \\u001b[2J" in done.stdout
