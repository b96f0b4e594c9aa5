"""What a backup says about itself."""

from datetime import datetime
from typing import Literal

from agent.core.base import Frozen

MANIFEST = "manifest.json"
JOBS = "closeread-jobs.db"
DATABASE = {"sqlite": "closeread.db", "postgresql": "closeread.dump"}


class KeptFile(Frozen):
    """A file of the backup."""

    sha256: str
    size: int


class Manifest(Frozen):
    """The last file of a backup: what the others have to be. `rows` counts each table's rows, `audit` is the newest
    line of the audit log (number and hash)."""

    program: str
    at: datetime
    database: Literal["sqlite", "postgresql"]
    schema_version: str
    audit: str
    rows: dict[str, int]
    files: dict[str, KeptFile]
