"""Tells a reader that a stored result (patterns, a baseline, a plan) is older than the data it was made from."""

from collections.abc import Iterable, Sized

from agent.core.language import _, ngettext


def since_in_words(made: str, changes: Iterable[tuple[Sized, tuple[str, str]]]) -> str:
    """One sentence that counts each kind of change since something was made; empty if nothing has changed.

    `made` is the sentence with a place for the counts ("Since this plan was made: {said}."). Each change is the things
    that changed and the words for one of them and for several.
    """
    said = [ngettext(*words, len(what), n=len(what)) for what, words in changes if what]
    return _(made, said=", ".join(said)) if said else ""
