"""What is said of something made earlier (patterns, a baseline, a plan) when what it rests on has changed since."""

from collections.abc import Iterable, Sized

from agent.core.language import _


def since_in_words(made: str, changes: Iterable[tuple[Sized, str, str]]) -> str:
    """One sentence with a number for each kind of change that there was; empty where nothing has changed.

    `made` is what happened then ("this plan was made"); a change is what changed, and the words for one and for several.
    """
    said = [f"{len(what)} {one if len(what) == 1 else more}" for what, one, more in changes if what]
    return _("Since {made}: {said}.", made=made, said=", ".join(said)) if said else ""
