"""Transcripts and manifests can hold control sequences that clear the screen, change the title or type commands.
Control characters are shown as visible signs, never sent to the terminal."""

import re
import sys
from typing import Any, TextIO

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def shown(text: str) -> str:
    """`text` with a visible sign in place of every control character except line ends and tabs."""
    return _CONTROLS.sub(_sign, text)


def _sign(matched: re.Match[str]) -> str:
    code = ord(matched[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else f"<U+{code:04X}>"


class Terminal:
    """A stream to a terminal that shows control characters. `stream` is the terminal itself."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        return self.stream.write(shown(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def guard() -> None:
    """From now on, control characters printed to a terminal are shown; what goes into files and pipes is unchanged."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and stream.isatty() and not isinstance(stream, Terminal):
            setattr(sys, name, Terminal(stream))
