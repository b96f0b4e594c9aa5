"""Counts the words of a text, also in scripts that put no spaces between words."""

import re

# Japanese, Chinese, Thai, Lao, Khmer, Burmese; a word of theirs has two to three letters, and two are counted as one.
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uff66-\uff9f]+"
)
_MARKS = re.compile(r"[\u3000-\u303f\u30fb\uff01-\uff0f\uff1a-\uff20]")


def words_in(text: str) -> int:
    """The number of words: pieces between spaces; in scripts without spaces half the number of letters, rounded up."""
    text = _MARKS.sub(" ", text)
    return sum(-(-len(run) // 2) for run in _UNSPACED.findall(text)) + len(_UNSPACED.sub(" ", text).split())
