"""What is said of something made earlier (patterns, a baseline, a plan) when what it rests on has changed since."""

from collections.abc import Iterable, Sized

from agent.core.language import _, ngettext


def since_in_words(made: str, changes: Iterable[tuple[Sized, tuple[str, str]]]) -> str:
    """One sentence with a number for each kind of change that there was; empty where nothing has changed.

    `made` is the sentence ("Since this plan was made: {said}."); a change is what changed, and the
    words for one and for several.
    """
    said = [ngettext(*words, len(what), n=len(what)) for what, words in changes if what]
    return _(made, said=", ".join(said)) if said else ""
