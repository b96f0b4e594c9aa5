"""Names of people as files write them: what makes two spellings one."""

from __future__ import annotations

import re
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


_ADDRESS = re.compile(r"\s*[<(\[]\s*(?P<address>[^\s<>()\[\]]+@[^\s<>()\[\]]+)\s*[>)\]]\s*$")


def person(written: str) -> str:
    """A person's name without the e-mail address that some exports put behind it, white space folded."""
    return " ".join(_ADDRESS.sub("", written.translate(INVISIBLE)).split()) or written.strip()


def same_person(name: str) -> str:
    """What all spellings of one person's name have in common: case, accents, spaces, `Last, First` and an address do
    not count."""
    bare = unicodedata.normalize("NFKD", folded(person(name)))
    bare = "".join(mark for mark in bare if not unicodedata.combining(mark))
    last, comma, first = bare.partition(",")
    return " ".join((f"{first} {last}" if comma and "," not in first else bare).replace(".", " ").split())


class People:
    """People under one name each: that of those `known` already, else as a file writes it first."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._names = {same_person(name): name for name in reversed(list(known))}
        self._known = set(self._names)

    def one(self, written: str) -> str:
        """The name of the person who is written so."""
        return self._names.setdefault(same_person(written), person(written))

    @property
    def known(self) -> bool:
        """Whether anybody was known before."""
        return bool(self._known)

    @property
    def new(self) -> tuple[str, ...]:
        """Who was met and not known before."""
        return tuple(name for key, name in self._names.items() if key not in self._known)
