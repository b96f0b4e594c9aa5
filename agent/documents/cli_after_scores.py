"""The report's and the demo's part after the scores, from whatever of it the workspace has."""

from agent.app.cli.context import console
from agent.documents.after_scores_page import Part


def show_parts(parts: list[Part]) -> None:
    """A sentence for each part."""
    for part in parts:
        console().print(f"\n{part.title}", style="bold")
        for sentence in part.sentences:
            console().print(sentence, markup=False)
