"""A folder as a source: each file once, undone for good, and nothing told of what is too little known."""

from datetime import UTC, datetime, timedelta

import fsspec
import pytest

from agent.app.verb import Who
from agent.calls.store import Calls
from agent.core.errors import Conflict, Forbidden, InputError, NotFound
from agent.core.people import Scope
from agent.corrections.undoing import take_back
from agent.db.audit import AuditLog
from agent.main import main
from agent.settings import Settings
from agent.sources.listeners import take_due
from agent.sources.store import Sources
from agent.sources.taking import shown
from agent.sources.verbs import add_source, remove_source, take_source
from agent.uploads.store import Uploads
from agent.workspace import Workspace

WORDS = "Rae: What does a late booking cost you?\nCleo: About {n} pounds a week.\nRae: And whom?\nCleo: The fitters.\n"


@pytest.fixture
def space(tmp_path):
    made = Workspace(Settings.read(tmp_path / "workspace", {}))
    yield made
    made.store.close()


@pytest.fixture
def lead(space):
    return Who(space, Scope(local=True), as_name="Ola")


@pytest.fixture(params=["folder", "bucket", pytest.param("s3", marks=pytest.mark.slow)])
def place(request, tmp_path, monkeypatch):
    """A folder on disk, one that only fsspec reaches, and a bucket of a server that speaks S3: its address, and how a
    file is written there."""
    if request.param == "s3":
        yield from s3_place(monkeypatch)
        return
    if request.param == "folder":
        folder = tmp_path / "in"
        folder.mkdir()
        yield str(folder), lambda name, text: (folder / name).write_text(text)
        return
    bucket = fsspec.filesystem("memory")
    bucket.makedirs("/bucket/in", exist_ok=True)
    yield "memory://bucket/in", lambda name, text: bucket.pipe_file(f"/bucket/in/{name}", text.encode())
    bucket.rm("/bucket", recursive=True)


def s3_place(monkeypatch):
    """moto's server on loopback; the driver finds it and its keys in the environment, as it does in use."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    for name, value in {
        "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    try:
        bucket = fsspec.filesystem("s3", skip_instance_cache=True)
        bucket.mkdir("calls-of-acme")
        yield "s3://calls-of-acme/in", lambda name, text: bucket.pipe_file(f"calls-of-acme/in/{name}", text.encode())
        bucket.rm("calls-of-acme", recursive=True)
    finally:
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        server.stop()


def manifest(*names, rep="Rae"):
    return "file,date,rep,customer\n" + "".join(f"{name},2026-03-0{n},{rep},Cleo\n" for n, name in enumerate(names, 1))


def test_each_file_comes_in_once_and_what_has_no_row_waits_for_one(lead, space, place):
    address, write = place
    write("a.txt", WORDS.format(n=40))
    write("b.txt", WORDS.format(n=50))
    write("manifest.csv", manifest("a.txt"))
    add_source(lead, "zoom", "call", address)
    first = take_source(lead, "zoom")
    assert (first.stored, [one.file for one in first.left], first.seen) == (("a",), ["b.txt"], 0)
    assert first.left[0].why == "manifest.csv has no row for it"
    write("manifest.csv", manifest("a.txt", "b.txt"))
    second = take_source(lead, "zoom")
    assert (second.stored, second.left, second.seen) == (("b",), (), 1)
    third = take_source(lead, "zoom")
    assert (third.stored, third.upload, third.seen) == ((), "", 2)
    assert set(space.store[Calls].placed()) == {"a", "b"}


def test_what_is_taken_back_does_not_come_again(lead, space, place):
    address, write = place
    write("a.txt", WORDS.format(n=40))
    write("manifest.csv", manifest("a.txt"))
    add_source(lead, "zoom", "call", address)
    taken = take_source(lead, "zoom")
    take_back(lead, taken.upload)
    assert not space.store[Calls].placed()
    assert take_source(lead, "zoom").stored == ()
    assert not space.store[Calls].placed()


def test_names_of_files_tell_enough_where_they_do(lead, space, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "2026-03-04 first.txt").write_text(WORDS.format(n=40))
    (folder / "second.txt").write_text(WORDS.format(n=41))
    space.store.close()
    known = Workspace(Settings.read(tmp_path / "workspace", {}))
    who = Who(known, Scope(local=True), as_name="Ola")
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "old.txt").write_text(WORDS.format(n=1))
    (tmp_path / "old" / "manifest.csv").write_text(manifest("old.txt"))
    add_source(who, "old", "call", str(tmp_path / "old"))
    take_source(who, "old")
    add_source(who, "zoom", "call", str(folder))
    taken = take_source(who, "zoom")
    known.store.close()
    assert len(taken.stored) == 1
    assert [(one.file, one.why) for one in taken.left] == [
        ("second.txt", "its date is not known: put a manifest.csv beside it")
    ]


def test_a_file_that_cannot_be_read_is_told_once_and_again_when_it_changed(lead, place):
    address, write = place
    write("a.txt", "nobody says anything")
    write("manifest.csv", manifest("a.txt"))
    add_source(lead, "zoom", "call", address)
    first = take_source(lead, "zoom")
    assert len(first.problems) == 1
    assert "a.txt" in first.problems[0]
    assert take_source(lead, "zoom").problems == ()
    write("a.txt", WORDS.format(n=40) * 2)
    assert take_source(lead, "zoom").stored == ("a",)


def test_a_problem_names_its_line_of_the_manifest(lead, place):
    address, write = place
    write("b.txt", WORDS.format(n=50))
    write("manifest.csv", "file,date,rep\na.txt,2026-03-01,Rae\n\nb.txt,soon,Rae\n")
    add_source(lead, "zoom", "call", address)
    assert "manifest.csv:4" in take_source(lead, "zoom").problems[0]


def test_a_worker_looks_when_it_is_time_and_one_worker_alone(lead, space, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(WORDS.format(n=40))
    (folder / "manifest.csv").write_text(manifest("a.txt"))
    add_source(lead, "zoom", "call", str(folder), minutes=30)
    now = datetime.now(UTC)
    assert len(take_due(space, now)) == 1
    (folder / "b.txt").write_text(WORDS.format(n=50))
    (folder / "manifest.csv").write_text(manifest("a.txt", "b.txt"))
    assert take_due(space, now + timedelta(minutes=29)) == []
    assert len(take_due(space, now + timedelta(minutes=31))) == 1
    assert {upload.by for upload in space.store[Uploads].page()} == {"source:zoom"}


def test_a_folder_that_is_gone_stops_nothing_and_is_said(lead, space, tmp_path):
    for name in ("gone", "here"):
        (tmp_path / name).mkdir()
        add_source(lead, name, "call", str(tmp_path / name))
    (tmp_path / "gone").rmdir()
    (tmp_path / "here" / "a.txt").write_text(WORDS.format(n=40))
    (tmp_path / "here" / "manifest.csv").write_text(manifest("a.txt"))
    assert len(take_due(space, datetime.now(UTC))) == 1
    said = {source.name: source.said for source in space.store[Sources].all()}
    assert "there is no such folder" in said["gone"]
    assert said["here"] == "1 new, 0 known from before"


class Unwilling(fsspec.AbstractFileSystem):
    """A driver that raises what it is told to, on listing or on reading."""

    protocol = "unwilling"
    cachable = False
    raises: Exception | None = None
    on = "find"

    def find(self, path, *_, **__):
        if self.on == "find" and self.raises:
            raise self.raises
        return {"in/a.txt": {"name": "in/a.txt", "size": 9, "type": "file"}}

    def cat_file(self, path, *_, **__):
        raise self.raises

    def get_file(self, path, *_, **__):
        raise self.raises


def raised():
    """One of each family of exceptions that drivers are known to raise."""
    from aiohttp import ClientConnectionError
    from botocore.exceptions import (
        ClientError,
        ConnectTimeoutError,
        EndpointConnectionError,
        NoCredentialsError,
        PartialCredentialsError,
        ProfileNotFound,
    )

    denied = {"Error": {"Code": "AccessDenied", "Message": "Access Denied"}}
    return [
        NoCredentialsError(),
        PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        ProfileNotFound(profile="nobody"),
        ClientError(denied, "ListObjectsV2"),
        ConnectTimeoutError(endpoint_url="https://s3.example.com"),
        EndpointConnectionError(endpoint_url="https://s3.example.com"),
        ClientConnectionError("cannot connect"),
        TimeoutError(),
        PermissionError(13, "Permission denied"),
        FileNotFoundError("The specified bucket does not exist"),
        ImportError("Install s3fs to access S3"),
        KeyError("account_name"),
        Exception("said by a driver of its own"),
    ]


@pytest.fixture
def unwilling(monkeypatch):
    fsspec.register_implementation("unwilling", Unwilling, clobber=True)
    return lambda error, on="find": (
        monkeypatch.setattr(Unwilling, "raises", error),
        monkeypatch.setattr(Unwilling, "on", on),
    )


@pytest.mark.parametrize("error", raised(), ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("on", ["find", "read"])
def test_whatever_a_driver_raises_is_one_clear_error_and_stops_no_other_source(
    lead, space, tmp_path, unwilling, error, on
):
    unwilling(None)
    add_source(lead, "bucket", "call", "unwilling://in")  # is looked at first
    unwilling(error, on)
    if on == "find":
        with pytest.raises(InputError, match=r"^unwilling://in: cannot be read: .") as told:
            add_source(lead, "other", "call", "unwilling://in")
        assert "\n" not in told.value.explained
    (tmp_path / "zoom").mkdir()
    (tmp_path / "zoom" / "a.txt").write_text(WORDS.format(n=40))
    (tmp_path / "zoom" / "manifest.csv").write_text(manifest("a.txt"))
    add_source(lead, "zoom", "call", str(tmp_path / "zoom"))
    assert len(take_due(space, datetime.now(UTC))) == 1
    said = {source.name: source.said for source in space.store[Sources].all()}
    assert said["bucket"].startswith("unwilling://in: cannot be read: ")
    assert said["zoom"] == "1 new, 0 known from before"


def test_a_fault_of_ours_in_one_source_is_said_and_stops_no_other(lead, space, tmp_path, monkeypatch, caplog):
    from agent.sources import listeners

    for name in ("bucket", "zoom"):
        (tmp_path / name).mkdir()
        add_source(lead, name, "call", str(tmp_path / name))
    looked = []

    def breaks(who, name):
        looked.append(name)
        raise AssertionError("a fault")

    monkeypatch.setattr(listeners, "take_source", breaks)
    assert take_due(space, datetime.now(UTC)) == []
    assert looked == ["bucket", "zoom"]
    said = {source.said for source in space.store[Sources].all()}
    assert said == {"could not be taken: AssertionError; see the worker's log"}
    assert "a fault" in caplog.text


def test_a_password_is_in_no_error(lead, unwilling):
    unwilling(ValueError("cannot open unwilling://ana:secret@files.example.com/in"))
    with pytest.raises(InputError) as told:
        add_source(lead, "zoom", "call", "unwilling://ana:secret@files.example.com/in")
    assert "secret" not in told.value.explained


@pytest.mark.slow
def test_a_bucket_without_keys_or_that_is_not_there(lead, space, monkeypatch, tmp_path, capsys):
    for address, _ in s3_place(monkeypatch):
        add_source(lead, "acme", "call", address.removesuffix("/in"))
        with pytest.raises(InputError, match="s3://no-such-bucket/in: "):
            add_source(lead, "none", "call", "s3://no-such-bucket/in")
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            monkeypatch.delenv(name)
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
            monkeypatch.setenv(name, str(tmp_path / "none"))
        fsspec.get_filesystem_class("s3").clear_instance_cache()
        with pytest.raises(SystemExit) as ended:
            main(["--workspace", str(tmp_path / "workspace"), "source", "add", "x", "s3://no-such-bucket/x"])
        said = capsys.readouterr().err
        assert ended.value.code == InputError.exit_code
        assert "Traceback" not in said
        assert "Unable to locate credentials" in said
        assert take_due(space, datetime.now(UTC)) == []
        assert "Unable to locate credentials" in space.store[Sources].get("acme").said


@pytest.mark.parametrize(
    ("name", "address", "says"),
    [
        ("Zoom calls", ".", "cannot be a source's name"),
        ("zoom", "/nowhere/at/all", "there is no such folder"),
        ("zoom", "nosuch://bucket/x", "cannot be read"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_at_once(lead, name, address, says):
    with pytest.raises(InputError, match=says):
        add_source(lead, name, "call", address)


def test_names_are_taken_once_and_rules_hold(lead, space, tmp_path):
    add_source(lead, "zoom", "call", str(tmp_path))
    with pytest.raises(Conflict, match="already"):
        add_source(lead, "zoom", "call", str(tmp_path))
    with pytest.raises(Forbidden):
        take_source(Who(space, Scope(name="rae", role="rep", rep="Rae")), "zoom")
    remove_source(lead, "zoom")
    with pytest.raises(NotFound, match="there is no source"):
        take_source(lead, "zoom")
    assert [entry.action for entry in space.store[AuditLog].page()][:2] == ["source_removed", "source_added"]


def test_nothing_of_a_files_name_is_kept(lead, space, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "brightwater-cleo.txt").write_text("nobody says anything")
    (folder / "manifest.csv").write_text(manifest("brightwater-cleo.txt"))
    add_source(lead, "zoom", "call", str(folder))
    take_source(lead, "zoom")
    space.store.close()
    assert b"brightwater" not in (tmp_path / "workspace" / "closeread.db").read_bytes()


def test_a_password_in_an_address_is_not_shown():
    assert shown("ftp://ana:secret@files.example.com/calls") == "ftp://ana:…@files.example.com/calls"
    assert shown("s3://bucket/calls") == "s3://bucket/calls"


def test_the_commands(space, tmp_path, capsys):
    assert not space.store[Sources].all()
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text(WORDS.format(n=40))
    (folder / "manifest.csv").write_text(manifest("a.txt"))

    def closeread(*words):
        with pytest.raises(SystemExit) as ended:
            main(["--workspace", str(tmp_path / "workspace"), *words])
        return ended.value.code, capsys.readouterr()

    assert closeread("source", "add", "zoom", str(folder), "--every", "60")[0] == 0
    code, said = closeread("source", "take", "zoom")
    assert (code, said.out) == (0, "zoom: 1 new, 0 known from before\n")
    assert "closeread uploads undo" in said.err
    assert "zoom" in closeread("source", "list")[1].out
    assert closeread("source", "remove", "zoom")[0] == 0
