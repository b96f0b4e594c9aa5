"""Which requests are being asked right now, shared between all processes of one machine through locks of the operating
system.

A lock on one byte of a file stands for one request. The system releases it when its process ends, however it ends, so a
run that was killed blocks nobody, and no clock is needed.
"""

import errno
import fcntl
import os
import threading
from pathlib import Path

_PLACES = 2**62  # bytes that can be locked; the file itself stays empty
_of_this_process: "dict[Path, Claims]" = {}


class Claims:
    """The requests that this process is asking now. Use `claims_at`, which makes one object for each file and process.

    Closing a file releases every lock that the process holds on it, so the file stays open as long as there are claims.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: int | None = None
        self._mine: set[int] = set()  # the system does not keep a process from locking twice what it has
        self._taking = threading.Lock()

    def take(self, ident: str) -> bool:
        """Claim the request for this caller. False while somebody else, here or in another process, is asking it.
        OSError if the file cannot be written."""
        place = _place(ident)
        with self._taking:
            if place in self._mine:
                return False
            if self._file is None:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.lockf(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
            except OSError as error:
                if error.errno in (errno.EAGAIN, errno.EACCES):  # what systems say of another's lock
                    return False
                raise
            self._mine.add(place)
            return True

    def give_up(self, ident: str) -> None:
        """Release the request, whether or not it was answered."""
        place = _place(ident)
        with self._taking:
            if self._file is not None and place in self._mine:
                fcntl.lockf(self._file, fcntl.LOCK_UN, 1, place)
                self._mine.discard(place)

    def rest(self) -> None:
        """Close the file unless something is being asked; it is opened again when it is needed."""
        with self._taking:
            if self._file is not None and not self._mine:
                os.close(self._file)
                self._file = None


def claims_at(path: Path) -> Claims:
    """The claims file at `path`, shared by all processes of this machine."""
    path = path.absolute()
    if path not in _of_this_process:
        _of_this_process[path] = Claims(path)
    return _of_this_process[path]


def _place(ident: str) -> int:
    """The byte that stands for a request: its id (`rq-` and hex digits) as a number."""
    return int(ident.partition("-")[2], 16) % _PLACES
