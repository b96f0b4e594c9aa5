"""Figures in words at the terminal, for the commands that have some."""

from agent.app.cli.context import console, table
from agent.app.documents.part import Part


def print_parts(*parts: Part, figures: bool = True) -> None:
    """Figures in words: of each its sentences, then its table unless only the words are wanted."""
    for number, part in enumerate(parts):
        console().print("\n" * bool(number) + part.title, style="bold", markup=False)
        for sentence in part.sentences:
            console().print(sentence, markup=False)
        if figures and part.rows:
            most = len(part.columns) - part.aside
            table("", part.columns[:most], [row[:most] for row in part.rows])
            if part.aside:
                console().print("More is in --json and in closeread report.")
