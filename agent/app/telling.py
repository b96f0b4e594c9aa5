"""How a verb reports to its caller while it works: notes for the person, and progress. Nothing here prints."""

from collections.abc import Callable

Note = Callable[[str], None]
"""Takes one sentence that the person should see beside the result, such as what was withheld or drawn just now."""

Step = Callable[[], None]
"""Called after each step of a phase."""

Phase = Callable[[str, int], Step]
"""Opens a named phase of so many steps (0: not known) and gives what to call after each."""


def unsaid(text: str) -> None:
    """Ignores a note."""


def unseen(name: str, steps: int) -> Step:
    """Ignores progress."""
    return lambda: None
