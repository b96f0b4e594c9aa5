"""A rich console that never sends control sequences found in texts to the terminal."""

import sys
from collections.abc import Iterable
from typing import Any

from rich.console import Console
from rich.segment import Segment

from agent.app.cli.terminal import Terminal, shown


class ShowingConsole(Console):
    """A console that sends its own colors, but shows control characters in texts instead of sending them."""

    def __init__(self, *, stderr: bool = False, **given: Any) -> None:
        stream = sys.stderr if stderr else sys.stdout
        raw = stream.stream if isinstance(stream, Terminal) else None
        super().__init__(file=raw, stderr=stderr, **given)

    def _render_buffer(self, buffer: Iterable[Segment]) -> str:
        if not self.is_terminal:
            return super()._render_buffer(buffer)
        return super()._render_buffer([s if s.control else Segment(shown(s.text), s.style) for s in buffer])
