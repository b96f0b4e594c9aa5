"""What gives away what a question asks for, in German, French and Spanish: one `Wording` each, from `words/`.

Simpler than the English rules (agent/guides/wording.py): patterns for each rule, and the beginnings of open questions.
How often they are right: evals/measure_guide_lint.py --language.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from agent.core.base import Frozen
from agent.core.word_lists import Words, word_list
from agent.guides.model import GuideRule

LANGUAGES = ("de", "fr", "es")


class Scene(Frozen):
    """What a rewrite can be about, if the question has words of it."""

    about: Words
    scene: str


class Wording(Frozen):
    """One language. A question that is no invitation and does not begin as an open one does is answered with yes or no.

    `same_story` is a second half that goes on with the first; `scenes` are what a rewrite can be about, `decision` or
    `remembered` where none is; `form` is the rewrite.
    """

    invites: Words
    open: Words
    tag: Words
    second: Words
    same_story: Words
    rules: Mapping[GuideRule, Words]
    acted: Words
    scenes: list[Scene]
    decision: str
    remembered: str
    form: str


@cache
def wording_in(language: str) -> Wording:
    """That of one of `LANGUAGES`."""
    return word_list(Path(__file__).parent / "words" / f"{language}.yaml", Wording)
