"""Transcripts into files that `agent.text.importers` reads back to the same speakers, words and times.

Times are kept to the millisecond, and white space inside a turn to one space in WebVTT. Roles stand in no file: they
come from the manifest.
"""

from __future__ import annotations

from collections.abc import Callable

from agent.core.errors import UsageError
from agent.core.transcript import Transcript
from agent.text.exporters import closeread_json, webvtt

WRITERS: dict[str, Callable[[Transcript], str]] = {"webvtt": webvtt.written, "closeread": closeread_json.written}

__all__ = ["WRITERS", "write_transcript"]


def write_transcript(transcript: Transcript, format: str) -> bytes:
    """`transcript` as a file in `format` (`webvtt` or `closeread`), UTF-8. Raises UsageError for another format."""
    writer = WRITERS.get(format)
    if writer is None:
        raise UsageError(f"transcripts are not written as {format!r}; there are: {', '.join(WRITERS)}")
    return writer(transcript).encode()
