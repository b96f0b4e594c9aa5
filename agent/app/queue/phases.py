"""Reports the progress of a job that is done in one go."""

from collections.abc import Callable

from agent.app.queue.kinds import Tell
from agent.app.queue.model import Progress


def phases(tell: Tell) -> Callable[[str, int], Callable[[], None]]:
    """A function to hand to verbs as their `Phase`: it stores each step as the job's progress."""

    def phase(name: str, steps: int) -> Callable[[], None]:
        done = 0
        tell(Progress(phase=name, total=steps))

        def step() -> None:
            nonlocal done
            done += 1
            tell(Progress(phase=name, total=steps, done=done, waiting=max(0, steps - done)))

        return step

    return phase
