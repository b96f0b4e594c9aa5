"""Names of people as files write them: what makes two spellings one."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from difflib import SequenceMatcher, get_close_matches

from agent.core.language import N_, _

# Marks that only say in which direction a line runs, and the byte order mark in the middle of a text.
INVISIBLE = dict.fromkeys(map(ord, "\u200e\u200f\u061c\u202a\u202b\u202c\u2066\u2067\u2068\u2069\u200b\ufeff"))


def folded(name: str) -> str:
    """A name for comparison: Unicode form, case and white space do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).translate(INVISIBLE).casefold().split())


def all_folded(names: Iterable[str]) -> frozenset[str]:
    """The names folded, without empty ones."""
    return frozenset(map(folded, names)) - {""}


LIKE = N_("{name} (like {others}?)")
_ADDRESS = re.compile(r"\s*[<(\[]\s*(?P<address>[^\s<>()\[\]]+@[^\s<>()\[\]]+)\s*[>)\]]\s*$")


def person(written: str) -> str:
    """A person's name without the e-mail address that some exports put behind it, with single spaces."""
    return " ".join(_ADDRESS.sub("", written.translate(INVISIBLE)).split()) or written.strip()


def same_person(name: str) -> str:
    """The same text for all spellings of one name: without case, accents, extra spaces, an address, and with `Last,
    First` turned round."""
    bare = unicodedata.normalize("NFKD", folded(person(name)))
    bare = "".join(mark for mark in bare if not unicodedata.combining(mark))
    last, comma, first = bare.partition(",")
    return " ".join((f"{first} {last}" if comma and "," not in first else bare).replace(".", " ").split())


class People:
    """Finds one spelling for each person: that of people `known` before, else the one a file uses first. `now` maps
    names that were changed later to the names in use now."""

    def __init__(self, known: Iterable[str] = (), now: Mapping[str, str] | None = None) -> None:
        changed = now or {}
        self._names = {same_person(name): name for name in reversed(list(known))}
        self._names = {same_person(was): new for was, new in changed.items()} | self._names
        self._known = set(self._names)

    def one(self, written: str) -> str:
        """The person's one name for the spelling `written`."""
        return self._names.setdefault(same_person(written), person(written))

    def each(self, written: str, mark: str) -> str:
        """Several people in one cell, separated by `mark`, each under their one name."""
        names = [name for part in written.split(mark) if (name := part.strip())]
        return f"{mark} ".join(map(self.one, names)) if len(names) > 1 else self.one(written) if names else written

    @property
    def known(self) -> bool:
        """Whether any people were known at the beginning."""
        return bool(self._known)

    @property
    def new(self) -> tuple[str, ...]:
        """The people who were met and not known before."""
        return tuple(name for key, name in self._names.items() if key not in self._known)

    def like(self, name: str) -> tuple[str, ...]:
        """People met earlier who may be the same as `name`: a part of the name is missing, or a few letters differ."""
        own = same_person(name)
        met = list(self._names)
        others = [key for key in met[: met.index(own)] if key != own] if own in self._names else list(self._known)
        near = {key for key in get_close_matches(own, others, n=3, cutoff=0.8) if _alike(own.split(), key.split())}
        near |= {key for key in others if _may_be(own.split(), key.split())}
        return tuple(sorted({self._names[key] for key in near} - {name}))

    @property
    def new_in_words(self) -> str:
        """The new people, each with those they may be the same as. If nobody was known before, only those who may be
        the same person."""
        found = [(name, self.like(name)) for name in self.new]
        return ", ".join(
            _(LIKE, name=name, others=_(" or ").join(like)) if like else name
            for name, like in found
            if like or self.known
        )


def _alike(one: list[str], other: list[str]) -> bool:
    """Whether two names with the same number of parts differ in only a few letters of each part. Owen Pruitt is not
    Wendell Pruitt."""
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(
        a.startswith(b) or b.startswith(a) or SequenceMatcher(None, a, b).ratio() >= 0.65 for a, b in pairs
    )


def _may_be(one: list[str], other: list[str]) -> bool:
    """Whether the shorter of two names is the longer with parts left out or cut to their first letters: B. Ray, Bo."""
    short, long = sorted((one, other), key=len)
    if not short or (len(short) == len(long) and short == long):
        return False
    left = iter(long)
    return all(any(part == word or (len(part) == 1 and word.startswith(part)) for word in left) for part in short)
