"""The browser of whoever started the server: opened where there is one to see."""

import os
import socket
import sys
import time
import webbrowser
from threading import Thread
from urllib.parse import urlsplit


def wanted(said: bool | None) -> bool:
    """The user's answer (`said`), if given; otherwise whether a person at this machine could see a browser."""
    if said is not None:
        return said
    screen = sys.platform in ("darwin", "win32") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return screen and sys.stderr.isatty() and "SSH_CONNECTION" not in os.environ


def open_once_it_answers(address: str, patience: float = 30.0) -> Thread:
    """Open `address` as soon as its server listens, while the server goes on starting here."""

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
