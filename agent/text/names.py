"""Names of people as files write them: what makes two spellings one."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# Marks that only say in which direction a line runs, and the byte order mark in the middle of a text.
INVISIBLE = dict.fromkeys(map(ord, "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069\u200b\ufeff"))


def folded(name: str) -> str:
    """A name for comparison: Unicode form, case and white space do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).translate(INVISIBLE).casefold().split())


def all_folded(names: Iterable[str]) -> frozenset[str]:
    """Each of `names` that is not empty, folded."""
    return frozenset(map(folded, names)) - {""}
