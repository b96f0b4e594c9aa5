"""Reads files with libraries that cannot be interrupted, in a separate process that is stopped at a limit of time or
memory.

The process serves one file after another, and ends when it has been idle or this program has. What it sends back is
JSON: whatever a hostile file does to it, nothing it says is executed here.
"""

import atexit
import importlib
import json
import os
import selectors
import struct
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import IO, Any

from agent.core.errors import ImportProblem
from agent.text.importers.base import Source

MOST_SECONDS, MOST_MB = 4, 500
_WAIT_SECONDS = 120  # by the clock, on a machine that has little time for it
_IDLE_SECONDS = 60
_ROOT = Path(__file__).resolve().parents[3]
_START = f"import sys; sys.path.insert(0, {str(_ROOT)!r}); from agent.text.importers.apart import serve; serve()"
_LENGTH = struct.Struct(">I")

_lock = Lock()
_running: tuple[int, subprocess.Popen[bytes]] | None = None


def read_apart(task: str, source: Source) -> Any:
    """The result of the function `task` (`module:name`) on the file's bytes, as JSON. Raises the ImportProblem that
    the function raises, or one that says it took too long or too much memory."""
    with _lock:
        answer = _asked(task, source.data)
    if answer is None:
        what = f"takes more than {MOST_SECONDS} seconds or {MOST_MB} MB to read, as no transcript does"
        raise source.problem(None, f"this file {what}", "save it again, or export it as text")
    if "problem" in answer:
        raise source.problem(None, *answer["problem"])
    return answer["read"]


def _asked(task: str, data: bytes) -> dict[str, Any] | None:
    """The process's answer; None if the process died of this file. A process that ended because it was idle is
    started anew."""
    for _ in range(2):
        process = _running_process()
        try:
            _send(process.stdin, task.encode())
            _send(process.stdin, data)
            answer = _read_answer(process)
        except OSError:
            answer = None
        if answer and "spent" not in answer:
            return answer
        if stop() or answer:
            break
    return None


def _read_answer(process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
    assert process.stdout is not None
    if not _has_more(process.stdout, _WAIT_SECONDS):
        return {"spent": True}
    try:
        answer: dict[str, Any] = json.loads(_received(process.stdout))
    except (EOFError, struct.error):
        return None
    return answer


def _running_process() -> subprocess.Popen[bytes]:
    global _running
    if _running and _running[0] == os.getpid() and _running[1].poll() is None:
        return _running[1]
    stop()
    process = subprocess.Popen(
        [sys.executable, "-P", "-c", _START], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    _running = os.getpid(), process
    return process


@atexit.register
def stop() -> int:
    """Ends the process if there is one; the next file starts another. Returns its exit code, 0 if it ended as it
    should."""
    global _running
    process = _running[1] if _running and _running[0] == os.getpid() else None
    _running = None
    if process is None:
        return 0
    for pipe in (process.stdin, process.stdout):
        with suppress(OSError):
            assert pipe is not None
            pipe.close()
    with suppress(subprocess.TimeoutExpired):
        return process.wait(0.2)
    process.kill()
    return process.wait()


def _has_more(pipe: IO[bytes], seconds: float) -> bool:
    """Whether the pipe has data or is closed within `seconds`. It does not use `select`, which fails for descriptors
    above 1023."""
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        return bool(selector.select(seconds))


def _send(to: IO[bytes] | None, data: bytes) -> None:
    assert to is not None
    to.write(_LENGTH.pack(len(data)) + data)
    to.flush()


def _received(from_: IO[bytes]) -> bytes:
    size = _LENGTH.unpack(from_.read(_LENGTH.size))[0]
    data = from_.read(size)
    if len(data) < size:
        raise EOFError
    return data


def serve() -> None:
    """The main loop of the process: reads a function's name and a file's bytes, answers, and ends when it has been
    idle."""
    import resource

    given, out = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # what a library prints is no answer
    memory = MOST_MB * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    while _has_more(given, _IDLE_SECONDS):
        try:
            task, data = _received(given).decode(), _received(given)
        except (EOFError, struct.error):
            return
        used = resource.getrusage(resource.RUSAGE_SELF)
        resource.setrlimit(resource.RLIMIT_CPU, (int(used.ru_utime + used.ru_stime) + 1 + MOST_SECONDS, hard))
        answer = _answer_task(task, data)
        _send(out, json.dumps(answer).encode())
        if "spent" in answer:
            return


def _answer_task(task: str, data: bytes) -> dict[str, Any]:
    module, _, name = task.partition(":")
    try:
        return {"read": getattr(importlib.import_module(module), name)(data)}
    except ImportProblem as problem:
        return {"problem": [problem.what, problem.hint]}
    except MemoryError:
        return {"spent": True}
    except Exception as error:  # noqa: BLE001 - the edge of a process: what a library raises is told, not lost
        return {
            "problem": [f"this file cannot be read ({type(error).__name__})", "save it again, or export it as text"]
        }
