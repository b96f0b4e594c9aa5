"""Ends a command with a single useful line if the operating system refuses it a file."""

import errno

from agent.core.errors import Advice, CloseReadError, ConfigError, DiskFull

_ELSEWHERE = "choose another place"
_WHY = {
    errno.EACCES: ("this user has no right to it", f"{_ELSEWHERE}, or have the right given"),
    errno.EPERM: ("this user has no right to it", f"{_ELSEWHERE}, or have the right given"),
    errno.EROFS: ("nothing can be written there: it is read-only", _ELSEWHERE),
    errno.ENOENT: ("there is no such place", "make its folder first, or choose another place"),
    errno.ENOTDIR: ("a part of that path is a file, not a folder", _ELSEWHERE),
    errno.EISDIR: ("that is a folder", "give the name of a file"),
    errno.EEXIST: ("a file is there, where a folder is needed", _ELSEWHERE),
    errno.ENAMETOOLONG: ("that name is too long", "choose a shorter one"),
    errno.EMFILE: ("too many files are open", "raise the limit of open files (ulimit -n)"),
}


def told(error: OSError) -> CloseReadError | None:
    """The refusal in our words; None for errors that are not about a file, since these are faults of the program."""
    if DiskFull.is_said_by(error):
        return DiskFull.at(str(error.filename or "the output"))
    why = _WHY.get(error.errno or 0)
    if error.filename is None or why is None:
        return None
    what, cure = why
    return ConfigError(f"{error.filename}: {what}", advice=Advice(text=cure))
