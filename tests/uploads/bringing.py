"""Bringing files through the pages, as the ops lead does it."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Site, csrf

TALK = b"Speaker 1: Why did you choose them?\nSpeaker 2: Because they asked what a late close costs.\n"
NAMED = b"Ann: Why did you choose them?\nBo Li: Because they asked what a late close costs %d.\n"


def named(number):
    return NAMED.replace(b"%d", str(number).encode())


def manifest(*rows, header="file,date,outcome,buyer,rep"):
    return ("files", ("interviews.csv", "\n".join((header, *rows)).encode(), "text/csv"))


def text(name, data):
    return ("files", (name, data, "text/plain"))


class Bringing:
    """The ops lead's browser, which sends forms with the session's secret."""

    def __init__(self, site: Site) -> None:
        self.browser = site.browser("ops_lead")
        self.secret = csrf(self.browser, "/")

    def get(self, path: str) -> Any:
        """A page."""
        return self.browser.get(path)

    def post(self, path: str, files: Any = None, **fields: Any) -> Any:
        """What a form is answered."""
        return self.browser.post(path, data=fields | {"csrf": self.secret}, files=files)

    def bring(self, files: Any, kind: str = "interview") -> str:
        """The address of the page on which the files are looked at."""
        sent = self.post("/upload", files, kind=kind)
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])

    def store(self, place: str) -> str:
        """The address that storing leads to."""
        sent = self.post(f"{place}/store")
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])
