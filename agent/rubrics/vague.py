"""Words in a criterion's wording that leave open what counts, by language: English, German, French, Spanish."""

from functools import cache
from pathlib import Path

from agent.core.base import Frozen
from agent.core.word_lists import Words, word_list

LANGUAGES = ("en", "de", "fr", "es")


class Uncounted(Frozen):
    """Words that stand for a number, and how to say it."""

    words: Words
    say: str


class Vague(Frozen):
    """One language. `topics` are qualities in the place of an act, `degree` words of worth without a bound, `inner`
    what is inside a head, `uncounted` words that stand for a number. `occasion` is what not every call has, and
    `nothing_came` says what holds where it did not come."""

    topics: Words
    degree: Words
    inner: Words
    uncounted: list[Uncounted]
    occasion: Words
    nothing_came: Words


@cache
def vague_in(language: str) -> Vague:
    """Those of one of `LANGUAGES`."""
    return word_list(Path(__file__).parent / "words" / f"{language}.yaml", Vague)
