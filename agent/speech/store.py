"""The table of sound: stored with a transcript, played in pieces, and deleted with it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select

from agent.core.errors import NotFound
from agent.core.transcript import Transcript
from agent.db.collection import Collection
from agent.db.database import read, transact
from agent.db.schema_sound import recording_pieces, recordings
from agent.db.scoping import check_run
from agent.db.transcripts import now
from agent.speech.hearing_files import HeardFolder

PIECE_BYTES = 256 * 1024
_r, _p = recordings.c, recording_pieces.c

Times = list[list[tuple[int, float]]]
"""For each turn: at which character a word begins, and when it is said."""


@dataclass(frozen=True)
class Kept:
    """What is stored of a recording. `size` is the size of its sound in bytes; 0 if the sound was deleted and only
    the times of the words remain."""

    transcript: str
    seconds: float
    size: int
    times: Times


class Recordings(Collection):
    """Recordings, by the transcript made of them. Whoever may read the words may hear them, so callers first fetch
    the document with its reader's rights."""

    def keep(self, transcript: Transcript, heard: HeardFolder, sound: str) -> None:
        """Store a recording beside the transcript made of it. Forbidden for everybody but an ops lead."""
        check_run(self._scope, "add recordings")
        found = heard.get(sound)
        assert found is not None
        body = json.dumps({"requests": found.requests, "times": found.times(transcript)}, separators=(",", ":"))
        row = {"transcript": transcript.id, "sound": sound, "seconds": found.seconds, "at": now(), "body": body}
        mp3 = heard.mp3(sound)
        cut = [mp3[start : start + PIECE_BYTES] for start in range(0, len(mp3), PIECE_BYTES)]
        pieces = [{"transcript": transcript.id, "number": n, "size": len(d), "data": d} for n, d in enumerate(cut)]

        def work(connection: Connection) -> None:
            connection.execute(delete(recording_pieces).where(_p.transcript == transcript.id))
            connection.execute(delete(recordings).where(_r.transcript == transcript.id))
            connection.execute(insert(recordings).values(row))
            for piece in pieces:
                connection.execute(insert(recording_pieces).values(piece))

        transact(self._engine, work)

    def of(self, transcripts: Sequence[str]) -> Kept:
        """The recording of the first of these transcripts (ids) that has one. Callers pass a document's present
        words, then its earlier ones, newest first. NotFound if none has one."""
        with self._engine.connect() as connection:
            for ident in transcripts:
                row = connection.execute(select(_r.seconds, _r.body).where(_r.transcript == ident)).first()
                if row is not None:
                    size = select(func.coalesce(func.sum(_p.size), 0)).where(_p.transcript == ident)
                    times = json.loads(row.body)["times"]
                    return Kept(ident, row.seconds, int(connection.execute(size).scalar_one()), times)
        raise NotFound("no recording is kept of this")

    def exist(self) -> bool:
        """Whether any recording is stored."""
        return self._value(select(_r.transcript).limit(1)) is not None

    def bytes_of(self, transcript: str, start: int, end: int) -> bytes:
        """Bytes `start` to `end` (not included) of a recording's sound."""
        first, last = start // PIECE_BYTES, max(start, end - 1) // PIECE_BYTES
        wanted = (_p.transcript == transcript) & _p.number.between(first, last)
        query = select(_p.data).where(wanted).order_by(_p.number)
        data = b"".join(read(self._engine, lambda c: list(c.execute(query).scalars())))
        return data[start - first * PIECE_BYTES : end - first * PIECE_BYTES]

    def drop_older(self, days: int) -> int:
        """Delete the sound of recordings that came in more than `days` ago; the times of their words stay. Returns
        how many."""
        check_run(self._scope, "remove recordings")
        before = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="microseconds")
        old = select(_r.transcript).where(_r.at < before)
        with self._engine.connect() as connection:  # looked at first: this is done again and again
            there = connection.execute(
                select(func.count(_p.transcript.distinct())).where(_p.transcript.in_(old))
            ).scalar_one()
        if there:
            gone = delete(recording_pieces).where(_p.transcript.in_(old))
            transact(self._engine, lambda c: c.execute(gone))
        return int(there)
