"""The file of a backup: a tar archive, the database and the workspace's own files, the manifest last."""

import hashlib
import io
import tarfile
from pathlib import Path, PurePosixPath
from typing import IO

from pydantic import ValidationError

from agent.backup.model import MANIFEST, KeptFile, Manifest
from agent.core.errors import InputError

_PIECE = 1 << 20
_MANIFEST_BYTES = 100_000_000


def write(archive: tarfile.TarFile, name: str, path: Path) -> KeptFile:
    """Add a file under `name`."""
    hashed = _Hashing(path)
    member = tarfile.TarInfo(name)
    member.size, member.mode = path.stat().st_size, 0o600
    with hashed:
        archive.addfile(member, hashed)
    return KeptFile(sha256=hashed.sha256, size=member.size)


def write_manifest(archive: tarfile.TarFile, manifest: Manifest) -> None:
    """Add the manifest."""
    content = manifest.model_dump_json(indent=1).encode()
    member = tarfile.TarInfo(MANIFEST)
    member.size, member.mode = len(content), 0o600
    archive.addfile(member, io.BytesIO(content))


def read(path: Path, folder: Path | None = None) -> Manifest:
    """Go through a backup, and write its files into `folder` if one is given. InputError where a file is not what the
    manifest says, where one is missing, or where one is too many."""
    files: dict[str, KeptFile] = {}
    manifest = None
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                if not member.isreg() or not _is_plain(member.name):
                    raise InputError(f"{path}: {member.name!r} is no file that a backup holds")
                content = archive.extractfile(member)
                assert content is not None  # it is a regular file
                if member.name == MANIFEST:
                    manifest = Manifest.model_validate_json(content.read(_MANIFEST_BYTES), strict=False)
                else:
                    files[member.name] = _taken_out(content, member.name, folder)
    except (OSError, tarfile.TarError, ValidationError) as error:
        raise InputError(f"{path}: this is no whole backup of Closeread: {error}") from error
    if manifest is None:
        raise InputError(f"{path}: this is no whole backup of Closeread: its manifest is missing, so it was cut short")
    wanted = manifest.files
    for name in sorted(files.keys() | wanted.keys()):
        if name not in files or name not in wanted:
            raise InputError(f"{path}: {name} is {'missing' if name in wanted else 'not one of its files'}")
        if files[name] != wanted[name]:
            raise InputError(f"{path}: {name} is not as it was when the backup was made")
    return manifest


def _is_plain(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and name == str(path)


def _taken_out(content: IO[bytes], name: str, folder: Path | None) -> KeptFile:
    digest, size = hashlib.sha256(), 0
    target = None if folder is None else folder / name
    if target is not None:
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = target.open("xb") if target is not None else io.BytesIO()
    with file:
        while piece := content.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            if target is not None:
                file.write(piece)
    return KeptFile(sha256=digest.hexdigest(), size=size)


class _Hashing(io.RawIOBase):
    """A file that is hashed while it is read."""

    def __init__(self, path: Path) -> None:
        self._file, self._digest = path.open("rb"), hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece = self._file.read(size)
        self._digest.update(piece)
        return piece

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()
