"""Sound beside the words that were heard in it."""

import sqlalchemy as sa
from alembic import op

from agent.db.columns import integers, texts

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "recordings",
        *texts(transcript=40, sound=64),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("transcript", name="pk_recordings"),
        sa.ForeignKeyConstraint(["transcript"], ["transcripts.id"], name="fk_recordings_transcript_transcripts"),
    )
    op.create_index("ix_recordings_at", "recordings", ["at"])
    op.create_table(
        "recording_pieces",
        sa.Column("transcript", sa.String(40), nullable=False),
        *integers("number", "size"),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("transcript", "number", name="pk_recording_pieces"),
        sa.ForeignKeyConstraint(
            ["transcript"], ["recordings.transcript"], name="fk_recording_pieces_transcript_recordings"
        ),
    )
