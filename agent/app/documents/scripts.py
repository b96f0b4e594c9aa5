"""Finds words that are written from right to left in documents that otherwise are not."""

import re
from typing import Any

_RIGHT = "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff"
_LETTER = re.compile(rf"[^\W\d_]|[{_RIGHT}]")
# From one such letter to the last before a letter of another script, with the mark that ends the sentence.
_RUN = re.compile(rf"[{_RIGHT}](?:(?:(?![{_RIGHT}])[\W\d_]|[{_RIGHT}])*[{_RIGHT}])?[.!?…]*")
_FROM_FIRST_LETTER, _END = "\u2068", "\u2069"


def runs_left(text: str) -> bool:
    """Whether `text` as a whole is written from right to left: it begins so, and it ends so or holds little else."""
    left = [bool(_RUN.match(letter)) for letter in _LETTER.findall(text)]
    return bool(left) and left[0] and (left[-1] or sum(left) > 0.8 * len(left))


def parts(text: str) -> list[tuple[str, bool]]:
    """`text` cut into parts, each with whether it is written from right to left. A text that is as a whole is one
    part."""
    if not _RUN.search(text):
        return [(text, False)]
    if runs_left(text):
        return [(text, True)]
    made, at = [], 0
    for run in _RUN.finditer(text):
        made += [(text[at : run.start()], False), (run[0], True)]
        at = run.end()
    return [part for part in [*made, (text[at:], False)] if part[0]]


def isolated(node: Any) -> Any:
    """The same texts, lists and tables with Unicode's isolates around each part that runs right to left, so that the
    words beside it keep their places."""
    if isinstance(node, str):
        return "".join(f"{_FROM_FIRST_LETTER}{text}{_END}" if left else text for text, left in parts(node))
    if isinstance(node, dict):
        return {key: isolated(value) for key, value in node.items()}
    if isinstance(node, list | tuple):
        return [isolated(value) for value in node]
    return node
