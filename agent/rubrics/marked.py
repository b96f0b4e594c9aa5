"""The marks of criteria that are in use and not calibrated, in the tables of a document."""

from collections.abc import Mapping
from dataclasses import replace

from agent.app.documents.blocks import Data, Document
from agent.core.direction import Direction
from agent.core.language import N_, _
from agent.rubrics.model import Mark, Rubric


def marked(document: Document, rubric: Rubric, marks: Mapping[str, Mark]) -> Document:
    """The document with a column "mark" in each of its tables that has one of criteria; as it
    is where nothing is marked."""
    if not marks:
        return document
    by_any_name = {
        name: marks[one.id]
        for one in rubric.criteria
        if one.id in marks
        for plain in (one.id, one.name)
        for name in (plain, Direction.of(one).named(plain))
    }
    shorter = tuple(marked(one, rubric, marks) for one in document.shorter)
    return replace(document, data=tuple(_with_marks(one, by_any_name) for one in document.data), shorter=shorter)


def _with_marks(data: Data, marks: Mapping[str, Mark]) -> Data:
    if "criterion" not in data.columns:
        return data
    at = data.columns.index("criterion")
    return replace(
        data,
        columns=(*data.columns, N_("mark")),
        rows=tuple((*row, _(marks.get(str(row[at]), ""))) for row in data.rows),
    )
