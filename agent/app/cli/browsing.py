"""Opens the browser for the person who started the server, if there is one they can see."""

import os
import socket
import sys
import time
import webbrowser
from threading import Thread
from urllib.parse import urlsplit


def wanted(said: bool | None) -> bool:
    """Whether to open a browser: as the option says, or else if a person at this machine could see it."""
    if said is not None:
        return said
    screen = sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return screen and sys.stderr.isatty() and "SSH_CONNECTION" not in os.environ


def open_once_it_answers(address: str, patience: float = 30.0) -> Thread:
    """Open `address` in a thread as soon as its server listens, and meanwhile let the server go on starting."""

    def waiting() -> None:
        place, give_up = urlsplit(address), time.monotonic() + patience
        while time.monotonic() < give_up:
            try:
                socket.create_connection((place.hostname or "localhost", place.port or 80), timeout=1).close()
            except OSError:
                time.sleep(0.1)
            else:
                webbrowser.open(address)
                return

    thread = Thread(target=waiting, name="browser", daemon=True)
    thread.start()
    return thread
