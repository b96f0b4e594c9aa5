"""The wording that gives away what a question asks for: regular expressions over plain questions in English."""

import re
from functools import cache
from pathlib import Path

from agent.core.base import Frozen
from agent.core.word_lists import Words, word_list

MARK = re.compile(r"^\s*(?:(?:[-*•–]|\(?\d{1,2}[.):]|q\d{0,2}[.):])\s+)+", re.IGNORECASE)
STRAIGHT = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "？": "?", "！": "!", "。": ".", "؟": "?"}
)
SENTENCE = re.compile(r"[^.?!]+[.?!]*")


class English(Frozen):
    """The patterns of `words/en.yaml`, by what each gives away; the file says how they are meant."""

    invites: Words
    rationalisation: Words
    rating: Words
    indirect: Words
    yes_no: Words
    yes_no_later: Words
    tag: Words
    leading: Words
    hypothetical: Words
    opinion: Words
    how_was: Words
    done: Words
    second: Words
    same_story: Words
    closing: Words
    fronted: Words
    pair: Words
    judged: Words
    acted: Words
    happened: Words


@cache
def english() -> English:
    """The patterns, read once."""
    return word_list(Path(__file__).parent / "words" / "en.yaml", English)
