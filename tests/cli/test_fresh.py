"""Asking again asks again: each command that asks a model can be told to pass over replies that are kept."""

import pytest

from agent.core.errors import ConfigError
from agent.workspace import Workspace
from tests.cli.every import every_command

# A recording is heard once, by its sound; what a trial read is stored as ratings; a binding's budget is a setting.
NOT_ASKED_HERE = {"calls import", "interviews import", "rubric trial", "rubric fit", "model bind"}


def test_whatever_asks_a_model_can_ask_anew():
    options = {
        words: {name for one in command.params for name in one.opts} for words, command in every_command().items()
    }
    asking = {words for words, names in options.items() if "--budget" in names}
    assert {"guide draft", "calibrate sharpen", "interviews speakers", "score run", "eval run"} <= asking
    assert {words for words in asking - NOT_ASKED_HERE if "--fresh" not in options[words]} == set()


@pytest.mark.parametrize("fresh", [False, True])
def test_the_workspace_is_told(closeread, monkeypatch, fresh):
    asked = []

    def roles(self, *names, **_):
        asked.append(self.fresh)
        raise ConfigError("asked")

    monkeypatch.setattr(Workspace, "roles", roles)
    monkeypatch.setenv("CLOSEREAD_MODEL", "test/model")
    assert closeread("guide", "draft", "--outcome", "won", *(["--fresh"] if fresh else [])).code == 5
    assert asked == [fresh]
