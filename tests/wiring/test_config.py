"""Configuration: one loader, one form of error, and a file that holds for one command holds for all."""

import re
import shutil
import subprocess
import sys

import pytest

from agent.app.config_files import check_files
from agent.app.slices import modules
from agent.core.errors import ConfigError, ImportProblem
from agent.core.yaml_files import parse_document
from agent.settings import FILES, Environment, Models, Settings, shape_of, shipped

modules("config_files")
SHIPPED = sorted(path.relative_to(shipped("config")).as_posix() for path in shipped("config").rglob("*.yaml"))


def settings(folder, name="", text="", **variables):
    if name:
        (folder / "config" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "config" / name).write_text(text)
    return Settings.read(folder, variables)


def told(folder, name, text):
    """What is said about a file, without the folder that it lies in."""
    with pytest.raises(ConfigError) as caught:
        check_files(settings(folder, name, text))
    return str(caught.value).removeprefix(f"{folder}/config/")


WRONG = [
    ("roles:\n  rater:\n    modle: openai/a\n", "3: roles.rater.modle: there is no such key (write `model`)"),
    ("roles:\n  rater: {api_base: x}\n", "2: roles.rater.model: is missing (write `model: …`)"),
    (
        "roles: {}\nconcurrency: many\n",
        "2: concurrency: should be a valid integer, unable to parse string as an integer, not 'many'",
    ),
    ("roles: {}\nconcurrency: 0\n", "2: concurrency: should be greater than or equal to 1, not 0"),
    ("budget_usd: 1\n\nbudget_usd: 2\n", "3: budget_usd: stands in line 1 already (keep one)"),
    ("roles:\n  rater: {model: a, model: b}\n", "2: model: stands in line 2 already (keep one)"),
    (
        "roles:\n  rater:\n    model: a\n    limits:\n      in_flite: 3\n",
        "5: roles.rater.limits.in_flite: there is no such key (write `in_flight`)",
    ),
    (
        "roles:\n  rater:\n    model: a\n    fallback:\n      - modle: b\n",
        "5: roles.rater.fallback.0.modle: there is no such key (write `model`)",
    ),
    ("roles:\n  rater:\n    model: 4\n", '3: roles.rater.model: should be a valid string (put it in quotes: "4")'),
    (
        "zzz: 1\n",
        "1: zzz: there is no such key (known: bindings, budget_usd, concurrency, language, monthly_budget_usd, roles)",
    ),
    (
        "roles:\n\trater: {}\n",
        "2: is not YAML: found character that cannot start any token (indent with spaces, not with tabs)",
    ),
    ("- roles\n", "1: holds ['roles'], where `key: value` is needed (indent its keys below it)"),
    ("roles: {rater: {model: a, fallback: [b]}}\n", "1: fallback names 'b'; there are: rater"),
    (
        "roles: {rater: {model: a, fallback: [{model: a}]}}\n",
        "1: a stands twice in one chain of fallbacks; several servers of one model go behind a load balancer",
    ),
]


@pytest.mark.parametrize(("text", "said"), WRONG)
def test_what_is_wrong_is_said_with_line_key_and_what_to_write(tmp_path, text, said):
    assert told(tmp_path, "models.yaml", text) == f"models.yaml:{said}"


def test_bytes_that_are_no_text_and_a_folder_in_a_files_place(tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "jobs.yaml").write_bytes(b"attempts: 3 # caf\xe9\n")
    with pytest.raises(ConfigError, match=r"jobs\.yaml: is not UTF-8 text \(save it as UTF-8\)"):
        check_files(settings(tmp_path))
    (tmp_path / "config" / "jobs.yaml").unlink()
    (tmp_path / "config" / "jobs.yaml").mkdir()
    with pytest.raises(ConfigError, match=r"jobs\.yaml: cannot be read: Is a directory"):
        check_files(settings(tmp_path))


@pytest.mark.parametrize("name", [name for name in SHIPPED if name != "guide.yaml"])
def test_every_file_names_a_misspelt_key_with_the_nearest_right_one(tmp_path, name):
    key = next(iter(shape_of(name).model_fields))
    said = told(tmp_path, name, f"{key}x: 1\n")
    assert said.startswith(f"{name}:1: {key}x: there is no such key (write `{key}`)")


def test_every_shipped_file_holds_and_every_empty_one_is_as_good_as_its_defaults(tmp_path):
    shutil.copytree(shipped("config"), tmp_path / "config")
    check_files(settings(tmp_path))
    assert {name for name in SHIPPED if "/" not in name} == FILES.keys()
    (tmp_path / "config" / "models.yaml").write_text("")
    assert settings(tmp_path).models() == Models()


def test_the_files_of_slices_are_looked_at_in_a_program_that_has_imported_none(tmp_path):
    for name in ("compliance", "profiles", "guide"):
        program = "import sys; from agent.app.config_files import check_files; from agent.settings import Settings\n"
        program += "from pathlib import Path; check_files(Settings.read(Path(sys.argv[1]), {}))"
        (tmp_path / "config").mkdir(exist_ok=True)
        (tmp_path / "config" / f"{name}.yaml").write_text("rulez: 1\n")
        ran = subprocess.run([sys.executable, "-c", program, tmp_path], capture_output=True, text=True, check=False)
        (tmp_path / "config" / f"{name}.yaml").unlink()
        # What a guide may say its own reader knows.
        assert ("rulez: there is no such key" in ran.stderr) == (name != "guide"), ran.stderr
        assert (ran.returncode == 0) == (name == "guide")


def test_a_name_of_a_file_that_is_nearly_right_is_said(tmp_path):
    assert told(tmp_path, "model.yaml", "") == "model.yaml: no file of this name is read (call it models.yaml)"
    (tmp_path / "config" / "model.yaml").unlink()
    assert told(tmp_path, "jobs.yml", "") == "jobs.yml: no file of this name is read (call it jobs.yaml)"
    check_files(settings(tmp_path, "jobs.yaml", ""))  # jobs.yml lies beside it, as a copy may
    (tmp_path / "config" / "notes.yaml").write_text("- [")
    check_files(settings(tmp_path))


COMMANDS = [("calls", "list"), ("gaps",), ("export", "report", "--out", "x.html"), ("score", "run"), ("next",)]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_file_is_the_same_error_for_every_command(with_sample, command):
    (with_sample.folder / "config" / "profiles.yaml").write_text("gaps: {lukc: 0.1}\n")
    ran = with_sample(*command)
    assert ran.code == 5
    assert ran.err.endswith("profiles.yaml:1: gaps.lukc: there is no such key (write `luck`)\n")
    assert ran.out == ""


def test_a_part_of_a_file_holds_for_every_command(with_sample):
    """A file with one section was good enough for one command and not for another."""
    (with_sample.folder / "config" / "profiles.yaml").write_text("gaps: {luck: 0.1}\n")
    codes = {command: with_sample(*command).code for command in COMMANDS[:2]}
    assert set(codes.values()) <= {0, 3}, codes  # there is nothing to show yet
    assert "profiles.yaml" not in with_sample.err


def test_the_environment_is_read_by_name_and_an_empty_variable_is_none():
    said = Environment.read(
        {"CLOSEREAD_MODEL": "openai/a", "CLOSEREAD_RECORD": "", "CLOSEREAD_OTHER": "x", "HOME": "h"}
    )
    assert (said.model, said.record, said.workspace.name) == ("openai/a", None, "closeread-workspace")
    with pytest.raises(ConfigError, match="the environment variable CLOSEREAD_LOG should be 'text' or 'json'"):
        Environment.read({"CLOSEREAD_LOG": "xml"})


def test_a_misspelt_variable_is_named_with_the_one_that_is_meant(closeread, monkeypatch):
    monkeypatch.setenv("CLOSEREAD_MODLE", "openai/a")
    monkeypatch.setenv("CLOSEREAD_OIDC_SECRET", "a name of the user's own")
    ran = closeread("model", "list")
    assert "the environment variable CLOSEREAD_MODLE is not read; did you mean CLOSEREAD_MODEL?" in ran.err
    assert ran.err.count("is not read") == 1


def test_no_secret_shows_in_what_is_printed_of_the_settings(tmp_path):
    made = settings(
        tmp_path,
        CLOSEREAD_DATABASE_URL="postgresql://u:hidden-1@host/name",
        CLOSEREAD_API_KEY="hidden-2",
        A_KEY="hidden-3",
    )
    assert made.database_url.endswith("hidden-1@host/name")
    shown = repr(made) + repr(made.said) + repr(made.secret("A_KEY", "a model"))
    assert not re.search(r"hidden-\d", shown)


def test_uploads_are_bounded_and_files_of_the_workspace_are_not():
    many = "a: [" + "[" * 40 + "]" * 40 + "]\n"
    assert parse_document("x.yaml", many).data
    for text, said in (
        (many, "nests too many"),
        ("a: &b [1]\nc: *b\n", "alias"),
        (f"a: {'1:' * 9000}1\n", "characters"),
    ):
        with pytest.raises(ImportProblem, match=said):
            parse_document("x.yaml", text, uploaded=True)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Verhandlung", "negotiation"),
        ("DÉMONSTRATION", "demo"),
        ("Propuesta", "proposal"),
        ("交渉", "negotiation"),
        ("التقييم", "evaluation"),
        ("Discovery", "discovery"),
        ("Vertragsende", ""),
        ("", ""),
    ],
)
def test_a_stage_is_known_by_its_names_in_other_languages(tmp_path, said, meant):
    assert Settings.read(tmp_path, {}).stages().stage_of(said) == meant


def test_no_two_stages_have_a_name_in_common(tmp_path):
    names = [name.casefold() for s in Settings.read(tmp_path, {}).stages().stages for name in {s.name, *s.also}]
    assert len(names) == len(set(names))
