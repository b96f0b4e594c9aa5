"""rich's console with texts that are shown and never sent to the terminal as commands."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.segment import Segment

from agent.app.cli.terminal import Terminal, shown


class ShowingConsole(Console):
    """A console whose own colors are sent, and whose texts are shown."""

    def __init__(self, *, stderr: bool = False, **given: Any) -> None:
        stream = sys.stderr if stderr else sys.stdout
        raw = stream.stream if isinstance(stream, Terminal) else None
        super().__init__(file=raw, stderr=stderr, **given)

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        if not self.is_terminal:
            return super()._render_buffer(buffer)
        return super()._render_buffer([s if s.control else Segment(shown(s.text), s.style) for s in buffer])
