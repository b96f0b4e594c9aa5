"""The tables of sound that lies beside words. Both hang on the transcript: where its words go, so does its sound."""

from sqlalchemy import Column, Float, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from agent.db.schema import metadata

# `sound` is the hash of the file it came from, `body` JSON: which requests heard it, and when each word was said.
recordings = Table(
    "recordings",
    metadata,
    Column("transcript", ForeignKey("transcripts.id"), primary_key=True),
    Column("sound", String(64), nullable=False),
    Column("seconds", Float, nullable=False),
    Column("at", String(40), nullable=False),
    Column("body", Text, nullable=False),
)
Index("ix_recordings_at", recordings.c.at)

# The sound itself as MP3, cut into pieces of one size, so that a player may ask for any of it.
recording_pieces = Table(
    "recording_pieces",
    metadata,
    Column("transcript", ForeignKey("recordings.transcript"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
)
