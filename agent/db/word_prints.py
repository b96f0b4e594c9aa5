"""Fingerprints of transcripts, to find out whether the same or nearly the same words are already stored under any id.

A print is the digest of all words and the sixteen smallest digests of five words in a row. The share of small digests
that two transcripts have in common is about the share of passages that they have in common.

Two prints that are near enough have twelve of the sixteen smallest digests of both together in common. So at most four
of these are of one alone, and the smallest common one is among the five smallest of each: those have indexes, and
nobody has to read all prints.
"""

import hashlib
import re
import zlib
from collections import defaultdict
from dataclasses import dataclass

from pydantic_core import from_json
from sqlalchemy import Connection, Engine, Table, insert, or_, select

from agent.db.schema import transcripts, word_prints

LEAST_WORDS = 40
"""Shorter ones may well be the same words by chance (a voice mail, a call that did not come
about): they are named alone."""
_SHORT = "-"
NEAR = 0.75
_KEPT, _ROW = 16, 5
_FIRST = tuple(word_prints.c[f"row_{at}"] for at in range(1, 6))
_FILLED_AT_ONCE = 500  # of those that were stored before prints were kept; their words are held in memory
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Print:
    """The fingerprint of a transcript. `words` is empty if there are no words; a print that is too short to be
    certain is marked."""

    words: str
    sketch: tuple[int, ...]

    @classmethod
    def of(cls, texts: list[str]) -> "Print":
        """The fingerprint of what was said, in order; who said it does not count."""
        words = _WORD.findall(" ".join(texts).casefold())
        if not words:
            return cls("", ())
        digest = hashlib.sha256(" ".join(words).encode()).hexdigest()[:40]
        if len(words) < LEAST_WORDS:
            return cls(f"{_SHORT}{digest[1:]}", ())
        rows = {zlib.crc32(" ".join(words[at : at + _ROW]).encode()) for at in range(len(words) - _ROW + 1)}
        return cls(digest, tuple(sorted(rows)[:_KEPT]))

    @property
    def is_short(self) -> bool:
        """Whether the text is so short that equal words may be chance."""
        return self.words.startswith(_SHORT)

    @property
    def places(self) -> list[str]:
        """The digests to look up: every print that is near has at least one of them."""
        return [self.words, *map(str, self.sketch[: len(_FIRST)])]

    def share(self, other: "Print") -> float:
        """About which share of their passages the two texts have in common, 0 to 1."""
        smallest = sorted({*self.sketch, *other.sketch})[:_KEPT]
        return len({*self.sketch} & {*other.sketch} & {*smallest}) / len(smallest) if smallest else 0.0


def keep_print(connection: Connection, ident: str, texts: list[str]) -> None:
    """Keep the print of a transcript that was just stored."""
    made = Print.of(texts)
    row: dict[str, str | int] = {"transcript": ident, "words": made.words, "sketch": " ".join(map(str, made.sketch))}
    row |= {column.name: digest for column, digest in zip(_FIRST, made.sketch, strict=False)}
    if connection.execute(select(word_prints.c.transcript).where(word_prints.c.transcript == ident)).first() is None:
        connection.execute(insert(word_prints).values(row))


class Prints:
    """The fingerprints of all interviews or of all calls. What is added to this object is not stored."""

    def __init__(self, engine: Engine, table: Table) -> None:
        """Read the prints of the documents in `table`; missing prints are computed and stored."""
        self._engine, self._table = engine, table
        self._added: dict[str, Print] = {}
        self._places: dict[str, set[str]] = defaultdict(set)  # of added ones, by all words and by digest
        with engine.begin() as connection:
            query = select(transcripts.c.id, transcripts.c.body).join(table, table.c.transcript == transcripts.c.id)
            missing = (
                query.where(transcripts.c.id.not_in(select(word_prints.c.transcript))).distinct().limit(_FILLED_AT_ONCE)
            )
            while rows := connection.execute(missing).all():
                for ident, body in rows:
                    keep_print(connection, ident, [turn["text"] for turn in from_json(body)["turns"]])

    def add(self, ident: str, made: Print) -> None:
        """Add one more document."""
        if made.words:
            self._added[ident] = made
            for place in made.places:
                self._places[place].add(ident)

    def same(self, ident: str, made: Print) -> tuple[str, float]:
        """The other document that has most words in common with `made`, and the share: 1 if all are the same. Empty
        and 0 if none is close."""
        if not made.words:
            return "", 0.0
        c, table = word_prints.c, self._table.c
        of_it = select(table.id).where(table.transcript == c.transcript, table.id != ident).limit(1)
        first, last = of_it.order_by(table.id).scalar_subquery(), of_it.order_by(table.id.desc()).scalar_subquery()
        digests = made.sketch[: len(_FIRST)]
        near = or_(c.words == made.words, *(column.in_(digests) for column in _FIRST))
        with self._engine.connect() as connection:
            rows = connection.execute(select(first, last, c.words, c.sketch).where(near)).all()
        rows = [row for row in rows if row[0] is not None]
        others = [(first, last, Print(words, tuple(map(int, sketch.split())))) for first, last, words, sketch in rows]
        added = set[str]().union(*(self._places[place] for place in made.places)) - {ident}
        others += [(other, other, self._added[other]) for other in sorted(added)]
        if equal := [first for first, _, one in others if one.words == made.words]:
            return min(equal), 1.0
        shares = [(min(made.share(one), 0.99), last) for _, last, one in others]
        share, other = max(shares, default=(0.0, ""))
        return (other, share) if share >= NEAR else ("", 0.0)
