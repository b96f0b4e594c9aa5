"""How a verb reports to its caller while it works: notes for the person, and progress. Nothing is printed here."""

from collections.abc import Callable

Note = Callable[[str], None]
"""Takes one sentence that the person should see beside the result, such as what was withheld or drawn just now."""

Step = Callable[[], None]
"""Called after each step of a phase."""

Phase = Callable[[str, int], Step]
"""Opens a named phase of so many steps (0: not known) and gives what to call after each."""


def unsaid(text: str) -> None:
    """A receiver of notes that ignores them."""


def unseen(name: str, steps: int) -> Step:
    """A receiver of progress that ignores it."""
    return lambda: None
