"""A backup made while others write is one moment of the workspace, and what is restored from it is the same."""

import io
import os
import sqlite3
import stat
import subprocess
import sys
import tarfile
import threading
from contextlib import closing

import pytest

from agent.app.verb import Who
from agent.backup import archive, verbs
from agent.backup.databases import dump_postgresql
from agent.backup.model import MANIFEST
from agent.core.errors import ConfigError, Conflict, GateClosed, InputError
from agent.core.people import Scope
from agent.db.audit import AuditLog
from agent.settings import Settings
from agent.workspace import Workspace
from tests.api.conftest import fill


@pytest.fixture(name="space")
def _space(tmp_path):
    """A workspace with something in the database, its folders, and the cache."""
    space = Workspace(Settings.read(tmp_path / "space", {}))
    fill(space)
    folder = space.settings.workspace
    for name in (
        "config/calibration.yaml",
        "prompts/own/001.md",
        "secret-key",
        "evals/runs/one.json",
        "staging/x/st-1/f",
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"what {name} holds\n")
    space.cache.forget(["rq-none"])  # makes its files
    space.cache.close()
    yield space
    space.store.close()


def owner(space):
    return Who(space, Scope(local=True), as_name="a test")


def content(path):
    with closing(sqlite3.connect(path)) as connection:
        return sorted(line for line in connection.iterdump() if '"audit_' not in line)


def test_what_is_restored_is_what_was_backed_up(space, tmp_path):
    made = verbs.back_up(owner(space), tmp_path / "b.tar")
    settings = Settings.read(tmp_path / "again", {})
    verbs.restore(settings, made.path)
    was, now = space.settings.workspace, settings.workspace
    assert content(now / "closeread.db") == content(was / "closeread.db")
    for name in ("config/calibration.yaml", "prompts/own/001.md", "secret-key", "evals/runs/one.json"):
        assert (now / name).read_bytes() == (was / name).read_bytes()
    assert (now / "cache" / "cache.db").is_file()
    assert not (now / "staging").exists()
    again = Workspace(settings)
    assert again.store[AuditLog].verify().wrong == 0
    again.store.close()


def test_rows_that_are_still_in_the_write_ahead_log_are_in_it(space, tmp_path):
    """A plain copy of the file misses them."""
    reader = sqlite3.connect(space.settings.workspace / "closeread.db")
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM audit_log").fetchone()  # holds the log back from being taken over
    for number in range(50):
        space.store[AuditLog].append("late", str(number), person="Ann")
    made = verbs.back_up(owner(space), tmp_path / "b.tar")
    assert made.manifest.rows["audit_log"] == 50
    with closing(sqlite3.connect(f"file:{space.settings.workspace}/closeread.db?immutable=1", uri=True)) as alone:
        assert alone.execute("SELECT count(*) FROM audit_log").fetchone()[0] < 50
    reader.close()


def test_a_backup_is_one_moment_while_others_write(space, tmp_path):
    stop, written = threading.Event(), []

    def write():
        while not stop.is_set():
            space.store[AuditLog].append("meanwhile", person="Ann")
            written.append(1)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = [verbs.back_up(owner(space), tmp_path / f"{number}.tar") for number in range(5)]
    finally:
        stop.set()
        writer.join()
    assert len(written) > 5
    for one in made:
        verbs.restore(Settings.read(tmp_path / f"of {one.path.stem}", {}), one.path)
    lines = [one.manifest.rows["audit_log"] for one in made]
    assert lines == sorted(set(lines))


def changed(path, name, change):
    """The backup again, with what `change` makes of one of its files; None leaves it out."""
    with tarfile.open(path) as old, tarfile.open(path.with_suffix(".x"), "w") as new:
        for member in old:
            found = old.extractfile(member).read()
            if member.name == name:
                found = change(found)
            if found is not None:
                member.size = len(found)
                new.addfile(member, io.BytesIO(found))
    return path.with_suffix(".x")


def flipped(content):
    return content[:-9000] + bytes([content[-9000] ^ 1]) + content[-8999:]


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("closeread.db", flipped, "closeread.db is not as it was"),
        ("closeread.db", lambda content: None, "closeread.db is missing"),
        ("config/calibration.yaml", lambda content: content + b"x", "is not as it was"),
        (MANIFEST, lambda content: None, "its manifest is missing"),
        (MANIFEST, lambda content: b"{}", "no whole backup"),
    ],
)
def test_a_backup_that_was_changed_is_refused(space, tmp_path, name, change, said):
    made = verbs.back_up(owner(space), tmp_path / "b.tar")
    wrong = changed(made.path, name, change)
    with pytest.raises(InputError, match=said):
        verbs.check(wrong)
    target = tmp_path / "again"
    with pytest.raises(InputError, match=said):
        verbs.restore(Settings.read(target, {}), wrong)
    assert list(target.iterdir()) == []


def test_a_backup_that_was_cut_short_is_refused(space, tmp_path):
    path = verbs.back_up(owner(space), tmp_path / "b.tar").path
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(InputError, match="no whole backup"):
        verbs.check(path)


@pytest.mark.parametrize("name", ["../outside", "/etc/outside", "a/../../outside", "a\\outside"])
def test_nothing_is_written_outside(tmp_path, name):
    path = tmp_path / "b.tar"
    with tarfile.open(path, "w") as made:
        made.addfile(tarfile.TarInfo(name), io.BytesIO(b""))
    with pytest.raises(InputError, match="no file that a backup holds"):
        verbs.restore(Settings.read(tmp_path / "in" / "again", {}), path)
    assert not list(tmp_path.rglob("*outside*"))


def test_links_are_no_files_of_a_backup(tmp_path):
    path = tmp_path / "b.tar"
    with tarfile.open(path, "w") as made:
        link = tarfile.TarInfo("config")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc"
        made.addfile(link)
    with pytest.raises(InputError, match="no file that a backup holds"):
        archive.read(path)


def test_rows_that_are_missing_are_found(space, tmp_path):
    """The hashes are right: somebody made a backup of something else."""
    path = verbs.back_up(owner(space), tmp_path / "b.tar").path
    manifest = verbs.check(path).manifest
    more = manifest.model_copy(update={"rows": manifest.rows | {"calls": 99}})
    wrong = changed(path, MANIFEST, lambda content: more.model_dump_json().encode())
    with pytest.raises(GateClosed, match="calls: 3 rows, not 99"):
        verbs.restore(Settings.read(tmp_path / "again", {}), wrong)
    assert list((tmp_path / "again").iterdir()) == []


def test_nothing_is_written_over(space, tmp_path):
    path = verbs.back_up(owner(space), tmp_path / "b.tar").path
    with pytest.raises(Conflict, match="is there already"):
        verbs.back_up(owner(space), path)
    with pytest.raises(Conflict, match="is a workspace already"):
        verbs.restore(space.settings, path)


def test_without_pg_dump_it_is_said_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="pg_dump is not on this machine") as raised:
        dump_postgresql(None, "x", tmp_path / "d")
    assert "postgresql-client" in raised.value.at_the_terminal()


@pytest.mark.slow  # three processes
def test_only_the_owner_reads_what_a_command_makes(tmp_path):
    """Whatever the shell's own rights for new files are."""
    run = f"umask 022; {sys.executable} -c 'from agent.main import main; main()' --workspace '{tmp_path}/space'"
    subprocess.run(["bash", "-c", f"{run} init --provider none --start own"], cwd=tmp_path, check=True)
    subprocess.run(["bash", "-c", f"{run} people add Ann --email ann@example.com --role manager"], check=True)
    subprocess.run(["bash", "-c", f"{run} backup {tmp_path}/b.tar"], check=True)
    made = [tmp_path / "space", tmp_path / "b.tar", *(tmp_path / "space").rglob("*")]
    assert {path: stat.S_IMODE(path.stat().st_mode) for path in made if path.stat().st_mode & 0o077} == {}


def test_a_workspace_of_before_is_closed_and_other_peoples_folders_are_not(space, tmp_path):
    folder = space.settings.workspace
    for path in (folder, folder / "closeread.db", folder / "config"):
        path.chmod(0o755)
    Workspace(space.settings).store.close()
    assert [stat.S_IMODE(p.stat().st_mode) for p in (folder, folder / "closeread.db")] == [0o700, 0o700]
    (folder / "README.md").write_text("somebody's project")
    os.chmod(folder, 0o755)
    (folder / "closeread.db").chmod(0o644)
    Workspace(space.settings).store.close()
    assert [stat.S_IMODE(p.stat().st_mode) for p in (folder, folder / "closeread.db")] == [0o755, 0o600]
