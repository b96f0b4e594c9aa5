"""Every command at a terminal, over a workspace in which every text holds control sequences, and with such arguments: none
of them is sent."""

import io
import json
import sys
from contextlib import suppress
from types import SimpleNamespace

import pytest

from agent.main import main
from agent.settings import Settings
from agent.workspace import Workspace
from tests.api.season import fill_season
from tests.cli.every import arguments, every_command
from tests.poison import poisoned
from tests.retention.test_telling_ids import CALL, planted

EVIL = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b5i\x7f\u202egnp.exe"
SENT = ("\x1b]0;", "\x1b[2J", "\x9b", "\x07", "\u202e")
# What has no end, or a workspace of its own.
NOT_WALKED = {"demo", "mcp", "serve", "worker", "job watch", "init"}
# With what a command is asked for what is there; all others are asked for nothing or for what is not there.
SHOWN = {
    "calls show": [CALL],
    "interviews show": ["won-2"],
    "score show": ["s-0-00", "--rubric", "season"],
    "patterns show": ["asked_cost"],
    "patterns history": ["asked_cost"],
    "disputes show": ["di-0"],
    "uploads show": ["up-0"],
    "job show": ["job-9"],
    "webhook deliveries": ["wh"],
    "calls delete": [CALL],
    "interviews delete": ["won-2"],
    "calibrate status": ["1"],
    "calibrate report": ["1"],
    "calibrate audit": ["1"],
    "coach track": ["--rubric", "season"],
}


class Screen(io.StringIO):
    """A terminal that keeps what it was sent."""

    encoding = "utf-8"

    def isatty(self):
        return True

    def fileno(self):
        raise io.UnsupportedOperation


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("walk") / "space"
    space = Workspace(Settings.read(folder, {}))
    planted(space)
    fill_season(SimpleNamespace(space=space), reps=("Rae Kim", "Sam Lee", "Ann Poe"))
    changed = poisoned(space.store, lambda text: f"{text} {EVIL}")
    assert changed.keys() >= {
        "calls",
        "interviews",
        "transcripts",
        "rubrics",
        "ratings",
        "extractions",
        "disputes",
        "plans",
    }
    space.store.close()
    return folder


@pytest.fixture(name="files", scope="module")
def _files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    (folder / "some.yaml").write_text(
        json.dumps({"criteria": [{"id": "asks", "description": f"Asks {EVIL}", "scale": f"b{EVIL}"}]})
    )
    (folder / "some.csv").write_text(f"file,date,rep\na.txt,{EVIL},Rae {EVIL}\n{EVIL},2026-10-01,Rae {EVIL}\n")
    (folder / "a.txt").write_text(f"Rae {EVIL}: Hello {EVIL} there.\nCus: Hello.\n")
    (folder / f"b{EVIL.replace('/', '')}.txt").write_text("nothing")
    return folder


@pytest.fixture(name="at_a_terminal")
def _at_a_terminal(folder, files, monkeypatch):
    def run(*words):
        screen = Screen()
        for name in ("stdout", "stderr"):
            monkeypatch.setattr(sys, name, screen)
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        monkeypatch.chdir(files)
        monkeypatch.setenv("TERM", "xterm-256color")
        with suppress(SystemExit):
            main(["--workspace", str(folder), *words])
        return screen.getvalue()

    return run


WALKED = sorted(
    every_command().keys() - NOT_WALKED,
    key=lambda words: (words not in SHOWN and words.split()[-1] not in ("list", "show"), words),
)


def test_what_was_planted_is_seen(at_a_terminal):
    """Else the walk below would look at nothing."""
    seen = {
        words: at_a_terminal(*words.split(), *SHOWN.get(words, ()))
        for words in WALKED
        if words in SHOWN or words.endswith(" list")
    }
    shown = {words for words, sent in seen.items() if "owned" in sent}
    assert shown >= {
        *(
            "calls show",
            "calls list",
            "interviews show",
            "interviews list",
            "score show",
            "patterns show",
            "rubric list",
        ),
        *(
            "disputes list",
            "disputes show",
            "ratings list",
            "job show",
        ),
    }


@pytest.mark.slow
@pytest.mark.parametrize("words", WALKED)
def test_no_command_sends_control_sequences(at_a_terminal, files, words):
    asked = [*words.split(), *SHOWN[words]] if words in SHOWN else arguments(words, files)
    sent = at_a_terminal(*asked)
    sent += at_a_terminal(*(EVIL if one == "x" else one for one in arguments(words, files)))
    assert [sequence for sequence in SENT if sequence in sent] == []
