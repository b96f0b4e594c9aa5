"""Figures that a page shows as they were last worked out, while newer ones are made beside the server."""

from typing import TypeVar

from fastapi import Request
from pydantic import BaseModel

from agent.app.web import later
from agent.profiles import figures
from agent.profiles.figures import Figure, Kind
from agent.workspace import Workspace

M = TypeVar("M", bound=BaseModel)


def figure(request: Request, space: Workspace, kind: Kind[M], rubric: str) -> Figure[M]:
    """The newest figure there is; where something changed since, a new one is started."""
    # Kept with the request, so that all its figures are of one moment.
    marks: dict[str, str] = request.scope.setdefault("season_marks", {})
    if rubric not in marks:
        marks[rubric] = figures.mark_of(space, rubric)
    figure = figures.look(space, kind, rubric, marks[rubric])
    if not figure.current:
        later.of(request).start(figure.key, lambda: figures.compute(space, kind, rubric, figure.key))
    return figure


def trouble(request: Request, figure: Figure[M]) -> str:
    """Why the figure that should take the place of `figure` cannot be worked out; empty where it can."""
    return "" if figure.current else later.of(request).problem(figure.key)
