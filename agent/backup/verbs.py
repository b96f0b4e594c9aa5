"""Making a backup of the workspace, and a workspace of a backup."""

import os
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from sqlalchemy import Engine

from agent import __version__
from agent.app.queue.engine import queue_url
from agent.app.verb import Who, verb
from agent.backup import archive
from agent.backup.databases import check_sqlite, copy_sqlite, dump_postgresql, restore_postgresql, rows_of, snapshot
from agent.backup.model import DATABASE, JOBS, KeptFile, Manifest
from agent.core.errors import Conflict, DiskFull, GateClosed, InputError
from agent.db.audit import AuditLog, head_at
from agent.db.audit_chain import Head
from agent.db.database import HEAD, bare_engine, database_url
from agent.db.store import Store
from agent.settings import Settings
from agent.workspace import Workspace, make_private

FOLDERS = ("config", "prompts", "evals", "cache")
"""What of the workspace's folder is in a backup, beside the database and the key that signs sessions. Not: uploads that
wait (`staging`), the counters of metrics, locks of workers."""
_KEY = "secret-key"


@dataclass(frozen=True)
class Backup:
    """A backup that was made or read."""

    path: Path
    manifest: Manifest

    @property
    def id(self) -> str:
        """What the audit log calls it."""
        return self.path.name


@verb("ops_lead", audit="backed_up", facts=lambda made: {"rows": sum(made.manifest.rows.values())})
def back_up(who: Who, path: Path, *, cache: bool = True) -> Backup:
    """Write everything into one file while others work; then read it again and check it. Conflict where it is there."""
    if path.exists():
        raise Conflict(f"{path} is there already: name another file")
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            _write(who.base, file, cache)
        manifest = archive.read(draft)
        os.link(draft, path)  # not over a file that somebody else put there meanwhile
    except OSError as error:
        raise (
            DiskFull.at(str(path)) if DiskFull.is_said_by(error) else InputError(f"{path}: {error.strerror}")
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    return Backup(path, manifest)


def _write(space: Workspace, file: IO[bytes], cache: bool) -> None:
    engine, folder = space.store.engine, space.settings.workspace
    sqlite = engine.dialect.name == "sqlite"
    with tempfile.TemporaryDirectory(prefix="closeread-backup-") as made, tarfile.open(fileobj=file, mode="w:") as into:
        kept: dict[str, KeptFile] = {}
        copies = Path(made)
        if sqlite:
            rows, version, head = _copy_sqlite(engine, space.settings.database_url, copies)
        else:
            rows, version, head = _dump(engine, copies)
        for path in sorted(copies.iterdir()):
            kept[path.name] = archive.write(into, path.name, path)
            path.unlink()
        for name, path in _own_files(folder, copies, cache):
            kept[name] = archive.write(into, name, path)
        archive.write_manifest(
            into,
            Manifest(
                program=__version__,
                at=datetime.now(UTC),
                database="sqlite" if sqlite else "postgresql",
                schema_version=version,
                audit=str(head),
                rows=rows,
                files=kept,
            ),
        )


def _copy_sqlite(engine: Engine, url: str, into: Path) -> tuple[dict[str, int], str, Head]:
    # The queue first: a job that it calls undone and the database done is not done again, the other way round it waits.
    queue = Path(queue_url(url).database or "")
    if queue.is_file():
        copy_sqlite(queue, into / JOBS)
    copied = into / DATABASE["sqlite"]
    copy_sqlite(Path(engine.url.database or ""), copied)
    return _facts(bare_engine(f"sqlite:///{copied}"))


def _dump(engine: Engine, into: Path) -> tuple[dict[str, int], str, Head]:
    with snapshot(engine) as (connection, name):
        dump_postgresql(engine, name, into / DATABASE["postgresql"])
        return rows_of(connection), HEAD, head_at(connection)


def _facts(engine: Engine) -> tuple[dict[str, int], str, Head]:
    try:
        with engine.connect() as connection:
            return rows_of(connection), HEAD, head_at(connection)
    finally:
        engine.dispose()


def _own_files(folder: Path, copies: Path, cache: bool) -> Iterator[tuple[str, Path]]:
    if (folder / _KEY).is_file():
        yield _KEY, folder / _KEY
    for top in FOLDERS:
        if top == "cache" and not cache:
            continue
        for path in sorted((folder / top).rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_symlink() or not path.is_file() or path.name.endswith(("-wal", "-shm", "-journal")):
                continue
            if path.name == "cache.db":
                copy_sqlite(path, copies / "cache.db")
                path = copies / "cache.db"
            yield name, path


def check(path: Path) -> Backup:
    """Read a backup through and compare it with its manifest. InputError where it is not whole."""
    return Backup(path, archive.read(path))


def restore(settings: Settings, path: Path) -> Backup:
    """Make the workspace that `settings` name out of a backup. Conflict where there is one already.

    The database is checked, its rows counted and its audit log walked through before anything takes its place.
    """
    folder = settings.workspace
    there = [name for name in (DATABASE["sqlite"], JOBS, _KEY, *FOLDERS) if (folder / name).exists()]
    if there:
        raise Conflict(f"{folder} is a workspace already ({', '.join(there)}): name a folder that is not there yet")
    make_private(folder)
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=folder) as made:
        manifest = archive.read(path, Path(made))
        url = _database(settings, manifest, Path(made))
        _same(url, manifest)
        for name in sorted(os.listdir(made)):
            if name != DATABASE["postgresql"]:
                os.rename(Path(made) / name, folder / name)
    make_private(folder)
    return Backup(path, manifest)


def _database(settings: Settings, manifest: Manifest, folder: Path) -> str:
    url = database_url(settings.database_url)
    kind = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
    if kind != manifest.database:
        raise InputError(
            f"this is a backup of a {manifest.database} database, and the workspace names one of {kind}: set "
            "CLOSEREAD_DATABASE_URL to an empty database of that kind, or unset it"
        )
    if manifest.schema_version > HEAD:
        raise InputError("this backup was made by a newer Closeread: upgrade the program, then restore it")
    if kind == "sqlite":
        check_sqlite(folder / DATABASE[kind])
        return f"sqlite:///{folder / DATABASE[kind]}"
    engine = bare_engine(settings.database_url)
    try:
        restore_postgresql(engine, folder / DATABASE[kind])
    finally:
        engine.dispose()
    return settings.database_url


def _same(url: str, manifest: Manifest) -> None:
    """GateClosed unless the database has the rows that were counted, and an audit log
    that holds up to the same line."""
    engine = bare_engine(url)
    with engine.connect() as connection:
        counted = rows_of(connection)
    engine.dispose()
    wrong = [
        f"{name}: {counted.get(name, 0)} rows, not {n}" for name, n in manifest.rows.items() if counted.get(name) != n
    ]
    if wrong:
        raise GateClosed(f"the restored database is not what was backed up: {'; '.join(wrong)}")
    store = Store.open(url)
    try:
        checked = store[AuditLog].verify()
    finally:
        store.close()
    if checked.wrong or str(checked.head) != manifest.audit:
        raise GateClosed(
            "the audit log in this backup is not as it was written: "
            + ("; ".join(checked.faults) or f"it ends at {checked.head}, not at {manifest.audit}")
        )
