"""A source outside: API, `--json`."""

from agent.app.view import View
from agent.sources.model import Source, SourceKind
from agent.sources.taking import shown


class SourceView(View):
    """A folder or bucket from which new transcripts are taken. A password in the address is not shown."""

    name: str
    kind: SourceKind
    address: str
    manifest: str
    columns: dict[str, str]
    speakers: dict[str, str]
    dates: str
    by: str
    at: str
    minutes: int
    looked: str
    said: str

    @classmethod
    def of(cls, source: Source) -> "SourceView":
        return super().of(source, address=shown(source.address))


class LeftFileView(View):
    """A file that was left for the next time, and why."""

    file: str
    why: str


class TakenView(View):
    """What one look at a source came to."""

    source: str
    upload: str
    stored: list[str]
    left: list[LeftFileView]
    problems: list[str]
    notes: list[str]
    seen: int
