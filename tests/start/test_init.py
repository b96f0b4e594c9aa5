"""`closeread init`, told by options and asked at a terminal."""

import os
import pty
import subprocess
import sys

import pytest
import yaml

from agent.settings import Settings
from tests.cli.conftest import Shell


@pytest.fixture
def closeread(tmp_path, capsys):
    shell = Shell(tmp_path / "made", capsys)
    shell.folder = tmp_path / "space"
    return shell


def roles(folder):
    return yaml.safe_load((folder / "config" / "models.yaml").read_text())["roles"]


def test_with_a_provider_models_are_bound_and_the_key_is_named_not_asked(closeread, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    ran = closeread("init", "--provider", "openai", "--start", "own", "--json")
    assert ran.code == 0
    assert roles(closeread.folder)["rater"] == {"model": "openai/gpt-4.1-mini", "api_key_env": "OPENAI_API_KEY"}
    assert set(roles(closeread.folder)) == {"analyst_a", "analyst_b", "drafter", "rater"}
    assert ran.json["next"][0] == "export OPENAI_API_KEY=…"
    assert len(ran.json["written"]) == 3
    monkeypatch.setenv("OPENAI_API_KEY", "secret")
    assert "export" not in closeread("init", "--provider", "openai", "--start", "own").out


def test_what_is_there_stays(closeread):
    closeread("init", "--provider", "anthropic", "--key-env", "TEAM_KEY", "--start", "own")
    manifest = closeread.folder / "calls" / "calls.csv"
    manifest.write_text("file,date,rep\na.txt,2026-10-01,Rae\n")
    ran = closeread("init", "--provider", "openai", "--start", "own")
    assert "is there already and stays as it is" in ran.err
    assert roles(closeread.folder)["rater"]["api_key_env"] == "TEAM_KEY"
    assert "a.txt" in manifest.read_text()


def test_a_server_of_ones_own_costs_nothing_and_takes_one_model(closeread):
    words = ["init", "--provider", "server", "--start", "own"]
    refused = closeread(*words, "--model", "qwen3-32b")
    assert (refused.code, "say --api-base URL --model NAME" in refused.err) == (2, True)
    assert not closeread.folder.exists()
    closeread(*words, "--model", 'a "b"#: c', "--api-base", "http://127.0.0.1:8000/v1")
    bound = Settings.read(closeread.folder, {}).models().roles["rater"]
    assert (bound.model, bound.api_base, bound.input_usd_per_million) == (
        'openai/a "b"#: c',
        "http://127.0.0.1:8000/v1",
        0,
    )


def test_the_manifest_that_is_to_be_filled_is_one_that_imports(closeread):
    then = closeread("init", "--provider", "none", "--start", "own", "--json").json["next"]
    for kind, row in (("interviews", "a.txt,2026-10-01,won,Bea,Rae"), ("calls", "a.txt,2026-10-01,Rae")):
        (closeread.folder / kind / "a.txt").write_text("Rae: Hello there.\nBea: Hello to you.\n")
        with (closeread.folder / kind / f"{kind}.csv").open("a") as manifest:
            manifest.write(row + "\n")
        (command,) = [line for line in then if f" {kind} import " in line]
        assert closeread(*command.split(f"--workspace {closeread.folder} ")[1].split()).code == 0, closeread.err


def test_the_sample_is_all_there_without_a_model(closeread):
    assert closeread("init", "--provider", "none", "--start", "sample").code == 0
    assert not (closeread.folder / "config" / "models.yaml").exists()
    assert len(closeread("calls", "list", "--json").json["items"]) >= 40
    assert closeread("gaps").code == 0


def test_where_nobody_can_be_asked_the_options_are_named(closeread, monkeypatch):
    monkeypatch.setattr("sys.stdin", open(os.devnull))  # noqa: SIM115
    ran = closeread("init")
    assert ran.code == 2
    assert ran.err.endswith("say --provider openai|anthropic|google|server|none\n")
    ran = closeread("init", "--provider", "none")
    assert ran.err.endswith("say --start own|sample\n")
    assert not closeread.folder.exists()


def test_at_a_terminal_it_asks(tmp_path):
    ours, theirs = pty.openpty()
    command = [
        sys.executable,
        "-c",
        "from agent.main import main; main()",
        "--workspace",
        str(tmp_path / "space"),
        "init",
    ]
    running = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    os.write(ours, b"gogle\ngoogle\nTEAM_KEY\nown\n")
    out, err = running.communicate(timeout=120)
    os.close(ours)
    os.close(theirs)
    assert running.returncode == 0, err
    assert "'gogle' is none of them" in err
    assert "Environment variable with the key [GEMINI_API_KEY]" in err
    assert roles(tmp_path / "space")["analyst_a"] == {"model": "gemini/gemini-2.5-pro", "api_key_env": "TEAM_KEY"}
    assert "next: export TEAM_KEY=…" in out
