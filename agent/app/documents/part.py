"""A figure put in words once: the command prints it, the report shows it, and files in JSON hold it."""

from dataclasses import dataclass

from agent.app.documents.charts import Chart
from agent.core.language import _


def heads(*names: str) -> tuple[str, ...]:
    """Names of columns, marked with `NS_`, in the reader's language."""
    return tuple(map(_, names))


@dataclass(frozen=True)
class Part:
    """Sentences, a chart if there is one, and the figures as a table.

    The last `aside` columns are for a closer look: the terminal leaves them to the report and to `--json`.
    """

    id: str
    title: str
    sentences: tuple[str, ...]
    chart: Chart | None
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    aside: int = 0
