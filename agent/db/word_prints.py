"""Fingerprints of transcripts: whether the same or nearly the same words are stored already, under whatever name.

A print is the digest of all words and the sixteen smallest digests of five words in a row. The share of small digests
that two transcripts have in common is about the share of passages that they have in common.
"""

import hashlib
import re
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from pydantic_core import from_json
from sqlalchemy import Connection, Table, insert, select

from agent.db.schema import transcripts, word_prints

LEAST_WORDS = 40
"""Shorter ones may well be the same words by chance (a voice mail, a call that did not come about): they are named alone."""
_SHORT = "-"
NEAR = 0.75
_KEPT, _ROW = 16, 5
_FILLED_AT_ONCE = 500  # of those that were stored before prints were kept; their words are held in memory
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Print:
    """The fingerprint of a transcript. `words` is empty for one without any; one that is too short to tell is marked."""

    words: str
    sketch: tuple[int, ...]

    @classmethod
    def of(cls, texts: list[str]) -> "Print":
        """The print of what was said, in order; speakers do not count."""
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
        """Whether equal words may be chance."""
        return self.words.startswith(_SHORT)

    def share(self, other: "Print") -> float:
        """About what share of their passages the two have in common: 0 to 1."""
        smallest = sorted({*self.sketch, *other.sketch})[:_KEPT]
        return len({*self.sketch} & {*other.sketch} & {*smallest}) / len(smallest) if smallest else 0.0


def keep_print(connection: Connection, ident: str, texts: list[str]) -> None:
    """Keep the print of a transcript that was just stored."""
    made = Print.of(texts)
    row = {"transcript": ident, "words": made.words, "sketch": " ".join(map(str, made.sketch))}
    if connection.execute(select(word_prints.c.transcript).where(word_prints.c.transcript == ident)).first() is None:
        connection.execute(insert(word_prints).values(row))


@dataclass
class Prints:
    """The prints of all interviews, or of all calls, by the document's id."""

    known: dict[str, Print] = field(default_factory=dict)
    _by_words: dict[str, str] = field(default_factory=dict)
    _by_row: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def read(cls, connection: Connection, table: Table) -> "Prints":
        """The prints of the documents in a table; missing ones are made."""
        _fill(connection, table)
        made = cls()
        query = select(table.c.id, word_prints.c.words, word_prints.c.sketch)
        query = query.join(word_prints, word_prints.c.transcript == table.c.transcript).where(word_prints.c.words != "")
        for ident, words, sketch in connection.execute(query.order_by(table.c.id)):
            made.add(ident, Print(words, tuple(map(int, sketch.split()))))
        return made

    def add(self, ident: str, made: Print) -> None:
        """Add one more document."""
        if not made.words:
            return
        self.known[ident] = made
        self._by_words.setdefault(made.words, ident)
        for row in made.sketch:
            self._by_row[row].append(ident)

    def same(self, ident: str, made: Print) -> tuple[str, float]:
        """The other document with the most words in common with those of `made`, and the share: 1 if all are the same.
        Empty and 0 if none is close."""
        if not made.words:
            return "", 0.0
        if (other := self._by_words.get(made.words, ident)) != ident:
            return other, 1.0
        rivals = Counter(other for row in made.sketch for other in self._by_row.get(row, ()) if other != ident)
        shares = [(min(made.share(self.known[other]), 0.99), other) for other, _ in rivals.most_common(5)]
        share, other = max(shares, default=(0.0, ""))
        return (other, share) if share >= NEAR else ("", 0.0)


def _fill(connection: Connection, table: Table) -> None:
    query = select(transcripts.c.id, transcripts.c.body).join(table, table.c.transcript == transcripts.c.id)
    missing = query.where(transcripts.c.id.not_in(select(word_prints.c.transcript))).distinct().limit(_FILLED_AT_ONCE)
    while rows := connection.execute(missing).all():
        for ident, body in rows:
            keep_print(connection, ident, [turn["text"] for turn in from_json(body)["turns"]])
