"""Where a command meets the edge of what the system gives it: one line, the right exit code, nothing made by the way."""

import os
import shlex
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest

from agent.app.cli.context import STARTING
from agent.core.errors import DiskFull, NoWorkspace
from tests.cli import forked
from tests.cli.conftest import _sample_workspace
from tests.cli.every import arguments, every_command


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Files for arguments, in a folder of their own that commands run in."""
    folder = tmp_path / "files"
    folder.mkdir()
    (folder / "some.yaml").write_text("criteria:\n- {id: asks, description: Asks., scale: binary}\n")
    (folder / "some.csv").write_text("file,date,rep\na.txt,2026-10-01,Rae\n")
    (folder / "a.txt").write_text("Rae: Hello there.\nCus: Hello.\n")
    monkeypatch.chdir(folder)
    return folder


# What these commands read is no workspace; most others end with the error that there is none.
OF_FILES = ("agreement", "demo", "eval", "export guide", "formats", "guide", "model", "prompts")


NOT_WALKED = {"demo": "has a workspace of its own"}


@pytest.mark.parametrize("words", sorted(every_command().keys() - STARTING - NOT_WALKED.keys()))
def test_a_command_on_a_workspace_that_is_not_there_makes_none(closeread, files, tmp_path, monkeypatch, words):
    monkeypatch.setattr("sys.stdin", StringIO())  # whoever is asked says nothing
    closeread.folder = tmp_path / "mistyped"
    ran = closeread(*arguments(words, files))
    assert not closeread.folder.exists()
    assert "Traceback" not in ran.err
    if ran.code == NoWorkspace.exit_code and not words.startswith(OF_FILES):
        assert ran.err == f"error: there is no workspace at {closeread.folder}; run: closeread init\n"


def test_most_commands_say_that_there_is_no_workspace(closeread, files, tmp_path):
    """The walk above would pass if every command refused its arguments first."""
    closeread.folder = tmp_path / "mistyped"
    reading = [words for words in every_command() if words.split()[-1] in ("list", "show", "status", "history")]
    told = {words: closeread(*arguments(words, files)).err for words in reading}
    silent = {words for words, err in told.items() if "there is no workspace" not in err}
    assert silent == {"eval list", "eval show", "model list", "prompts list"}
    assert len(told) > 20


@pytest.mark.parametrize(
    "words",
    [
        *("serve", "serve --workers 2", "worker", "worker --until-idle", "mcp", "mcp --http", "people add Ana"),
        *("token create --role viewer", "webhook add https://example.com/hook"),
    ],
)
def test_what_runs_or_lets_somebody_in_refuses_a_mistyped_place(closeread, tmp_path, monkeypatch, words):
    monkeypatch.setattr("sys.stdin", StringIO())
    closeread.folder = tmp_path / "mistyped"
    given = [*words.split(), *(["--email", "ana@example.com", "--role", "viewer"] if "people" in words else [])]
    given += ["--port", "0"] if words.startswith("serve") else []
    ran = closeread(*given)
    assert ran.err == f"error: there is no workspace at {closeread.folder}; run: closeread init\n"
    assert (ran.code, ran.out) == (NoWorkspace.exit_code, "")
    assert not closeread.folder.exists()


def test_a_server_begins_a_workspace_in_an_empty_folder_alone(tmp_path):
    from agent.app.cli.context import _starting
    from agent.settings import Settings

    (tmp_path / "volume" / "lost+found").mkdir(parents=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "letter.txt").write_text("Dear Ana")
    _starting("serve")(Settings.read(tmp_path / "volume", {}))
    for command, folder in (("serve", "other"), ("serve", "mistyped"), ("token create", "volume")):
        with pytest.raises(NoWorkspace):
            _starting(command)(Settings.read(tmp_path / folder, {}))


def test_an_import_begins_a_workspace_and_says_so(closeread, files, tmp_path):
    closeread.folder = tmp_path / "new"
    ran = closeread("rubric", "import", files / "some.yaml")
    assert ran.code == 0
    assert ran.err.startswith(f"a new workspace: {closeread.folder}")
    assert closeread("rubric", "import", files / "some.yaml").err == ""


@pytest.mark.parametrize(("answer", "made"), [("y\n", True), ("n\n", False)])
def test_at_a_terminal_the_person_is_asked(closeread, tmp_path, monkeypatch, answer, made):
    closeread.folder = tmp_path / "mistyped"
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setattr("typer.confirm", lambda asked, err: (asked.endswith("Make an empty one?") and answer) == "y\n")
    assert closeread("calls", "list").code == (0 if made else 5)
    assert closeread.folder.exists() is made


@pytest.fixture(name="program", scope="module")
def _program():
    """The command in a process of its own, as its users start it."""
    with forked.program() as run:
        yield run


@pytest.fixture(scope="module")
def sample(program, tmp_path_factory):
    folder = tmp_path_factory.mktemp("sample") / "space"
    shutil.copytree(_sample_workspace(), folder)
    program("--workspace", folder, "calls", "list")  # closed again, it is one file
    assert [path.name for path in folder.glob("closeread.db*")] == ["closeread.db"]
    return folder


LISTS = ("calls list", "calls list --json", "rubric show", "rubric export")  # a table, JSON, text, a file


@pytest.mark.parametrize("words", [*LISTS, "--help", "calls --help"])
def test_a_cut_pipe_is_quiet(program, sample, words):
    """`| head -1`: the reader takes one line and leaves."""
    with subprocess.Popen(["head", "-1"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as head:
        done = program("--workspace", sample, *words.split(), stdout=head.stdin)
        shown, _ = head.communicate()
    assert done.stderr == ""
    assert done.returncode in (0, 1)  # 0 where all was written before the reader left
    assert len(shown.splitlines()) == 1


def test_a_reader_that_leaves_before_anything_is_written(program, sample):
    reading, writing = os.pipe()
    os.close(reading)
    with open(writing, "w") as unread:
        done = program("--workspace", sample, "calls", "list", stdout=unread)
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("words", LISTS)
def test_a_full_disk_behind_the_output_is_said(program, sample, words):
    with Path("/dev/full").open("w") as full:
        done = program("--workspace", sample, *words.split(), stdout=full)
    assert done.returncode == DiskFull.exit_code
    assert done.stderr.startswith("error: there is no room left on the disk of the output;")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("place", ["/proc/none/out.html", "/dev/null/out.html", "."])
@pytest.mark.parametrize(
    "words", ["report", "rubric export", "export scoring-guide", "demo", "calls manifest", "guide draft"]
)
def test_a_place_that_cannot_be_written_is_said(with_sample, files, words, place):
    """Also for whoever may write everywhere: below /proc, below a file, in a folder's place."""
    given = {"calls manifest": [files], "guide draft": ["--template"]}.get(words, [])
    if (words, place) == ("demo", "."):
        pytest.skip("the demo writes into a folder")
    ran = with_sample(*words.split(), *given, "--out", place)
    assert ran.code in (2, 3, 5), ran.out
    assert ran.err.strip()


def without_rights():
    """Words before a command that make the rights of files hold for root as well; none for other people."""
    if os.geteuid() != 0:
        return []
    words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    if shutil.which("setpriv") is None or subprocess.run([*words, "true"], check=False, capture_output=True).returncode:
        pytest.skip("root cannot give its rights away here")
    return words


READ_ONLY = {
    "calls list": 5,  # SQLite needs a file beside the database, also for reading
    "prompts list": 0,
    "model list": 0,
    "next": 5,
    "rubric export --out x.yaml": 5,
    "calls manifest {files} --out x.xlsx": 5,
    "rubric import {files}/some.yaml": 5,
    "deals import {files}/some.csv": 5,
    "people add Ana --email ana@example.com --role manager": 5,
    "token create --role manager": 5,
    "cache clear --yes": 5,
    "prompts new rate_call": 5,
    "serve --port 0": 5,
}


@pytest.fixture(name="powerless", scope="module")
def _powerless():
    with forked.program(*without_rights()) as run:
        yield run


@pytest.mark.parametrize("words", READ_ONLY)
def test_a_workspace_that_may_only_be_read(powerless, sample, files, tmp_path, words):
    """One line with what to do."""
    folder = tmp_path / "space"
    shutil.copytree(sample, folder)
    places = [folder, *folder.rglob("*"), files]
    for path in places:
        path.chmod(0o555 if path.is_dir() else 0o444)
    typed = shlex.split(words.format(files=files))
    try:
        done = powerless("--workspace", folder, *typed, cwd=files)
    finally:
        for path in places:
            path.chmod(0o755)
    assert done.returncode == READ_ONLY[words], done.stderr
    if done.returncode:
        assert done.stderr.count("\n") == 1
        assert "right" in done.stderr


EACH = """
import sys
from agent.main import main
for words in sys.argv[2:]:
    try:
        main(["--workspace", sys.argv[1], *words.split()])
    except SystemExit as ended:
        assert not ended.code, words
"""


@pytest.mark.parametrize("home", [pytest.param(None, marks=pytest.mark.slow), "/nonexistent"])  # a process each
def test_nothing_depends_on_a_home(sample, home):
    given = {name: value for name, value in os.environ.items() if name in ("PATH", "LANG")}
    given |= {"HOME": home} if home else {}
    command = [sys.executable, "-c", EACH, sample, "calls list", "model list", "prompts check", "next"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120, env=given)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
