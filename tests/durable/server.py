"""A PostgreSQL server of a test's own, that it may restart as it likes."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from pathlib import Path
from types import TracebackType

import pytest

_BIN = next(iter(sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)), None)


def needs_server(test):
    """Skip without Debian's PostgreSQL programs, or without root to run them as the user postgres; fail in CI."""
    may = _BIN is not None and os.geteuid() == 0
    if not may and os.environ.get("CI"):
        return pytest.mark.usefixtures("no_server_in_ci")(test)
    return pytest.mark.skipif(not may, reason="PostgreSQL's programs and root are needed; see .ci/postgres")(test)


class Server:
    """A cluster in `folder`. Use it as `with`."""

    def __init__(self, folder: Path) -> None:
        # Not below pytest's folder, which the user postgres may not enter.
        self._data = Path("/tmp") / f"closeread-{os.getpid()}-{folder.parent.name}"
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            self._port = taken.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"

    def __enter__(self) -> Server:
        self._data.mkdir()
        shutil.chown(self._data, "postgres", "postgres")
        self._run("initdb", "-A", "trust", "-N", "-D", str(self._data))
        settings = f"port = {self._port}\nunix_socket_directories = '{self._data}'\nlisten_addresses = '127.0.0.1'\n"
        with (self._data / "postgresql.conf").open("a") as file:
            file.write(settings + "shared_buffers = 16MB\n")
        self._control("start")
        return self

    def restart(self) -> None:
        """Crash it, and start it again."""
        self._control("restart", "-m", "immediate")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._control("stop", "-m", "immediate")
        shutil.rmtree(self._data)

    def _control(self, *words: str) -> None:
        self._run("pg_ctl", "-D", str(self._data), "-w", "-l", str(self._data / "log"), *words)

    def _run(self, program: str, *words: str) -> None:
        assert _BIN is not None
        command = ["runuser", "-u", "postgres", "--", str(_BIN / program), *words]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/tmp", timeout=60
        )
