"""Progress bars on standard error: what is being done, how fast, what it has cost, how long it will take."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from agent.app.cli.showing import ShowingConsole

Phase = Callable[[str, int], Callable[[], None]]


@contextmanager
def phases(cost: Callable[[], float] | None = None) -> Iterator[Phase]:
    """A function that opens a progress bar for a named phase; it returns the function to call after each step.
    `cost` gives the US dollars spent so far."""

    class Rate(ProgressColumn):
        def render(self, task: Any) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if not speed else f"{speed:.1f}/s" if speed >= 1 else f"{speed * 60:.1f}/min")

    class Cost(ProgressColumn):
        def render(self, task: Any) -> Text:
            return Text("" if cost is None else f"${cost():.2f}")

    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        Rate(),
        Cost(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=ShowingConsole(stderr=True), transient=False) as progress:

        def phase(name: str, steps: int) -> Callable[[], None]:
            task = progress.add_task(name, total=steps or None)

            def step() -> None:
                progress.advance(task)

            return step

        yield phase
