"""Backups as they are shown outside."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from agent.app.view import View
from agent.backup.verbs import Backup


class BackupView(View):
    """A backup, and what is in it."""

    file: str
    at: datetime
    program: str
    database: str
    rows: int
    tables: int
    files: int
    bytes: int
    audit: Annotated[str, Field(description="Newest line of the audit log in it: number and hash.")]

    @classmethod
    def of(cls, made: Backup) -> "BackupView":
        said = made.manifest
        return super().of(
            said,
            file=str(made.path),
            rows=sum(said.rows.values()),
            tables=len(said.rows),
            files=len(said.files),
            bytes=sum(file.size for file in said.files.values()),
        )
