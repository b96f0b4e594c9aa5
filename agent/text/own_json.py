"""Writes transcripts as this program's own JSON, which `agent.text.importers.closeread_json` describes and reads."""

import json

from agent.core.transcript import Transcript, Turn


def written(transcript: Transcript) -> str:
    """The turns as JSON, one a line."""
    turns = ",\n  ".join(json.dumps(_turn(turn), ensure_ascii=False) for turn in transcript.turns)
    return f'{{"turns": [\n  {turns}\n]}}\n'


def _turn(turn: Turn) -> dict[str, str | float]:
    start = {} if turn.start is None else {"start": round(turn.start, 3)}
    return {"speaker": turn.speaker, "text": turn.text, **start}
