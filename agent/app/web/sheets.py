"""A page's list as a file, as CSV or as a workbook: one row for each item that the API would send."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from fastapi import Response

from agent.app.documents.blocks import Cell, Data, Document
from agent.app.documents.formats import written

_TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@dataclass(frozen=True)
class Sheet:
    """Rows as views give them (`data()`). Nested fields become columns such as `score.value`; lists become their
    length or their words. `about` says what the rows are."""

    name: str
    title: str
    rows: Sequence[Mapping[str, Any]]
    about: str = ""


def sheet(form: Literal["csv", "xlsx"], sheet: Sheet) -> Response:
    """The table as a download."""
    flat = [dict(_flat("", row)) for row in sheet.rows]
    columns = tuple(dict.fromkeys(name for row in flat for name in row))
    table = Data(sheet.name, columns, tuple(tuple(row.get(name) for name in columns) for row in flat))
    made = Document(
        title=sheet.title, subtitle=sheet.about, made_on=date.today(), provenance="Closeread", blocks=(), data=(table,)
    )
    headers = {"Content-Disposition": f'attachment; filename="{sheet.name}.{form}"'}
    return Response(written(made, form), media_type=_TYPES[form], headers=headers)


def _flat(before: str, row: Mapping[str, Any]) -> Iterator[tuple[str, Cell]]:
    for name, value in row.items():
        if isinstance(value, Mapping):
            yield from _flat(f"{before}{name}.", value)
        elif isinstance(value, list | tuple):
            yield f"{before}{name}", "; ".join(map(str, value))
        else:
            yield f"{before}{name}", ("yes" if value else "no") if isinstance(value, bool) else value
