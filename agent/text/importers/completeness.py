"""Checks that all words of a file were read, by counting them a second time from the file itself.

A reader takes the parts of a file that it knows. Words elsewhere (under a key that is spelt otherwise, in a part that
the format should not have) would be gone without a trace: in JSON they are told as left out where they are prose. What
the readers of text leave out they tell themselves.
"""

import html
import re
from collections.abc import Iterator, Sequence
from typing import Any

from agent.text.importers.base import Line, Source, left_out

_WORD = re.compile(r"\w+")
_PROSE_WORDS = 3  # fewer are names, ids and codes
_SENTENCE = re.compile(r"[^\W\d_][^\W\d_',]*(\s[^\W\d_',]+)?[.?!…]")
_MAX_DEPTH = 40
_MARKUP = re.compile(r"</?[a-zA-Z][^<>]*>|<[@#!][^<>\s]*>")  # of chats: tags, and Slack's names of people
_NO_WORDS = re.compile(
    r"\s*\S*(?://|[0-9a-f]{8}-[0-9a-f]{4}-)\S*\s*|\w+day, \w+ \d+, \d{4}[\w\s:]*"
)  # an address, a date


def complete(source: Source, lines: Sequence[Line]) -> list[Line]:
    """`lines`, and all other words of a JSON file as lines that are marked as left out."""
    heard = {word for line in lines for word in _words(f"{line.speaker or ''} {line.text}")}
    texts = _texts(source.document, "", 0)
    more = [(place, text) for place, text in texts if any(word not in heard for word in _words(text))]
    more_lines = [left_out(f"{place}: {text}", None, "other text of the file") for place, text in more]
    return [*lines, *more_lines]


def _words(text: str) -> list[str]:
    return _WORD.findall(html.unescape(_MARKUP.sub(" ", text)).lower())


def _texts(value: Any, place: str, depth: int) -> Iterator[tuple[str, str]]:
    """Every text of several words anywhere in a document, with the keys that lead to it."""
    if isinstance(value, str):
        if (len(value.split()) >= _PROSE_WORDS or _SENTENCE.fullmatch(value)) and not _NO_WORDS.fullmatch(value):
            yield place, value
    elif depth < _MAX_DEPTH and isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, f"{place}.{key}" if place else key, depth + 1)
    elif depth < _MAX_DEPTH and isinstance(value, list):
        for inner in value:
            yield from _texts(inner, place, depth + 1)
