"""What is said of something made earlier (patterns, a baseline, a plan) when what it rests on has changed since."""

from collections.abc import Iterable, Sized

from agent.core.language import _, ngettext


def since_in_words(since: str, changes: Iterable[tuple[Sized, tuple[str, str]]]) -> str:
    """One sentence with a number for each kind of change that there was; empty where nothing has changed.

    `since` says what happened then ("Since this plan was made: {changes}."); a change is what changed, and the words for one
    and for several.
    """
    said = [ngettext(*words, len(what), n=len(what)) for what, words in changes if what]
    return _(since, changes=", ".join(said)) if said else ""
